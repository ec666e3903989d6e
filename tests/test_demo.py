"""The demo business: what it shows has to be true on every day of the year."""

from datetime import UTC, datetime

import pytest

from campaigns import demo, provisioning
from campaigns.asking import audience
from campaigns.models import Customer, Organization
from tests.cast import LINE, SECRET, at_once

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 27, 5, 19, tzinfo=UTC),  # shortly before midnight in Chicago, after the clocks went back
        datetime(2027, 4, 10, 5, 19, tzinfo=UTC),  # shortly after midnight, after they went forward
        datetime(2027, 6, 1, 17, 0, tzinfo=UTC),
    ],
)
def test_who_was_asked_not_long_ago_was_asked_so_many_days_ago_by_the_calendar(wire, clock, monkeypatch, moment):
    monkeypatch.setattr(provisioning, "introduce", lambda *_: None)
    clock.to(moment)
    demo.make()
    reason = audience.why_not(Customer.objects.get(last_name=demo.RECENT[1]), clock())
    assert reason
    assert reason.sentence.startswith(f"Asked {demo.ASKED_AGO} days ago, free again on ")


def test_the_sandbox_knows_an_account_before_a_worker_can_see_it(transactional_db, wire, monkeypatch):
    """Who asked for its log in between was told that the key is wrong, and the account stood still from then on."""
    seen = []

    def introduced(*_):
        seen.append(at_once([Organization.objects.exists]))

    monkeypatch.setattr(provisioning, "introduce", introduced)
    wanted = provisioning.Wanted(name="Ada's", sender="Ada", email="ada@example.com", secret=SECRET, lines=[LINE])
    provisioning.provision(wanted)
    assert (seen, Organization.objects.exists()) == ([[False]], True)
