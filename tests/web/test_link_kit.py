"""The link kit: what it shows, what it hands out, to whom, and what it does where nothing may be printed yet."""

import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from campaigns import kit, limits
from campaigns.kit.counter_card import TILE, TILE_AT
from campaigns.models import Allowance, Business, Membership, Opening
from tests.kit.decoding import decoded, inner, seen
from tests.test_links import GOOGLE, IPHONE

FILES = ["link_kit_code_svg", "link_kit_code_png", "link_kit_card_png", "link_kit_card_pdf"]
LIVE = "https://console.trychert.com/api/v1"
PUBLIC = "https://reviews.example.com"


@pytest.fixture(autouse=True)
def nothing_in_hand():
    limits.forget()


@pytest.fixture
def public(settings):
    settings.SITE_URL, settings.CHERT_API_BASE = PUBLIC, LIVE


def text(response) -> str:
    return response.content.decode()


def page(desk) -> str:
    return text(desk.get(reverse("link_kit")))


def test_both_links_stand_there_to_be_copied_and_to_be_selected(desk, ada, public):
    html = page(desk)
    assert f'id="short-link" value="{PUBLIC}/g/{ada.business.short_code}" readonly' in html
    assert f'id="review-link" value="{GOOGLE}" readonly' in html
    assert re.findall(r'data-copy="([^"]+)" hidden>', html) == ["short-link", "review-link"]


def test_it_is_reached_from_the_overview_and_from_the_settings(desk):
    for name in ("dashboard", "settings"):
        assert f'href="{reverse("link_kit")}"' in text(desk.get(reverse(name)))


def test_the_code_that_is_downloaded_leads_to_the_review_page(desk, ada, public, client):
    raw = desk.get(reverse("link_kit_code_png")).content
    side = Image.open(io.BytesIO(raw)).width // 24
    address, _ = decoded(inner(seen(raw, side), kit.QUIET))
    assert address == f"{PUBLIC}/g/{ada.business.short_code}/q"
    answer = client.get(address.removeprefix(PUBLIC), headers={"user-agent": IPHONE}, secure=True)
    assert answer["Location"] == GOOGLE
    assert Opening.objects.get().way == "code"


def test_the_card_that_is_downloaded_leads_there_and_is_counted_as_the_card(desk, ada, public, client):
    made = kit.symbol(f"{PUBLIC}/g/{ada.business.short_code}/c")
    dots, left = 150 / 25.4, (kit.WIDTH - TILE) / 2
    box = tuple(edge * dots for edge in (left, TILE_AT, left + TILE, TILE_AT + TILE))
    raw = desk.get(reverse("link_kit_card_png")).content
    address, _ = decoded(inner(seen(raw, made.side, box), kit.QUIET))
    assert address == f"{PUBLIC}/g/{ada.business.short_code}/c"
    client.get(address.removeprefix(PUBLIC), headers={"user-agent": IPHONE}, secure=True)
    assert Opening.objects.get().way == "card"


def test_the_card_says_whose_it_is_and_what_to_type(desk, ada, public):
    to_type = f"{PUBLIC}/g/{ada.business.short_code}/c"
    sheet = kit.counter_card(ada.business.name, kit.symbol(to_type), to_type.partition("://")[2], "en", 150)
    assert desk.get(reverse("link_kit_card_png")).content == kit.png(sheet, 150)


def test_the_code_for_the_printer_is_the_same_code(desk, ada, public):
    made = kit.symbol(f"{PUBLIC}/g/{ada.business.short_code}/q")
    assert desk.get(reverse("link_kit_code_svg")).content == made.svg()


def test_files_are_named_after_the_location_and_of_the_right_kind(desk):
    kinds = {}
    for name in FILES:
        answer = desk.get(reverse(name))
        kinds[answer["Content-Type"]] = answer["Content-Disposition"]
        assert "no-store" in answer["Cache-Control"]
    assert sorted(kinds) == ["application/pdf", "image/png", "image/svg+xml"]
    assert all('filename="adas-bakery-' in named for named in kinds.values())


def test_with_bleed_the_page_is_larger(desk):
    plain, cut = (desk.get(reverse("link_kit_card_pdf"), {"bleed": wish}).content for wish in ("", "yes"))
    assert b"/MediaBox [0 0 297.638 419.528]" in plain
    assert b"/MediaBox [0 0 314.646 436.535]" in cut


def test_the_card_speaks_the_language_of_the_business(desk, ada):
    english = desk.get(reverse("link_kit_card_png")).content
    Business.objects.update(language="es")
    assert desk.get(reverse("link_kit_card_png")).content != english


def test_openings_are_shown_by_day_and_way_and_robots_apart(desk, ada, client):
    for end, agent in (("", IPHONE), ("/q", IPHONE), ("/q", "Googlebot/2.1"), ("/c", IPHONE)):
        Client().get(f"/g/{ada.business.short_code}{end}", headers={"user-agent": agent})
    html = page(desk)
    assert "3 of 4 openings by people, the rest by robots." in html
    rows = [re.findall(r'class="num">(\d+)<', row) for row in html.split("<tr>")[-2:]]
    assert rows == [["1", "1", "1", "1"]] * 2


def test_before_anybody_came_it_says_so(desk):
    assert "Nobody has opened it yet." in page(desk)


def test_without_a_review_link_there_is_nothing_to_print_and_the_way_to_mend_it(desk):
    Business.objects.update(review_url="")
    html = page(desk)
    assert "No review link yet" in html
    assert "<img" not in html.split("<main")[1].split("</main>")[0]
    assert {desk.get(reverse(name)).status_code for name in FILES} == {404}


def test_live_at_an_address_no_phone_can_reach_nothing_is_printed(desk, settings):
    settings.CHERT_API_BASE = LIVE
    html = page(desk)
    assert "There is nothing to print yet." in html
    assert GOOGLE in html
    assert {desk.get(reverse(name)).status_code for name in FILES} == {404}


@pytest.mark.parametrize("site", ["http://reviews.example.com", "https://127.0.0.1:8000", "https://localhost"])
def test_nothing_is_printed_live_for_an_address_that_does_not_open_from_a_phone(desk, settings, site):
    settings.CHERT_API_BASE, settings.SITE_URL = LIVE, site
    assert {desk.get(reverse(name)).status_code for name in FILES} == {404}


def test_a_sandbox_shows_it_and_says_not_to_print(desk):
    assert "For looking only." in page(desk)


def test_a_name_of_markup_is_shown_as_it_is(desk):
    Business.objects.update(name="<script>alert(1)</script>")
    assert "<script>alert" not in page(desk)
    assert desk.get(reverse("link_kit_card_pdf")).status_code == 200


def test_every_member_may_take_it_and_only_managers_are_led_to_the_settings(desk):
    Membership.objects.update(role=Membership.Role.VIEWER)
    main = page(desk).split("<main")[1].split("</main>")[0]
    assert reverse("settings") + '"' not in main
    assert {desk.get(reverse(name)).status_code for name in FILES} == {200}


@pytest.mark.parametrize("name", ["link_kit", *FILES])
def test_nobody_from_outside_gets_it(client, ada, name):
    assert client.get(reverse(name)).url.startswith(reverse("sign_in"))


def test_each_location_has_its_own(desk, ada, rival):
    html = page(desk)
    assert ada.business.short_code in html
    assert rival.business.short_code not in html


def test_looking_changes_nothing_but_what_was_drawn(desk, ada):
    before = Business.objects.values().get(pk=ada.business.pk)
    for name in ("link_kit", *FILES):
        desk.get(reverse(name))
    assert Business.objects.values().get(pk=ada.business.pk) == before
    assert not Opening.objects.exists()
    assert set(Allowance.objects.values_list("act", flat=True)) == {"picture", "export"}


@pytest.mark.parametrize("name", ["link_kit", *FILES])
def test_nothing_of_it_takes_a_post(desk, name):
    assert desk.post(reverse(name)).status_code == 405
