// The panel beside the stage: fields for the chosen part, and the list of all parts.

import * as acts from "./acts.js";
import { letters, reshape } from "./geometry.js";
import { fieldsIn, fill } from "./state.js";

const PLACES = ["x", "y", "width", "height", "rotation"];
const CALLED = { first_name: "the first name", sender: "your name", business: "the business", technician: "who was there", service: "what was done", visit_date: "the day" };

export function makePanel(desk, panel, stage) {
  const find = (selector) => panel.querySelector(selector);
  const all = (selector) => panel.querySelectorAll(selector);
  const text = find("#box-text");
  let fallbackShape = "";

  // --- showing -------------------------------------------------------------------------------------------------
  function show() {
    const name = typeof desk.chosen === "number" ? "box" : desk.chosen;
    for (const part of all("[data-panel]")) part.hidden = part.dataset.panel !== name;
    showLayers();
    if (name === "box") showBox();
    else if (name === "logo") for (const field of all("[data-logo]")) write(field, desk.design.logo[field.dataset.logo]);
    else if (name === "photo") showPhoto();
  }

  function showBox() {
    for (const field of all("[data-box]")) write(field, desk.box[field.dataset.box]);
    for (const swatch of all("[data-swatch]")) swatch.setAttribute("aria-pressed", String(swatch.dataset.swatch === desk.box.colour));
    find("[data-effect-colour]").hidden = desk.box.effect === "none";
    find("[data-act=forward]").disabled = desk.chosen === desk.design.boxes.length - 1;
    find("[data-act=back]").disabled = desk.chosen === 0;
    find("[data-act=duplicate]").disabled = desk.design.boxes.length >= desk.start.most;
    showFallbacks();
    showNotes();
  }

  function showPhoto() {
    const { design } = desk;
    const shape = Object.entries(desk.start.shapes).find(([, size]) => size[0] === design.width && size[1] === design.height)?.[0];
    const values = { zoom: design.zoom, shape, edge: design.band?.edge ?? "none", bandSize: design.band?.size, bandColour: design.band?.colour };
    for (const field of all("[data-photo]")) write(field, values[field.dataset.photo]);
    find("[data-band]").hidden = !design.band;
    find("[data-zoom]").textContent = `${design.zoom.toFixed(1)} ×`;
  }

  function write(field, value) {
    if (value === undefined || value === null) return;
    if (field.type === "radio") field.checked = field.value === value;
    else if (field.type === "number" && field === document.activeElement && field.dataset.typed) return;
    else if (field.value !== String(value)) field.value = value;
  }

  function showLayers() {
    const { design } = desk;
    const parts = [...design.boxes.keys(), ...(design.logo ? ["logo"] : []), "photo"];
    const list = find("[data-layers]");
    while (list.children.length < parts.length) list.append(Object.assign(document.createElement("button"), { type: "button", className: "layer" }));
    while (list.children.length > parts.length) list.lastChild.remove();
    parts.forEach((part, number) => {
      const button = list.children[number];
      button.layer = part;
      button.textContent = part === "photo" ? "Photo and shape" : part === "logo" ? "Logo" : fill(design.boxes[part].text, desk.words) || `Text ${part + 1}`;
      button.setAttribute("aria-pressed", String(part === desk.chosen));
      button.classList.toggle("wrong", desk.problem?.box === part + 1 || Boolean(desk.notes[part]?.said || desk.notes[part]?.note));
    });
    find("[data-add=box]").disabled = design.boxes.length >= desk.start.most;
    find("[data-add=logo]").hidden = Boolean(design.logo);
  }

  function showNotes() {
    const wrong = desk.problem && (desk.problem.box === desk.chosen + 1 || !desk.problem.box) ? desk.problem.problem : "";
    const { note = "", said = "", fixes = [], size = 0 } = desk.notes[desk.chosen] ?? {};
    sentence("[data-problem]", wrong.replace(/^Text box \d+: /, "").replace(/^Text box \d+ /, "This text "));
    sentence("[data-note]", note);
    text.setAttribute("aria-invalid", String(Boolean(wrong)));
    find("[data-fitted]").hidden = !size || size >= desk.box.size - 2;
    find("[data-fitted]").textContent = `Drawn at ${size}, so that the words fit their frame.`;
    find("[data-reading]").hidden = !said;
    find("[data-reading-words]").textContent = said;
    find("[data-fixes]").replaceChildren(...fixes.map((fix) => button(fix.label, () => desk.changeBox(fix.change))));
  }

  function sentence(selector, words) {
    find(selector).hidden = !words;
    find(`${selector} span`).textContent = words;
  }

  function button(label, act) {
    const made = Object.assign(document.createElement("button"), { type: "button", className: "button small", textContent: label });
    made.addEventListener("click", act);
    return made;
  }

  // --- what is said when a word is not known ---------------------------------------------------------------------
  function showFallbacks() {
    const fields = fieldsIn(desk.box.text).filter((field) => field.name in CALLED);
    const shape = `${desk.chosen}:${fields.map((field) => field.name)}`;
    const place = find("[data-fallbacks]");
    if (shape !== fallbackShape) place.replaceChildren(...fields.map(fallback));
    fallbackShape = shape;
    fields.forEach((field, number) => write(place.children[number].querySelector("input"), field.otherwise ?? ""));
  }

  function fallback(field, number) {
    const label = Object.assign(document.createElement("label"), { className: "fallback" });
    const said = Object.assign(document.createElement("span"), { className: "hint", textContent: `Without ${CALLED[field.name]} say` });
    const input = Object.assign(document.createElement("input"), { className: "input", placeholder: "nothing", maxLength: 60 });
    input.addEventListener("input", () => otherwise(number, input.value.replace(/[{}|]/g, "")));
    label.append(said, input);
    return label;
  }

  function otherwise(number, words) {
    const field = fieldsIn(desk.box.text).filter((each) => each.name in CALLED)[number];
    const before = desk.box.text;
    desk.changeBox({ text: `${before.slice(0, field.at)}{${field.name}|${words}}${before.slice(field.at + field.length)}` }, `fallback ${number}`);
  }

  // --- changing --------------------------------------------------------------------------------------------------
  function changed(event) {
    const field = event.target;
    const typed = field.type === "number";
    if (typed) field.dataset.typed = event.type === "input" ? "yes" : "";
    if (typed !== (event.type === "change")) return; // numbers when they are finished, everything else at once
    if (field.dataset.box) changeBox(field.dataset.box, field);
    else if (field.dataset.logo) place(desk.design.logo, field.dataset.logo, field);
    else if (field.dataset.photo) changePhoto(field.dataset.photo, field.value);
  }

  function changeBox(name, field) {
    if (PLACES.includes(name)) place(desk.box, name, field);
    else if (name !== "size") desk.changeBox({ [name]: field.value }, name);
    else if (Number.isFinite(field.valueAsNumber)) desk.changeBox({ size: letters(field.valueAsNumber) }, name);
    else show();
  }

  function place(box, name, field) {
    const value = field.valueAsNumber;
    if (!Number.isFinite(value)) return show();
    const [low, high] = name === "rotation" ? [-180, 180] : [0, 2160];
    acts.put(desk, { ...box, [name]: Math.min(high, Math.max(low, value)) });
  }

  function changePhoto(name, value) {
    const { design } = desk;
    if (name === "shape") return desk.change(reshape(design, desk.start.shapes[value]));
    if (name === "zoom") return desk.change({ ...design, zoom: Number(value) }, name, "photo");
    if (name === "bandColour") return desk.change({ ...design, band: { ...design.band, colour: value } }, name);
    if (name === "edge" && value === "none") return desk.change({ ...design, band: null });
    const { size = 310, colour = "#fffaf0", edge } = design.band ?? {};
    const band = name === "edge" ? { edge: value, size, colour } : { edge, size: Number(value), colour };
    const room = band.edge === "top" || band.edge === "bottom" ? design.height : design.width;
    desk.change({ ...design, band: { ...band, size: Math.min(band.size, Math.floor(room * 0.6)) } }, name, name === "edge" ? null : "photo");
  }

  function clicked({ target }) {
    const it = target.closest("button");
    if (!it) return;
    if (it.layer !== undefined) desk.choose(it.layer);
    else if (it.dataset.field) insert(it.dataset.field);
    else if (it.dataset.swatch) desk.changeBox({ colour: it.dataset.swatch });
    else if (it.dataset.add === "logo") acts.addLogo(desk);
    else if (it.dataset.add) write_in(acts.addBox);
    else if (it.dataset.act === "duplicate") acts.duplicate(desk);
    else if (it.dataset.act === "remove") acts.remove(desk);
    else if (it.dataset.act) acts.shift(desk, it.dataset.act === "forward" ? 1 : -1);
  }

  function write_in(act) {
    act(desk);
    text.focus();
    text.select();
  }

  function insert(field) {
    text.focus();
    text.setRangeText(field, text.selectionStart, text.selectionEnd, "end");
    desk.changeBox({ text: text.value });
  }

  panel.addEventListener("input", changed);
  panel.addEventListener("change", changed);
  panel.addEventListener("change", ({ target }) => target.type === "range" && target.dataset.photo && desk.tell("design"));
  panel.addEventListener("click", clicked);
  for (const swatch of all("[data-swatch]")) swatch.style.background = swatch.dataset.swatch;
  desk.listen(show);
  show();
}
