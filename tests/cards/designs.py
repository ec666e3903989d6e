"""Designs and words the card tests share."""

from io import BytesIO

from PIL import Image

from campaigns.cards import Card

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
