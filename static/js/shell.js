// What every signed-in page needs beyond HTML: the theme choice, shortcuts, the second click, and what a poll tells.

// htmx notes each address for a history that we do not use, with the name somebody searched for in it: not to be kept.
const forgetAddress = () => sessionStorage.removeItem("htmx-current-path-for-history");
forgetAddress();
document.addEventListener("htmx:afterSettle", forgetAddress);

const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

// --- light, dark, system -----------------------------------------------------------------------------------------
function themeChoice(fieldset) {
  const saved = localStorage.getItem("theme") ?? "system";
  for (const radio of fieldset.querySelectorAll("input")) radio.checked = radio.value === saved;
  fieldset.addEventListener("change", (event) => {
    const choice = event.target.value;
    localStorage.setItem("theme", choice);
    if (choice === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = choice;
  });
}
document.querySelectorAll("[data-theme-choice]").forEach(themeChoice);

// --- shortcuts: single letters only, off inside inputs, never with a modifier, and they can be switched off ---------
const places = { o: ".nav a:nth-child(1)", c: ".nav a:nth-child(2)", u: ".nav a:nth-child(3)", p: ".nav a:nth-child(4)", i: ".nav a:nth-child(5)" };
let going = 0;

function follow(selector) {
  document.querySelector(selector)?.click();
}

function shortcut(event) {
  if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
  if (localStorage.getItem("shortcuts") === "off" || document.querySelector("dialog[open]")) return;
  if (Date.now() - going < 1500 && places[event.key]) return follow(places[event.key]);
  if (event.key === "g") going = Date.now();
  else if (event.key === "n") follow(".tabbar .ask");
  else if (event.key === "?") document.getElementById("shortcuts").showModal();
  else if (event.key === "/") {
    const search = document.querySelector("input[type=search]");
    if (search) event.preventDefault();
    search?.focus();
  }
}
document.addEventListener("keydown", shortcut);

const shortcutSwitch = document.querySelector("[data-shortcuts]");
if (shortcutSwitch) {
  shortcutSwitch.checked = localStorage.getItem("shortcuts") !== "off";
  shortcutSwitch.addEventListener("change", () => {
    localStorage.setItem("shortcuts", shortcutSwitch.checked ? "on" : "off");
  });
}

// --- the second click confirms: <button data-confirm="Cancel it for good?"> -----------------------------------------
function askOnce(event) {
  const button = event.target.closest("button[data-confirm]");
  if (!button || button.dataset.asked) return;
  event.preventDefault();
  button.dataset.asked = "yes";
  const before = [...button.childNodes];
  button.replaceChildren(button.dataset.confirm);
  setTimeout(() => {
    delete button.dataset.asked;
    button.replaceChildren(...before);
  }, 5000);
}
document.addEventListener("click", askOnce);

// --- a form is sent once, however often its button is pressed --------------------------------------------------------
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method === "dialog") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// --- polling: the title follows the numbers; no connection is said once, and unsaid when it is back -------------------
let lastSeen = new Date();
const offline = document.getElementById("offline");

function connected() {
  lastSeen = new Date();
  offline.hidden = true;
}

function disconnected() {
  const place = offline.querySelector("[data-last-seen]");
  const asHere = { hour: "numeric", minute: "2-digit", hourCycle: "h23", timeZone: place.dataset.zone };
  place.textContent = lastSeen.toLocaleTimeString("en-GB", asHere);
  offline.hidden = false;
}

// What is new in the inbox stands before every title.
const bare = document.title.replace(/^\(\d+\) /, "");

function titleFollows() {
  const said = document.querySelector("[data-title]")?.dataset.title ?? bare;
  const unread = Number(document.getElementById("unread")?.dataset.unread ?? 0);
  document.title = unread ? `(${unread}) ${said}` : said;
}

// A hidden tab asks seldom; a pressed button is not swapped away beneath the finger; who comes back sees what is new.
const SELDOM = 15000;
let askedAt = 0;

function mayAsk(event) {
  if (!event.target.matches("[data-live]")) return;
  if (document.hidden && Date.now() - askedAt < SELDOM) event.preventDefault();
  else askedAt = Date.now();
}

function maySwap(event) {
  const pressed = document.querySelector("main :is(a, button, summary):active");
  if (pressed && event.target.matches("[data-live]")) event.detail.shouldSwap = false;
}

function lookAgain() {
  const live = document.querySelector("[data-live]");
  if (live && !document.hidden && Date.now() - askedAt > 1000) htmx.ajax("GET", live.dataset.live, { source: live, target: live, swap: "outerHTML" });
}

document.addEventListener("htmx:beforeRequest", mayAsk);
document.addEventListener("htmx:beforeSwap", maySwap);
document.addEventListener("visibilitychange", lookAgain);
window.addEventListener("focus", lookAgain);

document.addEventListener("htmx:afterRequest", (event) => event.detail.successful && connected());
document.addEventListener("htmx:sendError", disconnected);
document.addEventListener("htmx:responseError", disconnected);
document.addEventListener("htmx:afterSettle", titleFollows);
titleFollows();
