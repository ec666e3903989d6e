"""The pages of a practice (D7), and the brakes in the settings (M12)."""

import pytest
from django.urls import reverse

from campaigns.models import AuditEntry, Business, Organization
from tests.cast import make_campaign, make_customer
from tests.web.test_settings import LIVE, given

TELLING = "How was your root canal?"
WARNING = "Even a name beside the name of a practice shows that somebody was treated there."
BRAKES = "/settings/brakes/"


def text(answer) -> str:
    return answer.content.decode()


@pytest.fixture
def practice(ada):
    Business.objects.filter(pk=ada.business.pk).update(is_health=True)
    ada.business.refresh_from_db()
    return ada


def test_becoming_a_practice_names_what_runs_and_may_not(desk, ada, grace):
    make_campaign(ada, name="Spring smiles", ask=TELLING, state="running")
    page = text(desk.post("/settings/", given(ada, is_health="on"), follow=True))
    assert "“<bdi>Spring smiles</bdi>” holds words or a picture that a practice may not send." in page
    assert WARNING in page


def test_of_another_business_nothing_is_named(desk, practice, rival):
    make_campaign(rival, name="Rival smiles", ask=TELLING, state="running")
    assert "Rival smiles" not in text(desk.get("/settings/"))


@pytest.mark.parametrize("address", ["/settings/", "/campaigns/new/"])
def test_the_warning_stands_where_words_are_written_and_promises_nothing(desk, practice, address):
    page = text(desk.get(address))
    assert WARNING in page
    assert "compliant" not in page.lower()


@pytest.mark.parametrize("address", ["/settings/", "/campaigns/new/"])
def test_others_are_not_warned(desk, ada, address):
    assert WARNING not in text(desk.get(address))


def test_a_practice_cannot_save_telling_words(desk, practice, grace):
    words = {
        "name": "X",
        "flow": "greeting_first",
        "greeting": "Hi from {business}. Reply STOP to end.",
        "ask": TELLING,
    }
    answer = desk.post(reverse("campaign_new"), words)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ask"])


def test_a_practice_is_not_offered_the_fields_it_may_not_use(desk, practice):
    make_customer(practice.business, service="Root canal", last_visit="2026-02-27", technician="Dana")
    page = text(desk.get(reverse("campaign_new")))
    assert "{service|" not in page
    assert "{technician|" in page


def save(desk, card, design):
    address = reverse("card_save", args=[card.pk])
    said = {"design": design, "revision": card.revision, "name": card.name}
    return desk.post(address, said, content_type="application/json")


def test_the_desk_refuses_a_telling_text_at_its_place(desk, practice):
    card = practice.card
    boxes = [*card.design["boxes"], card.design["boxes"][0] | {"text": "On {visit_date|}"}]
    answer = save(desk, card, card.design | {"boxes": boxes})
    assert answer.status_code == 422
    assert answer.json()["box"] == len(boxes)
    card.refresh_from_db()
    assert len(card.design["boxes"]) == len(boxes) - 1


def test_the_desk_keeps_it_for_others(desk, ada):
    boxes = [ada.card.design["boxes"][0] | {"text": "On {visit_date|}"}]
    assert save(desk, ada.card, ada.card.design | {"boxes": boxes}).status_code == 200


# ---- brakes --------------------------------------------------------------------------------------------------------


def test_stricter_brakes_are_kept_for_the_whole_account_and_written_down(desk, ada):
    desk.post(BRAKES, {"least_replies": 30, "enough_to_judge": 10})
    kept = Organization.objects.get(pk=ada.organization.pk)
    assert (kept.least_replies, kept.enough_to_judge) == (30, 10)
    assert AuditEntry.objects.get().act == "change brakes"


@pytest.mark.parametrize(("least", "enough"), [(14, 20), (51, 20), (15, 21), (15, 4), ("", 20), ("x", "y"), (-1, 20)])
def test_looser_brakes_are_refused_and_what_was_typed_is_kept(desk, ada, settings, least, enough):
    settings.CHERT_API_BASE = LIVE
    answer = desk.post(BRAKES, {"least_replies": least, "enough_to_judge": enough})
    assert answer.status_code == 422
    assert answer.context["brake_form"]["least_replies"].value() == str(least)
    assert Organization.objects.get(pk=ada.organization.pk).least_replies == 15


def test_the_sandbox_takes_looser_ones(desk, ada):
    desk.post(BRAKES, {"least_replies": 0, "enough_to_judge": 1000})
    assert Organization.objects.get(pk=ada.organization.pk).least_replies == 0


def test_brakes_of_another_account_stay_as_they_are(desk, ada, rival):
    desk.post(BRAKES, {"least_replies": 30, "enough_to_judge": 10, "organization": rival.organization.pk})
    assert Organization.objects.get(pk=rival.organization.pk).least_replies == 15


@pytest.mark.parametrize("number", [0, 3, "", "many"])
def test_nobody_is_asked_a_third_time_whatever_is_said(desk, ada, number):
    answer = desk.post("/settings/", given(ada, most_unanswered=number))
    assert (answer.status_code, list(answer.context["business_form"].errors)) == (422, ["most_unanswered"])


def test_one_unanswered_request_can_be_enough(desk, ada, grace):
    desk.post("/settings/", given(ada, most_unanswered=1))
    draft = make_campaign(ada, remind_after=3, reminder="Hi, {business} once more.")
    page = text(desk.get(reverse("campaign_check", args=[draft.pk])))
    assert "No reminder goes: you leave people alone after one request." in page
