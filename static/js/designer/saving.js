// Keeping what is on the desk: by itself, a moment after the last change, and never over somebody else's work.

const AFTER = 800; // milliseconds after the last change
const DELETED = "This card was deleted meanwhile. What you see is not kept any more.";
const SIGNED_OUT = "You are signed out, or may not change cards any more. Load this page again: what you typed comes back.";
const OFFLINE = "No connection just now. What you change stays in this window and is saved as soon as it is back.";
const WAITS = [2000, 4000, 8000, 15000];

export function makeSaving(desk, page) {
  let kept = desk.snapshot; // what the server has
  let under_way = null; // what it is just being sent
  let timer = 0;
  let failures = 0;
  let stuck = ""; // why it cannot be kept as it is; a further change tries anew
  let isAtText = false; // then it is said there
  let undecided = false;
  let left = false; // the page is being left

  const memory = `card ${desk.start.family}`; // what this tab had not seen saved when the page was left

  const isClean = () => desk.snapshot === kept;
  const body = (sent) => JSON.stringify({ ...sent, revision: desk.start.revision });

  function soon(wait = AFTER) {
    clearTimeout(timer);
    if (!undecided) timer = setTimeout(save, wait);
  }

  async function save() {
    if (under_way || undecided || isClean()) return;
    under_way = desk.snapshot;
    say("Saving …", "busy");
    await sendUntilAnswered(under_way);
    under_way = null;
    if (!isClean() && !stuck) soon();
  }

  // An answer may have been lost after the server had kept it: the very same is sent again before anything newer.
  async function sendUntilAnswered(sent) {
    for (;;) {
      try {
        await understand(await post("save/", body(sent)), sent);
        return;
      } catch {
        failures += 1;
        say("Not saved yet, trying again", "bad");
        await pause(WAITS[Math.min(failures, WAITS.length) - 1]);
      }
    }
  }

  const pause = (wait) => new Promise((ready) => {
    setTimeout(ready, wait);
    addEventListener("online", ready, { once: true });
  });

  const post = (path, text) =>
    fetch(desk.start.at + path, {
      method: "POST", body: text, keepalive: true, redirect: "manual",
      headers: { "Content-Type": "application/json", "X-CSRFToken": desk.start.token },
    });

  async function understand(answer, sent) {
    if (answer.ok) return done(await answer.json(), sent);
    const said = await answer.json().catch(() => ({}));
    if (answer.status === 409 && said.mine) return ask(said);
    if (answer.status >= 500) throw new Error("not now");
    failures = 0;
    stuck = said.problem ?? (answer.status === 404 ? DELETED : SIGNED_OUT);
    isAtText = Boolean(said.box);
    say("Not saved", "bad");
  }

  function done(said, sent) {
    kept = sent;
    failures = 0;
    stuck = "";
    desk.start.revision = said.revision;
    if (said.at !== desk.start.at) moveTo(said.at);
    if (left) remember({ saved: true });
    else sessionStorage.removeItem(memory);
    say(`Saved ${said.saved_at}`, "ok");
  }

  // A new version has an address of its own.
  function moveTo(at) {
    desk.start.at = at;
    history.replaceState(null, "", at);
    for (const link of page.querySelectorAll("[data-use]")) link.search = `?card=${number(at)}`;
    for (const link of page.querySelectorAll("[data-at]")) link.setAttribute(link.matches("form") ? "action" : "href", at + link.dataset.at);
  }

  // --- somebody was quicker --------------------------------------------------------------------------------------
  function ask({ mine, theirs }) {
    undecided = true;
    failures = 0;
    sessionStorage.removeItem(memory);
    const dialog = page.querySelector("[data-conflict]");
    if (theirs.isYou) dialog.querySelector("[data-heading]").textContent = "This card is open in two windows.";
    dialog.querySelector("[data-who]").textContent = theirs.isYou ? "You" : theirs.who;
    dialog.querySelector("[data-when]").textContent = theirs.when;
    dialog.querySelector("[data-number]").textContent = mine.version;
    dialog.addEventListener("cancel", (event) => event.preventDefault());
    dialog.addEventListener("click", ({ target }) => target.dataset.wish && decide(dialog, target.dataset.wish, mine, theirs));
    say("Not decided yet", "bad");
    dialog.showModal();
  }

  async function decide(dialog, wish, mine, theirs) {
    try {
      desk.start.at = mine.at;
      const answer = wish === "theirs" ? null : await post("settle/", JSON.stringify({ wish }));
      if (answer && !answer.ok) throw new Error("refused");
      kept = desk.snapshot;
      location.assign(answer ? (await answer.json()).at : theirs.at);
    } catch {
      const problem = dialog.querySelector("[data-wish-problem]");
      problem.textContent = "That did not work just now. Both designs are kept; try again.";
      problem.hidden = false;
    }
  }

  // --- leaving ---------------------------------------------------------------------------------------------------
  function leaving(event) {
    if (isClean() || undecided) return;
    left = true;
    remember({ sent: under_way });
    if (under_way || stuck) return event.preventDefault();
    clearTimeout(timer);
    save();
  }

  function remember(more) {
    const { at, revision } = desk.start;
    sessionStorage.setItem(memory, JSON.stringify({ at, revision, now: desk.snapshot, ...more }));
  }

  // The page may have been loaded before the last save of this tab had arrived. What was on the desk comes back, and
  // what was not surely saved is sent once more: the server recognises it, or sets it beside.
  function resume() {
    const before = JSON.parse(sessionStorage.getItem(memory) ?? "null");
    const { at, revision } = desk.start;
    sessionStorage.removeItem(memory);
    if (!before || (before.saved && (number(at) > number(before.at) || (at === before.at && revision >= before.revision)))) return;
    desk.start.revision = before.revision;
    if (at !== before.at) moveTo(before.at);
    desk.chosen = "photo";
    desk.put(before.sent ?? before.now);
    if (before.saved) kept = desk.snapshot;
    else save();
    if (before.sent) desk.put(before.now);
  }

  const number = (at) => Number(at.match(/\d+/)[0]);

  function say(words, state) {
    const place = page.querySelector("[data-saved]");
    place.dataset.state = state;
    place.querySelector("span").textContent = words;
    page.querySelector(".stagepane").dataset.trouble = state === "bad" ? words : "";
    page.querySelector("[data-trouble]").hidden = !failures && (!stuck || isAtText);
    page.querySelector("[data-trouble-words]").textContent = stuck ? `Not saved. ${stuck}` : OFFLINE;
  }

  addEventListener("beforeunload", leaving);
  document.addEventListener("visibilitychange", () => document.hidden && !failures && save());
  desk.listen((what, moving) => {
    if (what !== "design" || moving) return;
    stuck = "";
    left = false;
    if (!isClean() && !failures) soon();
  });
  resume();
}
