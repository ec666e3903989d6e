"""A business's logo: see-through where it was so, small, in sRGB, nothing hidden."""

import pytest
from PIL import Image, ImageDraw

from campaigns.cards import BadPhoto, clean_logo

from .pictures import exif, near, opened, plain, png16, press_profile, saved, swapped_profile, turned, with_bar


def cleaned(raw):
    logo = clean_logo(raw)
    picture = opened(logo.png)
    assert picture.format == "PNG"
    assert picture.size == (logo.width, logo.height)
    return picture


def round_logo(size=(400, 400), colour=(200, 30, 30, 255), ground=(0, 0, 0, 0)):
    """A disc on nothing."""
    picture = Image.new("RGBA", size, ground)
    ImageDraw.Draw(picture).ellipse((10, 10, size[0] - 10, size[1] - 10), fill=colour)
    return picture


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_what_is_see_through_stays_so(form):
    picture = cleaned(saved(round_logo(), form, lossless=True))
    assert picture.mode == "RGBA"
    assert picture.getpixel((0, 0))[3] == 0
    assert picture.getpixel((200, 200)) == near((200, 30, 30, 255))


def test_half_see_through_stays_half():
    assert cleaned(saved(round_logo(colour=(200, 30, 30, 128)), "PNG")).getpixel((200, 200))[3] == pytest.approx(128)


def test_a_white_border_is_left_alone():
    picture = cleaned(saved(round_logo(ground=(255, 255, 255, 255)), "PNG"))
    assert picture.mode == "RGB"
    assert (picture.size, picture.getpixel((0, 0))) == ((400, 400), (255, 255, 255))


def test_a_jpeg_logo_becomes_a_png():
    assert cleaned(saved(plain(), "JPEG", quality=95)).getpixel((9, 9)) == near((200, 30, 30))


def test_a_large_logo_is_made_smaller_without_a_dark_edge():
    picture = cleaned(saved(round_logo((3000, 3000), (255, 255, 255, 255)), "PNG"))
    assert picture.size == (800, 800)
    edge = [picture.getpixel((x, 400)) for x in range(20) if 20 < picture.getpixel((x, 400))[3] < 250]
    assert edge
    assert all(min(pixel[:3]) > 240 for pixel in edge)


def test_a_wide_small_logo_is_taken_as_it_is():
    assert cleaned(saved(round_logo((300, 40)), "PNG")).size == (300, 40)


def test_a_palette_and_a_grey_with_a_see_through_colour_keep_it():
    palette = plain("P", colour=0)
    palette.putpalette([9, 9, 9] * 256)
    assert cleaned(saved(palette, "PNG", transparency=0)).getpixel((5, 5))[3] == 0
    assert cleaned(saved(plain("L", colour=7), "PNG", transparency=7)).getpixel((5, 5))[3] == 0
    assert cleaned(png16(6, 51400, 7710, 7710, 32768)).getpixel((5, 5)) == near((200, 30, 30, 128))


def test_its_colours_become_srgb_and_see_through_stays():
    picture = cleaned(saved(round_logo(), "PNG", icc_profile=swapped_profile()))
    red, _, blue, alpha = picture.getpixel((200, 200))
    assert blue > 150
    assert (red < 80, alpha, picture.getpixel((0, 0))[3]) == (True, 255, 0)


def test_a_cmyk_logo_is_converted():
    raw = saved(plain("CMYK", colour=(0, 255, 255, 0)), "JPEG", quality=95, icc_profile=press_profile())
    assert cleaned(raw).getpixel((5, 5))[2] > 200


def test_it_stands_upright():
    picture = cleaned(saved(turned(6, with_bar()), "PNG", exif=exif(6)))
    assert picture.size == (300, 400)
    assert picture.getpixel((150, 20)) == near((0, 0, 0))


def test_nothing_hidden_survives():
    raw = saved(round_logo(), "PNG", exif=exif(words="SECRET"), xmp=b"<x>SECRET</x>") + b"SECRET"
    assert b"SECRET" in raw
    assert b"SECRET" not in clean_logo(raw).png
    assert opened(clean_logo(raw).png).info == {}


def test_what_stands_behind_full_transparency_is_not_kept():
    hidden = Image.new("RGBA", (200, 200), (12, 34, 56, 0))
    assert cleaned(saved(hidden, "PNG")).getpixel((5, 5)) == (0, 0, 0, 0)


@pytest.mark.parametrize(("size", "sentence"), [((19, 400), "at least 20 × 20"), ((8000, 8000), "40 million")])
def test_too_small_and_too_large_are_refused(size, sentence):
    with pytest.raises(BadPhoto, match=sentence):
        clean_logo(saved(Image.new("1", size), "PNG"))
