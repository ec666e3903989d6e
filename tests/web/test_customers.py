"""The list of customers, and adding one by hand."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns.asking import audience
from campaigns.models import AuditEntry, Customer, Membership, Suppression
from campaigns.web.standings import STANDINGS
from tests.cast import Ada, make_customer

LIST = "/customers/"
NEW = "/customers/new/"
GOOD = {"phone": "(512) 555-0142", "first_name": "Linus", "consent_basis": "Asked at the counter"}


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


def words(response) -> str:
    return response.content.decode()


def names(response) -> list[str]:
    return [customer.first_name for customer, _ in response.context["rows"]]


def test_it_lists_the_customers_of_the_business(desk, grace) -> None:
    answer = desk.get(LIST)
    assert "Grace Hopper" in words(answer)
    assert "(512) 555-1001" in words(answer)
    assert "May be asked" in words(answer)


def test_without_customers_it_says_what_to_do(desk) -> None:
    answer = desk.get(LIST)
    assert "No customers yet" in words(answer)
    assert reverse("import_upload") in words(answer)


def test_the_rival_sees_nobody(rival, grace, client) -> None:
    client.force_login(rival.user)
    make_customer(rival.business, 9, first_name="Mallory")
    assert names(client.get(LIST)) == ["Mallory"]
    assert "Grace" not in words(client.get(LIST))
    assert "Hopper" not in words(client.get(LIST, {"q": "Grace"}))
    assert client.get(reverse("customer", args=[grace.pk])).status_code == 404


def test_somebody_who_is_not_signed_in_is_asked_to(client, db) -> None:
    assert client.get(LIST).url.startswith(reverse("sign_in"))


@pytest.mark.parametrize("typed", ["Zoe", "ZOË", "o'neill", "ONeill zo", "(512) 555-1001", "5551001"])
def test_a_customer_is_found_however_one_types(desk, ada, typed) -> None:
    make_customer(ada.business, first_name="Zoë", last_name="O’Neill")
    make_customer(ada.business, 2, first_name="Adam", last_name="Ypsilon")
    assert names(desk.get(LIST, {"q": typed})) == ["Zoë"]


def test_nobody_found_is_said_with_a_way_back(desk, grace) -> None:
    answer = desk.get(LIST, {"q": "<i>Nobody</i>"})
    assert "Nobody here is called" in words(answer)
    assert "<i>Nobody" not in words(answer)


def test_fifty_stand_on_a_page_and_the_rest_on_the_next(desk, ada) -> None:
    for number in range(60):
        make_customer(ada.business, number, first_name=f"N{number}")
    first = desk.get(LIST)
    rest = desk.get(LIST, {"before": first.context["older"]})
    assert names(first) + names(rest) == [f"N{number}" for number in reversed(range(60))]
    assert rest.context["older"] is None


def test_a_page_of_fifty_costs_as_many_queries_as_a_page_of_one(desk, ada, django_assert_max_num_queries) -> None:
    for number in range(50):
        make_customer(ada.business, number)
    with django_assert_max_num_queries(15):  # one of them: what is new in the inbox
        desk.get(LIST)


@pytest.mark.parametrize("show", ["waiting", "stopped", "insiders", "no-consent"])
def test_a_filter_shows_its_own(desk, ada, grace, show) -> None:
    now = timezone.now()
    make_customer(ada.business, 2, first_name="waiting", paused_at=now, paused_words="who are you")
    make_customer(ada.business, 3, first_name="stopped", stopped_at=now)
    make_customer(ada.business, 4, first_name="insiders", is_insider=True)
    make_customer(ada.business, 5, first_name="no-consent", consent_basis="")
    assert names(desk.get(LIST, {"show": show})) == [show]


def test_what_makes_no_sense_in_the_address_is_passed_over(desk, grace) -> None:
    assert names(desk.get(LIST, {"show": "../x", "before": "99999999999999999999999"})) == ["Grace"]


def test_html_in_a_name_is_text(desk, ada) -> None:
    make_customer(ada.business, first_name='<div hx-get="/x" onclick=x>', last_name="<script>alert(1)</script>")
    page = words(desk.get(LIST))
    assert "<script>alert" not in page
    assert "<div hx-get" not in page
    assert "&lt;script&gt;alert" in page


def test_one_is_added_with_consent_when_and_by_whom(desk, ada) -> None:
    answer = desk.post(NEW, GOOD)
    added = Customer.objects.get()
    assert answer.url == reverse("customer", args=[added.pk])
    assert (added.phone, added.consent_basis, added.consent_by) == ("+15125550142", "Asked at the counter", ada.user)
    assert added.consent_at is not None
    assert AuditEntry.objects.get().act == "add customer"


def test_who_was_there_and_what_was_done_may_be_said(desk, ada) -> None:
    desk.post(NEW, GOOD | {"technician": "Todd\u202e M.", "service": "  Water \n heater "})
    added = Customer.objects.get()
    assert (added.technician, added.service) == ("Todd M.", "Water heater")


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("phone", "call the shop", "letters"),
        ("phone", "555 01", "too few digits"),
        ("phone", "", "required"),
        ("consent_basis", " ", "how this customer agreed"),
        ("first_name", "x" * 500, "this one has 500"),
        ("last_visit", "2999-01-01", "has not come yet"),
        ("timezone", "Mars/Olympus", "valid choice"),
        ("technician", "x" * 121, "120 characters is the most; these are 121"),
        ("service", "y" * 2000, "these are 2000"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(desk, ada, field, typed, said) -> None:
    answer = desk.post(NEW, GOOD | {"last_name": "Torvalds", field: typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Torvalds" in words(answer)
    assert not Customer.objects.exists()


def test_a_number_that_is_here_already_names_its_customer(desk, grace) -> None:
    answer = desk.post(NEW, GOOD | {"phone": grace.phone})
    assert "This number is already here: Grace Hopper" in answer.context["form"].errors["phone"][0]
    assert reverse("customer", args=[grace.pk]) in words(answer)


def test_a_number_that_asked_never_to_be_written_to_is_not_added(desk, ada) -> None:
    Suppression.add(ada.organization, "+15125550142", "Wrote STOP")
    assert desk.post(NEW, GOOD).status_code == 422
    assert not Customer.objects.exists()


def test_fields_the_form_does_not_have_are_ignored(desk, ada, rival) -> None:
    desk.post(NEW, GOOD | {"business": rival.business.pk, "chat_id": "x", "stopped_at": "2026-01-01"})
    added = Customer.objects.get()
    assert (added.business, added.chat_id, added.stopped_at) == (ada.business, "", None)


def test_a_viewer_looks_but_does_not_add(desk, ada, grace) -> None:
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert "Add one" not in words(desk.get(LIST))
    assert desk.post(NEW, GOOD).status_code == 403
    assert Customer.objects.count() == 1


def test_every_reason_has_its_word_on_the_page():
    of_a_draft_alone = {"left_out", "no_hours"}
    assert set(STANDINGS) == set(audience.TITLES) - of_a_draft_alone
