"""How fast pictures are drawn, each way as a ratio to one bare Pillow encode of the same picture.

`python3 manage.py bench cards [--rows 300] [--json]`. All ways take turns in one run, so that a busy machine is equally
busy for all. Times are medians of processor time; where another program draws, of that program's.
"""

import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont
from playwright.sync_api import Browser, sync_playwright

from campaigns import cards
from campaigns.cards import drawing, typefaces

WORDS = {"sender": "Todd", "business": "Texas Prime Plumbing"}
SCRIPTS = ("José", "李伟", "محمد", "יוסף", "지민", "さくら", "สมชาย", "Дмитрий", "Ελένη", "Nguyễn", "MARGARET")
SIZE = (1080, 1350)
#: How often the slow ways are tried: other programs, which start anew each time.
FEW = 8
QUIET = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def main(rows: int = 300) -> dict[str, Any]:
    """So many pictures each way, on a full photo."""
    photo = cards.starter("tea-hills").photo
    sentence, name, full = _sentence(photo), _name_only(photo), _covered(photo)
    plain = drawing.picture(sentence, WORDS | {"first_name": "Marcus"})
    for made in (sentence, name, full):
        for first_name in (*SCRIPTS, *(next(NAMES) for _ in range(200))):  # as after a process's first minute
            cards.render(made, WORDS | {"first_name": first_name})
    ways: dict[str, Callable[[], object]] = {
        "bare_encode": lambda: _encode(plain),
        "splice_sentence": lambda: cards.render(sentence, _somebody()),
        "splice_name": lambda: cards.render(name, _somebody()),
        "repeat": lambda: cards.render(sentence, WORDS | {"first_name": "Marcus"}),
        "check": lambda: cards.drawn_texts(sentence, _somebody()),
        "prepared_base": lambda: _encode(drawing.picture(sentence, _somebody())),
        "fallback": lambda: cards.render(full, _somebody()),
    }
    spent = _in_turns(ways, rows) | _in_turns({"naive": lambda: _naive(photo)}, max(FEW, rows // 10))
    spent |= _with_imagemagick(photo) | _with_chromium(photo)
    bare = spent.pop("bare_encode")
    return {
        "bare_encode_ms": round(bare, 2),
        "ratios": {way: round(milliseconds / bare, 4) for way, milliseconds in spent.items()},
        "bytes_ratio": round(_bytes_ratio(sentence), 4),
        "file_opens_per_card": _file_opens(sentence),
        "sheet_of_50_ms": round(_sheet(sentence), 1),
        "kept_mb": round(drawing.kept_bytes() / 1e6, 1),
        "kept_mb_at_most": round(_most_kept(photo) / 1e6, 1),
        "shaping": cards.SHAPING,
    }


# --- the cards --------------------------------------------------------------------------------------------------------


def _card(photo: bytes, *boxes: dict[str, Any]) -> cards.Card:
    return cards.Card.from_json({"width": SIZE[0], "height": SIZE[1], "boxes": list(boxes)}, photo)


def _box(text: str, y: int, height: int, size: int) -> dict[str, Any]:
    place = {"x": 60, "y": y, "width": 960, "height": height}
    return place | {"text": text, "font": "hand", "size": size, "colour": "#1b3a24"}


def _sentence(photo: bytes) -> cards.Card:
    """The whole sentence changes, as it is centred; who signs it does not."""
    return _card(photo, _box("Thanks, {first_name|}!", 70, 200, 150), _box("— {sender}, {business}", 300, 80, 62))


def _name_only(photo: bytes) -> cards.Card:
    """The name has a line of its own, and nothing else changes."""
    return _card(photo, _box("Thank you so much,", 70, 130, 110), _box("{first_name|}", 210, 130, 110))


def _covered(photo: bytes) -> cards.Card:
    """Words over nearly all of it."""
    thanks = "Dear {first_name|friend}, thank you for having us in your home. It was a pleasure to work for you."
    return _card(photo, _box(f"{thanks} Come back soon", 20, 1310, 260))


def _names() -> Iterator[str]:
    """Customers without end: hardly a name twice, every eighth in another script."""
    draw = random.Random(1)
    while True:
        made = "".join(draw.choice("bdfglmnrst") + draw.choice("aeiou") for _ in range(draw.choice((2, 2, 3, 4))))
        yield draw.choice(SCRIPTS) if draw.random() < 0.125 else made.capitalize()


NAMES = _names()


def _somebody() -> dict[str, str]:
    return WORDS | {"first_name": next(NAMES)}


# --- the other ways ---------------------------------------------------------------------------------------------------


def _encode(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, subsampling="4:2:0")
    return out.getvalue()


def _naive(photo: bytes) -> bytes:
    """As it is often written: photo and font opened and the photo made to fit for every customer."""
    with Image.open(BytesIO(photo)) as opened:
        picture = opened.convert("RGB").resize(SIZE, Image.Resampling.LANCZOS)
    font = ImageFont.truetype(str(typefaces.CHOICES["hand"].path), 150)
    ImageDraw.Draw(picture).text((540, 200), f"Thanks, {next(NAMES)}!", "#1b3a24", font, "ms")
    return _encode(picture)


def _with_imagemagick(photo: bytes) -> dict[str, float]:
    program = shutil.which("magick") or shutil.which("convert-im6.q16")
    if program is None:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "photo.jpg"
        source.write_bytes(photo)
        font = str(typefaces.CHOICES["hand"].path)
        draw = ["-resize", "1080x1350!", "-font", font, "-pointsize", "150", "-fill", "#1b3a24", "-gravity", "north"]
        spent = []
        for _ in range(FEW):
            words = ["-annotate", "+0+90", f"Thanks, {next(NAMES)}!", "-quality", "85", f"{folder}/out.jpg"]
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            subprocess.run([program, str(source), *draw, *words], check=True, capture_output=True)
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            spent.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return {"imagemagick": statistics.median(spent) * 1000}


def _with_chromium(photo: bytes) -> dict[str, float]:
    """A warm browser that shows the photo with the words over it and takes a picture of its page; time on the clock."""
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        return {}
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "photo.jpg").write_bytes(photo)
        browser = playwright.chromium.launch(executable_path=program, args=list(QUIET))
        spent = _screenshots(browser, Path(folder))
        browser.close()
    return {"chromium": statistics.median(spent) * 1000}


def _screenshots(browser: Browser, folder: Path) -> list[float]:
    page = browser.new_page(viewport={"width": SIZE[0], "height": SIZE[1]})
    (folder / "card.html").write_text(
        "<style>body{margin:0;background:url(photo.jpg) 0 0/1080px 1350px;font:150px cursive;text-align:center}"
        "p{margin:70px 0;color:#1b3a24}</style><p id=words>"
    )
    page.goto((folder / "card.html").as_uri())
    spent = []
    for _ in range(FEW + 2):
        start = time.perf_counter()
        page.evaluate("name => { document.getElementById('words').textContent = `Thanks, ${name}!` }", next(NAMES))
        page.screenshot(type="jpeg", quality=85)
        spent.append(time.perf_counter() - start)
    return spent[2:]


# --- measuring --------------------------------------------------------------------------------------------------------


def _in_turns(ways: dict[str, Callable[[], object]], times: int) -> dict[str, float]:
    """The median of each way, in milliseconds of processor time."""
    spent: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(times):
        for way, act in ways.items():
            start = time.process_time()
            act()
            spent[way].append(time.process_time() - start)
    return {way: statistics.median(each) * 1000 for way, each in spent.items()}


def _bytes_ratio(card: cards.Card) -> float:
    """Bytes of what is sent, to those of a bare encode of the same pixels; over many names."""
    people = [_somebody() for _ in range(40)]
    ours = sum(len(cards.render(card, words)) for words in people)
    return ours / sum(len(_encode(drawing.picture(card, words))) for words in people)


def _file_opens(card: cards.Card) -> float:
    """Files opened per picture, of a hundred new names in a warm process."""
    opened: list[object] = []
    watching = [True]
    sys.addaudithook(lambda event, given: opened.append(given) if event == "open" and watching[0] else None)
    for _ in range(100):
        cards.render(card, _somebody())
    watching[0] = False
    return len(opened) / 100


def _sheet(card: cards.Card) -> float:
    """Fifty small pictures, in milliseconds."""
    return _in_turns({"sheet": lambda: cards.contact_sheet(card, [_somebody() for _ in range(50)])}, 5)["sheet"]


def _most_kept(photo: bytes) -> int:
    """Bytes kept after more cards and more customers than any process should remember."""
    for number in range(12):
        card = _card(photo, _box("Thanks, {first_name|}!", 70 + number, 200, 150))
        for _ in range(60):
            cards.render(card, _somebody())
    return drawing.kept_bytes()
