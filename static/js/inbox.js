// The inbox: drafts that stay, quick answers at the cursor, and words that count as read only when somebody looks.

const text = () => document.getElementById("answer-text");
const keyOf = (field) => `draft-${field.dataset.draft}`;

// --- a draft outlives a reload, and is forgotten when it has been sent ------------------------------------------------
function restore() {
  const field = text();
  if (field && !field.value) field.value = sessionStorage.getItem(keyOf(field)) ?? "";
  if (field) grow(field);
}

function keep(field) {
  if (field.value) sessionStorage.setItem(keyOf(field), field.value);
  else sessionStorage.removeItem(keyOf(field));
}

function grow(field) {
  const lines = field.value.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 70)), 0);
  field.rows = Math.min(8, Math.max(2, lines));
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-draft]")) return;
  keep(event.target);
  grow(event.target);
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.requestConfig.elt.matches?.("[data-answer]")) return;
  const field = text();
  if (event.detail.xhr.status === 200 && field) sessionStorage.removeItem(keyOf(field));
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "conv" || event.detail.target?.id === "conv") restore();
});

// --- a quick answer, or words that did not go, where the cursor stands ------------------------------------------------
document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-fill]");
  const field = text();
  if (!link || !field) return;
  event.preventDefault();
  field.focus();
  field.setRangeText(link.dataset.fill, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

// --- a choice that goes by itself -------------------------------------------------------------------------------------
document.addEventListener("change", (event) => {
  if (event.target.matches("select[data-goes]")) event.target.form.requestSubmit();
});

// --- read is what somebody had before their eyes ----------------------------------------------------------------------
document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.target.matches("[data-read]") && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  const read = document.getElementById("read");
  if (read && !document.hidden) htmx.trigger(read, "seen");
});

// --- an open choice of tapbacks is not swapped away beneath the finger -------------------------------------------------
document.addEventListener("htmx:oobBeforeSwap", (event) => {
  if (event.target.id === "talk" && document.querySelector("details.tapback[open]")) event.detail.shouldSwap = false;
});

restore();
