"""What a customer is called: decided once by a person, said and drawn, and taken back."""

import pytest

from campaigns import calling
from campaigns.models import AuditEntry, Customer
from tests.cast import make_customer


@pytest.fixture
def marcus(ada) -> Customer:
    return make_customer(ada.business, first_name="MARCUS")


def again(customer) -> Customer:
    return Customer.objects.get(pk=customer.pk)


def test_the_stored_name_stays_and_the_spoken_one_is_said(marcus, ada):
    calling.call(marcus, "Marcus", ada.user)
    assert (again(marcus).first_name, again(marcus).words()["first_name"]) == ("MARCUS", "Marcus")


def test_who_decided_stands_in_the_book_and_no_name_does(marcus, ada):
    calling.call(marcus, "Marcus", ada.user)
    entry = AuditEntry.objects.get(act="call differently")
    assert (entry.by, entry.about, entry.words) == (ada.user, f"customer {marcus.pk}", "")


def test_nobody_decides_about_a_row_that_has_changed(marcus, ada):
    Customer.objects.update(first_name="Mark")
    with pytest.raises(calling.Changed):
        calling.call(marcus, "Marcus", ada.user)
    assert again(marcus).spoken_name is None


def test_deciding_the_same_twice_is_one_decision(marcus, ada):
    calling.call(again(marcus), "Marcus", ada.user)
    calling.call(marcus, "Marcus", ada.user)
    assert AuditEntry.objects.filter(act="call differently").count() == 1


def test_many_are_called_all_or_none(marcus, ada):
    other = make_customer(ada.business, 2, first_name="DANA")
    Customer.objects.filter(pk=other.pk).update(first_name="Dana")
    with pytest.raises(calling.Changed):
        calling.call_all({marcus: "Marcus", other: "Dana"}, ada.user)
    assert again(marcus).spoken_name is None
    assert not AuditEntry.objects.exists()


def test_back_to_the_stored_name(marcus, ada):
    calling.call(marcus, "", ada.user)
    calling.as_stored([marcus], ada.user)
    assert again(marcus).called == "MARCUS"
    assert AuditEntry.objects.filter(act="call as stored", by=ada.user).exists()


@pytest.mark.parametrize("many", [3, 40])
def test_many_are_called_in_a_few_statements(ada, many, django_assert_max_num_queries):
    people = {make_customer(ada.business, n, first_name="MARCUS"): f"Marcus {n}" for n in range(many)}
    with django_assert_max_num_queries(6):
        calling.call_all(people, ada.user)
    with django_assert_max_num_queries(6):
        calling.as_stored(ada.business.customers.all(), ada.user)
    assert AuditEntry.objects.filter(by=ada.user).count() == 2 * many


def test_all_or_none_are_called(ada):
    people = [make_customer(ada.business, n, first_name="MARCUS") for n in range(3)]
    Customer.objects.filter(pk=people[2].pk).delete()
    with pytest.raises(calling.Changed):
        calling.call_all(dict.fromkeys(people, "Marcus"), ada.user)
    assert not Customer.objects.filter(spoken_name="Marcus").exists()
    assert not AuditEntry.objects.filter(act="call differently").exists()


def test_who_was_called_so_by_somebody_else_hinders_nobody(ada):
    people = [make_customer(ada.business, n, first_name="MARCUS") for n in range(2)]
    calling.call(again(people[0]), "Marcus", ada.user)
    calling.call_all(dict.fromkeys(people, "Marcus"), ada.user)
    assert AuditEntry.objects.filter(act="call differently").count() == 2
