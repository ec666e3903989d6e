"""Lines on which every location sends, or one alone: chosen on one page, and one budget for all of them together."""

import pytest
from django.urls import reverse

from campaigns import connection, lines, provisioning
from campaigns.models import AuditEntry, Business, Line, Membership
from tests.cast import LINE, NOON, SECRET, introduce, wrote

SAVE, ADD, TEST = (reverse(f"settings_{name}") for name in ("lines", "line_add", "test"))


@pytest.fixture
def cafe(ada) -> Business:
    return Business.objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")


@pytest.fixture(autouse=True)
def fresh_clients() -> None:
    connection.forget()


def page(desk) -> str:
    return desk.get(reverse("settings")).content.decode()


def save(desk, line: Line, reach: str):
    given = {"is_active": "on", "budget": line.budget, "gap": line.gap, "reach": reach}
    return desk.post(SAVE, {f"{name}_{line.pk}": value for name, value in given.items()})


def kept(ada) -> Business | None:
    return Line.objects.get(pk=ada.line.pk).business


def test_who_has_one_location_is_not_asked(desk, ada):
    assert "Who sends on it" not in page(desk)


def test_a_line_is_given_to_one_location_alone_and_to_every_one_again(desk, ada, cafe):
    assert '<option value="everywhere" selected>' in page(desk)
    save(desk, ada.line, "here")
    assert (kept(ada), lines.usable(cafe)) == (ada.business, [])
    assert '<option value="here" selected>Ada&#x27;s Bakery alone' in page(desk)
    save(desk, ada.line, "everywhere")
    assert (kept(ada), lines.usable(cafe)) == (None, [ada.line])
    assert AuditEntry.objects.filter(act="change lines", by=ada.user).count() == 2


def test_one_click_gives_every_location_its_line(desk, ada):
    Line.objects.update(business=ada.business)
    named = [{"name": f"L{number}", "slug": f"l-{number}"} for number in range(12)]
    Business.objects.bulk_create(Business(organization=ada.organization, sender="Ada", **each) for each in named)
    assert "12 locations have no line in use" in page(desk)
    save(desk, ada.line, "everywhere")
    assert lines.without(ada.organization) == 0
    assert "no line in use" not in page(desk)


def test_a_line_that_is_switched_off_serves_nobody(ada, cafe, rival):
    Line.objects.filter(pk=ada.line.pk).update(business=cafe)
    assert lines.without(ada.organization) == 1
    Line.objects.filter(pk=ada.line.pk).update(business=None, is_active=False)
    assert lines.without(ada.organization) == 2
    assert lines.without(rival.organization) == 0


def test_a_page_from_before_the_second_location_changes_nobodys_line(desk, ada, cafe):
    Line.objects.update(business=ada.business)
    assert desk.post(SAVE, {f"budget_{ada.line.pk}": 20, f"gap_{ada.line.pk}": 600}).status_code == 302
    assert (kept(ada), Line.objects.get().budget) == (ada.business, 20)


def test_only_these_two_can_be_chosen(desk, ada, cafe, rival):
    assert save(desk, ada.line, str(rival.business.pk)).status_code == 422
    assert kept(ada) is None


@pytest.mark.parametrize(("limited", "whose"), [(True, "Ada's Bakery"), (False, "")])
def test_who_sees_some_locations_only_takes_no_line_from_the_others_and_gives_none(desk, ada, cafe, limited, whose):
    Membership.objects.update(role="manager")
    Membership.objects.get().locations.set([ada.business] if limited else [])
    Line.objects.update(business=ada.business)
    assert ("Who sends on it" in page(desk)) is not limited
    save(desk, ada.line, "everywhere")
    assert str(kept(ada) or "") == whose


@pytest.mark.parametrize(("reach", "usable"), [("everywhere", 1), ("here", 0), ("", 1)])
def test_a_line_is_taken_into_use_for_every_location_or_this_one(desk, ada, cafe, reach, usable):
    Line.objects.all().delete()
    answer = desk.post(TEST, headers={"HX-Request": "true"}).content.decode()
    assert "Use for every location" in answer
    assert "Use for this one" in answer
    desk.post(ADD, {"number": LINE, "reach": reach})
    assert (len(lines.usable(ada.business)), len(lines.usable(cafe))) == (1, usable)


def test_chert_s_list_says_to_its_owner_which_location_has_a_line(desk, ada, cafe):
    Line.objects.update(business=cafe)
    assert "<bdi>Café</bdi> alone" in desk.post(TEST, headers={"HX-Request": "true"}).content.decode()
    Membership.objects.update(role="manager")
    Membership.objects.get().locations.set([ada.business])
    assert "Café" not in desk.post(TEST, headers={"HX-Request": "true"}).content.decode()


def test_a_new_location_is_told_whose_line_could_serve_it(desk, ada):
    Line.objects.update(business=ada.business)
    new = {"name": "Café", "sender": "Bob", "timezone": "America/Denver", "country": "us", "language": "en"}
    told = desk.post(reverse("location_new"), new, follow=True).content.decode()
    assert "or let every location send on that of Ada&#x27;s Bakery, in the settings there." in told


# --- one budget -----------------------------------------------------------------------------------------------------


def test_all_locations_together_keep_the_gap_and_the_budget_of_a_line(ada, cafe, sandbox, clock):
    """M12: 30 a day on the line, whoever of them writes."""
    Line.objects.update(budget=30, gap=600)
    introduce(sandbox, ada.organization)
    for number in range(30):
        lines.take_slot((ada.business, cafe)[number % 2], clock())
        with pytest.raises(lines.NoSlot):
            lines.take_slot((cafe, ada.business)[number % 2], clock())
        clock.go(minutes=11)
    with pytest.raises(lines.NoSlot, match="its 30 first messages of today"):
        lines.take_slot(cafe, clock())


def test_where_it_is_still_yesterday_a_line_has_no_second_budget(ada, cafe, clock):
    Business.objects.filter(pk=cafe.pk).update(timezone="Pacific/Honolulu")
    cafe.refresh_from_db()
    Line.objects.update(budget=1, gap=0)
    clock.to(NOON.replace(day=3, hour=7))  # one in the morning in Chicago, the evening before in Honolulu
    lines.take_slot(ada.business, clock())
    with pytest.raises(lines.NoSlot):
        lines.take_slot(cafe, clock())


def test_a_line_on_which_too_few_answer_one_location_rests_for_all(ada, cafe, clock):
    wrote(ada)
    with pytest.raises(lines.NoSlot, match="The line is resting"):
        lines.take_slot(cafe, clock())


@pytest.mark.parametrize(("numbers", "usable"), [((LINE, LINE), 1), ((LINE, "+15125550102"), 0)])
def test_a_line_that_is_provisioned_for_two_locations_is_for_every_one(db, sandbox, numbers, usable):
    for name, number in zip(("First", "Second"), numbers, strict=True):
        provisioning.provision(
            provisioning.Wanted(name=name, sender="Ada", email="ada@example.com", secret=SECRET, lines=[number])
        )
    first, second = Business.objects.order_by("pk")
    shared = set(lines.usable(first)) & set(lines.usable(second))
    assert len(shared) == usable
