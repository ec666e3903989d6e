"""One act for many customers: those ticked, or all that match; and the list as one types."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns.models import AuditEntry, Campaign, Customer, Erasure, Membership
from campaigns.web.customers import bulk, listing
from tests.cast import make_customer

LIST = "/customers/"


@pytest.fixture
def crowd(ada):
    return [make_customer(ada.business, n, first_name="Dee" if n % 2 else "Edna") for n in range(1, 7)]


def act(desk, name, **more):
    return desk.post(reverse("customers_bulk"), {"act": name, **more})


def names(response):
    return [customer.first_name for customer, _ in response.context["rows"]]


def tagged(name):
    return set(Customer.objects.filter(tags__folded=name).values_list("pk", flat=True))


def test_those_ticked_get_the_tag(desk, crowd):
    act(desk, "tag", chosen=[crowd[0].pk, crowd[1].pk], tags="Garden, VIP")
    assert tagged("garden") == tagged("vip") == {crowd[0].pk, crowd[1].pk}
    assert AuditEntry.objects.get(act="tag customers").words == "2: Garden, VIP"


def test_all_that_match_get_the_tag(desk, crowd):
    act(desk, "tag", all="yes", q="dee", tags="Garden")
    assert tagged("garden") == {each.pk for each in crowd if each.first_name == "Dee"}


def test_a_tag_is_taken_off_again(desk, crowd):
    act(desk, "tag", all="yes", tags="Garden")
    act(desk, "untag", all="yes", q="dee", tags="GARDEN")
    assert tagged("garden") == {each.pk for each in crowd if each.first_name == "Edna"}


def test_a_tag_for_how_pleased_somebody_is_is_refused(desk, crowd):
    answer = act(desk, "tag", all="yes", tags="5 stars")
    assert "how pleased" in str(next(iter(answer.wsgi_request._messages)))


@pytest.mark.parametrize(("name", "gone"), [("stop", "stopped_at"), ("erase", None)])
def test_what_cannot_be_undone_is_asked_about_first(desk, crowd, name, gone):
    shown = act(desk, name, all="yes", q="dee").content.decode()
    assert "3 customers" in shown
    assert Customer.objects.filter(stopped_at=None).count() == 6
    act(desk, name, all="yes", q="dee", sure="yes")
    assert Customer.objects.filter(stopped_at=None).count() == 3
    assert Erasure.objects.count() == (3 if name == "erase" else 0)


def test_asking_those_who_are_picked_makes_a_draft_of_them(desk, ada, crowd):
    went = act(desk, "ask", chosen=[crowd[0].pk, crowd[3].pk])
    draft = Campaign.objects.get()
    assert went.url == reverse("campaign_check", args=[draft.pk])
    assert draft.only.chosen == (crowd[0].pk, crowd[3].pk)


def test_the_rivals_customers_cannot_be_ticked(desk, crowd, rival):
    theirs = make_customer(rival.business, 9)
    act(desk, "tag", chosen=[theirs.pk, crowd[0].pk], tags="Mine")
    assert tagged("mine") == {crowd[0].pk}
    act(desk, "erase", chosen=[theirs.pk], sure="yes")
    assert Customer.objects.get(pk=theirs.pk).stopped_at is None


def test_only_a_manager_erases_many(desk, ada, crowd):
    Membership.objects.update(role=Membership.Role.SENDER)
    assert act(desk, "erase", all="yes", sure="yes").status_code == 403
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert act(desk, "tag", all="yes", tags="x").status_code == 403


@pytest.mark.parametrize("name", ["", "nonsense"])
def test_an_act_that_does_not_exist_changes_nothing(desk, crowd, name):
    assert act(desk, name, all="yes").status_code == 302
    assert Customer.objects.filter(stopped_at=None).count() == 6


def test_nobody_chosen_is_said(desk, crowd):
    answer = act(desk, "stop", chosen=["x", "99999999999999999999999", ""], sure="yes")
    assert "Nobody is chosen" in str(next(iter(answer.wsgi_request._messages)))


def test_more_than_it_can_do_at_once_is_refused_whole(desk, crowd, monkeypatch):
    monkeypatch.setitem(bulk.ACTS, "stop", (bulk.ACTS["stop"][0], 5))
    answer = act(desk, "stop", all="yes", sure="yes")
    assert "More than 5 match" in str(next(iter(answer.wsgi_request._messages)))
    assert Customer.objects.filter(stopped_at=None).count() == 6


# --- the list as one types ------------------------------------------------------------------------------------------


def test_for_htmx_only_the_people_come(desk, crowd):
    answer = desk.get(LIST, {"q": "dee"}, HTTP_HX_REQUEST="true", HTTP_HX_TARGET="people")
    shown = answer.content.decode()
    assert shown.lstrip().startswith('<div id="people">')
    assert "<html" not in shown
    assert names(answer) == ["Dee"] * 3


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"technician": "Dana"}, ["Dana's"]),
        ({"service": "Brakes"}, ["Brakes'"]),
        ({"visited_from": "2026-02-01"}, ["Late"]),
        ({"visited_until": "2026-02-01"}, ["Early"]),
        ({"visited_from": "rubbish", "technician": "x" * 500}, ["Late", "Early", "Brakes'", "Dana's"]),
        ({"never_asked": "on", "q": "dana"}, ["Dana's"]),
    ],
)
def test_it_is_narrowed_by_visit_technician_and_service(desk, ada, given, found):
    make_customer(ada.business, 1, first_name="Dana's", technician="Dana")
    make_customer(ada.business, 2, first_name="Brakes'", service="Brakes")
    make_customer(ada.business, 3, first_name="Early", last_visit=date(2026, 1, 5))
    make_customer(ada.business, 4, first_name="Late", last_visit=date(2026, 2, 5))
    assert names(desk.get(LIST, given)) == found


def test_what_it_is_narrowed_to_stays_on_the_next_page(desk, ada):
    for n in range(60):
        make_customer(ada.business, n, technician="Dana")
    first = desk.get(LIST, {"technician": "Dana", "q": "grace"})
    assert f"?q=grace&amp;technician=Dana&amp;before={first.context['older']}" in first.content.decode()


def test_more_than_are_counted_is_said_so(desk, crowd, monkeypatch):
    assert [listing.said(number, most=5) for number in (0, 5, 6)] == ["", "5", "5+"]
    monkeypatch.setattr(listing, "COUNTED", 4)
    numbers = [number for _, _, number in desk.get(LIST).context["filters"]]
    assert numbers[0] == "5"  # the query stops one above; `said` was bound to the usual number


@pytest.mark.parametrize("typed", ["%", "_", "\\", "'; DROP TABLE", "\x00", "🙂", "x" * 5000, "١٢٣"])
def test_rubbish_in_the_search_does_no_harm(desk, crowd, typed):
    for name in ("q", "tag", "technician", "before", "visited_from", "show"):
        assert desk.get(LIST, {name: typed}).status_code == 200


def test_however_a_customer_comes_in_the_search_knows_them(desk, ada):
    Customer.objects.create(business=ada.business, phone="+15125550101", first_name="Saved")
    assert names(desk.get(LIST, {"q": "saved"})) == ["Saved"]
    person = Customer.objects.get()
    person.first_name = "Changed"
    person.save(update_fields=["first_name"])
    assert names(desk.get(LIST, {"q": "changed"})) == ["Changed"]
