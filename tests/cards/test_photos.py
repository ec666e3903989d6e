"""What people upload: kinds, sizes, colours, hidden things, and the sentence for each refusal."""

import resource
import struct
import time
import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from campaigns.cards import BadPhoto, clean_photo, thumbnail

RED = (200, 30, 30)


def saved(picture, form, **options):
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


def plain(mode="RGB", size=(400, 300), colour=RED):
    return Image.new(mode, size, colour)


def cleaned(raw):
    photo = clean_photo(raw)
    picture = Image.open(BytesIO(photo.jpeg))
    assert picture.size == (photo.width, photo.height)
    return picture


def colour_of(picture, x=0.5, y=0.5):
    return picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))


def near(colour):
    return pytest.approx(colour, abs=6)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_usual_kinds_become_a_jpeg_of_the_same_size(form):
    picture = cleaned(saved(plain(), form))
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (400, 300))
    assert colour_of(picture) == near(RED)


def test_a_large_photo_is_made_smaller():
    assert cleaned(saved(plain(size=(4000, 3000)), "JPEG")).size == (2160, 1620)
    assert cleaned(saved(plain(size=(3000, 4000)), "PNG")).size == (1620, 2160)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_taken_sideways_stands_upright(orientation):
    upright = plain(size=(300, 400), colour="white")
    upright.paste("black", (0, 0, 300, 100))
    back = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    turned = upright.transpose(Image.Transpose(back[orientation])) if orientation in back else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    picture = cleaned(saved(turned, "JPEG", exif=exif, quality=95))
    assert picture.size == (300, 400)
    assert colour_of(picture, y=0.1) == near((0, 0, 0))
    assert colour_of(picture, y=0.5) == near((255, 255, 255))


def test_nothing_hidden_survives():
    exif = Image.Exif()
    exif[0x010E] = "SECRET-NOTE"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (29.0, 45.0, 37.0)
    raw = saved(plain(), "JPEG", exif=exif, comment=b"SECRET-COMMENT") + b"<script>SECRET</script>"
    photo = clean_photo(raw)
    assert b"SECRET" in raw
    assert b"SECRET" not in photo.jpeg
    assert not Image.open(BytesIO(photo.jpeg)).getexif()


def test_text_in_a_png_does_not_survive():
    chunk = b"tEXtComment\0SECRET"
    raw = saved(plain(), "PNG")
    raw = raw[:33] + struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) + raw[33:]
    assert b"SECRET" not in clean_photo(raw).jpeg


def test_cmyk_comes_out_in_its_colours():
    picture = cleaned(saved(plain("CMYK", colour=(0, 255, 255, 0)), "JPEG", quality=95))
    red, green, blue = colour_of(picture)
    assert red > 180
    assert green < 80
    assert blue < 80


def test_sixteen_bits_of_grey_keep_their_brightness():
    assert colour_of(cleaned(saved(plain("I;16", colour=32768), "PNG"))) == near((128, 128, 128))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA"])
def test_every_common_mode_is_read(mode):
    assert cleaned(saved(plain("RGB", colour="white").convert(mode), "PNG")).mode == "RGB"


def test_what_was_transparent_is_white():
    assert colour_of(cleaned(saved(plain("RGBA", colour=(0, 0, 0, 0)), "PNG"))) == near((255, 255, 255))
    palette = plain("P", colour=0)
    palette.putpalette([0, 0, 0] * 256)
    assert colour_of(cleaned(saved(palette, "PNG", transparency=0))) == near((255, 255, 255))


def swapped_profile():
    """sRGB with the primaries of red and blue exchanged."""
    raw = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return raw.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)


def test_colours_are_converted_by_the_photos_own_profile():
    raw = saved(plain(), "JPEG", icc_profile=swapped_profile(), quality=95)
    red, _, blue = colour_of(cleaned(raw))
    assert blue > 150
    assert red < 80
    assert b"ICC_PROFILE" not in clean_photo(raw).jpeg


@pytest.mark.parametrize("profile", [b"nonsense", b"\0" * 200])
def test_a_broken_profile_is_passed_over(profile):
    assert colour_of(cleaned(saved(plain(), "JPEG", icc_profile=profile, quality=95))) == near(RED)


def test_a_profile_of_another_kind_is_passed_over():
    rgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert cleaned(saved(plain("L", colour=128), "PNG", icc_profile=rgb)).mode == "RGB"


@pytest.mark.parametrize("form", ["WEBP", "PNG"])
def test_of_a_moving_picture_the_first_frame_is_kept(form):
    raw = saved(plain(), form, save_all=True, append_images=[plain(colour=(0, 0, 255))])
    assert colour_of(cleaned(raw)) == near(RED)


def test_a_two_picture_file_of_a_phone_gives_its_first():
    raw = saved(plain(), "MPO", save_all=True, append_images=[plain(colour=(0, 0, 255))])
    assert colour_of(cleaned(raw)) == near(RED)


def patched_jpeg(width, height):
    raw = bytearray(saved(plain(), "JPEG"))
    at = raw.index(b"\xff\xc0")
    raw[at + 5 : at + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def patched_png(width, height):
    raw = saved(plain(), "PNG")
    header = b"IHDR" + struct.pack(">II", width, height) + raw[24:29]
    return raw[:12] + header + struct.pack(">I", zlib.crc32(header)) + raw[33:]


def webp_header(chunk, body):
    content = b"WEBP" + chunk + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(content)) + content


REFUSED = {
    "empty": (b"", "This file is empty"),
    "text": (b"hello" * 100, "not a photo we can read. Choose a JPEG, PNG or WebP"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "not a photo"),
    "pdf": (b"%PDF-1.7\n" * 50, "not a photo"),
    "gif": (saved(plain("P", colour=1), "GIF"), "not a photo"),
    "tiff": (saved(plain(), "TIFF"), "not a photo"),
    "bmp": (saved(plain(), "BMP"), "not a photo"),
    "ico": (saved(plain(size=(128, 128)), "ICO"), "not a photo"),
    "eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n", "not a photo"),
    "fits": (b"SIMPLE  =                    T" + b" " * 2900, "not a photo"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 100, "This is a HEIC photo.*Save it as JPEG"),
    "one pixel": (saved(plain(size=(1, 1)), "PNG"), "only 1 × 1 pixels. Choose one of at least 100 × 100"),
    "a line": (saved(plain(size=(5000, 2)), "PNG"), "only 5000 × 2 pixels"),
    "cut off jpeg": (saved(plain(size=(800, 800)), "JPEG")[:3000], "damaged"),
    "cut off png": (saved(Image.effect_noise((300, 300), 50), "PNG")[:3000], "damaged"),
    "cut off webp": (saved(Image.effect_noise((300, 300), 50), "WEBP")[:900], "damaged"),
    "png header only": (b"\x89PNG\r\n\x1a\n", "damaged"),
    "too many bytes": (b"\xff\xd8\xff" + b"\0" * (16 * 1024 * 1024), "16 MB; 15 MB is the most"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_file_that_will_not_do_is_refused_with_a_plain_sentence(case):
    raw, sentence = REFUSED[case]
    with pytest.raises(BadPhoto, match=sentence):
        clean_photo(raw)


BOMBS = {
    "png of 200 Mpx": saved(Image.new("1", (20_000, 10_000)), "PNG"),
    "png of 64 Mpx": saved(Image.new("L", (8000, 8000)), "PNG"),
    "png of 2 thousand million by header": patched_png(50_000, 50_000),
    "jpeg of 400 Mpx by header": patched_jpeg(20_000, 20_000),
    "jpeg of 4 thousand Mpx by header": patched_jpeg(65_500, 65_500),
    "webp canvas": webp_header(b"VP8X", b"\x02\0\0\0" + b"\xff\x3f\0" * 2 + b"\0" * 40),
    "webp lossless": webp_header(b"VP8L", b"\x2f\xff\xff\xff\x0f" + b"\0" * 40),
    "webp lossy": webp_header(b"VP8 ", b"\0\0\0\x9d\x01\x2a\xff\x3f\xff\x3f" + b"\0" * 40),
    "jpeg of a thousand scans": saved(plain(size=(2000, 2000)), "JPEG") + b"\xff\xda\0\x0c" * 1000,
}


SENTENCES = {"jpeg of a thousand scans": "built in an unusual way"}


@pytest.mark.parametrize("case", BOMBS)
def test_a_picture_bomb_is_refused_at_once(case):
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    with pytest.raises(BadPhoto, match=SENTENCES.get(case, "pixels; 40 million in all is the most")):
        clean_photo(BOMBS[case])
    assert time.perf_counter() - start < 1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_compressed_profile_that_swells_is_refused():
    swelling = b"iCCPx\0\0" + zlib.compress(b"\0" * 200_000_000, 9)
    raw = saved(plain(), "PNG")
    raw = (
        raw[:33] + struct.pack(">I", len(swelling) - 4) + swelling + struct.pack(">I", zlib.crc32(swelling)) + raw[33:]
    )
    start = time.perf_counter()
    with pytest.raises(BadPhoto, match="damaged"):
        clean_photo(raw)
    assert time.perf_counter() - start < 1


def test_a_photo_just_below_the_limit_is_taken():
    assert cleaned(saved(Image.new("L", (7000, 5700)), "PNG")).size == pytest.approx((2160, 1759), abs=1)


def test_cleaning_a_cleaned_photo_changes_no_size():
    photo = clean_photo(saved(plain(size=(1200, 900)), "PNG"))
    again = clean_photo(photo.jpeg)
    assert (again.width, again.height) == (photo.width, photo.height)


def test_a_thumbnail_is_as_wide_as_asked():
    small = Image.open(BytesIO(thumbnail(saved(plain(size=(1080, 1350)), "JPEG"), 216)))
    assert (small.format, small.size) == ("JPEG", (216, 270))
