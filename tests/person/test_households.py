"""Forgetting, handing out and joining one of a household: the group ends, and the others keep their own story."""

import json

import pytest

from campaigns import households, launch, person
from campaigns.asking import audience
from campaigns.models import Apart, Customer, Delivery, Household, Message, picture_path
from campaigns.person import export
from campaigns.person.whose import Whose
from tests.cast import answer, ledger, make_campaign, make_customer, walk_to_the_end, work
from tests.person.canaries import CANARIES, in_the_files, in_the_rows
from tests.test_households import home_of

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+15125550187"


@pytest.fixture
def lees(transactional_db, ada, sandbox, clock):
    """Marigold with somebody; which of the two speaks for both is the test's choice."""

    def make(*, speaks):
        names = [("Marigold", "Quillfeather"), ("Sam", "Ortiz")]
        pair = home_of(ada, *(names if speaks else names[::-1]))
        her = next(each for each in pair if each.first_name == "Marigold")
        Customer.objects.filter(pk=her.pk).update(phone=NUMBER)
        her.refresh_from_db()
        campaign = make_campaign(ada)
        launch.launch(campaign, ada.user, clock())
        walk_to_the_end(clock)
        answer(sandbox, clock, her, "The plumcakecanary was lovely")
        return her, next(each for each in pair if each.pk != her.pk), campaign

    return make


def erase(customer, ada, clock):
    erasure = person.ask(customer, ada.user, clock())
    assert person.carry_out(erasure, clock())
    person.clear_away(clock())


@pytest.mark.parametrize("speaks", [True, False])
def test_nothing_of_them_is_left_in_any_row_or_file(lees, ada, clock, speaks):
    """D2: the picture, the frozen requests, the other's row and the events of the group carried their name, too."""
    her, _, _ = lees(speaks=speaks)
    assert len(in_the_rows()) > 5
    erase(her, ada, clock)
    assert in_the_rows() == set()
    assert in_the_files() == set()


@pytest.mark.parametrize("speaks", [True, False])
def test_pictures_with_their_name_are_gone(lees, ada, clock, speaks):
    her, _, campaign = lees(speaks=speaks)
    drawn = picture_path(Delivery.objects.get(campaign=campaign, together_with=None).picture)
    assert drawn.exists()
    erase(her, ada, clock)
    assert not drawn.exists()
    assert set(Delivery.everything.values_list("picture", flat=True)) == {""}


@pytest.mark.parametrize("speaks", [True, False])
def test_the_group_is_closed_and_the_campaign_still_adds_up(lees, ada, clock, speaks):
    her, _, campaign = lees(speaks=speaks)
    before = campaign.counts()
    erase(her, ada, clock)
    assert not Household.objects.get().is_open
    assert campaign.counts() == before == {"read": 1, "skipped": 1}


@pytest.mark.parametrize("speaks", [True, False])
def test_the_other_is_still_known_to_have_been_asked(lees, ada, clock, speaks):
    """Else the cool-down of somebody who was not erased would be forgotten with it."""
    her, other, campaign = lees(speaks=speaks)
    erase(her, ada, clock)
    other.refresh_from_db()
    assert audience.why_not(other, clock()).code == "recent"
    assert Message.objects.filter(customer=other, kind="ask").exists()
    for delivery in campaign.deliveries.all():
        delivery.refresh()
    assert campaign.counts() == {"read": 1, "skipped": 1}


def test_a_third_keeps_it_too(transactional_db, ada, sandbox, clock):
    anna, ben, cem = home_of(ada, ("Anna", "A"), ("Ben", "B"), ("Cem", "C"))
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    erase(anna, ada, clock)
    why = audience.reasons(ada.business, [ben, cem], clock())
    assert {reason.code for reason in why.values()} == {"recent"}
    erase(ben, ada, clock)
    assert audience.reasons(ada.business, [cem], clock())[cem.pk].code == "recent"


def test_nothing_goes_to_a_group_from_which_somebody_is_erased(transactional_db, ada, sandbox, clock):
    marcus, dana = home_of(ada, ("Marcus", "Lee"), ("Dana", "Lee"))
    launch.launch(make_campaign(ada), ada.user, clock())
    work(clock)
    person.ask(dana, ada.user, clock())
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 1
    assert marcus.household_id == Household.objects.get(closed_at__isnull=False).pk


@pytest.mark.parametrize("speaks", [True, False])
def test_the_file_for_the_other_tells_what_was_said_and_not_who_else_is_in_it(lees, clock, speaks):
    """D1: handed out is what is theirs; her name, number and words are hers."""
    _, other, _ = lees(speaks=not speaks)
    held = export.everything(Whose.of(Customer.objects.select_related("business__organization").get(pk=other.pk)))
    [home] = held["households"]
    assert home["joined"]
    said = json.dumps([home, held["events_from_chert"], held["conversations"]], default=str)
    assert [word for word in CANARIES if word in said] == []


def test_a_file_for_whoever_did_not_speak_has_the_words_to_all(lees):
    her, _, _ = lees(speaks=False)
    [home] = export.everything(Whose.of(Customer.objects.select_related("business__organization").get(pk=her.pk)))[
        "households"
    ]
    assert [each["kind"] for each in home["said_to_the_group"]] == ["Greeting", "Picture, text and link"]


def test_joining_two_entries_takes_the_one_that_goes_out_of_its_household(transactional_db, ada, clock):
    marcus, dana = home_of(ada, ("Marcus", "Lee"), ("Dana", "Lee"))
    stays = make_customer(ada.business, 9, first_name="Dana")
    person.join(stays, dana, [], ada.user, clock())
    assert not Customer.everything.exclude(household=None).exists()
    assert (Household.objects.get().closed_reason, households.others(marcus)) == (households.JOINED, [])


def test_erased_they_are_told_apart_from_nobody(transactional_db, ada, clock):
    one, other = make_customer(ada.business, 1), make_customer(ada.business, 2)
    households.tell_apart(ada.business, [one.pk, other.pk], ada.user, clock())
    told = json.dumps(export.everything(Whose.of(one))["households"], default=str)
    assert "not_one_household" in told
    assert other.first_name not in told.replace(one.first_name, "")
    erase(one, ada, clock)
    assert (Apart.objects.count(), Apart.people.through.objects.count()) == (0, 0)


def test_joined_with_another_entry_they_stay_apart_from_the_third(transactional_db, ada, clock):
    one, twin, third = (make_customer(ada.business, n) for n in (1, 2, 3))
    households.tell_apart(ada.business, [twin.pk, third.pk], ada.user, clock())
    households.tell_apart(ada.business, [twin.pk, one.pk], ada.user, clock())
    person.join(one, twin, [], ada.user, clock())
    assert [people for _, people in households.told_apart(ada.business)] == [[one, third]]
    assert Apart.objects.count() == 1
