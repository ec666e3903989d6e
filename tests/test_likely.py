"""Likely reviewed: names out of a pasted list, held for somebody to confirm; never "reviewed" by itself."""

from datetime import date

import pytest
from django.urls import reverse

from campaigns import launch, likely
from campaigns.likely import Review
from campaigns.models import AuditEntry, Customer, Membership, Message
from tests.cast import ledger, make_campaign, make_customer, walk_to_the_end, work

COMPARE = reverse("customers_compare")


@pytest.fixture
def asked(ada, grace, sandbox, clock):
    """Grace was asked on Monday 2 March; her reminder is to come on Thursday."""
    launch.launch(make_campaign(ada, remind_after=3, reminder="Once more?"), ada.user, clock())
    walk_to_the_end(clock)
    return grace


def held():
    return list(Customer.objects.filter(likely_at__isnull=False).values_list("likely_words", flat=True))


def days_later(clock, days):
    for _ in range(days):
        work(clock, minutes=24 * 60)


def reminded(sandbox):
    return sum([part["type"] for part in effect["parts"]] == ["text", "rich_link"] for effect in ledger(sandbox))


@pytest.mark.parametrize(
    ("line", "review"),
    [
        ("Grace Hopper", Review("Grace Hopper")),
        ("  Grace   H. , 2026-03-04", Review("Grace H.", date(2026, 3, 4))),
        ("Grace H.\t3/4/2026\t5 stars, lovely bread", Review("Grace H.", date(2026, 3, 4))),
        ("Grace H.; 4 March 2026", Review("Grace H.", date(2026, 3, 4))),
        ("Grace H., March 4, 2026", Review("Grace H.", date(2026, 3, 4))),
        ("Grace H., two weeks ago", Review("Grace H.")),
    ],
)
def test_a_line_is_a_name_and_perhaps_a_date(line, review):
    assert likely.read(line) == [review]


@pytest.mark.parametrize("text", ["", "\n\n", ",,,", "2026-03-04", "★★★★★", "\x00"])
def test_a_line_without_a_name_is_none(text):
    assert likely.read(text) == []


def test_no_more_is_read_than_can_be_looked_at():
    assert len(likely.read("Grace Hopper\n" * 5000)) == 2000
    assert len(likely.read("x" * 1_000_000)[0].name) == 100


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("grace HOPPER", "Grace", "Hopper"),
        ("Grace H.", "Grace", "Hopper"),
        ("Jose G", "José", "García"),
        ("Lukasz Wójcik", "Łukasz", "Wojcik"),
        ("Siobhan O'Neill", "Siobhán", "O’Neill"),
        ("Anne Marie Berg", "Anne-Marie", "Berg"),
        ("Ольга П.", "Ольга", "Петренко"),
    ],
)
def test_accents_capitals_and_an_initial_are_no_difference(said, first, last):
    assert likely.is_match(Review(said), first, last)


@pytest.mark.parametrize(
    ("said", "first", "last"),
    [
        ("Grace", "Grace", "Hopper"),
        ("Gracie Hopper", "Grace", "Hopper"),
        ("Grace Ho", "Grace", "Hopper"),
        ("G. Hopper", "Grace", "Hopper"),
        ("Hopper Grace", "Grace", "Hopper"),
        ("Grace H.", "Grace", ""),
        ("H.", "", "Hopper"),
        ("", "", ""),
    ],
)
def test_a_nickname_or_half_a_name_is_no_match(said, first, last):
    assert not likely.is_match(Review(said), first, last)


def test_a_match_holds_the_reminder_and_does_not_say_reviewed(asked, ada, sandbox, clock):
    assert likely.look(ada.business, "Linus T.\nGrace H., 2026-03-03", clock()) == [asked]
    days_later(clock, 5)
    asked.refresh_from_db()
    assert (held(), reminded(sandbox), asked.reviewed_at) == (["Grace H., 3 March 2026"], 0, None)
    assert Message.objects.get(kind="reminder").reason == "Has likely reviewed. Somebody is asked to say so"


@pytest.mark.parametrize("line", ["Grace H., 2026-03-01", "Grace H., 2019-01-01", "Gracie H."])
def test_a_review_from_before_the_request_is_no_answer_to_it(asked, ada, clock, line):
    assert likely.look(ada.business, line, clock()) == []


def test_who_was_asked_long_ago_or_never_does_not_come_up(asked, ada, clock):
    make_customer(ada.business, 7, first_name="Linus", last_name="Torvalds")
    clock.go(days=61)
    assert likely.look(ada.business, "Grace Hopper\nLinus Torvalds", clock()) == []


def test_another_locations_customer_does_not_come_up(asked, rival, clock):
    assert likely.look(rival.business, "Grace Hopper", clock()) == []


def test_looking_costs_a_fixed_number_of_queries(asked, ada, clock, django_assert_max_num_queries):
    with django_assert_max_num_queries(3):
        likely.look(ada.business, "Somebody Else\n" * 500, clock())


# --- the page -------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(ada, client):
    client.force_login(ada.user)
    return client


def paste(client, text):
    return client.post(COMPARE, {"reviews": text}, follow=True).content.decode()


def decide(client, person, theirs):
    return client.post(reverse("customer_likely", args=[person.pk]), {"theirs": theirs})


def test_the_page_says_who_came_up_and_asks(desk, asked):
    shown = paste(desk, "Grace H.")
    assert "One review read. One customer may be among them; say which." in shown
    assert "Confirm" in shown
    assert "One customer has likely reviewed" in desk.get("/").content.decode()


def test_nobody_is_said_too(desk, asked):
    assert "Nobody who was asked in the last 60 days" in paste(desk, "")


def test_confirmed_it_is_a_review_and_nobody_is_reminded(desk, asked, sandbox, clock):
    paste(desk, "Grace Hopper")
    decide(desk, asked, "yes")
    days_later(clock, 5)
    asked.refresh_from_db()
    assert (bool(asked.reviewed_at), asked.likely_at, reminded(sandbox)) == (True, None, 0)
    assert AuditEntry.objects.filter(act="mark reviewed").count() == 1


def test_not_theirs_lets_the_reminder_go_and_is_not_asked_again(desk, asked, sandbox, clock):
    paste(desk, "Grace Hopper")
    decide(desk, asked, "no")
    paste(desk, "Grace Hopper")
    days_later(clock, 5)
    assert (held(), reminded(sandbox)) == ([], 1)


def test_twice_the_same_decision_is_one(desk, asked):
    paste(desk, "Grace Hopper")
    for _ in range(2):
        decide(desk, asked, "no")
    assert AuditEntry.objects.filter(act="not their review").count() == 1


def test_what_is_pasted_is_data(desk, asked):
    Customer.objects.update(first_name="<b>Grace")
    assert "<b>Grace" not in paste(desk, "<b>Grace H.")


def test_the_rival_sees_and_decides_nothing(client, asked, rival):
    Customer.objects.filter(pk=asked.pk).update(likely_at=asked.created_at, likely_words="Grace H.")
    client.force_login(rival.user)
    assert "Likely reviewed" not in client.get(COMPARE).content.decode()
    assert decide(client, asked, "yes").status_code == 404


def test_a_viewer_may_not(desk, asked):
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert (desk.get(COMPARE).status_code, decide(desk, asked, "yes").status_code) == (403, 403)
