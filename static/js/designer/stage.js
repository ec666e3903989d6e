// The frames over the picture: chosen and dragged with a finger or a mouse, and everything by keyboard too.

import { angle, letters, movePhoto, resized, settle, slack } from "./geometry.js";
import { fill } from "./state.js";
import * as acts from "./acts.js";

const GRIPS = ["nw", "n", "ne", "e", "se", "s", "sw", "w", "turn"];
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const NEAR = 8; // pixels of the card at which a dragged box catches the middle

export function makeStage(desk, overlay, say) {
  const frames = new Map();
  const grips = element("div", "grips");
  const guide = element("div", "guide");
  let gesture = null;
  let count = 0;

  for (const name of GRIPS) grips.append(Object.assign(element("span", `grip ${name}`), { grip: name }));
  guide.hidden = true;
  overlay.append(guide, grips);

  // --- showing -------------------------------------------------------------------------------------------------
  function show() {
    const { design } = desk;
    const parts = ["photo", ...design.boxes.keys(), ...(design.logo ? ["logo"] : [])];
    for (const [part, frame] of frames) if (!parts.includes(part)) { frame.remove(); frames.delete(part); }
    for (const part of parts) {
      const frame = frames.get(part) ?? add(part);
      place(frame, part === "photo" ? { x: 0, y: 0, width: design.width, height: design.height } : acts.part(desk, part));
      frame.setAttribute("aria-label", label(part));
      frame.setAttribute("aria-pressed", String(part === desk.chosen));
    }
    const held = acts.part(desk, desk.chosen);
    grips.hidden = !held;
    if (held) place(grips, held);
    grips.classList.toggle("unturned", desk.chosen === "logo");
  }

  function add(part) {
    const frame = element("button", `frame ${part === "photo" ? "ground" : ""}`);
    frame.type = "button";
    frame.layer = part;
    frames.set(part, frame);
    const after = typeof part === "number" ? frames.get(part - 1) ?? frames.get("photo") : null;
    if (after) after.after(frame);
    else if (part === "photo") overlay.prepend(frame);
    else guide.before(frame);
    return frame;
  }

  function place(node, box) {
    const { width, height } = desk.design;
    node.style.left = `${(box.x / width) * 100}%`;
    node.style.top = `${(box.y / height) * 100}%`;
    node.style.width = `${(box.width / width) * 100}%`;
    node.style.height = `${(box.height / height) * 100}%`;
    node.style.transform = box.rotation ? `rotate(${box.rotation}deg)` : "";
  }

  function label(part) {
    if (part === "photo") return "Photo. Arrow keys move it, plus and minus bring it nearer or farther";
    return part === "logo" ? "Logo" : `Text ${part + 1}: ${fill(desk.design.boxes[part].text, desk.words) || "empty"}`;
  }

  // --- dragging ------------------------------------------------------------------------------------------------
  const scale = () => desk.design.width / overlay.clientWidth;

  function down(event) {
    if (event.button) return;
    const grip = event.target.grip;
    const part = grip ? desk.chosen : event.target.closest(".frame")?.layer;
    if (part === undefined) return;
    if (part !== desk.chosen) desk.choose(part);
    (frames.get(part) ?? overlay).focus({ preventScroll: true });
    gesture = { grip, part, x: event.clientX, y: event.clientY, from: acts.part(desk, part), design: desk.design, kind: `drag ${++count}`, moved: false };
    overlay.setPointerCapture(event.pointerId);
    event.preventDefault();
  }

  function move(event) {
    if (!gesture) return;
    const [dx, dy] = [(event.clientX - gesture.x) * scale(), (event.clientY - gesture.y) * scale()];
    if (!gesture.moved && Math.hypot(dx, dy) < 4 * scale()) return;
    gesture.moved = true;
    if (gesture.part === "photo") desk.change(movePhoto(gesture.design, desk.start.photo, dx, dy), gesture.kind, "photo");
    else acts.put(desk, pulled(event, dx, dy), gesture.kind, "box");
  }

  function pulled(event, dx, dy) {
    const { grip, from } = gesture;
    if (grip === "turn") {
      const ground = overlay.getBoundingClientRect();
      return { ...from, rotation: angle(from, (event.clientX - ground.left) * scale(), (event.clientY - ground.top) * scale(), event.shiftKey) };
    }
    return grip ? resized(from, grip, dx, dy) : caught({ ...from, x: from.x + dx, y: from.y + dy });
  }

  function caught(box) {
    const off = desk.design.width / 2 - box.x - box.width / 2;
    guide.hidden = Math.abs(off) > NEAR;
    return guide.hidden ? box : { ...box, x: box.x + off };
  }

  function up() {
    if (!gesture) return;
    guide.hidden = true;
    const { moved, part } = gesture;
    gesture = null;
    if (!moved) return;
    desk.tell("design");
    sayPlace(part);
  }

  // --- keys ----------------------------------------------------------------------------------------------------
  function key(event) {
    const part = event.target.layer;
    const command = event.ctrlKey || event.metaKey;
    if (part === undefined) return;
    const arrow = ARROWS[event.key];
    if (arrow) byArrow(part, arrow, event.altKey, event.shiftKey ? 1 : command ? 50 : 10);
    else if (event.key === "+" || event.key === "=" || event.key === "-") larger(part, event.key === "-" ? -1 : 1);
    else if (typeof part === "number" && ",.<>".includes(event.key)) turn(",<".includes(event.key) ? -1 : 1, event.shiftKey ? 1 : 5);
    else if (event.key === "Enter" && typeof part === "number") document.getElementById("box-text").focus();
    else if (event.key === "Delete" || event.key === "Backspace") remove(part);
    else if (command && event.key.toLowerCase() === "d" && typeof part === "number") acts.duplicate(desk);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  function byArrow(part, [x, y], resize, by) {
    if (part === "photo") {
      const before = desk.design;
      desk.change(movePhoto(before, desk.start.photo, x * by, y * by), "photo keys");
      const [across, down] = slack(before, desk.start.photo);
      if ((x ? across : down) < 1) return say("The photo just fills this side. Bring it nearer to move it.");
      const [fx, fy] = desk.design.focus;
      return say(`Photo: ${Math.round(fx * 100)} of 100 across, ${Math.round(fy * 100)} of 100 down`);
    }
    const box = acts.part(desk, part);
    const changed = resize ? resized({ ...box, rotation: 0 }, "se", x * by, y * by) : { ...box, x: box.x + x * by, y: box.y + y * by };
    acts.put(desk, { ...changed, rotation: box.rotation }, `keys ${resize}`);
    sayPlace(part);
  }

  function larger(part, way) {
    if (part === "photo") {
      const zoom = Math.min(4, Math.max(1, Math.round((desk.design.zoom + way * 0.1) * 100) / 100));
      desk.change({ ...desk.design, zoom }, "zoom");
      say(`${zoom.toFixed(1)} times as near`);
    } else if (part !== "logo") {
      desk.changeBox({ size: letters(desk.box.size + way * 4) }, "size");
      say(`Letters ${desk.box.size}`);
    }
  }

  function turn(way, by) {
    const rotation = Math.max(-180, Math.min(180, desk.box.rotation + way * by));
    acts.put(desk, { ...desk.box, rotation }, "turn keys");
    say(`Turned by ${rotation} degrees`);
  }

  function remove(part) {
    if (part === "photo") return;
    const was = label(part);
    acts.remove(desk);
    frames.get("photo").focus();
    say(`${was}: removed. Undo brings it back`);
  }

  function sayPlace(part) {
    const box = acts.part(desk, part);
    if (box) say(`${part === "logo" ? "Logo" : `Text ${part + 1}`}: ${box.x} from the left, ${box.y} from above, ${box.width} wide, ${box.height} high`);
  }

  overlay.addEventListener("pointerdown", down);
  overlay.addEventListener("pointermove", move);
  for (const end of ["pointerup", "pointercancel"]) overlay.addEventListener(end, up);
  overlay.addEventListener("keydown", key);
  overlay.addEventListener("focusin", ({ target }) => target.layer !== undefined && target.layer !== desk.chosen && desk.choose(target.layer));
  overlay.addEventListener("dblclick", ({ target }) => typeof target.layer === "number" && document.getElementById("box-text").focus());
  desk.listen(show);
  show();
}

function element(tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}
