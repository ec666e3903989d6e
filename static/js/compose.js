// Writing a campaign: merge fields go in where the cursor stands, letters are counted, and the next customer is shown.

function count(text) {
  const place = document.querySelector(`[data-count-of="${text.id}"]`);
  if (place) place.textContent = `${[...text.value].length} characters`;
}

function insert(button) {
  const text = document.getElementById(button.dataset.into);
  text.focus();
  text.setRangeText(button.dataset.insert, text.selectionStart, text.selectionEnd, "end");
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function next(select) {
  select.selectedIndex = (select.selectedIndex + 1) % select.options.length;
  select.dispatchEvent(new Event("change", { bubbles: true }));
}

for (const text of document.querySelectorAll("[data-counted]")) {
  count(text);
  text.addEventListener("input", () => count(text));
}
for (const button of document.querySelectorAll("[data-insert]")) {
  button.addEventListener("click", () => insert(button));
}
for (const button of document.querySelectorAll("[data-next-of]")) {
  button.addEventListener("click", () => next(document.getElementById(button.dataset.nextOf)));
}
