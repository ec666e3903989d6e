// Who is ticked stays ticked while one searches: those who are not in the list just now go along as hidden fields.

const ticked = new Set();
const boxes = () => [...document.querySelectorAll("#people input[type=checkbox][name=chosen]")];

function hidden(key) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "chosen", value: key });
  return field;
}

function count(elsewhere) {
  if (!ticked.size) return "";
  const where = elsewhere === ticked.size ? ", not in this list" : `, ${elsewhere} of them not in this list`;
  return `: ${ticked.size}${elsewhere ? where : ""}`;
}

function show() {
  const here = boxes();
  for (const box of here) box.checked = ticked.has(box.value);
  const form = document.getElementById("bulk");
  if (!form) return;
  const shown = new Set(here.map((box) => box.value));
  const elsewhere = [...ticked].filter((key) => !shown.has(key));
  form.querySelector("[data-ticked-elsewhere]").replaceChildren(...elsewhere.map(hidden));
  form.querySelector("[data-ticked]").textContent = count(elsewhere.length);
  form.querySelector("[data-untick]").hidden = !ticked.size;
}

document.addEventListener("change", ({ target }) => {
  if (!target.matches("#people input[type=checkbox][name=chosen]")) return;
  if (target.checked) ticked.add(target.value);
  else ticked.delete(target.value);
  show();
});
document.addEventListener("click", ({ target }) => {
  if (!target.closest("[data-untick]")) return;
  ticked.clear();
  show();
});
document.addEventListener("htmx:afterSwap", show);

for (const box of boxes()) if (box.checked) ticked.add(box.value);
show();
