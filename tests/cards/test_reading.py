"""The words on a card can be read: by a program that reads pictures."""

import os
import shutil
import subprocess
from difflib import SequenceMatcher
from io import BytesIO

import pytest
from PIL import Image

from campaigns import cards

from .designs import box, card, flat_photo

NAMES = ["Marcus", "Christopher", "Sarah", "Benjamin", "Margaret", "Jennifer"]


@pytest.fixture(scope="module")
def read(tmp_path_factory):
    """Read a picture back with Tesseract."""
    program = shutil.which("tesseract")
    if program is None:
        reason = "There is no tesseract here (Debian: tesseract-ocr)."
        if os.environ.get("GOODWORD_REQUIRE_TESSERACT"):
            pytest.fail(reason)
        pytest.skip(reason)
    folder = tmp_path_factory.mktemp("read")

    def text_of(jpeg):
        path = folder / "line.png"
        Image.open(BytesIO(jpeg)).crop((40, 80, 1040, 420)).convert("L").save(path)
        done = subprocess.run([program, path, "-", "--psm", "7"], capture_output=True, check=True)
        return " ".join(done.stdout.decode().split())

    return text_of


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("font", ["sans", "serif", "display"])
def test_a_drawn_name_is_read_back(read, font, name):
    made = card(box(font=font, size=80, colour="#202020"), photo=flat_photo("#f4f2ec"))
    assert f"Thanks, {name}!" in read(cards.render(made, {"first_name": name}))


@pytest.mark.parametrize("effect", ["none", "panel", "outline", "shadow"])
def test_words_set_off_from_the_photo_are_read_back(read, effect):
    own = box(font="sans", size=80, colour="#ffffff", effect=effect, effect_colour="#000000")
    made = card(own, photo=flat_photo("#45634f"))
    assert "Thanks, Jennifer!" in read(cards.render(made, {"first_name": "Jennifer"}))


def test_handwriting_is_read_back(read):
    made = card(box(font="hand", size=120, colour="#202020"), photo=flat_photo("#f4f2ec"))
    likeness = [
        SequenceMatcher(None, f"Thanks, {name}!", read(cards.render(made, {"first_name": name}))).ratio()
        for name in NAMES
    ]
    assert min(likeness) > 0.7
    assert sum(likeness) / len(likeness) > 0.85
