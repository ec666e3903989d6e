"""Photos and logos are served to those they belong to, as pictures and nothing else."""

import os
import stat
from io import BytesIO

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns.models import Business, Card, Membership, User, keep_logo, keep_photo, logo_path, photo_path
from tests.cast import Ada, at_once


def picture(form: str, colour: str = "red") -> bytes:
    out = BytesIO()
    Image.new("RGB", (120, 110), colour).save(out, form)
    return out.getvalue()


@pytest.fixture
def photo(ada) -> str:
    """The address of a photo that a card of Ada's has."""
    name = keep_photo(picture("JPEG"))
    Card.objects.filter(pk=ada.card.pk).update(photo=name)
    return reverse("photo_file", args=[name])


@pytest.fixture
def logo(ada) -> str:
    """The address of Ada's logo."""
    name = keep_logo(picture("PNG"))
    Business.objects.filter(pk=ada.business.pk).update(logo=name)
    return reverse("logo_file", args=[name])


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.mark.parametrize(("kind", "type_", "called"), [("photo", "jpeg", "jpg"), ("logo", "png", "png")])
def test_it_is_served_as_a_picture_and_nothing_else(request, desk, kind, type_, called) -> None:
    answer = desk.get(request.getfixturevalue(kind))
    assert answer.status_code == 200
    assert answer["Content-Type"] == f"image/{type_}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"] == f'inline; filename="{kind}.{called}"'
    assert "sandbox" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "private, max-age=604800"
    assert Image.open(BytesIO(answer.content)).format == type_.upper()


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_the_address_cannot_be_guessed(request, kind) -> None:
    name = request.getfixturevalue(kind).rsplit("/", 1)[1]
    assert len(name.split(".")[0]) == 64


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_a_stranger_has_to_sign_in(request, client, kind) -> None:
    answer = client.get(request.getfixturevalue(kind))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("sign_in"))


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_the_rival_does_not_learn_that_it_exists(request, rival, kind) -> None:
    answer = signed_in(rival.user).get(request.getfixturevalue(kind))
    assert answer.status_code == 404
    assert "max-age=604800" not in answer["Cache-Control"]


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_somebody_who_was_sent_away_sees_it_no_more(request, desk, ada, kind) -> None:
    address = request.getfixturevalue(kind)
    Membership.objects.filter(user=ada.user).delete()
    assert desk.get(address).status_code == 403


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_a_viewer_sees_it(request, desk, ada, kind) -> None:
    Membership.objects.filter(user=ada.user).update(role=Membership.Role.VIEWER)
    assert desk.get(request.getfixturevalue(kind)).status_code == 200


@pytest.mark.parametrize("kind", ["photo", "logo"])
def test_it_can_only_be_fetched(request, desk, kind) -> None:
    address = request.getfixturevalue(kind)
    assert [desk.post(address).status_code, desk.delete(address).status_code] == [405, 405]
    assert desk.head(address).status_code == 200


def test_a_logo_that_only_an_old_card_carries_is_still_served(desk, ada, logo) -> None:
    Card.objects.filter(pk=ada.card.pk).update(logo=logo.rsplit("/", 1)[1])
    Business.objects.filter(pk=ada.business.pk).update(logo="")
    assert desk.get(logo).status_code == 200


def test_a_logo_that_nobody_carries_any_more_is_not_served(desk, ada, logo) -> None:
    Business.objects.filter(pk=ada.business.pk).update(logo="")
    assert desk.get(logo).status_code == 404


def test_a_picture_that_lies_there_but_is_on_no_card_is_not_served(desk, ada) -> None:
    assert desk.get(reverse("photo_file", args=[keep_photo(picture("JPEG", "blue"))])).status_code == 404
    assert desk.get(reverse("logo_file", args=[keep_logo(picture("PNG", "blue"))])).status_code == 404


def test_a_picture_that_is_gone_from_the_disk_is_a_404(desk, photo) -> None:
    photo_path(photo.rsplit("/", 1)[1]).unlink()
    assert desk.get(photo).status_code == 404


NAMES = [
    "../../settings.py",
    "..%2f..%2fgoodword.sqlite3",
    "%2e%2e/%2e%2e/secret.key",
    "....//secret",
    "/etc/passwd",
    "%2fetc%2fpasswd",
    "a.jpg%00.png",
    "a%0d%0aSet-Cookie:%20x=1.jpg",
    "a%0a.jpg",
    "%e2%80%aegpj.exe",
    "a\u202egpj.jpg",
    "a" * 5000 + ".jpg",
    "CON.jpg",
    "a b.jpg",
    "a;b.jpg",
    "*.jpg",
    "%25",
    "' OR 1=1 --.jpg",
    "<script>.jpg",
    ".jpg",
    "",
]


@pytest.mark.parametrize("folder", ["photos", "logos"])
@pytest.mark.parametrize("name", NAMES)
def test_an_odd_name_is_a_404_and_nothing_more(desk, ada, folder, name) -> None:
    answer = desk.get(f"/pictures/{folder}/{name}")
    assert answer.status_code == 404
    assert not answer.cookies
    assert b"<script>.jpg" not in answer.content


@pytest.mark.parametrize("stored", ["../../../etc/passwd", "/etc/passwd", "../goodword.sqlite3", "x\r\ny.jpg"])
def test_even_a_bad_name_in_the_database_has_no_address(desk, ada, stored) -> None:
    Card.objects.filter(pk=ada.card.pk).update(photo=stored)
    assert desk.get(f"/pictures/photos/{stored}").status_code == 404


def test_the_folders_are_ours_alone(settings, tmp_path) -> None:
    settings.DATA_DIR = tmp_path
    for file in (photo_path(keep_photo(picture("JPEG"))), logo_path(keep_logo(picture("PNG")))):
        assert not os.stat(file).st_mode & stat.S_IXUSR
        assert stat.S_IMODE(os.stat(file.parent).st_mode) == 0o700


def test_the_same_logo_is_kept_once_also_by_two_at_the_same_moment(ada) -> None:
    png = picture("PNG", "green")
    names = at_once([lambda: keep_logo(png)] * 8)
    assert len(set(names)) == 1
    assert logo_path(names[0]).read_bytes() == png
    assert [file.name for file in logo_path("x").parent.glob(f"{names[0][:64]}*")] == [names[0]]


def test_a_picture_costs_one_query_beside_those_of_every_page(desk, photo, django_assert_num_queries) -> None:
    with django_assert_num_queries(5):
        desk.get(photo)


def test_the_next_version_of_a_card_keeps_its_logo(ada: Ada, logo) -> None:
    ada.card.logo = logo.rsplit("/", 1)[1]
    ada.card.save()
    made = ada.card.keep(ada.user, 1, fresh=True, name="Another").card
    assert made.logo == ada.card.logo
