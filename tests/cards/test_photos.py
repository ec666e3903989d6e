"""What becomes of a photo: size, orientation, colours, and the hidden things that must not survive."""

import struct
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from campaigns.cards import clean_photo, thumbnail

from .pictures import (
    RED,
    colour_of,
    exif,
    grey_profile,
    near,
    opened,
    plain,
    png16,
    press_profile,
    saved,
    swapped_profile,
    turned,
    with_bar,
)


def cleaned(raw):
    photo = clean_photo(raw)
    picture = opened(photo.jpeg)
    assert picture.size == (photo.width, photo.height)
    assert picture.format == "JPEG"
    assert picture.mode == "RGB"
    return picture


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_usual_kinds_become_a_jpeg_of_the_same_size(form):
    picture = cleaned(saved(plain(), form))
    assert picture.size == (400, 300)
    assert colour_of(picture) == near(RED)


def test_a_large_photo_is_made_smaller():
    assert cleaned(saved(plain(size=(4000, 3000)), "JPEG")).size == (2160, 1620)
    assert cleaned(saved(plain(size=(3000, 4000)), "PNG")).size == (1620, 2160)


def test_a_photo_just_below_the_limit_is_taken():
    assert cleaned(saved(Image.new("L", (7000, 5700)), "PNG")).size == pytest.approx((2160, 1759), abs=1)


def test_cleaning_a_cleaned_photo_changes_no_size():
    photo = clean_photo(saved(plain(size=(1200, 900)), "PNG"))
    again = clean_photo(photo.jpeg)
    assert (again.width, again.height) == (photo.width, photo.height)


def test_a_progressive_jpeg_is_taken():
    assert colour_of(cleaned(saved(plain(size=(1200, 900)), "JPEG", progressive=True))) == near(RED)


def test_a_two_picture_file_of_a_phone_gives_its_first():
    raw = saved(plain(), "MPO", save_all=True, append_images=[plain(colour=(0, 0, 255))])
    assert colour_of(cleaned(raw)) == near(RED)


def test_a_thumbnail_is_as_wide_as_asked():
    small = opened(thumbnail(saved(plain(size=(1080, 1350)), "JPEG"), 216))
    assert (small.format, small.size) == ("JPEG", (216, 270))


# --- which way is up ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_sideways_stands_upright(orientation, form):
    picture = cleaned(saved(turned(orientation, with_bar()), form, exif=exif(orientation), quality=95))
    assert picture.size == (300, 400)
    assert colour_of(picture, y=0.1) == near((0, 0, 0))
    assert colour_of(picture, y=0.5) == near((255, 255, 255))


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_an_orientation_that_does_not_exist_is_passed_over(orientation):
    picture = cleaned(saved(with_bar(), "JPEG", exif=exif(orientation)))
    assert colour_of(picture, y=0.1) == near((0, 0, 0))


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize(
    "notes", [b"", b"\0" * 40, b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff" + b"\xff" * 60]
)
def test_broken_camera_notes_do_not_cost_the_photo(notes):
    assert colour_of(cleaned(saved(plain(), "JPEG", exif=b"Exif\0\0" + notes))) == near(RED)


# --- what is hidden in a file ---------------------------------------------------------------------------------------

XMP = b"<x:xmpmeta xmlns:x='adobe:ns:meta/'>SECRET</x:xmpmeta>"


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_nothing_hidden_survives(form):
    more = {"comment": b"SECRET"} if form == "JPEG" else {}
    raw = saved(plain(), form, exif=exif(words="SECRET-NOTE"), xmp=XMP, **more) + b"<script>SECRET</script>"
    photo = clean_photo(raw)
    assert b"SECRET" in raw
    assert b"SECRET" not in photo.jpeg
    assert not opened(photo.jpeg).getexif()
    assert opened(photo.jpeg).info.keys() <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_text_in_a_png_does_not_survive():
    chunk = b"tEXtComment\0SECRET"
    raw = saved(plain(), "PNG")
    raw = raw[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + raw[33:]
    assert b"SECRET" not in clean_photo(raw).jpeg


def test_a_file_that_is_two_things_at_once_is_encoded_anew():
    raw = saved(plain(), "JPEG", comment=b"*/=1;alert(1)/*<script>") + b"PK\x03\x04 a zip behind it"
    assert b"script" not in clean_photo(raw).jpeg
    assert b"PK" not in clean_photo(raw).jpeg[-40:]


# --- colours --------------------------------------------------------------------------------------------------------


def test_cmyk_as_adobe_writes_it_comes_out_in_its_colours():
    red, green, blue = colour_of(cleaned(saved(plain("CMYK", colour=(0, 255, 255, 0)), "JPEG", quality=95)))
    assert red > 180
    assert green < 80
    assert blue < 80


def test_cmyk_is_converted_by_the_profile_of_its_press():
    raw = saved(plain("CMYK", colour=(0, 255, 255, 0)), "JPEG", quality=95, icc_profile=press_profile())
    red, _, blue = colour_of(cleaned(raw))
    assert blue > 200
    assert red < 100


def test_bare_paper_is_white_with_a_profile_too():
    raw = saved(plain("CMYK", colour=(0, 0, 0, 0)), "JPEG", quality=95, icc_profile=press_profile())
    assert colour_of(cleaned(raw)) == near((255, 255, 255))


def test_sixteen_bits_keep_their_colours():
    assert colour_of(cleaned(png16(0, 32768))) == near((128, 128, 128))
    assert colour_of(cleaned(png16(2, 51400, 7710, 7710))) == near(RED)


def test_sixteen_bits_with_alpha_lie_on_white():
    assert colour_of(cleaned(png16(4, 0, 32768))) == near((127, 127, 127))
    assert colour_of(cleaned(png16(6, 51400, 7710, 7710, 65535))) == near(RED)
    assert colour_of(cleaned(png16(6, 51400, 7710, 7710, 0))) == near((255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_common_mode_is_read(mode):
    assert colour_of(cleaned(saved(plain("RGB", colour="white").convert(mode), "PNG"))) == near((255, 255, 255))


def test_what_was_transparent_is_white():
    assert colour_of(cleaned(saved(plain("RGBA", colour=(0, 0, 0, 0)), "PNG"))) == near((255, 255, 255))
    palette = plain("P", colour=0)
    palette.putpalette([0, 0, 0] * 256)
    assert colour_of(cleaned(saved(palette, "PNG", transparency=0))) == near((255, 255, 255))
    assert colour_of(cleaned(saved(plain("L", colour=7), "PNG", transparency=7))) == near((255, 255, 255))
    assert colour_of(cleaned(saved(plain(), "PNG", transparency=RED))) == near((255, 255, 255))


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_colours_are_converted_by_the_photos_own_profile(form):
    raw = saved(plain(), form, icc_profile=swapped_profile(), quality=95)
    red, _, blue = colour_of(cleaned(raw))
    assert blue > 150
    assert red < 80
    assert "icc_profile" not in opened(clean_photo(raw).jpeg).info


@pytest.mark.parametrize("mode", ["L", "LA"])
def test_grey_is_converted_by_its_own_profile(mode):
    raw = saved(plain("L", colour=128).convert(mode), "PNG", icc_profile=grey_profile(1.0))
    assert colour_of(cleaned(raw)) == near((188, 188, 188))


@pytest.mark.parametrize("number", [9, 12])
def test_a_png_may_name_a_wide_space_by_its_number(number):
    chunk = b"cICP" + bytes([number, 13, 0, 1])
    raw = saved(plain(colour=(230, 30, 30)), "PNG")
    raw = raw[:33] + struct.pack(">I", 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + raw[33:]
    red, green, _ = colour_of(cleaned(raw))
    assert red > 240
    assert green < 20


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200, swapped_profile()[:300]])
def test_a_broken_profile_is_passed_over(profile):
    assert colour_of(cleaned(saved(plain(), "JPEG", icc_profile=profile, quality=95))) == near(RED)


def test_a_profile_of_another_kind_is_passed_over():
    rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert colour_of(cleaned(saved(plain("L", colour=128), "PNG", icc_profile=rgb))) == near((128, 128, 128))
    assert cleaned(saved(plain("CMYK"), "JPEG", icc_profile=rgb))
    assert colour_of(cleaned(saved(plain(), "JPEG", icc_profile=press_profile()))) == near(RED)


def test_cleaning_leaves_what_it_was_given_alone():
    raw = saved(plain(), "PNG")
    assert Image.open(BytesIO(raw)).size == (400, 300)
    assert clean_photo(raw) == clean_photo(raw)
