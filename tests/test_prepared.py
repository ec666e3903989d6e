"""Queries whose SQL is written once give what the query itself gives, at any moment and for anybody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction
from django.db.transaction import TransactionManagementError
from django.forms.models import model_to_dict
from django.test.utils import CaptureQueriesContext

from campaigns.models import Customer, Message
from campaigns.prepared import Given, Prepared
from tests.cast import at_once, make_customer

NOW = datetime(2026, 3, 9, 15, tzinfo=UTC)


def due(business, now):
    rows = Customer.objects.filter(business=business, consent_at__lte=now, created_at__gt=now - timedelta(days=9**4))
    return rows.order_by("pk").values_list("first_name", "consent_at", "is_attested")


@pytest.fixture
def people(ada, rival):
    for number, (owner, name) in enumerate([(ada, "Grace"), (ada, "Edna"), (rival, "Fay")]):
        make_customer(owner.business, number, first_name=name, consent_at=NOW + timedelta(hours=number))


def test_it_gives_what_the_query_gives_at_each_moment_and_for_each_business(people, ada, rival):
    prepared = Prepared(due, "business", "now")
    for owner in (ada, rival):
        for hours in (-1, 0, 1, 2):
            given = {"business": owner.business.pk, "now": NOW + timedelta(hours=hours)}
            assert prepared.rows(**given) == list(due(**given))


def test_moments_come_back_as_moments(people, ada):
    [(_, at, _)] = Prepared(due, "business", "now").rows(business=ada.business.pk, now=NOW)
    assert at == NOW


def test_the_sql_is_written_once_and_asked_each_time(people, ada):
    calls = []

    def query(business):
        calls.append(business)
        return Customer.objects.filter(business=business).values_list("pk")

    prepared = Prepared(query, "business")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert prepared.rows(business=ada.business.pk) == prepared.rows(business=ada.business.pk) != []
    assert (len(calls), len(asked)) == (1, 2)


def test_a_span_before_or_after_the_moment_is_kept(people, ada):
    """The breaker asks for `now + GAP`, and for one moment both places must move together."""
    window = Prepared(
        lambda now: Customer.objects.filter(consent_at__gt=now, consent_at__lte=now + timedelta(hours=1)).values_list(
            "pk"
        ),
        "now",
    )
    assert len(window.rows(now=NOW - timedelta(hours=1))) == 1
    assert len(window.rows(now=NOW + timedelta(hours=1))) == 1
    assert window.rows(now=NOW + timedelta(hours=2)) == []


def test_whole_objects_come_with_what_they_are_joined_to_and_their_secrets_open(people, ada, rival):
    def query(business):
        return Customer.objects.filter(business=business).select_related("business__organization", "household")

    prepared = Prepared(query, "business")
    for owner, secret in ((ada, "hers"), (rival, "his")):
        owner.organization.chert_secret = secret
        owner.organization.save()
        with CaptureQueriesContext(connection) as asked:
            found = prepared.objects(business=owner.business.pk)
            assert {each.business.organization.chert_secret for each in found} == {secret}
        assert len(asked) == 1
        assert [model_to_dict(each) for each in found] == [model_to_dict(each) for each in query(owner.business.pk)]
        assert {(each._state.db, each._state.adding, each.household) for each in found} == {("default", False, None)}


def test_each_asking_makes_objects_of_its_own(people, ada):
    prepared = Prepared(lambda business: Customer.objects.filter(business=business), "business")
    [one, *_], [other, *_] = (prepared.objects(business=ada.business.pk) for _ in range(2))
    assert one == other
    assert one is not other


def test_a_value_is_never_part_of_the_sql(people, ada):
    named = Prepared(lambda name: Customer.objects.filter(first_name=name).values_list("pk"), "name")
    assert named.rows(name="Grace' OR '1'='1") == []
    assert len(named.rows(name="Grace")) == 1


def test_many_threads_ask_what_one_has_written(transactional_db, ada):
    make_customer(ada.business, 1, consent_at=NOW)
    prepared = Prepared(due, "business", "now")
    given = {"business": ada.business.pk, "now": NOW}
    first = prepared.rows(**given)
    assert at_once([lambda: prepared.rows(**given)] * 4) == [first] * 4
    assert first[0][1] == NOW


def test_a_value_that_was_forgotten_is_an_error_and_no_null(people):
    with pytest.raises(KeyError):
        Prepared(due, "business", "now").rows(now=NOW)
    assert isinstance(Given("now") + timedelta(1), Given)
    assert Message.objects.count() == 0


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite plans in no time")


def plans():
    """How often this connection used a plan for anybody, and one for these values alone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements")
        return tuple(int(number or 0) for number in cursor.fetchone())


@on_postgresql
def test_postgresql_plans_it_once_whoever_is_asked_for(people, ada, rival):
    before, _ = plans()
    prepared = Prepared(due, "business", "now")
    for owner in (ada, rival) * 4:
        prepared.rows(business=owner.business.pk, now=NOW)
    assert plans() == (before + 8, 0)


@on_postgresql
def test_in_a_transaction_that_is_broken_it_says_so_as_any_query(people, ada):
    prepared = Prepared(due, "business", "now")
    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(TransactionManagementError):
            prepared.rows(business=ada.business.pk, now=NOW)
    assert len(prepared.rows(business=ada.business.pk, now=NOW + timedelta(hours=9))) == 2


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_new_connection_knows_no_old_plan_and_makes_its_own(people, ada):
    prepared = Prepared(due, "business", "now")
    prepared.rows(business=ada.business.pk, now=NOW)
    connection.close()
    assert plans() == (0, 0)
    assert len(prepared.rows(business=ada.business.pk, now=NOW + timedelta(hours=9))) == 2
    assert plans() == (1, 0)
