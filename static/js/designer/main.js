// The desk at which a card is designed. The picture is always the server's; here are only frames, fields and steps.

import { makePanel } from "./panel.js";
import { makePicture } from "./picture.js";
import { makeSaving } from "./saving.js";
import { makeStage } from "./stage.js";
import { makeDesk } from "./state.js";

const find = (selector) => document.querySelector(selector);
const desk = makeDesk(JSON.parse(find("#start").textContent));
const [as, name, undo, redo] = [find("[data-as]"), find("[data-name]"), find("[data-undo]"), find("[data-redo]")];

function say(words) {
  find("[data-live]").textContent = words;
}

function chooseCustomer() {
  desk.words = desk.start.people[as.value] ?? {};
  desk.tell("words");
}

function showSteps() {
  undo.disabled = !desk.canUndo;
  redo.disabled = !desk.canRedo;
  find("[data-stage]").style.setProperty("--shape", desk.design.width / desk.design.height);
  if (name.value !== desk.name) name.value = desk.name;
  find("[data-said-name]").textContent = desk.name;
}

function steps(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || !"zy".includes(event.key.toLowerCase())) return;
  event.preventDefault();
  if (event.key.toLowerCase() === "y" || event.shiftKey) desk.redo();
  else desk.undo();
  say(desk.canUndo ? "Done" : "This is how it was in the beginning");
}

desk.words = desk.start.people[as.value] ?? {};
makeStage(desk, find("[data-overlay]"), say);
makePanel(desk, find(".panel"));
const picture = makePicture(desk, find("[data-picture]"), say);
makeSaving(desk, document);

desk.listen(showSteps);
as.addEventListener("change", chooseCustomer);
as.form.addEventListener("submit", (event) => event.preventDefault());
name.addEventListener("input", () => name.value.trim() && desk.rename(name.value));
undo.addEventListener("click", desk.undo);
redo.addEventListener("click", desk.redo);
document.addEventListener("keydown", steps);
document.addEventListener("click", ({ target }) => target.closest(".moremenu") || find(".moremenu").removeAttribute("open"));
showSteps();
picture.takeNotes();
document.documentElement.dataset.desk = "ready";
