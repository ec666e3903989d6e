"""Designs and words the card tests share."""

import random
from io import BytesIO

from PIL import Image

from campaigns.cards import Card, drawing, layers

WORDS = {"first_name": "Marcus", "sender": "Todd", "business": "Texas Prime Plumbing"}

NAMES = [
    "José",
    "Zoë",
    "O'Neill",
    "O’Neill",
    "Łukasz",
    "Nguyễn",
    "Ağaoğlu",
    "MARGARET",
    "Anne-Marie",
    "李伟",
    "陳怡君",
    "渡辺さくら",
    "さくら",
    "지민",
    "محمد",
    "علی\u200cرضا",
    "عبدالله",
    "יוסף",
    "देवी",
    "राजेश्वरी",
    "สมชาย",
    "Ελένη",
    "Дмитрий",
    "Ґалаґан",
    "李John",
    "محمد Ali",
    "Maximiliana Featherstonehaugh-Cholmondeley",
]


def flat_photo(colour="#808080", size=(1080, 1350)):
    out = BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG", quality=95)
    return out.getvalue()


GREY = flat_photo()


def design(*boxes, **changes):
    return {"width": 1080, "height": 1350, "boxes": list(boxes), **changes}


def box(text="Thanks, {first_name|}!", **changes):
    return {"text": text, "x": 60, "y": 100, "width": 960, "height": 300, **changes}


def card(*boxes, photo=GREY, **changes):
    return Card.from_json(design(*boxes, **changes), photo)


def mask(own, made, shaping):
    """What a box puts on the card, in white on black, as large as the box and as if it stood at the corner."""
    whole = Image.new("L", (own.width, own.height))
    for layer in layers.of(own, made, shaping):
        whole.paste(255, (layer.left - own.x, layer.top - own.y), layer.mask)
    return whole


def forget():
    """As in a process that has drawn nothing yet."""
    drawing._bases.clear()
    drawing._bands.clear()
    drawing._bare.clear()


def noisy_photo(seed, size):
    """A photo with something in every corner, always the same for a seed."""
    draw = random.Random(seed)
    small = Image.new("RGB", (24, 30))
    small.putdata([(draw.randrange(256), draw.randrange(256), draw.randrange(256)) for _ in range(24 * 30)])
    out = BytesIO()
    small.resize(size, Image.Resampling.BICUBIC).save(out, "JPEG", quality=92)
    return out.getvalue()
