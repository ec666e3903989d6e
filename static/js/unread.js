// New replies on every page: the tab's small picture shows how many, and who asked for it gets a notification.

const icon = document.querySelector("link[rel=icon]");
const plain = icon.href;
const button = () => document.querySelector("[data-notify]");
const wanted = () => localStorage.getItem("notify") === "on" && window.Notification?.permission === "granted";
let told = document.getElementById("unread")?.dataset.newest ?? "";

function show() {
  const unread = document.getElementById("unread");
  if (!unread) return;
  const mark = unread.dataset.mark ? new URL(unread.dataset.mark, location.href).href : plain;
  if (icon.href !== mark) icon.href = mark;
  const newest = unread.dataset.newest ?? "";
  if (newest && newest !== told && document.hidden && wanted()) notify(unread.dataset);
  told = newest || told;
}

// The name alone: others may see the screen.
function notify(unread) {
  const note = new Notification(`${unread.name} wrote`, { tag: `goodword-${unread.newest}`, body: "Open the conversation" });
  note.addEventListener("click", () => {
    window.focus();
    location.assign(unread.address);
  });
}

function say() {
  const at = button();
  if (!at || !("Notification" in window)) return;
  at.hidden = false;
  at.setAttribute("aria-pressed", String(wanted()));
  const words = wanted() ? "You are told on this device" : "Tell me on this device";
  at.querySelector("span").textContent = Notification.permission === "denied" ? "Your browser does not allow notices" : words;
  at.disabled = Notification.permission === "denied";
}

document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-notify]")) return;
  if (wanted()) localStorage.setItem("notify", "off");
  else if ((await Notification.requestPermission()) === "granted") localStorage.setItem("notify", "on");
  say();
});

document.addEventListener("htmx:afterSettle", show);
show();
say();
