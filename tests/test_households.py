"""Households: joined by hand, counted once, never together with somebody who may not be asked."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from campaigns import households, launch, lines, names, plans, replies
from campaigns.asking import audience, meant, together
from campaigns.filters import Filter
from campaigns.models import Apart, AuditEntry, Customer, Delivery, Household, Message
from tests.cast import answer, at_once, make_campaign, make_customer, walk_to_the_end

LEE = (("Marcus", "Lee"), ("Dana", "Lee"))


def home_of(owner, *people, start=1):
    made = [
        make_customer(owner.business, start + n, first_name=one, last_name=two) for n, (one, two) in enumerate(people)
    ]
    households.join(owner.business, [each.pk for each in made], owner.user, timezone.now())
    return [Customer.objects.select_related("household", "business").get(pk=each.pk) for each in made]


@pytest.fixture
def lees(ada):
    return home_of(ada, *LEE)


def launched(owner, clock, **more):
    made = make_campaign(owner, **more)
    launch.launch(made, owner.user, clock())
    return made


# --- names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("people", "name"),
    [
        (LEE, "Marcus & Dana Lee"),
        ((("Marcus", "Lee"), ("Sam", "Ortiz")), "Marcus Lee & Sam Ortiz"),
        ((("Anna", ""), ("Ben", ""), ("Cem", "")), "Anna, Ben & Cem"),
        ((("Anna", "Ay"), ("Ben", "Bo"), ("Cem", "Cy")), "Anna, Ben & Cem"),
        ((("Marcus & Dana", "Lee"), ("Marcus & Dana", "Lee")), "Marcus & Dana Lee"),
        ((("", "Lee"), ("Dana", "Lee")), "Dana Lee"),
        ((("", ""), ("", "")), ""),
    ],
)
def test_a_household_is_called_by_those_in_it(people, name):
    assert names.household(people) == name


def test_text_and_picture_say_the_first_names_of_all(lees):
    folded = together.fold(lees)
    assert folded.asked[0].words()["first_name"] == "Marcus & Dana"
    lees[0].spoken_name = ""
    assert folded.asked[0].called == "Dana"


# --- joining --------------------------------------------------------------------------------------------------------


def refused(owner, *people):
    with pytest.raises(households.CannotJoin) as why:
        households.join(owner.business, [each.pk for each in people], owner.user, timezone.now())
    return str(why.value)


def test_joining_is_on_record_for_each_and_names_nobody(ada, lees):
    entries = AuditEntry.objects.filter(act="join household")
    assert {entry.about for entry in entries} == {f"customer {each.pk}" for each in lees}
    assert {entry.words for entry in entries} == {str(lees[0].household)}


def test_one_or_five_are_no_household(ada):
    people = [make_customer(ada.business, n) for n in range(1, 6)]
    assert "two to 4" in refused(ada, people[0])
    assert "two to 4" in refused(ada, *people)


def test_somebody_elses_customer_is_not_joined(ada, rival):
    mine, theirs = make_customer(ada.business), make_customer(rival.business)
    assert "not in the list" in refused(ada, mine, theirs)
    assert (Household.objects.count(), Customer.objects.exclude(household=None).count()) == (0, 0)


def test_who_has_stopped_is_in_no_group(ada):
    one, other = make_customer(ada.business, 1), make_customer(ada.business, 2)
    replies.stop(other, "Asked us by phone", None, timezone.now())
    assert "asked us to stop" in refused(ada, one, other)


def test_who_is_suppressed_by_number_alone_is_in_no_group(ada):
    one, other = make_customer(ada.business, 1), make_customer(ada.business, 2)
    replies.stop(other, "Asked us by phone", None, timezone.now())
    Customer.objects.filter(pk=other.pk).update(stopped_at=None)
    assert "asked us to stop" in refused(ada, one, other)


def test_an_employee_is_in_no_group(ada):
    assert "employee" in refused(ada, make_customer(ada.business, 1), make_customer(ada.business, 2, is_insider=True))


def test_one_phone_in_two_writings_is_no_household(ada):
    one = make_customer(ada.business, 1, phone="+5215512345678")
    assert "same number" in refused(ada, one, make_customer(ada.business, 2, phone="+525512345678"))


def test_nobody_is_in_two_households(ada, lees):
    assert "in a household already" in refused(ada, lees[0], make_customer(ada.business, 9))


@pytest.mark.django_db(transaction=True)
def test_two_who_join_the_same_at_once_make_one(transactional_db, ada):
    keys = [make_customer(ada.business, n).pk for n in (1, 2, 3)]
    join = households.join
    results = at_once(
        [lambda pair=pair: join(ada.business, pair, None, timezone.now()) for pair in (keys[:2], keys[1:])]
    )
    assert sum(isinstance(each, Household) for each in results) == 1
    assert sum(isinstance(each, households.CannotJoin) for each in results) == 1
    assert Customer.objects.exclude(household=None).count() == 2


def test_taking_one_of_two_out_dissolves_it(ada, lees):
    households.take_out(lees[0], ada.user, timezone.now())
    assert not Customer.objects.exclude(household=None).exists()
    assert Household.objects.get().closed_at is not None


def test_taking_one_of_three_out_leaves_a_household_that_was_never_written_to(ada):
    anna, ben, cem = home_of(ada, ("Anna", ""), ("Ben", ""), ("Cem", ""))
    households.take_out(cem, ada.user, timezone.now())
    assert households.others(anna) == [ben]
    assert Household.objects.get().is_open


def test_taking_one_of_three_out_closes_a_group_that_was_written_to(ada, sandbox, clock):
    anna, _, cem = home_of(ada, ("Anna", ""), ("Ben", ""), ("Cem", ""))
    launched(ada, clock)
    walk_to_the_end(clock)
    households.take_out(cem, ada.user, clock())
    assert not Household.objects.get().is_open
    assert refused(ada, anna, cem, make_customer(ada.business, 7, is_insider=True))  # no longer for being in one


def test_a_dissolved_household_may_be_joined_anew_in_another_group(ada, lees):
    households.dissolve(lees[0].household, ada.user, timezone.now())
    made = households.join(ada.business, [each.pk for each in lees], ada.user, timezone.now())
    assert (made.is_open, made.chat_id, Household.objects.count()) == (True, "", 2)


# --- proposals ------------------------------------------------------------------------------------------------------


def visited(owner, n, last="Lee", day=date(2026, 2, 27), **more):
    return make_customer(owner.business, n, last_name=last, last_visit=day, **more)


def test_the_same_family_on_the_same_day_is_proposed_and_never_joined(ada):
    one, other = visited(ada, 1), visited(ada, 2, last="LEE ")
    visited(ada, 3, day=date(2026, 2, 20))
    visited(ada, 4, last="Ortiz")
    assert households.alike(one) == [other]
    assert households.proposed(ada.business) == [[one, other]]
    assert not Household.objects.exists()


def test_five_smiths_on_one_day_are_no_household(ada):
    people = [visited(ada, n, last="Smith") for n in range(1, 6)]
    assert (households.alike(people[0]), households.proposed(ada.business)) == ([], [])


def test_who_is_in_one_has_stopped_or_has_no_visit_is_not_proposed(ada, rival):
    one, other = visited(ada, 1), visited(ada, 2)
    visited(ada, 3, stopped_at=timezone.now())
    visited(rival, 4)
    make_customer(ada.business, 5, last_name="Lee")
    assert households.proposed(ada.business) == [[one, other]]
    households.join(ada.business, [one.pk, other.pk], None, timezone.now())
    assert households.proposed(ada.business) == []


# --- told apart -----------------------------------------------------------------------------------------------------


def tell_apart(owner, *people):
    return households.tell_apart(owner.business, [each.pk for each in people], owner.user, timezone.now())


def test_who_is_told_apart_is_not_proposed_again(ada):
    one, other = visited(ada, 1), visited(ada, 2)
    tell_apart(ada, one, other)
    assert (households.proposed(ada.business), households.alike(one), households.alike(other)) == ([], [], [])
    Customer.objects.update(last_visit=date(2026, 2, 28))
    assert households.proposed(ada.business) == []


def test_nor_with_somebody_more(ada):
    one, other = visited(ada, 1), visited(ada, 2)
    tell_apart(ada, one, other)
    third = visited(ada, 3)
    assert (households.proposed(ada.business), households.alike(third)) == ([], [])


def test_others_of_that_day_are_still_proposed(ada):
    tell_apart(ada, visited(ada, 1), visited(ada, 2))
    pair = [visited(ada, n, last="Ortiz") for n in (3, 4)]
    assert households.proposed(ada.business) == [pair]


def test_telling_apart_can_be_taken_back(ada):
    one, other = visited(ada, 1), visited(ada, 2)
    households.propose_again(tell_apart(ada, one, other), ada.user)
    assert households.proposed(ada.business) == [[one, other]]
    told = AuditEntry.objects.filter(act__in=["tell apart", "propose again"], by=ada.user)
    assert sorted(told.values_list("act", "about")) == sorted(
        (act, f"customer {each.pk}") for act in ("tell apart", "propose again") for each in (one, other)
    )


def test_told_apart_twice_is_once(ada):
    one, other = visited(ada, 1), visited(ada, 2)
    assert tell_apart(ada, one, other) == tell_apart(ada, other, one)
    assert Apart.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_tell_them_apart_at_once_do_it_once(transactional_db, ada):
    one, other = visited(ada, 1), visited(ada, 2)
    at_once([lambda: tell_apart(ada, one, other) for _ in range(3)])
    assert Apart.objects.count() == 1


def test_joined_by_hand_they_are_apart_no_longer(ada):
    one, other, third = visited(ada, 1), visited(ada, 2), visited(ada, 3, last="Ortiz")
    tell_apart(ada, one, other)
    tell_apart(ada, one, third)
    households.join(ada.business, [one.pk, other.pk], ada.user, timezone.now())
    assert [people for _, people in households.told_apart(ada.business)] == [[one, third]]


def test_a_household_dissolved_by_hand_is_not_proposed_anew(ada):
    one, other = visited(ada, 1), visited(ada, 2)
    home = households.join(ada.business, [one.pk, other.pk], ada.user, timezone.now())
    households.dissolve(home, ada.user, timezone.now())
    assert (households.proposed(ada.business), Apart.objects.count()) == ([], 1)


def test_who_was_taken_out_is_not_proposed_with_the_others_and_those_stay_joined(ada):
    anna, ben, cem = (visited(ada, n) for n in (1, 2, 3))
    households.join(ada.business, [each.pk for each in (anna, ben, cem)], ada.user, timezone.now())
    cem.refresh_from_db()
    households.take_out(cem, ada.user, timezone.now())
    assert {tuple(people) for _, people in households.told_apart(ada.business)} == {(anna, cem), (ben, cem)}
    assert list(Customer.objects.exclude(household=None)) == [anna, ben]


def test_a_stop_in_the_group_tells_nobody_apart(ada, lees):
    replies.stop(lees[0], "Asked us by phone", None, timezone.now())
    assert not Apart.objects.exists()


def test_only_ones_own_customers_are_told_apart(ada, rival):
    with pytest.raises(households.NotThere, match="Nothing was changed"):
        tell_apart(ada, visited(ada, 1), visited(rival, 2))
    with pytest.raises(households.NotThere):
        tell_apart(ada, visited(ada, 3))
    assert not Apart.objects.exists()


def test_proposals_cost_the_same_number_of_queries_however_many_are_apart(ada, django_assert_max_num_queries):
    for n in range(1, 21, 2):
        tell_apart(ada, *(visited(ada, n + more, last=f"L{n}") for more in (0, 1)))
    with django_assert_max_num_queries(2):
        assert households.proposed(ada.business) == []
    with django_assert_max_num_queries(2):
        assert len(households.told_apart(ada.business)) == 10


# --- the audience ---------------------------------------------------------------------------------------------------


def test_a_household_counts_once_and_the_sum_stays(ada, lees, clock):
    make_customer(ada.business, 9)
    made = launched(ada, clock)
    assert made.counts() == {"planned": 2, "skipped": 1}
    row = Delivery.objects.get(status="skipped")
    assert (row.customer, row.reason, row.reason_code) == (lees[1], "Asked together with Marcus Lee", "together")
    assert (row.together_with.customer, row.together_with.household) == (lees[0], lees[0].household)


@pytest.mark.parametrize(
    "why",
    [
        {"stopped_at": timezone.now()},
        {"is_insider": True},
        {"paused_at": timezone.now()},
        {"reviewed_at": timezone.now()},
        {"consent_basis": ""},
    ],
)
def test_when_one_may_not_be_asked_the_other_is_asked_alone_and_it_says_so(ada, lees, clock, why):
    Customer.objects.filter(pk=lees[1].pk).update(**why)
    plan = launch.check(make_campaign(ada), clock())
    assert ([each.pk for each in plan.will_ask], plan.will_ask[0].asked_with) == ([lees[0].pk], ())
    assert plan.alone == {lees[0].pk: together.NOT_ALL}
    assert plan.total == 2


def test_who_is_left_out_or_not_meant_is_not_asked_with_the_others(ada, lees, clock):
    made = make_campaign(ada)
    made.left_out.add(lees[1])
    assert launch.check(made, clock()).alone == {lees[0].pk: together.NOT_ALL}
    only = make_campaign(ada, who=Filter(chosen=(lees[0].pk,)).as_json())
    assert launch.check(only, clock()).alone == {lees[0].pk: together.NOT_ALL}


def test_everybody_of_a_closed_household_is_asked_alone(ada, lees, clock):
    households.close([lees[0].household_id], households.TAKEN_OUT, clock())
    made = launched(ada, clock)
    assert made.counts() == {"planned": 2}
    assert set(made.deliveries.values_list("reason", flat=True)) == {together.CLOSED}
    assert not Message.objects.exclude(household=None).exists()


def test_only_hours_allowed_for_all_of_them_count(ada, lees):
    lees[1].timezone = "Pacific/Honolulu"
    speaker = together.fold(lees).asked[0]
    assert {zone.key for zone in audience.zones(speaker)} == {"America/Chicago", "Pacific/Honolulu"}


def test_the_cool_down_is_each_ones(ada, lees, sandbox, clock):
    launched(ada, clock)
    walk_to_the_end(clock)
    clock.go(days=1)
    why = audience.reasons(ada.business, lees, clock())
    assert {reason.code for reason in why.values()} == {"recent"}
    assert len(why) == 2
    assert not meant.customers(ada.business, Filter(never_asked=True)).exists()


def test_the_cool_down_stays_each_ones_when_the_household_is_dissolved(ada, lees, sandbox, clock):
    launched(ada, clock)
    walk_to_the_end(clock)
    households.dissolve(lees[0].household, ada.user, clock())
    clock.go(days=1)
    lees[1].refresh_from_db()
    assert audience.why_not(lees[1], clock()).code == "recent"
    clock.go(days=90)
    assert audience.why_not(lees[1], clock()) is None


def test_the_cool_down_of_all_locations_knows_it_too(ada, lees, sandbox, clock):
    ada.business.cool_down_scope = "organization"
    ada.business.save()
    launched(ada, clock)
    walk_to_the_end(clock)
    dana = Customer.objects.get(pk=lees[1].pk)
    assert audience.why_not(dana, clock()).code == "recent"


def test_two_requests_that_a_household_lets_pass_count_for_each(ada, lees, sandbox, clock):
    for name in ("Autumn", "Winter"):
        launched(ada, clock, name=name)
        walk_to_the_end(clock)
        clock.go(days=100)
    why = audience.reasons(ada.business, lees, clock())
    assert [reason.code for reason in why.values()] == ["unanswered", "unanswered"]


def test_who_answers_is_not_silent_for_it(ada, lees, sandbox, clock):
    for name in ("Autumn", "Winter"):
        launched(ada, clock, name=name)
        walk_to_the_end(clock)
        answer(sandbox, clock, lees[1], "Lovely")
        clock.go(days=100)
    assert lees[1].pk not in audience.reasons(ada.business, lees, clock())


def test_while_the_group_waits_nobody_of_it_is_asked_elsewhere(ada, lees, clock):
    launched(ada, clock)
    why = audience.reasons(ada.business, lees, clock(), campaign=make_campaign(ada, name="Other"))
    assert [reason.code for reason in why.values()] == ["elsewhere", "elsewhere"]


def test_a_household_takes_a_first_touch_for_each_of_its_people(ada, lees, sandbox, clock):
    launched(ada, clock)
    walk_to_the_end(clock)
    ada.line.refresh_from_db()
    assert ada.line.used == 2


def test_the_plan_gives_a_household_its_slots(ada, lees, clock):
    make_customer(ada.business, 9)
    ada.line.gap = 600
    ada.line.save()
    plan = launch.check(make_campaign(ada), clock())
    first, next_ = sorted(plan.times.values())
    assert next_ - first >= timedelta(minutes=20)
    made = launched(ada, clock)
    assert [each.people for each in plans.to_come(ada.business, lines.usable(ada.business))] == [2, 1]
    assert len(plans.expected(made, clock())) == 2


def test_a_household_waits_for_the_day_that_has_room_for_all(ada, lees, clock):
    ada.line.budget, ada.line.used, ada.line.day = 30, 29, clock().date()
    ada.line.save()
    with pytest.raises(lines.NoSlot) as full:
        lines.take_slot(ada.business, clock(), 2)
    assert full.value.until.astimezone(ada.business.zone).date() == clock().date() + timedelta(days=1)
    assert lines.take_slot(ada.business, clock(), 1) == ada.line


def test_a_household_larger_than_the_budget_takes_all_of_a_day(ada, clock):
    ada.line.budget = 1
    ada.line.save()
    assert lines.take_slot(ada.business, clock(), 4).pk == ada.line.pk
    with pytest.raises(lines.NoSlot):
        lines.take_slot(ada.business, clock(), 1)
