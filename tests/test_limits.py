"""How much one person may do at a stretch: a bucket that fills again by the clock, for each account, person and act."""

import pytest

from campaigns import limits
from campaigns.models import Allowance, Membership, Organization, User
from tests.cast import at_once

FEW = limits.Limit(5, 50.0, "5 things in 50 seconds")


@pytest.fixture(autouse=True)
def few(monkeypatch):
    monkeypatch.setitem(limits.LIMITS, "export", FEW)
    limits.forget()


def taken(owner, count, clock, act="export", user=None):
    """How many of so many tries are let through."""
    user = user or owner.user
    return sum(limits.take(owner.organization, user, act, clock()) == 0 for _ in range(count))


def test_ten_times_the_limit_at_once_lets_the_limit_through(ada, clock):
    assert taken(ada, 10 * FEW.many, clock) == FEW.many


def test_who_is_refused_learns_the_seconds_until_there_is_one_again(ada, clock):
    taken(ada, FEW.many, clock)
    assert limits.take(ada.organization, ada.user, "export", clock()) == 10
    clock.go(seconds=9)
    assert limits.take(ada.organization, ada.user, "export", clock()) == 1
    clock.go(seconds=1)
    assert limits.take(ada.organization, ada.user, "export", clock()) == 0


def test_it_fills_again_by_the_clock_and_not_beyond_its_measure(ada, clock):
    taken(ada, 5, clock)
    clock.go(seconds=20)
    assert taken(ada, 10, clock) == 2
    clock.go(days=30)
    assert taken(ada, 10, clock) == 5


def test_a_refusal_costs_nothing(ada, clock):
    taken(ada, 500, clock)
    clock.go(seconds=10)
    assert taken(ada, 1, clock) == 1


def test_colleagues_other_accounts_and_other_acts_are_not_affected(ada, rival, clock):
    colleague = User.objects.create_user("ben@example.com", "correct horse battery")
    Membership.objects.create(user=colleague, organization=ada.organization, role="sender")
    second = Organization.objects.create(name="Second", slug="second")
    assert taken(ada, 6, clock) == 5
    assert taken(ada, 5, clock, user=colleague) == 5
    assert taken(rival, 5, clock) == 5
    assert limits.take(second, ada.user, "export", clock()) == 0
    assert limits.take(ada.organization, ada.user, "test", clock()) == 0


def test_two_at_once_do_not_share_the_last_one(transactional_db, ada, clock):
    now = clock()
    tries = at_once([lambda: limits.take(ada.organization, ada.user, "export", now)] * 12)
    assert sorted(tries)[:6] == [0, 0, 0, 0, 0, 10]


def test_a_row_written_by_a_clock_that_went_wrong_locks_nobody_out(ada, clock):
    taken(ada, 5, clock)
    Allowance.objects.update(full_at=clock().timestamp() + 10 * 365 * 86400)
    assert taken(ada, 10, clock) == 5


def test_what_comes_many_times_a_second_is_taken_ten_at_a_time_and_is_held_to_its_measure(
    ada, clock, monkeypatch, django_assert_num_queries
):
    monkeypatch.setitem(limits.LIMITS, "picture", limits.Limit(50, 50.0, "50 pictures", at_once=10))
    taken(ada, 1, clock, "picture")
    with django_assert_num_queries(0):
        taken(ada, 9, clock, "picture")
    assert taken(ada, 500, clock, "picture") == 40
    clock.go(seconds=10)
    assert taken(ada, 500, clock, "picture") == 10


def test_the_limits_are_far_above_what_a_person_does():
    """Six photos an hour, a list every two minutes, a test every five, ten drags over the desk a minute."""
    rates = {act: limit.many / limit.seconds for act, limit in limits.LIMITS.items() if act != "export"}
    assert rates["photo"] >= 6 / 3600
    assert rates["list"] >= 30 / 3600
    assert rates["test"] >= 12 / 3600
    assert rates["picture"] >= 10
    assert limits.LIMITS["picture"].many >= 40 * 60
