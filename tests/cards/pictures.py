"""Pictures as people send them, made in a line, and a look at their colours."""

import struct
import zlib
from io import BytesIO
from itertools import chain, product

import pillow_heif
import pytest
from PIL import Image, ImageCms

RED = (200, 30, 30)


def saved(picture, form, **options):
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def heic(picture, **options):
    out = BytesIO()
    pillow_heif.from_pillow(picture).save(out, **{"quality": 90, **options})
    return out.getvalue()


def plain(mode="RGB", size=(400, 300), colour=RED):
    return Image.new(mode, size, colour)


def opened(raw):
    picture = Image.open(BytesIO(raw))
    picture.load()
    return picture


def colour_of(picture, x=0.5, y=0.5):
    return picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))


def near(colour):
    return pytest.approx(colour, abs=6)


def swapped_profile():
    """sRGB with the primaries of red and blue exchanged."""
    raw = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return raw.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)


def turned(orientation, upright):
    """The picture as the sensor sees it when the camera is held so."""
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    return upright.transpose(Image.Transpose(back[orientation])) if orientation in back else upright


def with_bar(size=(300, 400)):
    """White, with a black bar above."""
    upright = plain(size=size, colour="white")
    upright.paste("black", (0, 0, size[0], size[1] // 4))
    return upright


def exif(orientation=1, **words):
    data = Image.Exif()
    data[0x0112] = orientation
    for tag in words.values():
        data[0x010E] = tag
        data.get_ifd(0x8825)[1] = "N"
        data.get_ifd(0x8825)[2] = (29.0, 45.0, 37.0)
    return data


def png16(colour_type, *samples, size=(120, 110)):
    """A PNG of 16 bits a sample, one colour all over: type 0 is grey, 2 is colour, 4 and 6 the same with alpha."""

    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    row = b"\0" + struct.pack(f">{len(samples)}H", *samples) * size[0]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", *size, 16, colour_type, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(row * size[1])) + chunk(b"IEND", b"")


def press_profile():
    """The profile of a strange press, on whose paper magenta and yellow together are blue; nothing printed is white."""
    white, blue, grey = (255, 128, 128), (82, 207, 20), (100, 128, 128)
    corners = [{(0, 0, 0, 0): white, (0, 1, 1, 0): blue}.get(ink, grey) for ink in product((0, 1), repeat=4)]
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    curve = bytes(range(256))
    table = b"mft1\0\0\0\0\x04\x03\x02\0" + identity + curve * 4 + bytes(chain(*corners)) + curve * 3
    tags = [(b"A2B0", table), (b"wtpt", b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061))]
    return _profile(b"prtr", b"CMYK", b"Lab ", tags)


def grey_profile(gamma):
    """Grey with one tone curve."""
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"
    tags = [(b"kTRC", curve), (b"wtpt", b"XYZ \0\0\0\0" + struct.pack(">3i", 63190, 65536, 54061))]
    return _profile(b"mntr", b"GRAY", b"XYZ ", tags)


def _profile(kind, space, between, tags):
    text = b"text\0\0\0\0ours\0\0\0\0"
    words = b"desc\0\0\0\0\0\0\0\x05ours\0" + bytes(79)
    tags = [*tags, (b"cprt", text), (b"desc", words)]
    at, table, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, content in tags:
        content += bytes(-len(content) % 4)
        table += name + struct.pack(">II", at + len(body), len(content))
        body += content
    light = struct.pack(">3i", 63190, 65536, 54061)
    header = struct.pack(">I4sI4s4s4s12s4s", at + len(body), b"", 0x02400000, kind, space, between, bytes(12), b"acsp")
    return header + bytes(28) + light + bytes(48) + struct.pack(">I", len(tags)) + table + body
