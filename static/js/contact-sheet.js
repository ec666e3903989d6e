// The contact sheet: Escape goes back, a decision is told, and an old sheet is never shown for a new one.

const typing = (element) => element?.closest("input, textarea, select");

// --- Escape returns to the sheet; the address names the print one came from, so that it has the focus again ----------
document.addEventListener("keydown", (event) => {
  const back = document.querySelector("a[data-escape]");
  if (event.key !== "Escape" || !back || typing(event.target)) return;
  location.assign(back.href);
});

// --- after a decision the strip with its undo has the focus, where the button was ------------------------------------
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "pictures") (document.getElementById("done") ?? event.target.querySelector("h1")).focus();
});

// --- a sheet that is no longer what would be sent is not served: look again, but never while somebody types ----------
const LATELY = 10000;

function isTyping() {
  const fields = [...document.querySelectorAll("#pictures .typed-name input.input")];
  return fields.some((field) => field.value !== field.defaultValue);
}

function stale() {
  const last = Number(sessionStorage.getItem("sheet-reloaded") ?? 0);
  if (isTyping() || Date.now() - last < LATELY) {
    document.getElementById("stale").hidden = false;
    return;
  }
  sessionStorage.setItem("sheet-reloaded", String(Date.now()));
  location.reload();
}

document.addEventListener("error", (event) => event.target.matches?.(".cut image") && stale(), true);

// A sheet may have been refused before this file was there to hear it.
function ask(address) {
  const sheet = new Image();
  sheet.addEventListener("error", stale);
  sheet.src = address;
}
new Set([...document.querySelectorAll(".cut image")].map((image) => image.getAttribute("href"))).forEach(ask);
