"""Whom a campaign means, chosen while it is written; and the line that says how many that are."""

import re
from datetime import date
from html import unescape

import pytest
from django.urls import reverse

from campaigns import invitations
from campaigns.models import Tag
from tests.cast import make_campaign, make_customer


def words(response) -> str:
    """What the page says, without its tags, on one line."""
    return " ".join(unescape(re.sub(r"<[^>]*>", "", response.content.decode())).split())


@pytest.fixture
def dana(ada):
    """Somebody with everything one can choose by."""
    person = make_customer(ada.business, 7, technician="Dana", service="Repair", last_visit=date(2026, 2, 1))
    person.tags.set(Tag.named(ada.business, ["VIP"]))
    return person


@pytest.fixture
def draft(ada):
    return make_campaign(ada)


def written(ada, **more):
    texts = {"flow": "greeting_first", "greeting": invitations.GREETING, "ask": invitations.ASK}
    return {"name": "Autumn", "card": ada.card.pk} | texts | more


def test_what_customers_have_is_offered_with_how_many(desk, ada, grace, dana, draft):
    page = words(desk.get(reverse("campaign_edit", args=[draft.pk])))
    assert "Dana (1)" in page
    assert "Repair (1)" in page
    assert "VIP (1)" in page


def test_it_is_kept_with_the_draft_and_shown_again(desk, ada, grace, dana, draft):
    address = reverse("campaign_edit", args=[draft.pk])
    desk.post(address, written(ada, technician="Dana", tags=["VIP"], visited_from="2026-01-01", go="save"))
    draft.refresh_from_db()
    assert draft.who == {"visited_from": "2026-01-01", "technician": "Dana", "tags": ["VIP"]}
    assert 'value="2026-01-01"' in desk.get(address).content.decode()


def test_the_preview_keeps_it_too(desk, ada, grace, dana, draft):
    desk.post(reverse("campaign_draft_preview", args=[draft.pk]), written(ada, never_asked="on"))
    draft.refresh_from_db()
    assert draft.who == {"never_asked": True}


def test_the_line_counts_what_is_chosen_and_keeps_nothing(desk, ada, grace, dana, draft):
    make_customer(ada.business, 9, technician="Dana", is_insider=True)
    said = words(desk.post(reverse("campaign_draft_audience", args=[draft.pk]), {"technician": "Dana"}))
    assert "1 of 2 will be asked" in said
    assert "1 left out: why" in said
    assert "Meant: technician Dana." in said
    draft.refresh_from_db()
    assert draft.who == {}


def test_the_line_is_there_before_a_draft_is_saved(desk, ada, grace):
    said = words(desk.post(reverse("campaign_audience"), {}))
    assert "1 of 1 will be asked" in said
    assert "Meant" not in said


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"visited_from": "2026-03-01", "visited_until": "2026-02-01"}, "This day lies before the first one"),
        ({"visited_from": "rubbish"}, "Enter a valid date"),
        ({"technician": "Nobody"}, "No customer is meant by this"),
        ({"technician": "x" * 300}, "Select a valid choice"),
        ({"tags": ["' OR 1=1 --"]}, "No customer is meant by this"),
        ({"visited_from": "0001-01-01", "visited_until": "9999-12-31"}, "No customer is meant by this"),
    ],
)
def test_rubbish_is_answered_in_a_sentence(desk, ada, grace, draft, chosen, said):
    answer = desk.post(reverse("campaign_draft_audience", args=[draft.pk]), chosen)
    assert (answer.status_code, said in words(answer)) == (200, True)


def test_days_in_the_wrong_order_lose_no_input(desk, ada, grace, dana, draft):
    wrong = written(ada, visited_from="2026-03-01", visited_until="2026-02-01", technician="Dana", go="save")
    answer = desk.post(reverse("campaign_edit", args=[draft.pk]), wrong)
    assert answer.status_code == 422
    assert "This day lies before the first one" in words(answer)
    assert 'value="2026-03-01"' in answer.content.decode()


def test_a_rivals_draft_is_not_counted_and_their_words_are_not_offered(desk, ada, rival, grace):
    theirs = make_customer(rival.business, technician="Spymaster")
    theirs.tags.set(Tag.named(rival.business, ["Secret"]))
    assert desk.post(reverse("campaign_draft_audience", args=[make_campaign(rival).pk])).status_code == 404
    page = words(desk.get(reverse("campaign_new")))
    assert "Spymaster" not in page
    assert "Secret" not in page


def test_the_check_page_says_who_is_meant_and_leads_back(desk, ada, grace, dana):
    draft = make_campaign(ada, who={"technician": "Dana"})
    page = desk.get(reverse("campaign_check", args=[draft.pk]))
    assert "1 of 2 customers are meant: technician Dana." in words(page)
    assert f"{reverse('campaign_edit', args=[draft.pk])}#who" in page.content.decode()


def test_without_a_filter_the_check_page_says_nothing_of_it(desk, ada, grace, draft):
    assert "are meant" not in words(desk.get(reverse("campaign_check", args=[draft.pk])))


def test_who_only_lacks_a_name_lies_on_the_contact_sheet_and_is_in_once_decided(desk, ada, grace, draft):
    odd = make_customer(ada.business, 2, first_name="Harbor HVAC", last_name="")
    assert "Harbor HVAC" in words(desk.get(reverse("campaign_pictures", args=[draft.pk])))
    assert "1 whose name needs a look" in words(desk.get(reverse("campaign_check", args=[draft.pk])))
    desk.post(reverse("customer_call", args=[odd.pk]), {"name": "fine"})
    assert "2 customers" in words(desk.get(reverse("campaign_check", args=[draft.pk])))


def test_whoever_was_served_is_said_with_one_click(desk, ada, rival):
    stranger = make_customer(ada.business, is_attested=False)
    assert "We served them" in words(desk.get(reverse("customer", args=[stranger.pk])))
    desk.post(reverse("customer_served", args=[stranger.pk]))
    stranger.refresh_from_db()
    assert stranger.is_attested
    theirs = make_customer(rival.business, is_attested=False)
    assert desk.post(reverse("customer_served", args=[theirs.pk])).status_code == 404
    assert desk.post(reverse("customer_call", args=[theirs.pk])).status_code == 404


# --- tags -----------------------------------------------------------------------------------------------------------


def test_tags_are_put_on_and_taken_off_on_the_form(desk, ada, dana):
    address = reverse("customer_edit", args=[dana.pk])
    desk.post(address, {"first_name": "Dana", "tags": "garden; vip"})
    assert [tag.name for tag in dana.tags.order_by("name")] == ["VIP", "garden"]
    desk.post(address, {"first_name": "Dana", "tags": "garden"})
    assert [tag.name for tag in dana.tags.all()] == ["garden"]


def test_a_tag_for_the_pleased_is_refused_and_nothing_is_lost(desk, ada, dana):
    answer = desk.post(reverse("customer_edit", args=[dana.pk]), {"first_name": "Dana", "tags": "VIP, 5 stars"})
    assert answer.status_code == 422
    assert "Everybody is asked alike" in words(answer)
    assert 'value="VIP, 5 stars"' in answer.content.decode()


def test_a_new_customer_may_have_tags(desk, ada):
    said = {"phone": "(512) 555-0142", "consent_basis": "Asked", "tags": "VIP, vip"}
    desk.post(reverse("customer_new"), said)
    added = ada.business.customers.get()
    assert ([tag.name for tag in added.tags.all()], added.is_attested) == (["VIP"], True)


def test_the_list_is_narrowed_by_a_tag_whatever_its_capitals(desk, ada, grace, dana):
    page = words(desk.get(reverse("customers"), {"tag": "vip"}))
    assert "555-1007" in page
    assert "555-1001" not in page


def test_a_rivals_tag_narrows_to_nobody(desk, ada, rival, grace):
    theirs = make_customer(rival.business)
    theirs.tags.set(Tag.named(rival.business, ["Secret"]))
    page = words(desk.get(reverse("customers"), {"tag": "Secret"}))
    assert "Nobody here just now" in page
    assert "Secret (" not in page


def test_markup_in_a_tag_stays_words(desk, ada, dana):
    dana.tags.set(Tag.named(ada.business, ["<b>x</b>"]))
    for page in (reverse("customers"), reverse("customer", args=[dana.pk]), reverse("campaign_new")):
        assert "<b>x</b>" not in desk.get(page).content.decode()
