"""Ten seconds in which a start can be taken back: nothing has left, and it is a draft again."""

from datetime import timedelta

import pytest

from campaigns import launch, outbox, status, steering
from campaigns.models import AuditEntry, Campaign, Delivery, Message
from campaigns.outbox import leases
from tests.cast import at_once, kinds, ledger, make_campaign, make_customer, walk_to_the_end, work


@pytest.fixture
def started(ada, grace, clock):
    """Started this moment; nothing is due for ten seconds."""
    made = make_campaign(ada)
    make_customer(ada.business, 2, is_insider=True)
    launch.launch(made, ada.user, clock(), begin_after=launch.TIME_TO_UNDO)
    return made


def test_nothing_leaves_for_ten_seconds(started, sandbox, clock):
    for _ in range(9):
        clock.go(seconds=1)
        outbox.run(hands=0)
    assert ledger(sandbox) == []
    work(clock, minutes=1)
    assert kinds(sandbox) == [["text"]]


def test_undone_it_is_a_draft_again_and_nothing_ever_arrives(started, ada, sandbox, clock):
    steering.undo(started, ada.user)
    walk_to_the_end(clock)
    assert (started.state, started.started_at) == (status.Campaign.DRAFT, None)
    assert (Delivery.objects.count(), Message.objects.count(), ledger(sandbox)) == (0, 0, [])


def test_it_can_be_started_again_and_asks_everybody_once(started, ada, sandbox, clock):
    steering.undo(started, ada.user)
    launch.launch(started, ada.user, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_what_was_left_out_by_hand_stays_left_out(started, ada, grace):
    started.left_out.add(grace)
    steering.undo(started, ada.user)
    assert list(started.left_out.all()) == [grace]


def test_who_undid_it_is_on_record(started, ada):
    steering.undo(started, ada.user)
    assert list(AuditEntry.objects.order_by("pk").values_list("act", flat=True)) == ["launch", "undo start"]


def test_undoing_twice_says_that_it_is_a_draft(started, ada):
    steering.undo(started, ada.user)
    with pytest.raises(launch.NotPossible, match="undone already"):
        steering.undo(started, ada.user)


def test_a_campaign_that_was_paused_at_once_can_be_undone_too(started, ada, sandbox):
    steering.pause(started, ada.user)
    steering.undo(started, ada.user)
    assert started.state == status.Campaign.DRAFT


@pytest.mark.parametrize("what", ["claimed", "drawn", "greeted"])
def test_once_a_message_was_taken_up_it_is_too_late(started, ada, sandbox, clock, what):
    clock.go(seconds=10)
    if what == "claimed":
        leases.claim(clock(), 8)
    elif what == "drawn":
        Message.objects.filter(kind="ask").update(status="rendered")
    else:
        work(clock)
    with pytest.raises(launch.NotPossible, match="Too late"):
        steering.undo(started, ada.user)
    started.refresh_from_db()
    assert (started.state, started.deliveries.count(), Message.objects.count()) == ("running", 2, 2)


def test_one_of_many_that_was_taken_up_keeps_all(ada, sandbox, clock):
    for number in range(5):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    leases.claim(clock(), 1)
    with pytest.raises(launch.NotPossible):
        steering.undo(campaign, ada.user)
    assert campaign.deliveries.count() == 5


def test_a_cancelled_campaign_is_no_draft_again(started, ada, clock):
    steering.cancel(started, ada.user, clock())
    with pytest.raises(launch.NotPossible):
        steering.undo(started, ada.user)


def test_when_it_begins_is_known_until_somebody_takes_it_up(started, clock):
    assert steering.begins_at(started) == clock() + timedelta(seconds=10)
    clock.go(seconds=10)
    leases.claim(clock(), 8)
    assert steering.begins_at(started) is None


@pytest.mark.django_db(transaction=True)
def test_two_people_who_undo_at_once_undo_it_once(started, ada):
    ends = at_once([lambda: steering.undo(Campaign.objects.get(pk=started.pk), ada.user)] * 8)
    assert [type(end) for end in ends].count(type(None)) == 1
    assert AuditEntry.objects.filter(act="undo start").count() == 1


@pytest.mark.django_db(transaction=True)
def test_undone_while_workers_claim_everything_leaves_or_nothing_does(ada, sandbox, clock):
    """Either the undo was first, and nobody is asked; or a worker was, and everybody is."""
    for number in range(6):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    for _ in range(6):
        launch.launch(campaign, ada.user, clock())
        ends = at_once([lambda: steering.undo(Campaign.objects.get(pk=campaign.pk), ada.user), *[claims(clock)] * 3])
        campaign.refresh_from_db()
        is_draft = campaign.state == status.Campaign.DRAFT
        assert is_draft == (ends[0] is None) == (campaign.deliveries.count() == 0)
        assert sum(ends[1:]) == 0 if is_draft else sum(ends[1:]) > 0
        if not is_draft:
            break


def claims(clock):
    return lambda: len(leases.claim(clock(), 2))
