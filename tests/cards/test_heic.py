"""HEIC, as an iPhone takes it: upright once, in its colours, and read far from anything that matters."""

import os
import struct
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from benchmarks import bombs
from campaigns.cards import BadPhoto, clean_logo, clean_photo, heic_reader
from campaigns.cards import heic as reader

from .pictures import RED, colour_of, exif, heic, near, opened, plain, saved, swapped_profile, with_bar


def cleaned(raw):
    return opened(clean_photo(raw).jpeg)


def test_a_heic_becomes_a_jpeg_like_any_photo():
    picture = cleaned(heic(plain()))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (400, 300))
    assert colour_of(picture) == near(RED)


def test_a_heic_of_tiles_is_put_together_and_made_smaller():
    picture = cleaned(heic(plain(size=(3000, 2000)), tile_size=512, quality=20))
    assert picture.size == (2160, 1440)
    assert [colour_of(picture, x) for x in (0.05, 0.5, 0.95)] == [near(RED)] * 3


def taken_by_a_phone(orientation):
    """Turned by irot and imir, and the EXIF data say so too, as on an iPhone."""
    sideways = with_bar()
    raw = heic(sideways, exif=exif(orientation).tobytes())
    asks = struct.pack("<HHIHH", 0x0112, 3, 1, 1, 0), struct.pack(">HHIHH", 0x0112, 3, 1, 1, 0)
    says = struct.pack("<HHIHH", 0x0112, 3, 1, orientation, 0), struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0)
    for ask, say in zip(asks, says, strict=True):
        raw = raw.replace(ask, say)
    assert any(say in raw for say in says)
    return raw, sideways


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_heic_is_turned_once_not_twice(orientation):
    raw, sideways = taken_by_a_phone(orientation)
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    wanted = sideways.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else sideways
    picture = cleaned(raw)
    assert picture.size == wanted.size
    assert [colour_of(picture, *at) for at in CORNERS] == [near(colour_of(wanted, *at)) for at in CORNERS]


CORNERS = ((0.05, 0.05), (0.95, 0.05), (0.05, 0.95), (0.95, 0.95))


def test_nothing_hidden_in_a_heic_survives():
    raw = heic(plain(), exif=exif(words="SECRET-NOTE").tobytes(), xmp=b"<x>SECRET</x>") + b"SECRET"
    assert raw.count(b"SECRET") == 3
    assert b"SECRET" not in clean_photo(raw).jpeg
    assert not cleaned(raw).getexif()


def test_ten_bits_become_eight():
    assert colour_of(cleaned(heic(Image.new("I;16", (200, 150), 32768), quality=95))) == near((128, 128, 128))


def test_a_heic_is_converted_by_its_own_profile():
    red, _, blue = colour_of(cleaned(heic(plain(), icc_profile=swapped_profile())))
    assert blue > 150
    assert red < 80


def test_display_p3_by_number_is_converted():
    red, green, _ = colour_of(cleaned(heic(plain(colour=(230, 30, 30)), color_primaries=12)))
    assert red > 240
    assert green < 20


def test_of_several_pictures_the_first_is_taken():
    both = pillow_heif.from_pillow(plain())
    both.add_from_pillow(plain(colour=(0, 0, 255)))
    out = BytesIO()
    both.save(out, primary_index=0)
    assert colour_of(cleaned(out.getvalue())) == near(RED)


def test_a_grey_heic_and_one_with_alpha_are_read():
    assert colour_of(cleaned(heic(plain("L", colour=128)))) == near((128, 128, 128))
    assert colour_of(cleaned(heic(plain("RGBA", colour=(0, 0, 0, 0))))) == near((255, 255, 255))


def test_a_logo_may_be_a_heic():
    assert opened(clean_logo(heic(plain())).png).size == (400, 300)


def test_avif_is_refused_with_a_sentence_of_its_own():
    with pytest.raises(BadPhoto, match=r"This is an AVIF picture.*Save it as JPEG"):
        clean_photo(saved(plain(), "AVIF"))


@pytest.mark.parametrize("length", [12, 60, 300, 500])
def test_half_a_heic_is_refused(length):
    with pytest.raises(BadPhoto, match="damaged"):
        clean_photo(heic(plain())[:length])


@pytest.mark.parametrize("seed", range(8))
def test_rubbish_in_a_heic_harms_nobody(seed):
    raw = bytearray(heic(plain()))
    for step in range(20):
        raw[(seed * 7919 + step * 104729) % len(raw)] ^= 1 << (seed + step) % 8
    with suppress(BadPhoto):
        assert clean_photo(bytes(raw)).jpeg


def test_the_decoder_never_enters_this_process():
    program = "import sys; from campaigns import cards; assert not {'pillow_heif', '_pillow_heif'} & set(sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], cwd=os.getcwd(), check=True).returncode == 0


def test_other_pictures_are_not_opened_by_the_decoder():
    program = "from campaigns import cards; from PIL import Image; Image.init(); print(sorted(Image.ID))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert "HEI" not in done.stdout


def test_the_decoder_has_no_secrets_in_its_environment(tmp_path, monkeypatch):
    spy = tmp_path / "spy.py"
    spy.write_text("import os, sys\nsys.stdout.write(' '.join(os.environ))")
    monkeypatch.setenv("SECRET_KEY", "canary")
    monkeypatch.setattr("campaigns.cards.heic._READER", spy)
    assert "SECRET_KEY" not in reader.to_png(b"", 100, 100).decode()


def test_the_decoder_keeps_its_own_limits():
    program = [sys.executable, "-I", heic_reader.__file__, "2160", "100000"]
    done = subprocess.run(program, input=heic(plain(size=(400, 300))), capture_output=True)
    assert done.returncode != 0
    assert b"More pixels" in done.stderr


def test_twenty_at_once_are_all_read():
    raw = heic(plain())
    with ThreadPoolExecutor(20) as pool:
        assert {photo.width for photo in pool.map(clean_photo, [raw] * 20)} == {400}


def test_a_size_is_believed_only_when_every_part_of_it_is_small():
    raw = bombs.heic_says(heic(plain(size=(1200, 900)), tile_size=512), 50_000, 50_000, item=1)
    with pytest.raises(BadPhoto, match="50,000 × 50,000 pixels"):
        clean_photo(raw)


def test_without_a_decoder_a_heic_is_refused_in_words(monkeypatch):
    monkeypatch.setattr(reader, "is_here", lambda: False)
    with pytest.raises(BadPhoto, match="HEIC photos cannot be read here"):
        clean_photo(b"\0\0\0\x18ftypheic" + b"\0" * 50)
