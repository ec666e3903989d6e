"""Many locations and several accounts: each with its numbers, a switch that finds them, and nothing of anybody else."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import launch
from campaigns.models import AuditEntry, Business, Delivery, Membership, Review
from tests.cast import Ada, make_campaign, make_customer

LOCATIONS = reverse("locations")


def make_location(ada: Ada, name: str, number: int = 0) -> Business:
    slug = f"{name.lower()}-{number}"
    return Business.objects.create(organization=ada.organization, name=name, slug=slug, sender="Ada")


def rows(page: str) -> dict[str, list[str]]:
    """The cells of each line of the table, by the location's name."""
    found = {}
    for row in (each.split("</tr>")[0] for each in page.split('<tr role="row">')[2:]):
        name = row.split("<bdi>")[1].split("</bdi>")[0] if "<bdi>" in row else "Together"
        found[name] = [cell.split(">", 1)[1].split("</td>")[0] for cell in row.split('<td role="cell"')[2:]]
    return found


def asked(business: Business, number: int, clock, **facts) -> Delivery:
    campaign = business.campaigns.first() or business.campaigns.create(name="Autumn", state="running")
    person = make_customer(business, number)
    return Delivery.objects.create(campaign=campaign, customer=person, status="sent", sent_at=clock(), **facts)


def test_every_location_has_its_numbers(desk, ada, clock):
    cafe = make_location(ada, "Café")
    asked(ada.business, 1, clock, clicked_at=clock(), replied_at=clock())
    asked(ada.business, 2, clock)
    asked(cafe, 3, clock, reviewed_at=clock())
    Review.objects.create(
        organization=ada.organization, business=cafe, author="G.", fingerprint="x", state=Review.State.CONFIRMED
    )
    shown = rows(desk.get(LOCATIONS).content.decode())
    assert shown["Ada&#x27;s Bakery"] == ["2", "1", "1", "0", "0"]
    assert shown["Café"] == ["1", "0", "0", "1", "1"]
    assert shown["Together"] == ["3", "1", "1", "1", "1"]


@pytest.mark.parametrize(
    ("state", "said"), [("running", "Running"), ("paused", "Paused"), ("held", "Held"), ("finished", "Nothing running")]
)
def test_it_says_how_each_stands(desk, ada, state, said):
    make_campaign(ada, name="Spring", state=state, held_reason="Restored from a backup.")
    page = desk.get(LOCATIONS).content.decode()
    assert said in page
    assert ("Spring. Restored from a backup." in page) == (state == "held")


def test_an_account_that_stands_still_says_why(desk, ada, clock):
    ada.organization.pause("key", "Chert does not accept the key.", clock())
    assert "Chert does not accept the key." in desk.get(LOCATIONS).content.decode()


def test_one_finds_a_location_by_part_of_its_name(desk, ada):
    make_location(ada, "Café Zürich")
    make_location(ada, "Bistro")
    assert set(rows(desk.get(LOCATIONS, {"q": "zurich"}).content.decode())) == {"Café Zürich"}


def test_one_sees_those_that_stand_in_one_way_alone(desk, ada):
    make_campaign(ada, state="paused")
    make_location(ada, "Bistro")
    assert set(rows(desk.get(LOCATIONS, {"show": "paused"}).content.decode())) == {"Ada&#x27;s Bakery"}


def test_two_hundred_locations_cost_the_queries_of_two(desk, ada, clock):
    make_location(ada, "Bistro")
    with CaptureQueriesContext(connection) as few:
        desk.get(LOCATIONS)
    for number in range(200):
        asked(make_location(ada, f"L{number}", number), number, clock)
    with CaptureQueriesContext(connection) as many:
        page = desk.get(LOCATIONS).content.decode()
    assert len(rows(page)) == 203
    assert len(many) == len(few)


def test_a_page_with_two_hundred_locations_shows_eight_in_the_switch(desk, ada):
    for number in range(200):
        make_location(ada, f"L{number:03d}", number)
    page = desk.get("/").content.decode()
    assert page.count('name="business"') == 8
    assert "Find a location" in page


def test_the_switch_finds_any_of_them(desk, ada):
    for number in range(30):
        make_location(ada, f"L{number:03d}", number)
    found = desk.get(reverse("location_choice"), {"q": "l027"}).content.decode()
    assert (found.count('name="business"'), "L027" in found) == (1, True)
    assert "No location has this" in desk.get(reverse("location_choice"), {"q": "nowhere"}).content.decode()


# --- several accounts -----------------------------------------------------------------------------------------------


@pytest.fixture
def both(ada, rival) -> Ada:
    """Ada looks after the rival's account, too."""
    Membership.objects.create(user=ada.user, organization=rival.organization, role="viewer")
    return ada


def test_who_belongs_to_two_accounts_sees_the_locations_of_both(desk, both, rival):
    page = desk.get(LOCATIONS).content.decode()
    assert set(rows(page)) == {"Ada&#x27;s Bakery", "Charlie&#x27;s Cakes", "Together"}


def test_the_role_is_that_of_the_account_one_looks_at(desk, both, rival):
    assert desk.get(reverse("settings")).status_code == 200
    desk.post(reverse("switch_business"), {"business": rival.business.pk})
    assert desk.get(reverse("settings")).status_code == 403
    assert desk.get(reverse("customers")).status_code == 200


def test_being_let_go_from_one_account_leaves_the_other(desk, both, rival):
    desk.post(reverse("switch_business"), {"business": rival.business.pk}, follow=True)
    Membership.objects.filter(user=both.user, organization=rival.organization).delete()
    page = desk.get("/").content.decode()
    assert "Charlie" not in page
    assert "Ada&#x27;s Bakery" in page


def test_being_limited_in_one_account_limits_nothing_in_the_other(desk, both, rival):
    second = Business.objects.create(organization=rival.organization, name="Second", slug="second", sender="C")
    Membership.objects.get(user=both.user, organization=rival.organization).locations.set([second])
    assert set(rows(desk.get(LOCATIONS).content.decode())) == {"Ada&#x27;s Bakery", "Second", "Together"}
    assert desk.get(reverse("people")).status_code == 200


def test_somebody_elses_location_is_in_no_list_and_no_search(desk, ada, rival):
    for address in (LOCATIONS, f"{LOCATIONS}?q=charlie", f"{reverse('location_choice')}?q=cakes"):
        page = desk.get(address).content.decode()
        assert "Charlie" not in page
        assert "Cakes" not in page


# --- adding ---------------------------------------------------------------------------------------------------------

NEW = {"name": "Ada's Bakery", "sender": "Bob", "timezone": "America/Denver", "country": "us", "language": "en"}


def test_a_location_is_added_and_chosen(desk, ada):
    """Its name may be one that there is."""
    answer = desk.post(reverse("location_new"), NEW | {"organization": 1, "slug": "x"}, follow=True)
    made = Business.objects.latest("pk")
    assert (made.organization, made.sender, made.timezone, made.country) == (
        ada.organization,
        "Bob",
        "America/Denver",
        "US",
    )
    assert made.slug not in ("x", ada.business.slug)
    assert answer.context["request"].business == made
    assert AuditEntry.objects.filter(act="add location", by=ada.user).exists()


def test_it_has_nothing_of_the_others(desk, ada):
    make_customer(ada.business, first_name="Elsewhere")
    desk.post(reverse("location_new"), NEW)
    assert "Elsewhere" not in desk.get(reverse("customers")).content.decode()


def test_a_location_without_a_name_is_not_added(desk, ada):
    assert desk.post(reverse("location_new"), NEW | {"name": " "}).status_code == 422
    assert Business.objects.count() == 1


def test_a_new_location_asks_on_the_accounts_lines(desk, ada, clock):
    desk.post(reverse("location_new"), NEW)
    made = Business.objects.latest("pk")
    ada.business = made
    draft = make_campaign(ada, card=ada.card)
    make_customer(made)
    assert launch.check(draft, clock()).will_ask


@pytest.mark.parametrize(("shared", "said"), [(True, "It sends on the lines"), (False, "It has no line yet")])
def test_it_is_said_on_which_line_a_new_location_sends(desk, ada, shared, said):
    ada.organization.lines.update(business=None if shared else ada.business)
    assert said in desk.post(reverse("location_new"), NEW, follow=True).content.decode()


def test_the_switch_goes_where_one_wants_and_nowhere_outside(desk, ada):
    switch = reverse("switch_business")
    given = {"business": ada.business.pk}
    assert desk.post(switch, given | {"next": "/settings/"})["Location"] == "/settings/"
    assert desk.post(switch, given | {"next": "//example.com"})["Location"] == "/"
