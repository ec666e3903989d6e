"""A reader of QR codes that knows nothing of the writer: from dark and light squares to the text (ISO/IEC 18004).

It takes whole, upright codes of versions 1 to 7 in byte mode, and believes nothing whose check words are wrong.
"""

import io

from PIL import Image

#: Level by the two bits that say it.
LEVELS = {0b01: "L", 0b00: "M", 0b11: "Q", 0b10: "H"}
#: Where the small squares stand, by version.
ALIGNED = {1: [], 2: [6, 18], 3: [6, 22], 4: [6, 26], 5: [6, 30], 6: [6, 34], 7: [6, 22, 38]}
#: (version, level) → check words of a block, and data words of each block.
BLOCKS = {
    (1, "M"): (10, [16]),
    (1, "Q"): (13, [13]),
    (2, "M"): (16, [28]),
    (2, "Q"): (22, [22]),
    (2, "H"): (28, [16]),
    (3, "M"): (26, [44]),
    (3, "Q"): (18, [17] * 2),
    (3, "H"): (22, [13] * 2),
    (4, "M"): (18, [32] * 2),
    (4, "Q"): (26, [24] * 2),
    (4, "H"): (16, [9] * 4),
    (5, "M"): (24, [43] * 2),
    (5, "Q"): (18, [15] * 2 + [16] * 2),
    (5, "H"): (22, [11] * 2 + [12] * 2),
    (6, "M"): (16, [27] * 4),
    (6, "Q"): (24, [19] * 4),
    (6, "H"): (28, [15] * 4),
    (7, "M"): (18, [31] * 4),
    (7, "Q"): (18, [14] * 2 + [15] * 4),
}
MASKS = [
    lambda y, x: (y + x) % 2 == 0,
    lambda y, x: y % 2 == 0,
    lambda y, x: x % 3 == 0,
    lambda y, x: (y + x) % 3 == 0,
    lambda y, x: (y // 2 + x // 3) % 2 == 0,
    lambda y, x: y * x % 2 + y * x % 3 == 0,
    lambda y, x: (y * x % 2 + y * x % 3) % 2 == 0,
    lambda y, x: ((y + x) % 2 + y * x % 3) % 2 == 0,
]


def seen(picture: bytes, side: int, box: tuple[float, float, float, float] | None = None) -> list[list[bool]]:
    """The modules in a picture, quiet zone and all: the darkness in the middle of each of `side` × `side` squares."""
    image = Image.open(io.BytesIO(picture)).convert("L")
    left, top, right, bottom = box or (0, 0, image.width, image.height)
    across, down = (right - left) / side, (bottom - top) / side
    return [
        [image.getpixel((int(left + (x + 0.5) * across), int(top + (y + 0.5) * down))) < 128 for x in range(side)]
        for y in range(side)
    ]


def inner(squares: list[list[bool]], quiet: int) -> list[list[bool]]:
    """Without the quiet zone, which must be light."""
    size = len(squares)
    rim = [
        (y, x)
        for y in range(size)
        for x in range(size)
        if not (quiet <= y < size - quiet and quiet <= x < size - quiet)
    ]
    assert not any(squares[y][x] for y, x in rim)
    return [row[quiet : size - quiet] for row in squares[quiet : size - quiet]]


def decoded(code: list[list[bool]]) -> tuple[str, str]:
    """The text, and the level of correction."""
    version = (len(code) - 17) // 4
    level, mask = _format(code)
    words = _words(code, version, MASKS[mask])
    return _text(_data(words, *BLOCKS[version, level])), level


def _format(code):
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    bits = int("".join(str(int(code[y][x])) for y, x in places), 2) ^ 0b101010000010010
    return LEVELS[bits >> 13], bits >> 10 & 0b111


def _words(code, version, mask):
    size, bits = len(code), []
    right, up = size - 1, True
    while right > 0:
        right -= right == 6  # the column of the timing pattern is passed over
        for y in reversed(range(size)) if up else range(size):
            for x in (right, right - 1):
                if not _is_fixed(y, x, size, version):
                    bits.append(code[y][x] ^ mask(y, x))
        right, up = right - 2, not up
    return [int("".join(str(int(bit)) for bit in bits[at : at + 8]), 2) for at in range(0, len(bits) - 7, 8)]


def _is_fixed(y, x, size, version):
    if 6 in (y, x) or (y < 9 and (x < 9 or x >= size - 8)) or (y >= size - 8 and x < 9):
        return True
    if version >= 7 and ((y < 6 and x >= size - 11) or (x < 6 and y >= size - 11)):
        return True
    corners = {(6, 6), (6, size - 7), (size - 7, 6)}
    middles = [(a, b) for a in ALIGNED[version] for b in ALIGNED[version] if (a, b) not in corners]
    return any(abs(y - a) <= 2 and abs(x - b) <= 2 for a, b in middles)


def _data(words, checks, sizes):
    """The blocks taken apart, each with its check words; then one after the other."""
    blocks, words = [[] for _ in sizes], iter(words)
    for place in range(max(sizes)):
        for block, size in zip(blocks, sizes, strict=True):
            if place < size:
                block.append(next(words))
    for _ in range(checks):
        for block in blocks:
            block.append(next(words))
    assert all(_is_whole(block, checks) for block in blocks)
    return [word for block, size in zip(blocks, sizes, strict=True) for word in block[:size]]


def _is_whole(block, checks):
    """Reed and Solomon: the block as a polynomial is 0 at the first powers of α in GF(256)."""
    for power in range(checks):
        value = 0
        for word in block:
            value = _times(value, POWERS[power]) ^ word
        if value:
            return False
    return True


def _times(a, b):
    product = 0
    while b:
        product ^= a * (b & 1)
        a, b = (a << 1) ^ (0x11D if a & 0x80 else 0), b >> 1
    return product


POWERS = [1]
for _ in range(30):
    POWERS.append(_times(POWERS[-1], 2))


def _text(data):
    bits = "".join(f"{word:08b}" for word in data)
    assert bits[:4] == "0100"  # bytes
    length = int(bits[4:12], 2)
    return bytes(int(bits[at : at + 8], 2) for at in range(12, 12 + 8 * length, 8)).decode()
