"""Nobody waits for a neighbour: organizations take turns, and a line's slots go by the plan."""

from datetime import timedelta

import pytest

from campaigns import status
from campaigns.models import Message
from campaigns.outbox import leases
from campaigns.outbox.run import HANDFUL
from tests.cast import at_once, make_business, make_customer


def waiting(owner, count, clock, **more):
    """So many follow-ups to people who are known already, all of them due."""
    person = make_customer(owner.business, chat_id="chat-1", **more)
    whose = {"organization": owner.organization, "business": owner.business, "customer": person}
    due = [Message(**whose, kind="confirmation", due_at=clock() - timedelta(hours=1)) for _ in range(count)]
    return Message.objects.bulk_create(due)


def claims(clock, count, most=HANDFUL):
    return [[m.organization.slug for m in leases.claim(clock(), most)] for _ in range(count)]


@pytest.mark.django_db
def test_three_messages_do_not_wait_for_the_five_thousand_of_a_neighbour(ada, rival, clock):
    waiting(ada, 5000, clock)
    waiting(rival, 3, clock)
    first_two = [slug for handful in claims(clock, 2) for slug in handful]
    assert first_two.count("charlies-cakes") == 3


@pytest.mark.django_db
def test_where_there_is_no_neighbour_a_claim_takes_what_it_may(ada, clock):
    waiting(ada, 30, clock)
    assert [len(handful) for handful in claims(clock, 4)] == [12, 12, 6, 0]


@pytest.mark.django_db
def test_twenty_organizations_with_much_to_do_are_all_served_in_twenty_claims(ada, clock):
    """However old the backlog of the others is."""
    for number in range(20):
        owner = make_business(f"Shop {number}", f"shop-{number}", "00" * 16, f"+1512556{number:04d}")
        waiting(owner, 10, clock)
    late = Message.objects.filter(organization__slug="shop-7")
    late.update(due_at=clock())
    assert {slug for handful in claims(clock, 20) for slug in handful} == {f"shop-{n}" for n in range(20)}


@pytest.mark.django_db
@pytest.mark.parametrize("standing", [{"paused_at": True}, {"slow_until": True}])
def test_an_organization_that_stands_still_takes_no_turn(ada, rival, clock, standing):
    waiting(ada, 5, clock)
    waiting(rival, 5, clock)
    type(ada.organization).objects.filter(pk=ada.organization.pk).update(
        **dict.fromkeys(standing, clock() + timedelta(hours=1))
    )
    assert claims(clock, 2) == [["charlies-cakes"] * 5, []]


@pytest.mark.django_db(transaction=True)
def test_hands_that_claim_in_the_same_moment_find_other_work_or_none(ada, rival, clock):
    waiting(ada, 20, clock)
    waiting(rival, 20, clock)
    taken = at_once([lambda: [m.pk for m in leases.claim(clock(), 4)]] * 12)
    claimed = [pk for handful in taken for pk in handful]
    assert len(claimed) == len(set(claimed)) >= 20


@pytest.mark.django_db
def test_what_is_due_is_found_without_reading_the_whole_book(ada, clock):
    """The index of what is open must be one that the database can use: the book grows for years."""
    plan = leases.due(clock()).filter(organization=ada.organization).values_list("pk").explain()
    assert "SCAN campaigns_message" not in plan
    assert "message_due_in_turn" in plan
    assert {word.value for word in status.OPEN} == {"planned", "rendered", "uploaded"}
