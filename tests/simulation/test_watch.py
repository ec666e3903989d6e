"""What the simulation looks at is seen at once when it is not so: a lease, a doubt, a page, an audience."""

from datetime import timedelta

import pytest

from campaigns import outbox
from campaigns.models import Delivery, Message
from tests.cast import make_customer
from tests.simulation.watch import Violation, Watch
from tests.simulation.world import World

DOUBT = {"status": "in_doubt", "is_unclear": True, "due_at": None}


@pytest.fixture
def watch(campaign, clock) -> Watch:
    """Somebody looks at a campaign that has just been started."""
    watch = Watch(World(clock, clock))
    watch.step()
    return watch


@pytest.fixture
def doubtful(watch) -> Message:
    """A message in doubt, and the page says so."""
    message = Message.objects.get(kind="ask")
    Message.objects.filter(pk=message.pk).update(**DOUBT)
    message.delivery.refresh()
    watch.step()
    return message


def test_doubt_that_is_left_by_hand_is_on_record(watch, doubtful, clock):
    outbox.it_arrived(doubtful, None, clock())
    watch.step()  # raises no Violation
    doubtful.refresh_from_db()
    assert doubtful.status == "sent"


@pytest.mark.parametrize("word", ["sent", "cancelled"])
def test_doubt_that_ends_by_itself_is_seen(watch, doubtful, word):
    Message.objects.filter(pk=doubtful.pk).update(status=word)
    doubtful.delivery.refresh()
    with pytest.raises(Violation, match=r"I11: .* on record is \[\]"):
        watch.step()


def test_doubt_that_no_page_shows_is_seen(watch):
    Message.objects.filter(kind="ask").update(**DOUBT)
    with pytest.raises(Violation, match="I10"):
        watch.step()


def test_somebody_who_is_added_is_seen(watch, campaign, ada):
    Delivery.objects.create(campaign=campaign, customer=make_customer(ada.business, 2))
    with pytest.raises(Violation, match=r"I10: campaign .* counts 2, and had 1"):
        watch.step()


@pytest.mark.parametrize(("seconds", "is_late"), [(14, False), (16, True)])
def test_a_lease_that_outlives_its_time_is_seen(watch, clock, seconds, is_late):
    ran_out = clock() - timedelta(seconds=seconds)
    Message.objects.filter(kind="ask").update(due_at=ran_out, lease_until=ran_out, lease_token="dead:1")
    if is_late:
        with pytest.raises(Violation, match="I2"):
            watch.leases(clock())
    else:
        watch.leases(clock())
