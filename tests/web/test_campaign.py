"""One campaign on the page: numbers that add up, rows, filters, and the poll."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import launch, replies
from campaigns.models import Campaign, Customer, Delivery, Organization
from campaigns.web.campaigns import summary
from tests.cast import make_campaign, make_customer, only_delivery, walk_to_the_end, work


def page(client, campaign, **asked):
    return client.get(reverse("campaign", args=[campaign.pk]), asked)


def poll(client, campaign, **asked):
    return client.get(reverse("campaign_live", args=[campaign.pk]), asked)


def text(answer) -> str:
    return answer.content.decode()


def polled_rows(answer) -> set[int]:
    return {int(pk) for pk in re.findall(r'<tr[^>]* id="delivery-(\d+)" hx-swap-oob', text(answer))}


def shown_rows(answer) -> list[int]:
    return [int(pk) for pk in re.findall(r'<tr[^>]* id="delivery-(\d+)"', text(answer))]


@pytest.fixture
def many(ada):
    """A campaign of 120: two of them left out."""
    for number in range(118):
        make_customer(ada.business, number, first_name=f"N{number}", spoken_name=f"N{number}")
    make_customer(ada.business, 200, first_name="Gone", stopped_at=timezone.now())
    make_customer(ada.business, 201, first_name="Inside", is_insider=True)
    made = make_campaign(ada)
    launch.launch(made, ada.user, timezone.now())
    return made


def test_the_eight_numbers_add_up_to_the_audience_at_every_moment(desk, ada, clock):
    for number in range(4):
        make_customer(ada.business, number, is_insider=number == 3)
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    for _ in range(5):
        shown = page(desk, made).context["summary"]
        assert sum(pile.count for pile in shown.piles) == shown.total == 4
        work(clock, minutes=0.8)
    assert shown.asked == 3


def test_every_status_has_a_place_among_the_numbers(many):
    for status in Delivery._meta.get_field("status").choices:
        many.deliveries.update(status=status[0])
        shown = summary.of(many, timezone.now())
        assert sum(pile.count for pile in shown.piles) == 120, status


def test_the_percentage_is_floored(ada, clock):
    counted = {"read": 499, "wait": 1}
    piles = tuple(summary.Pile(look, label, counted.get(look, 0), show) for look, label, _, show in summary.PILES)
    nothing = {"look": 0, "opened": 0, "replied": 0, "stopped": 0, "today": 0, "next_at": None, "done_at": None}
    shown = summary.Summary(campaign=make_campaign(ada), total=500, piles=piles, now=clock(), **nothing)
    assert (shown.percent, shown.title) == (99, "499/500 · Autumn")


def test_the_title_carries_the_state(desk, campaign, clock):
    assert "<title>0/1 · Autumn" in text(page(desk, campaign))
    walk_to_the_end(clock)
    assert "<title>1/1 · Autumn" in text(page(desk, campaign))


def test_the_bar_is_as_long_as_what_it_stands_for(desk, many):
    half = list(many.deliveries.order_by("pk").values_list("pk", flat=True)[:60])
    many.deliveries.filter(pk__in=half).update(status="read")
    shown = page(desk, many).context["summary"]
    assert [(segment.look, segment.x, segment.width) for segment in shown.segments] == [
        ("read", "0.00%", "50.00%"),
        ("skipped", "50.00%", "1.67%"),
        ("today", "51.67%", "48.33%"),
    ]


def test_nothing_new_is_nothing_sent(desk, campaign):
    answer = poll(desk, campaign, seen=campaign.version)
    assert (answer.status_code, answer.content) == (204, b"")


def test_a_poll_carries_the_rows_that_changed_and_no_others(desk, many, clock):
    seen = Campaign.objects.get(pk=many.pk).version
    first, second = many.deliveries.order_by("pk")[:2]
    first.note(clicked_at=clock())
    answer = poll(desk, many, seen=seen)
    assert polled_rows(answer) == {first.pk}
    assert 'class="item wet' in text(answer)
    assert "Opened link" in text(answer)
    assert re.search(rf"\b{first.customer.first_name}\b", text(answer))
    assert not re.search(rf"\b{second.customer.first_name}\b", text(answer))


def test_a_row_on_another_page_does_not_come_with_this_one(desk, many, clock):
    seen = Campaign.objects.get(pk=many.pk).version
    last = many.deliveries.order_by("pk").last()
    last.note(clicked_at=clock())
    assert polled_rows(poll(desk, many, seen=seen, page=1)) == set()
    assert polled_rows(poll(desk, many, seen=seen, page=3)) == {last.pk}


def test_a_filtered_list_comes_whole_because_rows_enter_and_leave_it(desk, many, clock):
    seen = Campaign.objects.get(pk=many.pk).version
    first = many.deliveries.order_by("pk").first()
    first.note(replied_at=clock())
    answer = text(poll(desk, many, seen=seen, show="replied"))
    assert '<tbody id="rows" hx-swap-oob="true">' in answer
    assert f"delivery-{first.pk}" in answer


def test_polling_goes_on_while_something_moves_and_ends_by_itself(desk, campaign, clock):
    assert 'hx-trigger="every 2s"' in text(page(desk, campaign))
    work(clock)
    assert 'hx-trigger="every 2s"' in text(poll(desk, campaign, seen=0))
    walk_to_the_end(clock)
    settled = poll(desk, campaign, seen=Campaign.objects.get(pk=campaign.pk).version)
    assert settled.status_code == 200
    assert 'hx-trigger="every 2s"' not in text(settled)
    assert 'hx-trigger="every 2s"' not in text(page(desk, campaign))


def test_a_message_that_is_never_delivered_is_not_polled_for_ever(desk, campaign, clock):
    campaign.deliveries.update(status="sent")
    Campaign.objects.update(state="finished", finished_at=clock(), changed_at=clock())
    version = Campaign.objects.get().version
    assert poll(desk, campaign, seen=version).status_code == 204
    clock.go(minutes=2)
    assert "hx-trigger" not in text(poll(desk, campaign, seen=version))


def test_a_thousand_deliveries_cost_as_few_queries_as_one(desk, ada, django_assert_max_num_queries):
    made = make_campaign(ada)
    people = [
        Customer(business=ada.business, phone=f"+1512{n:07d}", consent_basis="x", is_attested=True) for n in range(1000)
    ]
    Delivery.objects.bulk_create(
        Delivery(campaign=made, customer=person, version=1) for person in Customer.objects.bulk_create(people)
    )
    Campaign.objects.filter(pk=made.pk).update(state="running", version=1)
    # Three of them: can the start still be undone, and is anything stuck?  One: who is asked in a group.
    with django_assert_max_num_queries(17):
        answer = poll(desk, made, seen=0)
    assert len(polled_rows(answer)) == 50
    with django_assert_max_num_queries(6):
        assert poll(desk, made, seen=1).status_code == 204


def test_fifty_a_page_in_an_order_that_does_not_change(desk, many, clock):
    before = [shown_rows(page(desk, many, page=number)) for number in (1, 2, 3)]
    assert [len(rows) for rows in before] == [50, 50, 20]
    many.deliveries.order_by("-pk").first().note(replied_at=clock())
    many.deliveries.filter(status="planned").update(status="read")
    assert [shown_rows(page(desk, many, page=number)) for number in (1, 2, 3)] == before


@pytest.mark.parametrize("asked", [{"page": "99"}, {"page": "-1"}, {"page": "x"}, {"show": "nonsense"}, {"open": "x"}])
def test_an_address_that_makes_no_sense_still_shows_the_campaign(desk, many, asked):
    assert page(desk, many, **asked).status_code == 200
    assert poll(desk, many, seen=0, **asked).status_code == 200


@pytest.mark.parametrize(("show", "count"), [("left", 2), ("waiting", 118), ("look", 0), ("replied", 0)])
def test_the_filters_show_whom_they_name(desk, many, show, count):
    assert page(desk, many, show=show).context["page"].paginator.count == count


@pytest.mark.parametrize("typed", ["grace", "Hopper", "grace hopper", "(512) 555-1001", "5551001"])
def test_a_customer_is_found_by_name_or_number(desk, campaign, typed):
    assert len(shown_rows(page(desk, campaign, q=typed))) == 1
    assert "Nobody here matches" in text(page(desk, campaign, q="Nobody"))


def test_a_row_says_why_somebody_was_left_out(desk, many):
    answer = text(page(desk, many, show="left"))
    assert "Employee or relative" in answer
    assert "Asked us to stop" in answer


def test_a_row_shows_picture_words_and_facts(desk, campaign, clock, grace):
    walk_to_the_end(clock)
    only_delivery(campaign).note(replied_at=clock(), replied_words="Lovely!", stopped_at=clock(), clicked_at=clock())
    answer = text(page(desk, campaign))
    for word in ("Read</span>", "Opened link", "Replied", "Lovely!", "Stopped", "thumbnail.jpg"):
        assert word in answer


def test_an_unfolded_row_tells_the_whole_story_and_stays_open_in_a_poll(desk, campaign, clock):
    walk_to_the_end(clock)
    delivery = only_delivery(campaign)
    answer = text(page(desk, campaign, open=delivery.pk))
    assert "What <bdi>Grace</bdi> saw" in answer
    assert "it&#x27;s Ada from Ada&#x27;s Bakery" in answer
    polled = text(poll(desk, campaign, seen=0, open=delivery.pk))
    assert f'<tr class="detail" id="detail-{delivery.pk}" hx-swap-oob="true">' in polled
    assert 'aria-expanded="true"' in polled


def test_names_are_words_and_never_markup(desk, ada, clock):
    odd = {"first_name": "<div hx-get=/x>", "last_name": '"><script>alert(1)</script>'}
    make_customer(ada.business, **odd, spoken_name=odd["first_name"])
    made = make_campaign(ada, name="<b>Bold</b>")
    launch.launch(made, ada.user, clock())
    for answer in (page(desk, made), poll(desk, made, seen=0)):
        assert "<div hx-get=/x>" not in text(answer)
        assert "<script>alert" not in text(answer)
        assert "<b>Bold" not in text(answer)


@pytest.mark.parametrize(
    ("first", "second", "state"), [("pause", "resume", "running"), ("pause", "cancel", "cancelled")]
)
def test_it_can_be_paused_resumed_and_cancelled(desk, campaign, first, second, state):
    for act in (first, second):
        assert desk.post(reverse(f"campaign_{act}", args=[campaign.pk])).url == reverse("campaign", args=[campaign.pk])
    campaign.refresh_from_db()
    assert campaign.state == state


def test_a_button_pressed_too_late_says_where_it_stands(desk, campaign):
    desk.post(reverse("campaign_cancel", args=[campaign.pk]))
    answer = desk.post(reverse("campaign_resume", args=[campaign.pk]), follow=True)
    assert "This campaign is cancelled now" in text(answer)


def test_an_account_in_trouble_is_said_at_the_next_poll(desk, campaign, ada, clock):
    version = campaign.version
    ada.organization.pause("key", "Chert does not accept our key.", clock())
    answer = poll(desk, campaign, seen=version, state="running")
    assert "Chert does not accept our key." in text(answer)
    assert "Nothing was lost. One customer waits." in text(answer)


def test_a_chert_that_is_away_is_said_at_the_next_poll_and_that_it_goes_on_by_itself(desk, campaign, ada, clock):
    Organization.objects.update(away_since=clock(), probe_at=clock())
    answer = poll(desk, campaign, seen=campaign.version, state="running")
    assert "Chert does not answer just now, since 12:00." in text(answer)
    assert "all goes on by itself. Nothing was lost. One customer waits." in text(answer)
    assert poll(desk, campaign, seen=campaign.version, state="running-away").status_code == 204


def test_the_csv_has_everybody_and_no_formulas(desk, ada, clock):
    make_customer(ada.business, first_name="=1+1", last_name="", spoken_name="=1+1")
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    lines = (
        b"".join(desk.get(reverse("campaign_csv", args=[made.pk])).streaming_content).decode("utf-8-sig").splitlines()
    )
    assert lines[0].startswith("Name,Phone,Status,Reason")
    assert lines[1].startswith("'=1+1,'+15125551001,Planned")
    assert ada.organization.audit.filter(act="export campaign").count() == 1


def test_a_stop_shows_at_once(desk, campaign, clock, grace):
    work(clock)
    replies.stop(grace, "Asked us by phone", None, clock())
    answer = poll(desk, campaign, seen=campaign.version)
    assert polled_rows(answer) == {only_delivery(campaign).pk}
    assert "Cancelled" in text(answer)


def test_finishing_a_day_later_is_said_with_the_day(desk, campaign, clock):
    campaign.deliveries.update(planned_for=clock() + timedelta(days=2))
    assert "Done Wednesday 4 March." in text(page(desk, campaign))


def test_a_campaign_that_meant_only_some_says_whom(desk, ada):
    make_customer(ada.business, technician="Dana <b>")
    some = make_campaign(ada, who={"technician": "Dana <b>"})
    launch.launch(some, ada.user, timezone.now())
    assert "Only: <bdi>technician Dana &lt;b&gt;</bdi>" in text(page(desk, some))
    assert "Only:" not in text(page(desk, make_campaign(ada, state="running")))
