"""How fast pictures are drawn: pictures per second, and as a ratio to one bare Pillow encode of the same picture.

Run from the project's folder: `python -m benchmarks.pictures [--pictures 300] [--starter van] [--json]`. Ratios compare
machines better than milliseconds; both are medians of processor time in one process.
"""

import argparse
import json
import random
import statistics
import time
from collections.abc import Callable, Iterator
from io import BytesIO

from PIL import Image

from campaigns import cards

SCRIPTS = ("José", "李伟", "محمد", "יוסף", "지민", "さくら", "สมชาย", "Дмитрий", "Ελένη", "Nguyễn", "MARGARET")
WORDS = {"sender": "Todd", "business": "Texas Prime Plumbing"}


def main(rows: int = 300) -> dict[str, float]:
    """So many pictures of the demo's own design; for `manage.py bench pictures`."""
    return measure(cards.starter("van"), rows)


def by_hand() -> None:
    """Measure, and print a table or JSON."""
    options = _options()
    found = measure(cards.starter(options.starter), options.pictures)
    print(json.dumps(found) if options.json else _table(found, options))


def measure(starter: cards.Starter, pictures: int) -> dict[str, float]:
    """Milliseconds per picture of each way, pictures a second, and the ratio to the bare encode."""
    card = starter.card
    plain = Image.open(BytesIO(cards.render(card, WORDS | {"first_name": "Marcus"})))
    plain.load()
    first = _timed(lambda: cards.render(card, WORDS | {"first_name": "Marcus"}), 1)
    for name in SCRIPTS:  # opens every font once, as a process does in its first minute
        cards.render(card, WORDS | {"first_name": name})
    names = _names()
    bare = _timed(lambda: _encode(plain), pictures)
    warm = _timed(lambda: cards.render(card, WORDS | {"first_name": next(names)}), pictures)
    checked = _timed(lambda: cards.drawn_texts(card, WORDS | {"first_name": next(names)}), pictures)
    small = _timed(lambda: cards.thumbnail(starter.photo, 216), pictures)
    return {
        "bare_encode_ms": round(bare, 2),
        "first_ms": round(first, 2),
        "warm_ms": round(warm, 2),
        "check_ms": round(checked, 2),
        "thumbnail_ms": round(small, 2),
        "pictures_per_second": round(1000 / warm, 1),
        "ratio_to_bare_encode": round(warm / bare, 2),
    }


def _names() -> Iterator[str]:
    """Customers without end: hardly a name twice, every eighth in another script."""
    draw = random.Random(1)
    while True:
        made = "".join(draw.choice("bdfglmnrst") + draw.choice("aeiou") for _ in range(draw.choice((2, 2, 3, 4))))
        yield draw.choice(SCRIPTS) if draw.random() < 0.125 else made.capitalize()


def _encode(picture: Image.Image) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=85, subsampling="4:2:0")
    return out.getvalue()


def _timed(act: Callable[[], object], times: int) -> float:
    """The median of `times` runs, in milliseconds of processor time."""
    spent = []
    for _ in range(times):
        start = time.process_time()
        act()
        spent.append(time.process_time() - start)
    return statistics.median(spent) * 1000


def _table(found: dict[str, float], options: argparse.Namespace) -> str:
    rows = [
        ("bare Pillow encode", found["bare_encode_ms"], 1.0),
        ("picture, fonts and photo warm", found["warm_ms"], found["ratio_to_bare_encode"]),
        ("words fitted, nothing drawn", found["check_ms"], round(found["check_ms"] / found["bare_encode_ms"], 2)),
    ]
    lines = [f"{name:32} {ms:8.2f} ms {ratio:6.2f} x" for name, ms, ratio in rows]
    shaping = "with" if cards.SHAPING else "without"
    head = f"{options.pictures} pictures of “{options.starter}”, {shaping} raqm, one process"
    return "\n".join([head, *lines, f"{found['pictures_per_second']:.0f} pictures a second"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How fast pictures are drawn.")
    parser.add_argument("--pictures", type=int, default=300)
    parser.add_argument("--starter", default="van", choices=[starter.key for starter in cards.starters()])
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    by_hand()
