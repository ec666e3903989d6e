"""Nobody waits for a neighbour: organizations take turns, and a line's slots go by the plan."""

from datetime import datetime, timedelta

import pytest

from campaigns import launch, outbox, pacing, status, steering
from campaigns.models import Business, Delivery, Line, Message, by_hand
from campaigns.outbox import leases
from campaigns.outbox.run import HANDFUL
from tests.cast import (
    Ada,
    at_once,
    introduce,
    ledger,
    make_business,
    make_campaign,
    make_card,
    make_customer,
    turn,
)

#: Rows written at once: PostgreSQL ends a transaction in which nothing happens for some seconds, and on a busy machine
#: five thousand rows take longer than that to be put into words.
BATCH = 250


def waiting(owner, count, clock, **more):
    """So many follow-ups to people who are known already, all of them due."""
    person = make_customer(owner.business, chat_id="chat-1", **more)
    whose = {"organization": owner.organization, "business": owner.business, "customer": person}
    made = []
    for start in range(0, count, BATCH):
        size = min(BATCH, count - start)
        due = [Message(**whose, kind="confirmation", due_at=clock() - timedelta(hours=1)) for _ in range(size)]
        made += Message.objects.bulk_create(due)
    return made


def claims(clock, count, most=HANDFUL):
    return [[m.organization.slug for m in leases.claim(clock(), most)] for _ in range(count)]


@pytest.mark.django_db
def test_three_messages_do_not_wait_for_the_five_thousand_of_a_neighbour(ada, rival, clock):
    waiting(ada, 5000, clock)
    waiting(rival, 3, clock)
    first_two = [slug for handful in claims(clock, 2) for slug in handful]
    assert first_two.count("charlies-cakes") == 3


@pytest.mark.django_db
def test_the_confirmation_of_a_stop_goes_before_everything_that_waits(ada, clock):
    waiting(ada, 30, clock)
    Message.objects.update(kind="reminder")
    (confirmation,) = waiting(ada, 1, clock, first_name="Dee", phone="+15125550123")
    Message.objects.filter(pk=confirmation.pk).update(due_at=clock())
    assert [m.pk for m in leases.claim(clock(), HANDFUL)] == [confirmation.pk]


@pytest.mark.django_db
def test_where_there_is_no_neighbour_a_claim_takes_what_it_may(ada, clock):
    waiting(ada, 30, clock)
    assert [len(handful) for handful in claims(clock, 4)] == [12, 12, 6, 0]


@pytest.mark.django_db
def test_twenty_organizations_with_much_to_do_are_all_served_in_twenty_claims(ada, clock):
    """However old the backlog of the others is."""
    for number in range(20):
        owner = make_business(f"Shop {number}", f"shop-{number}", "00" * 16, f"+1512556{number:04d}")
        waiting(owner, 40, clock)
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


@pytest.mark.django_db
def test_what_somebody_has_written_is_found_without_reading_all_that_is_due(ada, clock):
    """Each claim asks for it first, and a campaign of ten thousand is due at once."""
    mine = leases.due(clock()).filter(organization=ada.organization)
    assert "message_by_hand" in by_hand(mine).order_by("kind").values_list("pk").explain()


def paced(owner, sandbox, **pace):
    """The line keeps a gap, and Chert sees to it."""
    Line.objects.filter(pk=owner.line.pk).update(**{"budget": 100, "gap": 600} | pace)
    introduce(sandbox, owner.organization)


def launched(owner, clock, name, phones):
    """A campaign for these numbers, which nobody else has asked."""
    for number in phones:
        make_customer(owner.business, number)
    made = make_campaign(owner, name=name)
    launch.launch(made, owner.user, clock())
    return made


def greeted(sandbox):
    """The last digits of those whose chats were opened, in order."""
    return [int(effect["phone"][-3:]) for effect in ledger(sandbox, "chat")]


@pytest.mark.django_db
def test_a_campaign_that_was_launched_later_does_not_overtake_however_late_the_clock_ticks(ada, sandbox, clock):
    """Each slot is taken a little later than planned, until the plan of the first is behind that of the second."""
    paced(ada, sandbox, gap=60)
    launched(ada, clock, "First", range(10))
    launched(ada, clock, "Second", range(10, 14))
    for _ in range(60):
        outbox.run(hands=0)
        clock.go(seconds=50)
    assert greeted(sandbox) == list(range(14))


@pytest.mark.django_db
def test_a_campaign_that_was_paused_takes_up_its_place_again(ada, sandbox, clock):
    paced(ada, sandbox)
    first = launched(ada, clock, "First", range(3))
    steering.pause(first, ada.user)
    launched(ada, clock, "Second", range(3, 7))
    for slot in range(12):
        outbox.run(hands=0)
        clock.go(minutes=11)
        if slot == 1:
            steering.resume(first, ada.user)
    assert greeted(sandbox) == [3, 4, 0, 1, 2, 5, 6]


@pytest.mark.django_db
def test_a_first_touch_that_is_tried_again_keeps_its_slot_and_nobody_goes_before_it_twice(ada, sandbox, clock):
    paced(ada, sandbox)
    turn(sandbox, only="POST /chats", p500=1)
    launched(ada, clock, "First", range(2))
    outbox.run(hands=0)
    turn(sandbox, p500=0)
    launched(ada, clock, "Second", range(2, 4))
    for _ in range(6):
        clock.go(minutes=11)
        outbox.run(hands=0)
    assert greeted(sandbox) == [0, 1, 2, 3]


@pytest.mark.django_db
def test_of_many_who_wait_for_one_line_few_wake_at_each_slot(ada, sandbox, clock):
    paced(ada, sandbox)
    launched(ada, clock, "After a pause", range(60))
    Message.objects.filter(kind="greeting").update(due_at=clock())
    Message.objects.filter(kind="ask").update(due_at=None)
    assert outbox.run(hands=0) >= 60  # once, and each gets its place
    woken = []
    for _ in range(80):
        clock.go(minutes=2)
        woken.append(outbox.run(hands=0))
    assert len(greeted(sandbox)) >= 13
    assert sum(woken) <= 4 * len(greeted(sandbox))


@pytest.mark.django_db
def test_who_waits_for_their_morning_holds_nobody_up(ada, sandbox, clock):
    paced(ada, sandbox)
    make_customer(ada.business, 1, timezone="Pacific/Honolulu")
    launched(ada, clock, "First", [2])
    Message.objects.filter(kind="ask").update(due_at=clock())
    Delivery.objects.update(planned_for=clock())
    outbox.run(hands=0)
    assert greeted(sandbox) == [2]


@pytest.mark.django_db
def test_locations_that_share_a_line_share_its_order(ada, sandbox, clock):
    Line.objects.update(business=None)
    paced(ada, sandbox)
    other = Business.objects.create(
        organization=ada.organization, name="Ada's Annex", slug="annex", timezone="America/Chicago",
        sender="Ada", review_url=ada.business.review_url,
    )  # fmt: skip
    launched(ada, clock, "First", range(3))
    annex = Ada(ada.user, ada.organization, other, ada.line, make_card(other))
    launched(annex, clock, "Second", range(3, 5))
    Message.objects.filter(kind="ask", business=other).update(due_at=clock() - timedelta(minutes=1))
    Message.objects.filter(kind="ask", business=ada.business).update(due_at=clock())
    for _ in range(8):
        outbox.run(hands=0)
        clock.go(minutes=11)
    assert greeted(sandbox) == [0, 1, 2, 3, 4]


def test_a_place_is_the_first_slot_that_nobody_ahead_waits_for():
    slots = [datetime(2026, 3, 2, 18, 10 * n) for n in range(4)]
    early, at_once_, later = slots[0] - timedelta(hours=1), slots[1], slots[3] + timedelta(hours=1)
    assert pacing.first_free(slots, []) == slots[0]
    assert pacing.first_free(slots, [early, at_once_]) == slots[2]
    assert pacing.first_free(slots, [early, later]) == slots[1]
    assert pacing.first_free(slots, [later]) == slots[0]
