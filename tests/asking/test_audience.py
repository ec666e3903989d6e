"""May we ask this customer, and if not, why: each reason with its sentence, one answer for everybody who asks."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns import calling, launch, replies, resend, steering
from campaigns.asking import audience
from campaigns.invitations import GREETING
from campaigns.models import Business, Campaign, Click, Customer, Delivery, Message, Suppression
from campaigns.web.standings import STANDINGS
from tests.cast import (
    NOON,
    answer,
    ledger,
    listen,
    make_campaign,
    make_customer,
    only_delivery,
    turn,
    walk_to_the_end,
    work,
)


def why(customer, clock, **more):
    customer.refresh_from_db()
    reason = audience.why_not(customer, clock(), **more)
    return (reason.code, reason.sentence) if reason else None


def test_somebody_with_consent_and_no_history_may_be_asked(grace, clock):
    assert why(grace, clock) is None


def test_somebody_who_stopped(grace, clock):
    replies.stop(grace, "Asked us by phone to stop", None, clock())
    assert why(grace, clock) == ("stopped", "Asked us by phone to stop, 2 March 2026")


def test_a_suppressed_number(grace, ada, clock):
    Suppression.add(ada.organization, grace.phone, "Wrote STOP")
    assert why(grace, clock) == ("suppressed", "This number asked us never to write again")


def test_an_insider(ada, clock):
    cousin = make_customer(ada.business, is_insider=True)
    assert why(cousin, clock) == ("insider", "Employee or relative: reviews from insiders are not allowed")


def test_somebody_without_a_recorded_consent(ada, clock):
    stranger = make_customer(ada.business, consent_basis="")
    assert why(stranger, clock) == ("no_consent", "Nobody has recorded how this customer agreed to be written to")


def test_somebody_whose_words_nobody_has_read(grace, clock):
    grace.pause("who is this?", clock())
    assert why(grace, clock) == ("paused", "Waits for somebody to read: “who is this?”")


def test_somebody_left_out_of_a_campaign_by_hand(ada, grace, clock):
    draft = make_campaign(ada)
    steering.leave_out(draft, grace, ada.user)
    assert why(grace, clock, campaign=draft) == ("left_out", "Left out by hand on the contact sheet")
    assert why(grace, clock) is None
    assert why(grace, clock, campaign=make_campaign(ada)) is None


def test_a_stop_weighs_more_than_being_left_out(ada, grace, clock):
    draft = make_campaign(ada)
    steering.leave_out(draft, grace, ada.user)
    replies.stop(grace, "Asked us by phone to stop", None, clock())
    assert why(grace, clock, campaign=draft)[0] == "stopped"


def test_somebody_who_has_reviewed(ada, clock):
    fan = make_customer(ada.business, reviewed_at=clock())
    assert why(fan, clock) == ("reviewed", "Has reviewed already, 2 March 2026")


def test_somebody_asked_not_long_ago_is_free_again_on_a_day(campaign, sandbox, grace, clock):
    walk_to_the_end(clock)
    clock.to(NOON + timedelta(days=41))
    code, sentence = why(grace, clock)
    assert (code, sentence) == ("recent", "Asked 41 days ago, free again on 31 May 2026")
    clock.to(NOON + timedelta(days=90, minutes=10))
    assert why(grace, clock) is None


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (1, "yesterday"), (2, "2 days ago")])
def test_how_long_ago_is_said_as_people_say_it(campaign, sandbox, grace, clock, days, words):
    walk_to_the_end(clock)
    clock.go(days=days)
    assert why(grace, clock)[1].startswith(f"Asked {words}, ")


def test_the_cool_down_is_the_businesss_own(campaign, sandbox, grace, clock):
    Business.objects.update(cool_down_days=7)
    walk_to_the_end(clock)
    clock.go(days=6)
    assert why(grace, clock)[0] == "recent"
    clock.go(days=1)
    assert why(grace, clock) is None


def test_somebody_in_another_running_campaign(campaign, grace, clock):
    assert why(grace, clock) == ("elsewhere", "Is in another running campaign")
    assert why(grace, clock, campaign=campaign) is None


def test_a_refused_message_was_no_asking(campaign, sandbox, grace, clock):
    turn(sandbox, p500=1, p500_code=1003, only="POST /chats")
    walk_to_the_end(clock)
    assert only_delivery(campaign).status == "refused"
    assert why(grace, clock) is None


def test_a_doubtful_asking_counts_even_beside_an_older_one_that_arrived(campaign, sandbox, grace, ada, clock):
    """The newest of both decides: the old one is long past, the doubtful one was yesterday."""
    walk_to_the_end(clock)
    answer(sandbox, clock, grace, "Thank you!")
    clock.go(days=200)
    delivery = only_delivery(campaign)
    resend.resend(delivery, ada.user, "", clock())
    Message.objects.filter(round=2).update(status="in_doubt", first_attempt_at=clock())
    delivery.refresh()
    clock.go(days=1)
    assert why(grace, clock)[1].startswith("Asked yesterday")


def test_a_greeting_alone_is_no_asking(campaign, sandbox, grace, ada, clock):
    work(clock)
    steering.cancel(campaign, ada.user, clock())
    assert why(grace, clock) is None


def test_the_heaviest_reason_is_the_one_that_is_told(campaign, sandbox, grace, clock):
    """Stopped, insider, paused and asked today: what no person may override comes first."""
    walk_to_the_end(clock)
    Customer.objects.update(is_insider=True, paused_at=clock(), stopped_at=clock(), stopped_how="Wrote STOP")
    assert why(grace, clock)[0] == "stopped"
    Customer.objects.update(stopped_at=None)
    assert why(grace, clock)[0] == "insider"


@pytest.mark.parametrize("code", ["stopped", "suppressed", "insider", "no_consent", "no_visit"])
def test_these_no_person_may_override(code):
    assert audience.Reason(code, "").is_final


@pytest.mark.parametrize("code", ["paused", "reviewed", "recent", "elsewhere", "no_mobile", "same_phone", "name"])
def test_these_a_person_may_override_with_a_reason(code):
    assert not audience.Reason(code, "").is_final


def test_a_suppression_outlives_the_customer_and_the_next_import(campaign, sandbox, grace, ada, clock):
    """D3: deleted, imported again, still silent; and the database alone reveals no number."""
    replies.stop(grace, "Wrote STOP", None, clock())
    phone = grace.phone
    Campaign.objects.all().delete()
    grace.delete()
    again = make_customer(ada.business, phone=phone)
    assert why(again, clock)[0] == "suppressed"
    assert phone not in "".join(Suppression.objects.values_list("phone_hash", flat=True))


def test_a_stop_after_the_customer_was_deleted_and_imported_again_counts(campaign, sandbox, grace, ada, clock):
    work(clock)
    phone = grace.phone
    replies.stop(grace, "Wrote STOP", None, clock())
    Campaign.objects.all().delete()
    grace.delete()
    make_customer(ada.business, phone=phone)
    listen(clock)
    plan = launch.check(make_campaign(ada), clock())
    assert plan.counts() == {"suppressed": 1}


def test_a_suppression_at_one_organization_says_nothing_at_another(grace, rival, clock):
    Suppression.add(rival.organization, grace.phone, "Wrote STOP")
    assert why(grace, clock) is None


def test_the_same_number_has_another_hash_at_another_organization(ada, rival):
    hashes = {Suppression.hash(o, "+15125551001") for o in (ada.organization, rival.organization)}
    assert len(hashes) == 2


def test_the_answers_for_many_cost_as_much_as_for_one(ada, clock, django_assert_max_num_queries):
    for number in range(30):
        make_customer(ada.business, number)
    people = list(ada.business.customers.select_related("business__organization"))
    with django_assert_max_num_queries(4):
        audience.reasons(ada.business, people, clock())


def test_more_than_five_hundred_are_answered_alike(campaign, sandbox, grace, ada, clock):
    walk_to_the_end(clock)
    Customer.objects.bulk_create(
        Customer(business=ada.business, phone=f"+1512556{n:04d}", consent_basis="Yes", is_attested=True)
        for n in range(600)
    )
    Suppression.add(ada.organization, "+15125560007", "Wrote STOP")
    found = audience.reasons(ada.business, ada.business.customers.all(), clock())
    assert sorted(reason.code for reason in found.values()) == ["recent", "suppressed"]


def test_a_finished_campaign_is_not_elsewhere(campaign, grace, clock):
    Delivery.objects.update(status="planned")
    Campaign.objects.update(state="finished")
    assert why(grace, clock) is None


def test_the_zones_are_their_own_or_every_hint_with_the_businesss(ada):
    chicago, honolulu = ZoneInfo("America/Chicago"), ZoneInfo("Pacific/Honolulu")
    own = make_customer(ada.business, 1, timezone="Pacific/Honolulu")
    hinted = make_customer(ada.business, 2, timezone="", phone="+18085551234")
    unknown = make_customer(ada.business, 3, timezone="", phone="+18005551234")
    assert audience.zones(own) == (honolulu,)
    assert set(audience.zones(hinted)) == {honolulu, chicago}
    assert audience.zones(unknown) == (chicago,)


def test_every_reason_there_is_has_a_title():
    assert set(audience.TITLES) >= {
        *audience.FINAL,
        "paused",
        "reviewed",
        "recent",
        "elsewhere",
    }


def asked_again(campaign, ada, clock):
    """The same customer, half a year later, once more."""
    clock.go(days=180)
    resend.resend(only_delivery(campaign), ada.user, "", clock())
    walk_to_the_end(clock)


def test_somebody_who_left_two_requests_unanswered_is_not_asked_a_third_time(campaign, sandbox, grace, ada, clock):
    walk_to_the_end(clock)
    asked_again(campaign, ada, clock)
    clock.go(days=180)
    sentence = "Has not answered 2 requests; nobody is asked a third time"
    assert why(grace, clock) == ("unanswered", sentence)


def test_an_answer_begins_the_count_anew(campaign, sandbox, grace, ada, clock):
    walk_to_the_end(clock)
    answer(sandbox, clock, grace, "Thank you!")
    asked_again(campaign, ada, clock)
    clock.go(days=180)
    assert why(grace, clock) is None


def test_an_opened_link_is_an_answer_and_a_robots_is_none(campaign, sandbox, grace, ada, clock):
    walk_to_the_end(clock)
    asked_again(campaign, ada, clock)
    Click.objects.create(delivery=only_delivery(campaign), at=clock(), is_robot=True)
    clock.go(days=180)
    assert why(grace, clock)[0] == "unanswered"
    Click.objects.create(delivery=only_delivery(campaign), at=clock())
    assert why(grace, clock) is None


def test_greeting_and_request_count_as_one(campaign, sandbox, grace, clock):
    walk_to_the_end(clock)
    clock.go(days=180)
    assert Message.objects.filter(sent_at__isnull=False).count() == 2
    assert why(grace, clock) is None


def test_many_customers_cost_as_few_queries_as_one_and_may_come_one_by_one(ada, clock, django_assert_num_queries):
    for number in range(200):
        make_customer(ada.business, number, is_insider=number % 2 == 0)
    with django_assert_num_queries(4):
        found = audience.reasons(ada.business, ada.business.customers.iterator(), clock())
    assert len(found) == 100


def test_more_than_are_looked_at_together_are_all_looked_at(ada, clock, monkeypatch):
    monkeypatch.setattr(audience, "AT_A_TIME", 7)
    for number in range(20):
        make_customer(ada.business, number, is_insider=True)
    assert len(audience.reasons(ada.business, ada.business.customers.all(), clock())) == 20


# --- the same number at several locations ---------------------------------------------------------------------------


@pytest.fixture
def cafe(ada):
    """Ada's second location, where the requests of all locations count."""
    values = {"slug": "cafe", "name": "Ada's Café", "sender": "Ada", "review_url": ada.business.review_url}
    shared = Business.CoolDown.ORGANIZATION
    return Business.objects.create(organization=ada.organization, cool_down_scope=shared, **values)


def test_a_location_of_its_own_asks_whom_another_has_asked(campaign, cafe, sandbox, grace, clock):
    Business.objects.update(cool_down_scope=Business.CoolDown.LOCATION)
    cafe.refresh_from_db()
    walk_to_the_end(clock)
    assert why(make_customer(cafe, phone=grace.phone), clock) is None


def test_where_all_locations_count_the_number_is_who_they_are(campaign, cafe, sandbox, grace, clock):
    walk_to_the_end(clock)
    code, sentence = why(make_customer(cafe, phone=grace.phone), clock)
    assert (code, sentence) == ("recent", "Asked today by one of your locations, free again on 31 May 2026")
    assert why(make_customer(cafe, 9), clock) is None


def test_a_request_still_on_its_way_at_another_location_counts_as_well(campaign, cafe, grace, clock):
    assert why(make_customer(cafe, phone=grace.phone), clock)[0] == "elsewhere"


def test_a_rivals_requests_to_the_same_number_count_for_nobody_else(campaign, rival, sandbox, grace, clock):
    Business.objects.update(cool_down_scope=Business.CoolDown.ORGANIZATION)
    rival.business.refresh_from_db()
    walk_to_the_end(clock)
    assert why(make_customer(rival.business, phone=grace.phone), clock) is None


def test_a_shared_cool_down_is_overridden_by_hand_with_a_reason_that_is_kept(
    campaign, ada, cafe, sandbox, grace, clock
):
    walk_to_the_end(clock)
    make_customer(cafe, 9)
    make_customer(cafe, phone=grace.phone)
    theirs = Campaign.objects.create(business=cafe, name="Café", card=ada.card, greeting=GREETING, ask="How was it?")
    launch.launch(theirs, ada.user, clock())
    skipped = theirs.deliveries.get(status="skipped")
    with pytest.raises(resend.ReasonNeeded):
        resend.resend(skipped, ada.user, "", clock())
    resend.resend(skipped, ada.user, "Came in again", clock())
    assert set(skipped.messages.values_list("note", flat=True)) == {"Came in again"}


def test_many_people_cost_as_few_queries_there_too(cafe, clock, django_assert_max_num_queries):
    people = [make_customer(cafe, number) for number in range(20)]
    with django_assert_max_num_queries(5):
        audience.reasons(cafe, people, clock())


def test_where_one_unanswered_request_is_enough_nobody_is_asked_a_second_time(campaign, sandbox, grace, ada, clock):
    Business.objects.filter(pk=ada.business.pk).update(most_unanswered=1, cool_down_days=1)
    walk_to_the_end(clock)
    clock.go(days=30)
    grace.business.refresh_from_db()
    reason = audience.why_not(grace, clock())
    assert (reason.code, reason.sentence) == (
        "unanswered",
        "Has not answered one request; nobody is asked a second time",
    )


# --- no visit, no mobile, the same phone, an odd name ---------------------------------------------------------------


def test_somebody_of_whom_nobody_says_that_they_were_served(ada, clock):
    stranger = make_customer(ada.business, is_attested=False)
    assert why(stranger, clock) == ("no_visit", "No visit is recorded, and nobody has said that this is a customer")
    Customer.objects.update(last_visit=clock().date())
    assert why(stranger, clock) is None


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("+18005551234", "a toll-free number"),
        ("+18335551234", "a toll-free number"),
        ("+19005551234", "a premium-rate number"),
        ("+442079460000", "a landline"),
        ("+493012345678", "a landline"),
    ],
)
def test_a_number_behind_which_there_is_no_mobile(ada, clock, phone, said):
    landline = make_customer(ada.business, phone=phone)
    assert why(landline, clock) == ("no_mobile", f"The number looks like {said}, which takes no messages")


def test_of_two_writings_of_one_number_the_older_customer_is_asked(ada, clock):
    older = make_customer(ada.business, first_name="Dana", last_name="Ortiz", phone="+5215512345678")
    newer = make_customer(ada.business, phone="+525512345678")
    assert why(newer, clock) == ("same_phone", "Same number as Dana Ortiz")
    assert why(older, clock) is None


def test_a_writing_that_is_no_mobile_does_not_stand_in_the_way_of_the_one_that_is(ada, clock):
    make_customer(ada.business, phone="+541123456789")
    newer = make_customer(ada.business, phone="+5491123456789")
    assert why(newer, clock) is None


def test_a_rivals_writing_of_the_same_number_is_nobodys_business(ada, rival, clock):
    make_customer(rival.business, phone="+5215512345678")
    assert why(make_customer(ada.business, phone="+525512345678"), clock) is None


@pytest.mark.parametrize("odd", ["Harbor HVAC", "info@example.com", "512 555 0142", "test", "B.", "<b>"])
def test_an_odd_name_with_nothing_better_waits_until_somebody_decides(ada, clock, odd):
    person = make_customer(ada.business, first_name=odd)
    assert why(person, clock)[0] == "name"
    calling.call(person, "", ada.user)
    assert why(person, clock) is None


@pytest.mark.parametrize("fine", ["", "GRACE", "grace", "Ada & Grace", "Mr Hopper", "Grace"])
def test_no_name_and_a_name_with_a_better_one_are_no_reason(ada, clock, fine):
    assert why(make_customer(ada.business, first_name=fine), clock) is None


MISSING = {
    "no_visit": {"is_attested": False},
    "no_mobile": {"phone": "+18005551234"},
    "same_phone": {"phone": "+525512345678"},
    "name": {"first_name": "Harbor HVAC"},
}


@pytest.mark.parametrize("code", MISSING)
def test_look_launch_and_resend_give_the_same_answer(ada, grace, clock, code):
    make_customer(ada.business, 5, phone="+5215512345678")
    person = make_customer(ada.business, 2, **MISSING[code])
    draft = make_campaign(ada)
    assert [(p, r.code) for p, r in audience.of(draft, clock())[1]] == [(person, code)]
    launch.launch(draft, ada.user, clock())
    skipped = draft.deliveries.get(customer=person)
    assert (skipped.status, skipped.reason_code) == ("skipped", code)
    refusal = resend.NotAllowed if code == "no_visit" else resend.ReasonNeeded
    with pytest.raises(refusal, match=skipped.reason[:20]):
        resend.resend(skipped, ada.user, "", clock())


@pytest.mark.parametrize("code", ["no_mobile", "same_phone", "name"])
def test_a_person_may_know_better_and_says_why(ada, grace, clock, code):
    make_customer(ada.business, 5, phone="+5215512345678")
    person = make_customer(ada.business, 2, **MISSING[code])
    draft = make_campaign(ada)
    launch.launch(draft, ada.user, clock())
    resend.resend(draft.deliveries.get(customer=person), ada.user, "Called them on it", clock())
    assert audience.never(person) is None


BECAME = {"stopped_at": NOON, "is_insider": True, "consent_basis": ""}


@pytest.mark.parametrize("fact", BECAME)
def test_what_becomes_true_after_a_launch_stops_the_send(campaign, sandbox, grace, clock, fact):
    Customer.objects.update(**{fact: BECAME[fact]})
    walk_to_the_end(clock)
    assert not ledger(sandbox, "message")


def test_what_was_weighed_at_the_launch_is_not_weighed_again(campaign, sandbox, grace, clock):
    Customer.objects.update(is_attested=False, first_name="Harbor HVAC")
    walk_to_the_end(clock)
    assert ledger(sandbox, "message")


def test_every_reason_has_a_chip(ada):
    assert set(STANDINGS) | {"left_out", "no_hours"} == set(audience.TITLES)
