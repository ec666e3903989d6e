"""Picture bombs: small files that would cost much time or memory to decode, and what it costs us to refuse them.

Run from the project's folder: `python -m benchmarks.bombs [--json]`. Each bomb is given to a fresh process, so that the
peak of its memory is that bomb's alone. Every one must be refused, in less than a second, with less than 150 MB.
"""

import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

import pillow_heif
from PIL import Image

from campaigns import cards

AT_ONCE = 20
#: 64 million pixels in HEVC: a plain red square of 8000 × 8000, made by Goodword's own authors with pillow-heif 1.8.1
#: (`from_pillow(Image.new("RGB", (8000, 8000), (200, 30, 30))).save(path, quality=10)`), which takes a gigabyte.
LARGE_HEIC = Path(__file__).with_name("64-megapixels.heic")


def main() -> dict[str, Any]:
    """What each bomb costs, and twenty of them at the same time; for `manage.py bench bombs`."""
    found = {name: _in_a_fresh_process([make()]) for name, make in BOMBS.items()}
    last = list(BOMBS.values())[-AT_ONCE:]
    found[f"{AT_ONCE} at once"] = _in_a_fresh_process([make() for make in last])
    return found


def refuse(raw: bytes) -> str:
    """The sentence by which it is refused. Raises RuntimeError when it is not."""
    try:
        cards.clean_photo(raw)
    except cards.BadPhoto as bad:
        return str(bad)
    raise RuntimeError("It was taken for a photo.")


# --- the bombs ------------------------------------------------------------------------------------------------------


def saved(picture: Image.Image, form: str, **options: Any) -> bytes:
    """The picture as a file."""
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def plain(width: int = 400, height: int = 300) -> Image.Image:
    """An innocent picture."""
    return Image.new("RGB", (width, height), (200, 30, 30))


def chunk(name: bytes, content: bytes = b"") -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def png(width: int, height: int, extra: bytes = b"", pixels: bytes = b"") -> bytes:
    """A PNG of 8-bit colour by its header."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + extra + chunk(b"IDAT", pixels) + chunk(b"IEND")


def black_png(width: int, height: int) -> bytes:
    """A whole and valid PNG, black all over."""
    squeeze = zlib.compressobj(9)
    row = bytes(1 + 3 * width)
    pixels = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    return png(width, height, pixels=pixels)


def with_chunk(name: bytes, content: bytes, times: int = 1) -> bytes:
    """A small PNG with this chunk before its pixels."""
    raw = saved(plain(), "PNG")
    return raw[:33] + chunk(name, content) * times + raw[33:]


def jpeg_says(width: int, height: int) -> bytes:
    """A small JPEG that claims to be large."""
    raw = bytearray(saved(plain(), "JPEG"))
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def jpeg_of_scans(times: int) -> bytes:
    """A progressive JPEG whose last scan comes again and again."""
    raw = saved(plain(6000, 5000), "JPEG", progressive=True)
    last = raw[raw.rindex(b"\xff\xda") : -2]
    return raw[:-2] + last * times + raw[-2:]


def jpeg_of_segments(segment: bytes, times: int) -> bytes:
    """A JPEG with very much between its beginning and its picture."""
    raw = saved(plain(), "JPEG")
    return raw[:2] + segment * times + raw[2:]


def webp(name: bytes, body: bytes) -> bytes:
    """A WebP file that holds one piece."""
    content = b"WEBP" + name + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


def film(form: str) -> bytes:
    """Three hundred frames."""
    frames = [Image.new("RGB", (300, 200), (shade % 256, 0, shade // 2)) for shade in range(300)]
    return saved(frames[0], form, save_all=True, append_images=frames[1:])


def heic_says(raw: bytes, width: int, height: int, item: int = 0) -> bytes:
    """A HEIC one of whose items claims another size."""
    made, at = bytearray(raw), -1
    for _ in range(item + 1):
        at = made.index(b"ispe", at + 1)
    made[at + 8 : at + 16] = struct.pack(">II", width, height)
    return bytes(made)


def heic(width: int = 400, height: int = 300, **options: Any) -> bytes:
    """An innocent HEIC."""
    out = BytesIO()
    pillow_heif.from_pillow(plain(width, height)).save(out, quality=30, **options)
    return out.getvalue()


def heic_of_itself() -> bytes:
    """A picture made of tiles, each of which is the whole picture."""
    raw = bytearray(heic(1200, 900, tile_size=512))
    at = raw.index(b"dimg")
    raw[at + 8 : at + 20] = b"\0\x01" * 6
    return bytes(raw)


def heic_of_boxes() -> bytes:
    """Nearly a million and a half of empty boxes."""
    return heic()[:28] + struct.pack(">I4s", 8, b"free") * 1_400_000


#: Pieces of a WebP: the size of a canvas of 400 × 300, and a picture of 16,384 × 16,384.
SMALL = b"\x8f\x01\0" + b"\x2b\x01\0"
LOSSLESS = b"VP8L\x2e\0\0\0\x2f\xff\xff\xff\x0f" + bytes(41)
BOMBS: dict[str, Callable[[], bytes]] = {
    "PNG of 144 Mpx": lambda: black_png(12_000, 12_000),
    "PNG of 64 Mpx": lambda: black_png(8_000, 8_000),
    "PNG of 2,500 Mpx by its header": lambda: png(50_000, 50_000),
    "PNG with a profile of 200 MB": lambda: with_chunk(b"iCCP", b"x\0\0" + zlib.compress(bytes(200_000_000), 9)),
    "PNG with 300 texts of 1 MB": lambda: with_chunk(b"zTXt", b"x\0\0" + zlib.compress(bytes(1_000_000), 9), 300),
    "PNG of a million chunks": lambda: with_chunk(b"teSt", b"", 1_200_000),
    "PNG of 300 frames": lambda: film("PNG"),
    "JPEG of 400 Mpx by its header": lambda: jpeg_says(20_000, 20_000),
    "JPEG of 4,290 Mpx by its header": lambda: jpeg_says(65_500, 65_500),
    "JPEG of 5,000 scans": lambda: jpeg_of_scans(5_000),
    "JPEG of 3 million comments": lambda: jpeg_of_segments(b"\xff\xfe\0\x02", 3_000_000),
    "JPEG with 14 MB of padding": lambda: jpeg_of_segments(b"\xff", 14_000_000),
    "WebP of 268 Mpx, lossless": lambda: webp(b"VP8L", b"\x2f\xff\xff\xff\x0f" + bytes(40)),
    "WebP of 268 Mpx, lossy": lambda: webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + bytes(40)),
    "WebP canvas of 268 Mpx": lambda: webp(b"VP8X", bytes(4) + b"\xff\x3f\0" * 2 + bytes(40)),
    "WebP canvas that hides 268 Mpx": lambda: webp(b"VP8X", bytes(4) + SMALL + LOSSLESS),
    "WebP of 300 frames": lambda: film("WEBP"),
    "GIF of 300 frames": lambda: film("GIF"),
    "HEIC of 2,500 Mpx by its header": lambda: heic_says(heic(), 50_000, 50_000),
    "HEIC of 64 Mpx": LARGE_HEIC.read_bytes,
    "HEIC of 64 Mpx that says 400 × 300": lambda: heic_says(LARGE_HEIC.read_bytes(), 400, 300),
    "HEIC of tiles that say 36 Mpx each": lambda: heic_says(heic(1200, 900, tile_size=512), 6_000, 6_000, item=1),
    "HEIC of tiles of 2,500 Mpx": lambda: heic_says(heic(1200, 900, tile_size=512), 50_000, 50_000, item=1),
    "HEIC made of itself": heic_of_itself,
    "HEIC of a million boxes": heic_of_boxes,
}


# --- measuring ------------------------------------------------------------------------------------------------------


def _in_a_fresh_process(bombs: list[bytes]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="goodword-bombs-") as name:
        for number, raw in enumerate(bombs):
            (Path(name) / f"{number}").write_bytes(raw)
        program = [sys.executable, "-m", "benchmarks.bombs", "--one", name]
        done = subprocess.run(program, capture_output=True, text=True, check=True)
    return {"kilobytes": sum(map(len, bombs)) // 1024} | json.loads(done.stdout)


def _measure(folder: Path) -> dict[str, Any]:
    """Refuse what lies there, all at the same time; the memory of the decoder's own process counts too."""
    bombs = [path.read_bytes() for path in sorted(folder.iterdir())]
    before, start = _peak(), time.perf_counter()
    with ThreadPoolExecutor(len(bombs)) as pool:
        sentences = list(pool.map(refuse, bombs))
    seconds = time.perf_counter() - start
    megabytes = _peak() - before + _peak_of_children()
    return {
        "seconds": round(seconds, 3),
        "megabytes": round(megabytes, 1),
        "refused": len(sentences),
        "sentence": sentences[0],
    }


def _peak() -> float:
    """The most memory this process has had, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def _peak_of_children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _table(found: dict[str, Any]) -> str:
    return "\n".join(
        f"{name:38} {row['kilobytes']:7,} kB {row['seconds']:7.3f} s {row['megabytes']:7.1f} MB  {row['sentence']}"
        for name, row in found.items()
    )


def by_hand(words: list[str]) -> Iterator[str]:
    """Measure, and say it as a table or as JSON; `--one FOLDER` is the fresh process."""
    if words[:1] == ["--one"]:
        yield json.dumps(_measure(Path(words[1])))
    else:
        found = main()
        yield json.dumps(found) if "--json" in words else _table(found)


if __name__ == "__main__":
    for line in by_hand(sys.argv[1:]):
        print(line)
