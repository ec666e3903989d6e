"""One customer: the story, the consent, and what staff may say."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from campaigns import status
from campaigns.models import Attempt, AuditEntry, Click, Customer, Membership, Message, Suppression
from campaigns.web import timeline
from tests.cast import Ada, make_customer, only_delivery, walk_to_the_end, work


@pytest.fixture
def desk(ada: Ada, client: Client) -> Client:
    """Ada's browser, signed in."""
    client.force_login(ada.user)
    return client


def page(desk: Client, customer: Customer) -> str:
    return desk.get(reverse("customer", args=[customer.pk])).content.decode()


def act(desk: Client, name: str, customer: Customer) -> Customer:
    answer = desk.post(reverse(name, args=[customer.pk]))
    assert answer.status_code == 302
    return Customer.objects.get(pk=customer.pk)


def titles(customer: Customer) -> list[str]:
    entries = [entry for day in timeline.days(customer, timezone.now()) for entry in day.entries]
    return [entry.title for entry in sorted(entries, key=lambda entry: entry.at)]


def test_the_profile_says_who_agreed_to_what_and_where_it_comes_from(desk, ada) -> None:
    linus = make_customer(ada.business, consent_by=ada.user, consent_source="counter-book.xlsx")
    shown = page(desk, linus)
    assert "Asked at the counter" in shown
    assert "counter-book.xlsx" in shown
    assert "Chicago" in shown
    assert "Written down for this customer" in shown


def test_a_zone_guessed_from_the_number_is_called_so(desk, ada) -> None:
    keola = make_customer(ada.business, phone="+18085550126", timezone="")
    shown = page(desk, keola)
    assert "Honolulu" in shown
    assert "By the number, and where your business is" in shown


def test_the_story_tells_the_whole_way(desk, campaign, grace, clock) -> None:
    walk_to_the_end(clock)
    clock.go(minutes=5)
    delivery = only_delivery(campaign)
    Click.objects.create(delivery=delivery)
    Click.objects.create(delivery=delivery)
    Click.objects.create(delivery=delivery, is_robot=True)
    told = titles(grace)
    assert told[:2] == ["Added by hand", "Greeted"]
    assert "Picture, text and link sent" in told
    assert told[-3:] == ["Delivered", "Read", "Opened the link, twice"]
    shown = page(desk, grace)
    assert "Autumn" in shown
    assert reverse("delivery_picture", args=[delivery.pk]) in shown
    assert "Thanks, Grace!" in shown
    assert "Hi Grace, it&#x27;s Ada" in shown


def test_their_words_stand_in_the_story(desk, campaign, grace) -> None:
    Message.objects.create(
        organization=campaign.business.organization,
        business=campaign.business,
        customer=grace,
        kind=Message.Kind.INBOUND,
        status=status.Message.RECEIVED,
        text="Review is up <b>now</b>",
    )
    shown = page(desk, grace)
    assert "Replied" in shown
    assert "Review is up &lt;b&gt;now&lt;/b&gt;" in shown


@pytest.mark.parametrize(
    ("outcomes", "said"),
    [
        (["sent"], ""),
        (["not_sent", "sent"], "Second try. The first was not accepted and was not sent."),
        (["unknown", "sent"], "Second try. The first got no clear answer; the very same message went again, which"),
        (["not_sent", "not_sent", "unknown", "sent"], "3 tries did not go through: 2 not accepted, 1 without a clear"),
        (["refused"], "The try was refused."),
        (["unknown"], "The try got no clear answer."),
        ([""], "The try was cut off in the middle."),
    ],
)
def test_tries_are_told_in_plain_words(outcomes, said) -> None:
    tries = [Attempt(outcome=outcome, started_at=timezone.now()) for outcome in outcomes]
    told = " ".join(timeline.try_words(tries))
    assert told.startswith(said)
    assert bool(said) == bool(told)


def test_a_skipped_customer_reads_why(desk, ada, campaign, clock) -> None:
    delivery = only_delivery(campaign)
    delivery.messages.all().delete()
    type(delivery).objects.filter(pk=delivery.pk).update(status="skipped", reason="Asked 41 days ago")
    assert "Asked 41 days ago" in page(desk, delivery.customer)
    assert titles(delivery.customer)[-1] == "Not asked"


def test_the_newest_day_comes_first_and_a_day_runs_downwards(ada, grace) -> None:
    later = timezone.now() + timedelta(days=2)
    AuditEntry.objects.create(
        organization=ada.organization, act="mark insider", about=f"customer {grace.pk}", by=ada.user, at=later
    )
    days = timeline.days(grace, later)
    assert [day.title for day in days] == ["Today", "2 March"]


def test_asked_by_phone_to_stop_is_final_and_takes_back_what_waits(desk, campaign, grace) -> None:
    stopped = act(desk, "customer_stop", grace)
    assert stopped.stopped_at
    assert stopped.stopped_how == "Asked us by phone to stop"
    assert Suppression.known(campaign.business.organization, [grace.phone]) == {grace.phone}
    assert not Message.objects.filter(status__in=status.OPEN).exists()
    shown = page(desk, grace)
    assert "Nothing more goes to this number" in shown
    assert reverse("customer_stop", args=[grace.pk]) not in shown


def test_a_relative_is_never_asked_and_what_waits_stays_here(desk, campaign, grace, clock) -> None:
    assert act(desk, "customer_insider", grace).is_insider
    work(clock, 10)
    assert only_delivery(campaign).status == status.Delivery.CANCELLED
    assert "Employee or relative" in page(desk, grace)
    assert not act(desk, "customer_insider", grace).is_insider
    assert titles(grace)[-2:] == ["Marked as employee or relative", "No employee or relative any more"]


def test_already_reviewed_is_kept_and_can_be_taken_back(desk, campaign, grace) -> None:
    assert act(desk, "customer_reviewed", grace).reviewed_at
    assert not Message.objects.filter(status__in=status.OPEN).exists()
    assert act(desk, "customer_reviewed", grace).reviewed_at is None


def test_a_review_shows_on_the_row_of_the_campaign_too(desk, campaign, grace, clock) -> None:
    walk_to_the_end(clock)
    act(desk, "customer_reviewed", grace)
    assert only_delivery(campaign).reviewed_at


def test_words_that_hold_a_customer_back_are_shown_and_can_be_cleared(desk, ada) -> None:
    ruth = make_customer(ada.business, paused_at=timezone.now(), paused_words="who is this?")
    assert "who is this?" in page(desk, ruth)
    assert act(desk, "customer_resume", ruth).paused_at is None
    assert AuditEntry.objects.get().words == "who is this?"


def test_the_profile_can_be_mended(desk, ada, grace) -> None:
    address = reverse("customer_edit", args=[grace.pk])
    desk.post(address, {"first_name": "Grace B.", "last_name": "Hopper", "timezone": "America/New_York"})
    grace.refresh_from_db()
    assert (grace.first_name, grace.timezone, grace.phone) == ("Grace B.", "America/New_York", "+15125551001")
    assert AuditEntry.objects.get().words == "first_name, timezone"


def test_who_was_there_and_what_was_done_can_be_mended_and_are_shown(desk, ada, grace) -> None:
    given = {"first_name": "Grace", "last_name": "Hopper", "technician": "Todd <b>M.</b>", "service": "Water heater"}
    desk.post(reverse("customer_edit", args=[grace.pk]), given)
    grace.refresh_from_db()
    assert (grace.technician, grace.service) == ("Todd <b>M.</b>", "Water heater")
    assert AuditEntry.objects.get().words.endswith("technician, service")
    assert "Todd &lt;b&gt;M.&lt;/b&gt;" in page(desk, grace)


def test_what_is_not_known_of_a_visit_is_not_shown(desk, grace) -> None:
    assert "<dt>Technician</dt>" not in page(desk, grace)


def test_too_many_words_are_said_and_stay_in_the_field(desk, grace) -> None:
    answer = desk.post(reverse("customer_edit", args=[grace.pk]), {"first_name": "Grace", "service": "x" * 2000})
    assert answer.status_code == 422
    assert "120 characters is the most; these are 2000" in answer.content.decode()
    assert "x" * 2000 in answer.content.decode()


def test_marks_that_turn_text_around_are_taken_out_of_a_name(desk, grace) -> None:
    desk.post(reverse("customer_edit", args=[grace.pk]), {"first_name": "Gr\u202eace\x00", "last_name": "\u200f"})
    grace.refresh_from_db()
    assert (grace.first_name, grace.last_name) == ("Grace", "")


@pytest.mark.parametrize(
    "name", ["customer_stop", "customer_insider", "customer_reviewed", "customer_resume", "customer_edit", "customer"]
)
def test_the_rival_finds_nothing_there(client, rival, grace, name) -> None:
    client.force_login(rival.user)
    before = Customer.objects.filter(pk=grace.pk).values().get()
    assert client.post(reverse(name, args=[grace.pk])).status_code in ({405} if name == "customer" else {404})
    assert client.get(reverse(name, args=[grace.pk])).status_code in {404, 405}
    assert Customer.objects.filter(pk=grace.pk).values().get() == before


@pytest.mark.parametrize("name", ["customer_stop", "customer_insider", "customer_reviewed", "customer_resume"])
def test_looking_changes_nothing(desk, grace, name) -> None:
    assert desk.get(reverse(name, args=[grace.pk])).status_code == 405


def test_a_viewer_may_read_and_do_nothing(desk, ada, grace) -> None:
    Membership.objects.update(role=Membership.Role.VIEWER)
    assert "Asked us by phone to stop" not in page(desk, grace)
    assert desk.post(reverse("customer_stop", args=[grace.pk])).status_code == 403
    grace.refresh_from_db()
    assert grace.stopped_at is None


def test_a_long_story_costs_no_more_queries(desk, campaign, grace, clock, django_assert_max_num_queries) -> None:
    walk_to_the_end(clock)
    for number in range(30):
        Click.objects.create(delivery=only_delivery(campaign))
        AuditEntry.write(campaign.business.organization, "change customer", grace, None, str(number))
    with django_assert_max_num_queries(18):
        page(desk, grace)


def test_what_they_are_called_stands_beside_the_stored_name_with_a_way_back(desk, ada) -> None:
    marcus = make_customer(ada.business, first_name="MARCUS", spoken_name="Marcus")
    assert "“<bdi>Marcus</bdi>”" in page(desk, marcus)
    assert act(desk, "customer_as_stored", marcus).spoken_name is None
    assert "As stored again" not in page(desk, marcus)
    assert AuditEntry.objects.filter(act="call as stored", by=ada.user).exists()


def test_a_name_that_was_found_fine_is_said_no_twice(desk, ada) -> None:
    marcus = make_customer(ada.business, first_name="MARCUS", spoken_name="MARCUS")
    assert "As stored again" not in page(desk, marcus)


@pytest.mark.parametrize(("first_name", "then"), [("Mark", None), ("MARCUS", "Marcus")])
def test_a_first_name_that_is_mended_counts_again(desk, ada, first_name, then) -> None:
    marcus = make_customer(ada.business, first_name="MARCUS", last_name="", spoken_name="Marcus")
    desk.post(reverse("customer_edit", args=[marcus.pk]), {"first_name": first_name, "last_name": "Bell"})
    marcus.refresh_from_db()
    assert (marcus.last_name, marcus.spoken_name) == ("Bell", then)


def test_the_rival_cannot_take_a_spoken_name_away(client, ada, rival) -> None:
    marcus = make_customer(ada.business, first_name="MARCUS", spoken_name="Marcus")
    client.force_login(rival.user)
    assert client.post(reverse("customer_as_stored", args=[marcus.pk])).status_code == 404
