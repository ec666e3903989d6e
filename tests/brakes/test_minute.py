"""The calls of the last minute: counted anew for each failure, until there are so many that one more changes little."""

from datetime import timedelta

import pytest

from campaigns.brakes import breaker, budget, minute
from campaigns.models import Organization
from tests.outbox.test_breaker import tried, written

pytestmark = pytest.mark.django_db

DOWN = {"outcome": "unknown", "http_status": 503}
WELL = {"outcome": "sent", "http_status": 200}
MOMENT = timedelta(milliseconds=400)


@pytest.fixture
def call(ada, clock):
    message = written(ada, clock)
    return lambda count, at=None, **seen: tried(message, at or clock(), count=count, **seen)


def of(owner, now):
    return minute.of(Organization.objects.get(pk=owner.organization.pk), now)


def test_few_calls_are_counted_anew_each_time(ada, clock, call):
    call(minute.MANY - 1, **WELL)
    assert of(ada, clock()).failed == 0
    call(1, **DOWN)
    assert of(ada, clock()).failed == 1


def test_of_many_it_is_believed_for_a_second_what_was_counted(ada, clock, call):
    call(minute.MANY, **WELL)
    seen = of(ada, clock())
    call(9, **DOWN)
    assert of(ada, clock() + MOMENT) == seen
    assert of(ada, clock() + minute.FRESH).failed == 9


def test_a_clock_that_was_put_back_is_no_reason_to_believe_for_longer(ada, clock, call):
    call(minute.MANY, clock() - timedelta(seconds=20), **WELL)
    of(ada, clock())
    call(9, clock() - timedelta(seconds=20), **DOWN)
    assert of(ada, clock() - timedelta(seconds=10)).failed == 9


def test_what_was_counted_before_chert_came_back_is_not_believed(ada, clock, call):
    call(minute.MANY, clock() - timedelta(seconds=20), **DOWN)
    assert of(ada, clock()).failed == minute.MANY
    Organization.objects.filter(pk=ada.organization.pk).update(back_at=clock() - MOMENT)
    assert of(ada, clock()).failed == 0


def test_each_account_has_its_own(ada, rival, clock, call):
    call(minute.MANY, **DOWN)
    assert (of(ada, clock()).failed, of(rival, clock()).failed) == (minute.MANY, 0)


def test_breaker_and_budget_count_once_for_both(ada, clock, call, django_assert_num_queries):
    call(minute.MANY, **DOWN)
    account = Organization.objects.get(pk=ada.organization.pk)
    with django_assert_num_queries(1):
        assert breaker._away_since(account, clock())
        assert budget.is_spent(account, clock())
