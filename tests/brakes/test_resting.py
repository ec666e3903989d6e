"""A line on which too few answer rests: no first touches until it recovers or a person releases it (M12)."""

from datetime import timedelta

import pytest

from campaigns import launch, lines
from campaigns.models import AuditEntry, Line, Message, Organization
from campaigns.pacing import BRAKE, Brake, rests_until
from tests.cast import NOON, ledger, make_campaign, work, wrote

AGO = timedelta(days=2)  # as in `wrote`


def touches(count, answered, ago=AGO):
    return [(NOON - ago + timedelta(minutes=n), n < answered) for n in range(count)]


@pytest.mark.parametrize(
    ("count", "answered", "rests"), [(20, 2, True), (20, 3, False), (19, 0, False), (100, 14, True)]
)
def test_fewer_than_fifteen_of_a_hundred_of_at_least_twenty(count, answered, rests):
    assert (rests_until(touches(count, answered), NOON) is not None) == rests


def test_who_had_no_day_to_answer_yet_is_not_counted():
    assert rests_until(touches(20, 0, ago=timedelta(hours=23)), NOON) is None


def test_what_is_older_than_a_week_is_forgotten():
    assert rests_until(touches(30, 0, ago=timedelta(days=8)), NOON) is None


def test_it_rests_until_too_few_are_left_to_judge_by():
    until = rests_until(touches(20, 0), NOON)
    assert until == NOON - AGO + timedelta(days=7)
    assert rests_until(touches(20, 0), until) is None


@pytest.mark.parametrize(
    ("brake", "rests"), [(Brake(16, 20), True), (Brake(15, 20), False), (Brake(15, 40), False), (Brake(50, 5), True)]
)
def test_a_stricter_brake_rests_sooner(brake, rests):
    assert (rests_until(touches(20, 3), NOON, brake) is not None) == rests


@pytest.mark.parametrize("brake", [Brake(0, 100), Brake(0, 1), Brake(90, 100), Brake(50, 5)])
def test_no_brake_is_looser_than_the_rule(brake):
    held = brake.no_looser_than(BRAKE)
    assert held.least_replies >= 15
    assert held.enough <= 20


def strict(ada, least_replies, enough_to_judge=20):
    figures = {"least_replies": least_replies, "enough_to_judge": enough_to_judge}
    Organization.objects.filter(pk=ada.organization.pk).update(**figures)
    ada.business.organization.refresh_from_db()


def answered(ada, people):
    for number, person in enumerate(people):
        said = {"organization": ada.organization, "business": ada.business, "customer": person}
        Message.objects.create(**said, kind="inbound", status="received", text="Hello!", chert_id=f"in-{number}")


def test_the_account_sets_its_own_brake_and_the_row_says_the_figure(ada, sandbox, clock):
    answered(ada, wrote(ada)[:5])
    strict(ada, 30)
    with pytest.raises(lines.NoSlot, match="fewer than 30 of 100"):
        lines.take_slot(ada.business, clock())


def test_a_looser_brake_counts_in_the_sandbox_alone(ada, sandbox, clock, settings):
    wrote(ada)
    strict(ada, 0, 1000)
    assert lines.take_slot(ada.business, clock()) == ada.line
    settings.CHERT_API_BASE = "https://console.trychert.com/api/v1"
    with pytest.raises(lines.NoSlot, match="fewer than 15 of 100"):
        lines.take_slot(ada.business, clock())


def test_a_resting_line_makes_no_first_touch_and_says_until_when(ada, sandbox, clock):
    wrote(ada)
    with pytest.raises(lines.NoSlot, match="resting: fewer than 15 of 100 replied") as full:
        lines.take_slot(ada.business, clock())
    assert full.value.until == NOON - AGO + timedelta(days=7)


def test_it_writes_again_when_its_time_has_come(ada, sandbox, clock):
    wrote(ada)
    clock.to(NOON - AGO + timedelta(days=7))
    assert lines.take_slot(ada.business, clock()) == ada.line


def test_answers_end_the_rest(ada, sandbox, clock):
    answered(ada, wrote(ada)[:3])
    assert lines.take_slot(ada.business, clock()) == ada.line


def test_other_lines_go_on(ada, sandbox, clock):
    wrote(ada)
    other = Line.objects.create(organization=ada.organization, number="+15125550101", budget=30, gap=600)
    assert lines.take_slot(ada.business, clock()) == other


def test_a_person_releases_it_and_the_count_begins_anew(ada, sandbox, clock):
    wrote(ada)
    lines.release(ada.line, ada.user, clock())
    assert lines.take_slot(ada.business, clock()) == ada.line
    assert AuditEntry.objects.get().act == "release line"


def test_a_follow_up_is_not_held(campaign, ada, sandbox, clock):
    """The greeting has gone out; then the line begins to rest; the picture follows all the same."""
    work(clock)
    wrote(ada)
    work(clock, minutes=3)
    assert len(ledger(sandbox, "message")) == 2


def test_the_row_says_why_it_waits(campaign, ada, sandbox, clock):
    wrote(ada)
    work(clock)
    assert ledger(sandbox, "message") == []
    assert "The line is resting" in campaign.deliveries.get().reason


def test_the_plan_knows_that_the_line_rests(ada, grace, sandbox, clock):
    wrote(ada)
    plan = launch.check(make_campaign(ada), clock())
    assert plan.days[0].first_at == NOON - AGO + timedelta(days=7)
