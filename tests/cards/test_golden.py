"""Names in every script against pictures somebody has looked at.

After a wanted change: `.venv/bin/python -m tests.cards.test_golden` draws them anew; look at each before keeping it.
"""

from pathlib import Path

import pytest
from PIL import Image, ImageChops

from campaigns.cards import setting, typefaces
from campaigns.cards.design import Box

from .designs import mask

GOLDEN = Path(__file__).parent / "golden"
NAMES = {
    "latin": "Zoë Łukasz-Çelik",
    "vietnamese": "Nguyễn Thị Hoà",
    "greek": "Ελένη Γιώργος",
    "cyrillic": "Дмитрий Ґалаґан",
    "arabic": "محمد عبدالله",
    "persian": "علی\u200cرضا پژمان",
    "hebrew": "יוסף שרה",
    "devanagari": "राजेश्वरी श्रीनिवास",
    "thai": "น้ำผึ้ง สมชาย",
    "chinese": "李伟 王小明",
    "taiwanese": "陳怡君 黃麗華",
    "japanese": "渡辺さくら ユキ",
    "korean": "김서연 지민",
    "emoji": "Mia 🌸 Zoë 🎉",
    "mixed": "محمد Ali 李 John",
}
BOX = Box("Thanks, {first_name|}!", 0, 0, 960, 200, size=84)
#: Of the golden picture's ink, how much may be elsewhere: other builds of FreeType differ a little in every edge.
NEAR = 0.03
NEEDS_SHAPING = {"devanagari", "thai"}


def draw(name: str, shaping: bool = typefaces.SHAPING) -> Image.Image:
    made = setting.compose(BOX, {"first_name": name}, shaping)
    assert made.note == ""
    return mask(BOX, made, shaping).reduce(2)


def distance(one: Image.Image, other: Image.Image) -> float:
    """How differently two drawings look: the ink that is in one of them only, seen from a little away."""
    small = [picture.reduce(4) for picture in (one, other)]
    return total(ImageChops.difference(*small)) / total(small[0])


def total(picture: Image.Image) -> int:
    return sum(level * count for level, count in enumerate(picture.histogram()))


def path_of(script: str, shaping: bool = True) -> Path:
    return GOLDEN / (f"{script}.png" if shaping else f"{script}-without-raqm.png")


def kept(script: str, shaping: bool = True) -> Image.Image:
    return Image.open(path_of(script, shaping)).convert("L")


@pytest.mark.skipif(not typefaces.SHAPING, reason="libfribidi0 is not installed")
@pytest.mark.parametrize("script", NAMES)
def test_a_name_looks_as_it_did_when_somebody_looked(script):
    assert distance(kept(script), draw(NAMES[script], True)) < NEAR


@pytest.mark.parametrize("script", [script for script in NAMES if script not in NEEDS_SHAPING])
def test_and_so_it_does_without_raqm(script):
    assert distance(kept(script, False), draw(NAMES[script], False)) < NEAR


def test_the_distance_tells_names_apart():
    assert distance(kept("latin"), draw("Zoë Łukacz-Çelik")) > NEAR
    assert distance(kept("hebrew"), draw("שרה יוסף")) > NEAR
    assert distance(kept("greek"), draw("Ελένη Γιωργός")) > 0


def test_the_distance_sees_letters_that_are_not_joined():
    assert distance(kept("arabic"), draw("\u200c".join("محمد عبدالله"))) > NEAR


if __name__ == "__main__":
    for script, name in NAMES.items():
        for shaping in (True, False):
            if shaping or script not in NEEDS_SHAPING:
                draw(name, shaping).save(path_of(script, shaping), optimize=True)
