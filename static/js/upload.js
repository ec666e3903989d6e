// A file can be dropped on its field, and its name and size stand beneath it before anything is sent.
const drop = document.querySelector("[data-drop]");
const input = drop?.querySelector("input[type=file]");
const chosen = drop?.querySelector("[data-chosen]");

function show() {
  const file = input.files[0];
  chosen.textContent = file ? `${file.name}, ${Math.max(1, Math.round(file.size / 1024)).toLocaleString()} KB` : "";
}

function over(event) {
  event.preventDefault();
  drop.classList.toggle("over", event.type === "dragover");
}

function take(event) {
  over(event);
  if (!event.dataTransfer.files.length) return;
  input.files = event.dataTransfer.files;
  show();
}

if (input) {
  input.addEventListener("change", show);
  drop.addEventListener("dragover", over);
  drop.addEventListener("dragleave", over);
  drop.addEventListener("drop", take);
}
