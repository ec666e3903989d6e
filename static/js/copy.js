// Copying with one press; without it the text can be selected as ever.

const said = document.getElementById("copied");

async function copy(button) {
  const text = document.getElementById(button.dataset.copy);
  const word = button.querySelector("span");
  text.select();
  try {
    await navigator.clipboard.writeText(text.value);
    word.textContent = "Copied";
    said.textContent = "Copied.";
  } catch {
    said.textContent = "It is selected: copy it with your keyboard or by a long press.";
    word.textContent = "Selected";
  }
  setTimeout(() => (word.textContent = "Copy"), 2000);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  button.hidden = false;
  button.addEventListener("click", () => copy(button));
}
