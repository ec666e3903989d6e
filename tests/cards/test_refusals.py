"""Files that are no photo, and files that are made to do harm: refused by content, with a sentence."""

import io
import tarfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from PIL import Image

from benchmarks import bombs
from campaigns.cards import BadPhoto, clean_logo, clean_photo

from .pictures import plain, saved


def zipped(name, content):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


def tarred():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz"):
        pass
    return out.getvalue()


def media(brand, *others):
    brands = b"".join(others)
    return (16 + len(brands)).to_bytes(4) + b"ftyp" + brand + bytes(4) + brands + b"\0\0\0\x08mdat" * 9


NO_PHOTOS = {
    "text": b"hello" * 100,
    "one letter": b"x",
    "zeros": bytes(5000),
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "svg with a prologue": b'<?xml version="1.0"?>\n<!DOCTYPE svg><svg xmlns="http://www.w3.org/2000/svg"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "javascript": b"alert(document.cookie)",
    "php": b"<?php system($_GET['c']); ?>",
    "pdf": b"%PDF-1.7\n" * 50,
    "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n",
    "eps of windows": b"\xc5\xd0\xd3\xc6" + bytes(60),
    "fits": b"SIMPLE  =                    T" + b" " * 2900,
    "gif": saved(plain("P", colour=1), "GIF"),
    "tiff": saved(plain(), "TIFF"),
    "big-endian tiff": b"MM\0*" + bytes(100),
    "raw of a camera": b"II*\0\x10\0\0\0CR\x02\0" + bytes(200),
    "bmp": saved(plain(), "BMP"),
    "ico": saved(plain(size=(128, 128)), "ICO"),
    "icns": saved(plain(size=(128, 128)), "ICNS"),
    "ppm": saved(plain(), "PPM"),
    "tga": saved(plain(), "TGA"),
    "pcx": saved(plain(), "PCX"),
    "dds": saved(plain(), "DDS"),
    "jpeg 2000": b"\0\0\0\x0cjP  \r\n\x87\n" + bytes(100),
    "jpeg xl": b"\0\0\0\x0cJXL \r\n\x87\n" + bytes(100),
    "psd": b"8BPS\0\x01" + bytes(200),
    "mp4": media(b"isom", b"mp42"),
    "quicktime": media(b"qt  "),
    "webm": b"\x1a\x45\xdf\xa3" + bytes(100),
    "wave": b"RIFF\x24\0\0\0WAVEfmt " + bytes(50),
    "mp3": b"ID3\x04" + bytes(100),
    "zip": zipped("photo.jpg", "nothing"),
    "word": zipped("word/document.xml", "<w/>"),
    "tar.gz": tarred(),
    "rar": b"Rar!\x1a\x07\x01\0" + bytes(50),
    "7z": b"7z\xbc\xaf\x27\x1c" + bytes(50),
    "elf": b"\x7fELF\x02\x01\x01" + bytes(200),
    "exe": b"MZ\x90\0" + bytes(200),
    "java class": b"\xca\xfe\xba\xbe" + bytes(50),
    "wasm": b"\0asm\x01\0\0\0",
    "sqlite": b"SQLite format 3\0" + bytes(100),
    "python pickle": b"\x80\x04\x95" + bytes(20),
    "jpeg behind a letter": b"x" + saved(plain(), "JPEG"),
    "png without its first byte": saved(plain(), "PNG")[1:],
}


@pytest.mark.parametrize("clean", [clean_photo, clean_logo])
@pytest.mark.parametrize("kind", NO_PHOTOS)
def test_what_is_no_photo_is_refused_whatever_it_is_called(kind, clean):
    with pytest.raises(BadPhoto, match=r"not a photo we can read\. Choose a JPEG, PNG, WebP or HEIC\."):
        clean(NO_PHOTOS[kind])


NOT_THESE = {
    "empty": (b"", "This file is empty"),
    "avif": (media(b"avif", b"mif1", b"miaf"), "This is an AVIF picture"),
    "one pixel": (saved(plain(size=(1, 1)), "PNG"), "only 1 × 1 pixels. Choose one of at least 100 × 100"),
    "a line": (saved(plain(size=(5000, 2)), "PNG"), "only 5,000 × 2 pixels"),
    "cut off jpeg": (saved(plain(size=(800, 800)), "JPEG")[:3000], "damaged"),
    "cut off png": (saved(Image.effect_noise((300, 300), 50), "PNG")[:3000], "damaged"),
    "cut off webp": (saved(Image.effect_noise((300, 300), 50), "WEBP")[:900], "damaged"),
    "png header only": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "jpeg header only": (b"\xff\xd8\xff\xe0", "damaged"),
    "webp header only": (b"RIFF\x04\0\0\0WEBP", "damaged"),
    "heic header only": (media(b"heic"), "damaged"),
    "film of a phone": (media(b"hevc", b"msf1") + b"\0\0\0\x08moov", "This is a moving picture"),
    "too many bytes": (b"\xff\xd8\xff" + b"\0" * (16 * 1024 * 1024), "16 MB; 15 MB is the most"),
}


@pytest.mark.parametrize("case", NOT_THESE)
def test_a_photo_that_will_not_do_is_refused_with_a_plain_sentence(case):
    raw, sentence = NOT_THESE[case]
    with pytest.raises(BadPhoto, match=sentence):
        clean_photo(raw)


TOO_LARGE = "pixels; 40 million in all is the most"
SENTENCES = {
    "PNG of 300 frames": "moving picture",
    "WebP of 300 frames": "moving picture",
    "GIF of 300 frames": "This is a GIF",
    "JPEG of 5,000 scans": "built in an unusual way",
    "PNG with a profile of 200 MB": "damaged",
    "PNG with 300 texts of 1 MB": "damaged",
    "PNG of a million chunks": "damaged",
    "JPEG of 3 million comments": "damaged",
    "JPEG with 14 MB of padding": "damaged",
    "WebP canvas that hides 268 Mpx": "damaged",
    "HEIC of 64 Mpx that says 400 × 300": "damaged",
    "HEIC of tiles that say 36 Mpx each": "damaged",
    "HEIC made of itself": "damaged",
    "HEIC of a million boxes": "damaged",
}


@pytest.mark.parametrize("name", bombs.BOMBS)
def test_a_picture_bomb_is_refused(name):
    with pytest.raises(BadPhoto, match=SENTENCES.get(name, TOO_LARGE)):
        clean_photo(bombs.BOMBS[name]())


def test_twenty_bombs_at_once_are_each_refused():
    quick = [make for name, make in bombs.BOMBS.items() if "HEIC" in name or "WebP" in name]
    made = ([make() for make in quick] * 2)[:20]
    with ThreadPoolExecutor(20) as pool:
        assert len(list(pool.map(bombs.refuse, made))) == 20


@pytest.mark.parametrize("seed", range(40))
def test_a_photo_with_flipped_bytes_is_read_or_refused_and_nothing_else(seed):
    form = ("JPEG", "PNG", "WEBP")[seed % 3]
    raw = bytearray(saved(Image.effect_noise((160, 120), 60).convert("RGB"), form))
    for step in range(12):
        raw[(seed * 7919 + step * 104729) % len(raw)] ^= 1 << (seed + step) % 8
    with suppress(BadPhoto):
        assert clean_photo(bytes(raw)).jpeg
