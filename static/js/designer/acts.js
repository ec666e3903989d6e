// What can be done to the parts of a card, from the stage and from the panel alike.

import { settle } from "./geometry.js";

export const part = (desk, name) => (name === "logo" ? desk.design.logo : desk.design.boxes[name]);

// Put the chosen box or logo somewhere, as far as it may go.
export function put(desk, box, kind = null, moving = null) {
  const { width, height } = desk.design;
  const settled = settle(box, width, height);
  if (desk.chosen !== "logo") return desk.changeBox(settled, kind, moving);
  const { x, y, width: wide, height: high } = settled;
  desk.change({ ...desk.design, logo: { x, y, width: wide, height: high } }, kind && `${kind}-logo`, moving);
}

export function addBox(desk) {
  const { width, height, boxes } = desk.design;
  if (boxes.length >= desk.start.most) return;
  const fresh = {
    text: "Thank you!", x: 90, y: Math.round(height * 0.4) + boxes.length * 20, width: width - 180, height: 180, font: "hand", size: 120,
    min_size: 0, colour: "#ffffff", align: "center", valign: "middle", effect: "shadow", effect_colour: "#000000", rotation: 0,
  };
  place(desk, [...boxes, settle(fresh, width, height)], boxes.length);
}

export function duplicate(desk) {
  const { width, height, boxes } = desk.design;
  if (boxes.length >= desk.start.most) return;
  const copy = settle({ ...desk.box, x: desk.box.x + 30, y: desk.box.y + 30 }, width, height);
  place(desk, boxes.toSpliced(desk.chosen + 1, 0, copy), desk.chosen + 1);
}

export function addLogo(desk) {
  if (desk.design.logo) return desk.choose("logo");
  if (!desk.start.hasLogo) return desk.choose("nologo");
  const wide = Math.round(desk.design.width * 0.26);
  const logo = { x: desk.design.width - wide - 50, y: 50, width: wide, height: Math.round(wide * 0.6) };
  desk.chosen = "logo";
  desk.change({ ...desk.design, logo });
}

export function remove(desk) {
  const { chosen, design } = desk;
  desk.chosen = "photo";
  if (chosen === "logo") desk.change({ ...design, logo: null });
  else desk.change({ ...design, boxes: design.boxes.toSpliced(chosen, 1) });
}

export function shift(desk, by) {
  const to = desk.chosen + by;
  const { boxes } = desk.design;
  if (to < 0 || to >= boxes.length) return;
  place(desk, boxes.toSpliced(desk.chosen, 1).toSpliced(to, 0, desk.box), to);
}

function place(desk, boxes, chosen) {
  desk.chosen = chosen;
  desk.notes = [];
  desk.change({ ...desk.design, boxes });
}
