"""Whom a campaign means: as a value, as words, and among the customers of one business."""

from datetime import date

import pytest

from campaigns import launch
from campaigns.asking import audience, meant
from campaigns.filters import Filter
from campaigns.models import Business, Tag
from tests.cast import make_campaign, make_customer, walk_to_the_end

NOVEMBER = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("only", "words"),
    [
        (Filter(), ""),
        (Filter(NOVEMBER, technician="Dana"), "last visit since 1 November 2026, technician Dana"),
        (Filter(visited_until=NOVEMBER), "last visit until 1 November 2026"),
        (Filter(NOVEMBER, NOVEMBER), "last visit on 1 November 2026"),
        (Filter(service="Repair", tags=("Spa", "VIP")), "service Repair, tagged Spa or VIP"),
        (Filter(never_asked=True), "never asked before"),
    ],
)
def test_a_filter_says_whom_it_means_and_comes_back_as_it_was_kept(only, words):
    assert str(only) == words
    assert Filter.of(only.as_json()) == only
    assert bool(only) == bool(words)


@pytest.fixture
def people(ada):
    """Four customers, by what they are called."""
    who = {
        "early": {"last_visit": date(2026, 10, 31), "technician": "Dana"},
        "late": {"last_visit": NOVEMBER, "technician": "Dana", "service": "Repair"},
        "other": {"last_visit": date(2026, 11, 2), "technician": "Omar"},
        "never": {},
    }
    made = {name: make_customer(ada.business, n, last_name=name, **more) for n, (name, more) in enumerate(who.items())}
    for name, words in {"early": ["VIP"], "late": ["vip", "Spa"], "other": ["Spa"]}.items():
        made[name].tags.set(Tag.named(ada.business, words))
    return made


@pytest.mark.parametrize(
    ("only", "found"),
    [
        (Filter(), "early late other never"),
        (Filter(NOVEMBER), "late other"),
        (Filter(visited_until=NOVEMBER), "early late"),
        (Filter(NOVEMBER, NOVEMBER), "late"),
        (Filter(technician="Dana", service="Repair"), "late"),
        (Filter(tags=("SPA", "vip")), "early late other"),
        (Filter(tags=("nobody's",)), ""),
        (Filter(technician="dana' OR 1=1 --"), ""),
    ],
)
def test_everybody_it_means_is_found_once(ada, people, only, found):
    assert [person.last_name for person in meant.customers(ada.business, only)] == found.split()


def test_never_asked_means_those_to_whom_no_request_went_out(campaign, ada, sandbox, grace, clock):
    fresh = make_customer(ada.business, 2)
    only = Filter(never_asked=True)
    assert list(meant.customers(ada.business, only)) == [grace, fresh]
    walk_to_the_end(clock)
    assert list(meant.customers(ada.business, only)) == [fresh]


def test_where_locations_share_their_requests_never_asked_is_about_the_number(campaign, ada, sandbox, grace, clock):
    walk_to_the_end(clock)
    shared = Business.CoolDown.ORGANIZATION
    cafe = Business.objects.create(organization=ada.organization, slug="cafe", name="Café", cool_down_scope=shared)
    make_customer(cafe, phone=grace.phone)
    assert not meant.customers(cafe, Filter(never_asked=True))


def test_who_is_not_meant_gets_no_delivery_and_is_not_skipped_either(ada, people, clock):
    draft = make_campaign(ada, who=Filter(technician="Dana").as_json())
    plan = launch.launch(draft, ada.user, clock())
    assert (len(plan.will_ask), plan.skipped, draft.deliveries.count()) == (2, [], 2)


def test_a_filter_that_means_nobody_cannot_be_launched_and_says_what_to_change(ada, people, clock):
    draft = make_campaign(ada, who=Filter(service="Ballet").as_json())
    with pytest.raises(launch.NotReady, match="no customer has service Ballet"):
        launch.launch(draft, ada.user, clock())


def test_a_rivals_tags_and_customers_are_neither_meant_nor_offered(ada, rival, people, clock):
    theirs = make_customer(rival.business, technician="Spy", service="Spying")
    theirs.tags.set(Tag.named(rival.business, ["VIP", "Secret"]))
    assert theirs not in meant.customers(ada.business, Filter(tags=("VIP",)))
    assert audience.of(make_campaign(ada, who=Filter(tags=("Secret",)).as_json()), clock()) == ([], [])
    assert "Secret" not in str(meant.choices(ada.business))
    assert "Spy" not in str(meant.choices(ada.business))


def test_what_is_offered_is_what_customers_have_and_a_tag_of_nobody_is_not(ada, people):
    Tag.named(ada.business, ["Nobody's"])
    assert meant.choices(ada.business) == {
        "technician": [("Dana", 2), ("Omar", 1)],
        "service": [("Repair", 1)],
        "tags": [("Spa", 2), ("VIP", 2)],
    }


def test_two_writings_are_one_tag_and_the_first_stays(ada, rival):
    Tag.named(ada.business, ["Äpfel"])
    assert [tag.name for tag in Tag.named(ada.business, ["äPFEL", "ÄPFEL"])] == ["Äpfel"]
    assert [tag.business for tag in Tag.named(rival.business, ["äpfel"])] == [rival.business]
    assert Tag.objects.count() == 2
