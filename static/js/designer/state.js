// What is on the desk: the design, its name, which part is chosen, and every step that led here.

const PAUSE = 1200; // milliseconds: changes of one kind that follow each other sooner are one step
const MOST_STEPS = 200;

export function makeDesk(start) {
  let now = { design: start.design, name: start.name };
  let last = { kind: null, at: 0 };
  const past = [];
  const future = [];
  const listeners = [];

  const desk = {
    start,
    chosen: start.design.boxes.length ? 0 : "photo", // the number of a box, "photo", "logo" or "nologo"
    words: {},
    notes: [],
    problem: null, // { problem, box } when the design on the desk cannot be drawn
    get design() { return now.design; },
    get name() { return now.name; },
    get snapshot() { return now; },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
    get box() { return now.design.boxes[desk.chosen]; },
    listen(listener) { listeners.push(listener); },
    tell(what, moving = null) { for (const listener of listeners) listener(what, moving); },

    choose(part) {
      desk.chosen = part;
      desk.tell("choice");
    },

    // `kind` names a run of changes that is one step; `moving` says what is being dragged just now.
    change(design, kind = null, moving = null) { desk.put({ ...now, design }, kind, moving); },
    rename(name) { desk.put({ ...now, name }, "name"); },
    put(next, kind, moving = null) {
      const goesOn = kind && kind === last.kind && (moving || Date.now() - last.at < PAUSE);
      if (!goesOn) past.push(now);
      if (past.length > MOST_STEPS) past.shift();
      future.length = 0;
      last = { kind, at: Date.now() };
      now = next;
      desk.tell("design", moving);
    },
    changeBox(parts, kind = null, moving = null) {
      const boxes = now.design.boxes.map((box, number) => (number === desk.chosen ? { ...box, ...parts } : box));
      desk.change({ ...now.design, boxes }, kind && `${kind}-${desk.chosen}`, moving);
    },

    undo() { step(past, future); },
    redo() { step(future, past); },
  };

  function step(from, to) {
    if (!from.length) return;
    to.push(now);
    now = from.pop();
    last = { kind: null, at: 0 };
    const isThere = desk.chosen === "photo" || (desk.chosen === "logo" ? now.design.logo : now.design.boxes[desk.chosen]);
    if (!isThere) desk.chosen = "photo";
    desk.tell("design");
  }
  return desk;
}

// A text with its merge fields filled in, roughly: for names and labels. The picture is the server's.
const FIELD = /\{\{?([^{}|]*)(?:\|([^{}]*))?\}?\}/g;
export const fill = (text, words) => text.replace(FIELD, (_, name, otherwise) => words[name.trim()] || otherwise || "").replace(/\s+/g, " ").trim();
export const fieldsIn = (text) => [...text.matchAll(FIELD)].map((found) => ({ name: found[1].trim(), otherwise: found[2], at: found.index, length: found[0].length }));
