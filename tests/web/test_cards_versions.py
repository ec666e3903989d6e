"""A card's history, its copies, and its end."""

import os

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.models import AuditEntry, Card, Membership, keep_photo, photo_path
from tests.cast import make_campaign


def at(name: str, card: Card) -> str:
    return reverse(name, args=[card.pk])


@pytest.fixture
def second(ada) -> Card:
    """Ada's card in its second version."""
    return ada.card.keep(ada.user, 1, name="Van, the second").card


def test_every_version_is_shown_with_who_and_when(desk, ada, second):
    page = desk.get(at("card_versions", second)).content.decode()
    assert "2 versions" in page
    assert page.index("Version 2") < page.index("Version 1")
    for card in (ada.card, second):
        assert at("card_preview", card) in page
    assert "Ada&#x27;s" in page
    assert "The card now" in page


def test_a_version_names_the_campaigns_that_were_started_with_it(desk, ada, campaign):
    newest = ada.card.keep(ada.user, 1, name="Next").card
    make_campaign(ada, name="Only a draft", card=newest)
    page = desk.get(at("card_versions", newest)).content.decode()
    assert "Started with it" in page
    assert at("campaign", campaign) in page
    assert "Only a draft" not in page


def test_the_list_of_versions_costs_the_same_for_two_and_for_twenty(desk, ada, django_assert_max_num_queries):
    for number in range(20):
        ada.card.keep(ada.user, 999, name=f"Version {number}")
    with django_assert_max_num_queries(11):  # one of them: what is new in the inbox
        desk.get(at("card_versions", ada.card))


def test_an_old_version_comes_back_as_the_newest(desk, ada, second):
    answer = desk.post(at("card_bring_back", ada.card))
    newest = Card.objects.get(is_current=True)
    assert answer.url == at("card", newest)
    assert (newest.version, newest.name, newest.photo) == (3, "Van", ada.card.photo)
    assert Card.objects.count() == 3


def test_a_draft_follows_what_was_brought_back(desk, ada, second):
    draft = make_campaign(ada, card=second)
    desk.post(at("card_bring_back", ada.card))
    draft.refresh_from_db()
    assert draft.card.version == 3


def test_a_copy_is_a_card_of_its_own(desk, ada):
    desk.post(at("card_copy", ada.card))
    made = Card.objects.latest("pk")
    assert (made.name, made.design, made.version, made.is_current) == ("Copy of Van", ada.card.design, 1, True)
    assert made.family != ada.card.family


def kept_long_ago(content: bytes) -> str:
    """A photo that has lain there for an hour."""
    name = keep_photo(content)
    os.utime(photo_path(name), (timezone.now().timestamp() - 3600,) * 2)
    return name


def test_a_photo_that_somebody_brings_again_this_moment_stays(desk, ada):
    name = kept_long_ago(b"a photo of its own")
    Card.objects.update(photo=name)
    assert keep_photo(b"a photo of its own") == name
    desk.post(at("card_delete", ada.card))
    assert photo_path(name).exists()


def test_a_deleted_card_is_gone_with_its_versions_and_their_photo(desk, ada, second):
    name = kept_long_ago(b"a photo of its own")
    Card.objects.update(photo=name)
    assert desk.post(at("card_delete", second)).url == reverse("cards")
    assert not Card.objects.exists()
    assert not photo_path(name).exists()
    assert AuditEntry.objects.filter(act="delete card", words="Van, the second").exists()


def test_a_photo_that_another_card_uses_stays(desk, ada, rival):
    name = kept_long_ago(b"a photo of two")
    Card.objects.update(photo=name)
    desk.post(at("card_delete", ada.card))
    assert photo_path(name).exists()


def test_what_a_started_campaign_uses_stays_with_its_photo(desk, ada, campaign):
    newest = ada.card.keep(ada.user, 1, name="Next").card
    desk.post(at("card_delete", newest))
    assert list(Card.objects.all()) == [ada.card]
    assert photo_path(ada.card.photo).exists()
    assert "No card yet" in desk.get(reverse("cards")).content.decode()


def test_a_deleted_version_can_be_looked_at_and_brought_back(desk, ada, campaign):
    desk.post(at("card_delete", ada.card))
    assert "This card was deleted" in desk.get(at("card", ada.card)).content.decode()
    desk.post(at("card_bring_back", ada.card))
    assert Card.objects.get(is_current=True).version == 2


def test_a_card_that_a_draft_uses_cannot_be_deleted(desk, ada):
    make_campaign(ada, name="Autumn")
    answer = desk.post(at("card_delete", ada.card), follow=True)
    assert "the draft “Autumn” uses it" in answer.content.decode()
    assert Card.objects.filter(is_current=True).exists()


def test_saving_a_card_that_was_deleted_meanwhile_brings_it_back(ada, campaign):
    Card.objects.update(is_current=False)
    kept = ada.card.keep(ada.user, 1, name="Still wanted")
    assert (kept.card.is_current, kept.quicker) == (True, None)


@pytest.mark.parametrize("name", ["card_versions", "card_bring_back", "card_copy", "card_delete"])
def test_the_rival_finds_no_history(client: Client, ada, rival, name):
    client.force_login(rival.user)
    assert client.get(at(name, ada.card)).status_code in {404, 405}
    assert client.post(at(name, ada.card)).status_code in {404, 405}
    assert Card.objects.count() == 2


def test_a_viewer_may_look_back_and_nothing_else(desk, ada, second):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert "Bring this one back" not in desk.get(at("card_versions", second)).content.decode()
    for name in ("card_bring_back", "card_copy", "card_delete"):
        assert desk.post(at(name, ada.card)).status_code == 403
