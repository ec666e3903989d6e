// Where things may stand. Everything is in pixels of the card; boxes turn about their middle, in degrees, clockwise.

const LEAST = 24;

const turned = (box, dx, dy) => {
  const turn = ((box.rotation ?? 0) * Math.PI) / 180;
  return [dx * Math.cos(turn) - dy * Math.sin(turn), dx * Math.sin(turn) + dy * Math.cos(turn)];
};

// How far the box reaches from its middle, across and down.
function reach(box) {
  const [a, b] = [turned(box, box.width / 2, box.height / 2), turned(box, box.width / 2, -box.height / 2)];
  return [Math.max(Math.abs(a[0]), Math.abs(b[0])), Math.max(Math.abs(a[1]), Math.abs(b[1]))];
}

const between = (value, low, high) => Math.min(Math.max(value, low), Math.max(low, high));

// The nearest place and size at which the whole box stands on the picture, in whole pixels.
export function settle(box, width, height) {
  const made = { ...box, width: Math.max(LEAST, Math.round(box.width)), height: Math.max(LEAST, Math.round(box.height)) };
  let [across, down] = reach(made);
  const shrink = Math.min(1, width / 2 / across, height / 2 / down);
  if (shrink < 1) {
    made.width = Math.max(1, Math.floor(made.width * shrink));
    made.height = Math.max(1, Math.floor(made.height * shrink));
    [across, down] = reach(made);
  }
  const middle = [box.x + box.width / 2, box.y + box.height / 2];
  const [left, top] = [between(middle[0], across, width - across), between(middle[1], down, height - down)];
  made.x = Math.round(left - made.width / 2);
  made.y = Math.round(top - made.height / 2);
  return made;
}

// The box after one of its grips was pulled: the opposite edge or corner stays where it is.
export function resized(box, grip, dx, dy) {
  const back = { rotation: -(box.rotation ?? 0) };
  const [right, below] = turned(back, dx, dy);
  const sx = grip.includes("e") ? 1 : grip.includes("w") ? -1 : 0;
  const sy = grip.includes("s") ? 1 : grip.includes("n") ? -1 : 0;
  const width = Math.max(LEAST, box.width + sx * right);
  const height = Math.max(LEAST, box.height + sy * below);
  const [mx, my] = turned(box, (sx * (width - box.width)) / 2, (sy * (height - box.height)) / 2);
  const middle = [box.x + box.width / 2 + mx, box.y + box.height / 2 + my];
  return { ...box, width, height, x: middle[0] - width / 2, y: middle[1] - height / 2 };
}

// How far the box is turned when its knob, which hangs below it, is held at a point; near to upright it is upright.
export function angle(box, x, y, coarse) {
  const raw = (Math.atan2(y - box.y - box.height / 2, x - box.x - box.width / 2) * 180) / Math.PI - 90;
  const degrees = raw < -180 ? raw + 360 : raw;
  if (coarse) return Math.round(degrees / 15) * 15;
  return Math.abs(degrees) < 3 ? 0 : Math.round(degrees);
}

// How many pixels of the photo, at the size in which it is drawn, lie outside its place: across and down.
export function slack(design, photo) {
  const { edge, size = 0 } = design.band ?? {};
  const width = design.width - (edge === "left" || edge === "right" ? size : 0);
  const height = design.height - (edge === "top" || edge === "bottom" ? size : 0);
  const scale = Math.max(width / photo[0], height / photo[1]) * design.zoom;
  return [photo[0] * scale - width, photo[1] * scale - height];
}

export function movePhoto(design, photo, dx, dy) {
  const [across, down] = slack(design, photo);
  const [x, y] = design.focus;
  const moved = (focus, by, room) => (room < 1 ? focus : between(focus - by / room, 0, 1));
  return { ...design, focus: [moved(x, dx, across), moved(y, dy, down)] };
}

// The same design in another shape: everything keeps its share of the picture.
export function reshape(design, [width, height]) {
  const [across, down] = [width / design.width, height / design.height];
  const scaled = (part) => ({ ...part, x: part.x * across, y: part.y * down, width: part.width * across, height: part.height * down });
  const boxes = design.boxes.map((box) => settle({ ...scaled(box), size: letters(box.size * Math.min(across, down)) }, width, height));
  const made = { ...design, width, height, boxes };
  if (design.logo) made.logo = settle(scaled(design.logo), width, height);
  if (design.band) made.band = { ...design.band, size: Math.round(design.band.size * (design.band.edge === "left" || design.band.edge === "right" ? across : down)) };
  return made;
}

export const letters = (size) => between(Math.round(size), 8, 600);
