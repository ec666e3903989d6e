"""A campaign becomes deliveries: looked at first, launched once, counted to the last one."""

import random
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from campaigns import launch, plans, status, steering
from campaigns.models import AuditEntry, Business, Campaign, Delivery, Line, Message, Organization, Suppression
from tests.cast import (
    NOON,
    Killed,
    at_once,
    killed_at,
    ledger,
    make_campaign,
    make_customer,
    only_delivery,
    turn,
    walk_to_the_end,
    work,
)

LIVE = "https://console.trychert.com/api/v1"


def refusal(campaign, clock):
    with pytest.raises(launch.NotReady) as missing:
        launch.launch(campaign, None, clock())
    return " ".join(missing.value.sentences)


def test_everybody_gets_a_row_asked_or_left_out_with_the_reason(ada, clock):
    make_customer(ada.business, 1)
    make_customer(ada.business, 2, is_insider=True)
    campaign = make_campaign(ada)
    plan = launch.launch(campaign, ada.user, clock())
    assert (plan.total, campaign.counts()) == (2, {"planned": 1, "skipped": 1})
    left_out = campaign.deliveries.get(status="skipped")
    assert (left_out.reason_code, left_out.reason) == (
        "insider",
        "Employee or relative: reviews from insiders are not allowed",
    )


def test_looking_writes_nothing_and_sends_nothing(ada, grace, sandbox, clock):
    campaign = make_campaign(ada)
    launch.check(campaign, clock())
    work(clock)
    assert (Delivery.objects.count(), Message.objects.count(), ledger(sandbox)) == (0, 0, [])


def test_a_campaign_is_launched_once(campaign, ada, clock):
    with pytest.raises(launch.NotPossible, match="started already"):
        launch.launch(campaign, ada.user, clock())
    assert campaign.deliveries.count() == 1


@pytest.mark.django_db(transaction=True)
def test_fifty_clicks_at_once_launch_one_campaign_once(ada, sandbox, clock):
    """F-13."""
    for number in range(10):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    ends = at_once([lambda: launch.launch(Campaign.objects.get(pk=campaign.pk), ada.user, clock())] * 50)
    assert [type(end) for end in ends].count(launch.Plan) == 1
    assert {type(end) for end in ends} == {launch.Plan, launch.NotPossible}
    assert (Delivery.objects.count(), Message.objects.count()) == (10, 20)


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_a_launch(ada, clock):
    """F-12: fifty times, at a random statement: nothing of it is there, and in the end all of it, once."""
    for number in range(40):
        make_customer(ada.business, number)
    campaign, chance = make_campaign(ada), random.Random(12)
    written = len(statements_of_a_launch(campaign, clock))
    for _ in range(50):
        nth = chance.randint(1, written)
        with pytest.raises(Killed), killed_at(nth):
            launch.launch(Campaign.objects.get(), ada.user, clock())
        assert (Campaign.objects.get().state, Delivery.objects.count(), Message.objects.count()) == ("draft", 0, 0), nth
    launch.launch(campaign, ada.user, clock())
    assert (Delivery.objects.count(), Message.objects.count()) == (40, 80)


def statements_of_a_launch(campaign, clock):
    with CaptureQueriesContext(connection) as seen, transaction.atomic():
        launch.launch(campaign, None, clock())
        transaction.set_rollback(True)
    campaign.refresh_from_db()
    return [query for query in seen if not query["sql"].startswith(("BEGIN", "SAVEPOINT", "RELEASE", "ROLLBACK"))]


@pytest.mark.django_db(transaction=True)
def test_two_campaigns_started_at_the_same_moment_ask_each_customer_once(ada, sandbox, clock):
    for number in range(10):
        make_customer(ada.business, number)
    both = [make_campaign(ada, name=name) for name in ("Autumn", "Winter")]
    at_once([lambda c=c: launch.launch(Campaign.objects.get(pk=c.pk), ada.user, clock()) for c in both])
    assert Delivery.objects.filter(status=status.Delivery.PLANNED).count() == 10
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 20


def test_nobody_to_ask_is_said(ada, clock):
    assert "Nobody can be asked just now" in refusal(make_campaign(ada), clock)


def test_a_missing_secret_is_said(ada, grace, clock):
    Organization.objects.update(chert_secret="")
    ada.business.organization.refresh_from_db()
    assert "no Chert secret yet" in refusal(make_campaign(ada), clock)


def test_a_missing_line_is_said(ada, grace, clock):
    Line.objects.update(is_active=False)
    assert "No active line" in refusal(make_campaign(ada), clock)


def test_a_missing_review_address_is_said(ada, grace, clock):
    ada.business.review_url = ""
    assert "no review address yet" in refusal(make_campaign(ada), clock)


def test_a_missing_card_is_said(ada, grace, clock):
    assert "Choose a card" in refusal(make_campaign(ada, card=None), clock)


def test_a_gift_for_a_review_blocks_the_launch(ada, grace, clock):
    """R3."""
    words = refusal(make_campaign(ada, ask="Leave a review and get 10% off your next cake!"), clock)
    assert "10% off" in words


def test_a_first_message_without_a_way_to_stop_blocks_the_launch(ada, grace, clock):
    """M10."""
    assert "how to stop" in refusal(make_campaign(ada, greeting="Hi, it's {sender} from {business}."), clock)


def test_a_business_whose_name_is_an_address_is_told_before_the_first_message_is_refused(ada, grace, clock):
    ada.business.name = "Cakes.com"
    assert "Cakes.com" in refusal(make_campaign(ada), clock)


def test_hours_that_can_never_be_kept_block_the_launch(ada, grace, clock, settings):
    settings.CHERT_API_BASE = LIVE
    ada.business.window = "00:00-24:00"
    assert "between 8:00 and 21:00" in refusal(make_campaign(ada), clock)


def test_a_refused_launch_leaves_the_draft_as_it_was(ada, clock):
    campaign = make_campaign(ada)
    refusal(campaign, clock)
    campaign.refresh_from_db()
    assert (campaign.state, Delivery.objects.count(), AuditEntry.objects.count()) == ("draft", 0, 0)


def test_the_time_to_undo_is_kept_free(ada, grace, sandbox, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock(), begin_after=timedelta(seconds=30))
    work(clock, minutes=0.4)
    assert ledger(sandbox) == []
    work(clock, minutes=0.2)
    assert len(ledger(sandbox, "message")) == 1


def test_a_known_customer_is_planned_for_the_next_open_moment_and_takes_no_slot(campaign, ada, sandbox, clock):
    walk_to_the_end(clock)
    Line.objects.update(budget=0)
    clock.go(days=91)
    Line.objects.create(organization=ada.organization, number="+15125550101", budget=1, gap=600)
    plan = launch.check(make_campaign(ada, name="Spring"), clock())
    assert list(plan.times.values()) == [clock()]


def test_pictures_text_and_words_come_from_the_campaign_not_from_the_business(ada, grace, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    texts = set(Message.objects.values_list("kind", "text"))
    assert texts == {("greeting", campaign.greeting), ("ask", campaign.ask)}


def test_a_stop_between_looking_and_launching_ends_the_row_before_anything_leaves(ada, grace, sandbox, clock):
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    Suppression.add(ada.organization, grace.phone, "Wrote STOP")
    walk_to_the_end(clock)
    assert (ledger(sandbox, "message"), only_delivery(campaign).status) == ([], "cancelled")
    campaign.refresh_from_db()
    assert campaign.state == status.Campaign.FINISHED


def test_the_counts_add_up_at_every_tick_of_a_stormy_run(ada, sandbox, clock):
    """I10, with refusals, stops, doubts and skips on the way."""
    chance = random.Random(5)
    turn(sandbox, seed=5, p429=0.1, p500=0.1, reset_before=0.1, reset_after=0.1, broken_json=0.1)
    for number in range(20):
        make_customer(ada.business, number, is_insider=chance.random() < 0.2)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    for _ in range(40):
        work(clock, minutes=chance.choice([0.1, 1, 3]))
        assert sum(campaign.counts().values()) == 20


def test_the_campaign_ends_only_when_every_row_has_ended(ada, sandbox, clock):
    for number in range(2):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    Delivery.objects.filter(pk=campaign.deliveries.first().pk).update(status="greeted")
    Campaign.objects.update(state="running", finished_at=None)
    assert not campaign.finish_if_done(clock())
    Delivery.objects.update(status="refused")
    assert campaign.finish_if_done(clock())
    campaign.refresh_from_db()
    assert campaign.finished_at == clock()


def test_a_campaign_that_is_paused_is_not_finished_behind_anybodys_back(campaign, sandbox, ada, clock):
    work(clock)
    steering.pause(campaign, ada.user)
    Delivery.objects.update(status="read")
    assert not campaign.finish_if_done(clock())


def test_the_plan_says_how_many_on_which_day(ada, clock):
    Line.objects.update(budget=30, gap=600)
    for number in range(45):
        make_customer(ada.business, number)
    plan = launch.check(make_campaign(ada), clock())
    assert [(day.isoformat(), count) for day, count in plan.by_day] == [("2026-03-02", 30), ("2026-03-03", 15)]
    assert min(plan.times.values()) == NOON


def test_another_businesss_customers_are_not_asked(ada, rival, clock):
    make_customer(ada.business)
    make_customer(rival.business, 2)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    assert only_delivery(campaign).customer.business == ada.business
    assert Business.objects.count() == 2


def test_who_waits_for_their_morning_is_named_with_the_place(ada, clock):
    """Noon in Chicago is eight in Honolulu."""
    make_customer(ada.business, 1, timezone="Pacific/Honolulu", first_name="Kai")
    make_customer(ada.business, 2)
    make_customer(ada.business, 3, timezone="America/New_York")
    plan = launch.check(make_campaign(ada), clock())
    [kai] = plan.waiting
    assert (kai.customer.first_name, kai.places, kai.planned_for) == ("Kai", "Honolulu", NOON + timedelta(hours=1))
    assert plans.where(plan.waiting) == "1 Honolulu"


def test_where_several_places_are_possible_all_of_them_are_named(ada, clock):
    make_customer(ada.business, 1, timezone="", phone="+18085551234")
    [waiting] = launch.check(make_campaign(ada), clock()).waiting
    assert waiting.places == "Honolulu or Chicago"


def test_a_customer_where_the_hours_never_open_is_left_out_and_the_others_go_on(ada, clock):
    ada.business.window = "09:00-10:00"
    make_customer(ada.business, 1, timezone="", phone="+18085551234")
    make_customer(ada.business, 2)
    plan = launch.check(make_campaign(ada), clock())
    assert (len(plan.will_ask), plan.counts(), plan.is_ready) == (1, {"no_hours": 1}, True)
    assert "Honolulu or Chicago" in plan.skipped[0][1].sentence


def test_a_budget_of_nothing_is_refused_with_that_reason(ada, grace, clock):
    Line.objects.update(budget=0)
    assert "every daily budget is 0" in refusal(make_campaign(ada), clock)


def test_a_campaign_that_runs_already_goes_first_and_the_plan_knows(ada, clock):
    Line.objects.update(budget=30, gap=600)
    for number in range(45):
        make_customer(ada.business, number)
    launch.launch(make_campaign(ada), ada.user, clock())
    make_customer(ada.business, 50)
    plan = launch.check(make_campaign(ada, name="Winter"), clock())
    assert (plan.ahead, [day.isoformat() for day, _ in plan.by_day]) == (45, ["2026-03-03"])


def test_another_accounts_campaign_is_not_before_ours(ada, rival, grace, clock):
    make_customer(rival.business, 2)
    launch.launch(make_campaign(rival), rival.user, clock())
    assert launch.check(make_campaign(ada), clock()).ahead == 0


def test_the_end_of_a_running_campaign_is_told_from_what_is_left(ada, clock):
    """Planned for today and tomorrow; nothing went out for a day, so it is a day more."""
    Line.objects.update(budget=30, gap=600)
    for number in range(45):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    plan = launch.launch(campaign, ada.user, clock())
    assert plans.expected_end(campaign, clock()) == plan.finishes_at
    clock.go(days=1)
    assert plans.expected_end(campaign, clock()).date() == plan.finishes_at.date() + timedelta(days=1)


def test_a_smaller_budget_moves_the_end_of_a_running_campaign(ada, clock):
    Line.objects.update(budget=30, gap=600)
    for number in range(20):
        make_customer(ada.business, number)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    Line.objects.update(budget=5)
    assert (plans.expected_end(campaign, clock()) - NOON).days == 2


def test_a_campaign_with_nothing_left_has_no_end_to_expect(campaign, sandbox, clock):
    walk_to_the_end(clock)
    assert plans.expected_end(campaign, clock()) is None


def test_the_plan_and_what_happens_are_the_same(ada, sandbox, clock):
    """With nothing in the way every greeting goes out at the moment it was planned for, jitter and mornings and all."""
    Line.objects.update(budget=8, gap=600)
    zones = ["America/Chicago", "Pacific/Honolulu", "America/New_York"]
    for number in range(12):
        make_customer(ada.business, number, timezone=zones[number % 3])
    campaign = make_campaign(ada)
    plan = launch.launch(campaign, ada.user, clock())
    for moment in sorted(plan.times.values()):
        clock.to(moment)
        work(clock)
    greeted = dict(campaign.deliveries.values_list("customer", "greeted_at"))
    assert {pk: moment.replace(microsecond=0) for pk, moment in greeted.items()} == {
        pk: moment.replace(microsecond=0) for pk, moment in plan.times.items()
    }


def test_a_business_that_moves_while_a_campaign_runs_has_its_own_new_hours(ada, sandbox, clock):
    """Nobody knows where this customer is: the number says nothing, so the business's own zone decides, the new one."""
    make_customer(ada.business, 1, timezone="", phone="+15005551234")
    launch.launch(make_campaign(ada), ada.user, clock())
    Business.objects.update(timezone="Pacific/Honolulu")  # noon in Chicago is eight there
    work(clock)
    assert ledger(sandbox, "message") == []
    work(clock, minutes=61)
    assert len(ledger(sandbox, "message")) == 1
