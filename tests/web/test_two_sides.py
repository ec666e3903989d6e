"""Trying two side by side, on the pages: written, previewed, looked at, checked."""

import csv
import io
import re

import pytest
from django.urls import reverse

from campaigns import launch
from campaigns.models import Campaign, Delivery
from tests.cast import make_campaign, make_customer
from tests.results.test_sides import OTHER, another_card, people


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


@pytest.fixture
def draft(ada) -> Campaign:
    return make_campaign(ada, greeting_b=OTHER)


def form(ada, **more) -> dict:
    made = make_campaign(ada)
    fields = {"name": "Two", "flow": "greeting_first", "greeting": made.greeting, "ask": made.ask, "card": ada.card.pk}
    made.delete()
    return fields | more


def side_shown(response) -> str:
    found = re.search(r'id="side-shown">Side (\w)', text(response))
    return found[1] if found else ""


def test_it_is_closed_until_somebody_opens_it(desk, ada):
    shown = text(desk.get(reverse("campaign_new")))
    assert re.search(r'<details class="sheet tongue"><summary><strong>Try two side by side', shown)


def test_a_second_side_is_kept_with_the_draft(desk, ada):
    card = another_card(ada)
    desk.post(reverse("campaign_new"), form(ada, greeting_b=OTHER, card_b=card.pk, go="save"))
    made = Campaign.objects.get()
    assert (made.greeting_b, made.ask_b, made.card_b, made.is_split) == (OTHER, "", card, True)
    assert "open><summary><strong>Try two side by side" in text(desk.get(reverse("campaign_edit", args=[made.pk])))


def test_what_the_rules_forbid_is_refused_on_the_second_side_too(desk, ada):
    response = desk.post(reverse("campaign_new"), form(ada, ask_b="Get 10% off for five stars", go="save"))
    assert (response.status_code, Campaign.objects.count()) == (422, 0)
    assert 'id="id_ask_b_error"' in text(response)


def test_another_tenants_card_is_no_choice(desk, ada, rival):
    response = desk.post(reverse("campaign_new"), form(ada, card_b=rival.card.pk, go="save"))
    assert (response.status_code, Campaign.objects.count()) == (422, 0)


def test_the_preview_shows_what_this_customer_gets_or_the_side_asked_for(desk, ada, draft):
    everybody = people(ada)
    address = reverse("campaign_draft_preview", args=[draft.pk])
    for person in everybody[:6]:
        seen = desk.post(address, form(ada, greeting_b=OTHER) | {"as": person.pk})
        assert side_shown(seen) == draft.side_of(person)
        assert ("Good day" in text(seen)) == (draft.side_of(person) == "B")
    assert side_shown(desk.post(address, form(ada, greeting_b=OTHER, side="B"))) == "B"
    assert side_shown(desk.post(address, form(ada, side="B"))) == ""


def test_the_check_says_how_many_get_which(desk, ada, draft):
    everybody = people(ada)
    a = sum(draft.side_of(person) == "A" for person in everybody)
    shown = text(desk.get(reverse("campaign_check", args=[draft.pk])))
    assert f"{a} get A and {20 - a} get B, by chance." in shown
    assert {"Side A", "Side B"} <= set(re.findall(r"Side [AB]", shown))


def test_the_contact_sheet_shows_each_side_its_own_card(desk, ada):
    made = make_campaign(ada, card_b=another_card(ada))
    everybody = people(ada)
    sheets = {}
    for side in ("A", "B"):
        shown = desk.get(reverse("campaign_pictures", args=[made.pk]), {"side": side}).content.decode()
        here = {int(pk) for pk in re.findall(r'id="print-(\d+)"', shown)}
        assert here == {person.pk for person in everybody if made.side_of(person) == side}
        [address] = {
            found.replace("&amp;", "&") for found in re.findall(r'href="(/campaigns/\d+/pictures/sheet[^"]+)"', shown)
        }
        drawn = desk.get(address)
        assert drawn.status_code == 200
        sheets[side] = drawn.content
    assert sheets["A"] != sheets["B"]


def test_one_picture_large_is_on_the_card_of_its_side(desk, ada):
    card = another_card(ada)
    made = make_campaign(ada, card_b=card)
    for person in people(ada, 6):
        shown = desk.get(reverse("campaign_picture", args=[made.pk, person.pk])).content.decode()
        wanted = card.pk if made.side_of(person) == "B" else ada.card.pk
        assert reverse("campaign_preview_picture", args=[wanted]) in shown


def test_words_alone_need_no_second_sheet(desk, ada, draft):
    people(ada, 3)
    assert "Side A" not in text(desk.get(reverse("campaign_pictures", args=[draft.pk])))


def test_a_started_campaign_shows_what_everybody_got(desk, ada, clock):
    made = make_campaign(ada, card_b=another_card(ada))
    everybody = people(ada, 8)
    desk.post(reverse("campaign_start", args=[made.pk]))
    Delivery.objects.filter(campaign=made).update(variant="B")
    shown = desk.get(reverse("campaign_pictures", args=[made.pk]), {"side": "B"}).content.decode()
    assert len(set(re.findall(r'id="print-(\d+)"', shown))) == len(everybody)


def test_the_dry_run_with_pictures_can_be_taken(desk, ada):
    made = make_campaign(ada, card_b=another_card(ada))
    people(ada, 4)
    response = desk.get(reverse("campaign_dry_run_pictures", args=[made.pk]))
    assert b"".join(response.streaming_content).startswith(b"PK")


@pytest.mark.parametrize("side", ["C", "", "AA", "\0"])
def test_no_such_side_shows_the_first(desk, ada, side):
    made = make_campaign(ada, card_b=another_card(ada))
    make_customer(ada.business)
    assert desk.get(reverse("campaign_pictures", args=[made.pk]), {"side": side}).status_code == 200


def csv_of(desk, campaign) -> list[dict]:
    content = b"".join(desk.get(reverse("campaign_csv", args=[campaign.pk])).streaming_content)
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_file_of_a_campaign_says_who_got_which_side(desk, ada, draft, clock):
    people(ada)
    launch.launch(draft, ada.user, clock())
    kept = list(draft.deliveries.order_by("pk").values_list("variant", flat=True))
    assert [row["Side"] for row in csv_of(desk, draft)] == kept
    assert set(kept) == {"A", "B"}


def test_without_a_second_side_the_file_has_no_such_column(desk, ada, clock):
    people(ada, 2)
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    assert [list(row)[-1] for row in csv_of(desk, made)] == ["Stopped", "Stopped"]
