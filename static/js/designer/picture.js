// The picture on the desk is always the server's own. The newest wins: an old one never comes after a new one.

const DEBOUNCE = 40; // milliseconds after the last key
const NOTES_AFTER = 250;

export function makePicture(desk, image, say) {
  let asked = 0;
  let shown = 0;
  let flight = null;
  let again = null; // what moved while a picture was under way
  let timer = 0;
  let notesTimer = 0;
  let notesFlight = null;

  const ask = (path, body, signal) =>
    fetch(desk.start.at + path, {
      method: "POST", signal, body: JSON.stringify(body), redirect: "error",
      headers: { "Content-Type": "application/json", "X-CSRFToken": desk.start.token },
    });

  function want(moving) {
    clearTimeout(timer);
    clearTimeout(notesTimer);
    if (!moving) timer = setTimeout(() => draw(null), DEBOUNCE);
    else if (flight) again = moving;
    else draw(moving);
  }

  async function draw(moving) {
    flight?.abort();
    const mine = (flight = new AbortController());
    const number = ++asked;
    again = null;
    try {
      const answer = await ask("draw/", { design: desk.design, words: desk.words, half: moving === "photo" }, mine.signal);
      if (answer.ok) await show(await answer.blob(), number);
      else await complain(answer, number);
    } catch (fault) {
      if (fault.name !== "AbortError") image.dataset.stale = "yes";
    }
    if (flight !== mine) return;
    flight = null;
    if (again) draw(again);
    else if (!moving) notesTimer = setTimeout(takeNotes, NOTES_AFTER);
  }

  async function show(blob, number) {
    const source = URL.createObjectURL(blob);
    const ready = new Image();
    ready.src = source;
    await ready.decode().catch(() => {});
    if (number < shown) return URL.revokeObjectURL(source);
    shown = number;
    if (image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
    image.src = source;
    image.width = desk.design.width;
    image.height = desk.design.height;
    image.dataset.drawn = number;
    delete image.dataset.stale;
    if (desk.problem) {
      desk.problem = null;
      desk.tell("notes");
    }
  }

  async function complain(answer, number) {
    if (number < shown || answer.status >= 500) return;
    desk.problem = await answer.json().catch(() => null);
    desk.tell("notes");
    if (desk.problem) say(desk.problem.problem);
  }

  async function takeNotes() {
    notesFlight?.abort();
    const mine = (notesFlight = new AbortController());
    try {
      const answer = await ask("notes/", { design: desk.design, words: desk.words }, mine.signal);
      if (!answer.ok || notesFlight !== mine) return;
      const notes = await answer.json();
      image.alt = notes.alt;
      desk.notes = notes.boxes;
      desk.tell("notes");
    } catch { /* the next change asks again */ }
  }

  desk.listen((what, moving) => { if (what === "design" || what === "words") want(moving); });
  return { want, takeNotes };
}
