"""Somebody who was entered twice: one row stays, with everything of both and the stricter rule of the two."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import importing, launch, person, replies, resend
from campaigns.asking import audience
from campaigns.models import AuditEntry, Customer, Delivery, Message, Suppression, Tag
from tests.cast import (
    answer,
    at_once,
    is_send,
    make_campaign,
    make_customer,
    walk_to_the_end,
    work,
)


@pytest.fixture
def twins(ada):
    one = make_customer(ada.business, 1)
    return one, make_customer(ada.business, 2, first_name="Gracie", last_visit=timezone.localdate())


def joined(stays, goes, ada, *taken):
    person.join(stays, goes, taken, ada.user, timezone.now())
    stays.refresh_from_db()
    return stays


def test_the_values_that_were_chosen_stay(ada, twins, clock):
    stays = joined(*twins, ada, "name", "last_visit")
    assert (stays.name, stays.last_visit) == ("Gracie Hopper", timezone.localdate())
    assert list(ada.business.customers.values_list("pk", flat=True)) == [stays.pk]
    assert ada.business.customers.filter(search__contains="gracie").exists()


def test_what_was_said_to_both_stands_on_one_page_and_the_counts_stay(ada, twins, clock):
    stays, goes = twins
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    counts, said = campaign.counts(), Message.objects.count()
    joined(stays, goes, ada)
    assert campaign.counts() == counts
    assert Message.objects.filter(customer=stays).count() == said
    assert Delivery.objects.filter(customer=goes).count() == 1  # two in one campaign cannot both be the same person's


def test_a_delivery_of_another_campaign_moves(ada, twins, clock):
    stays, goes = twins
    campaign = make_campaign(ada, who={"chosen": [goes.pk]})
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    joined(stays, goes, ada)
    assert campaign.deliveries.get().customer == stays
    assert audience.why_not(stays, clock()).code == "recent"


@pytest.mark.parametrize("which", [0, 1])
def test_a_stop_of_one_is_a_stop_of_both(ada, twins, clock, which):
    replies.stop(twins[which], "Wrote STOP", None, clock())
    stays = joined(*twins, ada)
    assert stays.stopped_at
    assert Suppression.known(ada.organization, [twins[0].phone, twins[1].phone]) == {each.phone for each in twins}


def test_a_number_that_is_only_suppressed_stops_both(ada, twins, clock):
    Suppression.add(ada.organization, twins[1].phone, "Wrote STOP")
    assert joined(*twins, ada).stopped_at


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        ({"is_insider": True}, "insider"),
        ({"reviewed_at": timezone.now()}, "reviewed"),
        ({"paused_at": timezone.now(), "paused_words": "who is this"}, "paused"),
    ],
)
def test_the_stricter_rule_holds_for_both(ada, twins, clock, fact, code):
    Customer.objects.filter(pk=twins[1].pk).update(**fact)
    stays = joined(*twins, ada)
    assert audience.why_not(stays, clock()).code == code


def test_who_stops_later_stops_both_numbers(ada, twins, clock):
    stays = joined(*twins, ada)
    replies.stop(stays, "Asked us by phone", ada.user, clock())
    assert Suppression.known(ada.organization, [twins[1].phone])


def test_what_has_not_left_for_the_one_that_goes_stays_here(ada, twins, clock, sandbox):
    stays, goes = twins
    launch.launch(make_campaign(ada, who={"chosen": [goes.pk]}), ada.user, clock())
    joined(stays, goes, ada)
    assert set(Message.objects.values_list("status", flat=True)) == {"cancelled"}


def test_who_was_asked_under_one_number_is_not_asked_under_the_other(ada, twins, clock, wire):
    stays, goes = twins
    launch.launch(make_campaign(ada, who={"chosen": [goes.pk]}), ada.user, clock())
    walk_to_the_end(clock)
    launch.launch(make_campaign(ada, name="Winter", who={"chosen": [stays.pk]}), ada.user, clock())
    sent = len(wire.sends())
    joined(stays, goes, ada)
    walk_to_the_end(clock)
    assert len(wire.sends()) == sent


def test_while_a_message_is_being_sent_nothing_is_joined(ada, twins, clock, wire):
    stays, goes = twins
    launch.launch(make_campaign(ada, who={"chosen": [goes.pk]}), ada.user, clock())
    refused = []

    def meanwhile(request):
        if is_send(request) and not refused:
            with pytest.raises(person.CannotJoin) as why:
                person.join(stays, goes, [], ada.user, clock())
            refused.append(str(why.value))

    wire.before = meanwhile
    work(clock)
    assert "is being sent" in refused[0]
    assert ada.business.customers.count() == 2
    joined(stays, goes, ada)


def test_what_is_written_from_the_other_number_reaches_the_one_that_stays(ada, twins, clock, sandbox):
    stays, goes = twins
    launch.launch(make_campaign(ada, who={"chosen": [goes.pk]}), ada.user, clock())
    walk_to_the_end(clock)
    joined(stays, goes, ada)
    answer(sandbox, clock, goes, "STOP")
    stays.refresh_from_db()
    assert stays.stopped_at
    assert Message.objects.filter(customer=stays, kind="inbound", text="STOP").exists()


def test_a_list_with_the_other_number_adds_nobody(ada, twins, clock):
    stays, goes = twins
    joined(stays, goes, ada)
    raw = f"First name,Phone,Tags\nGrace,{goes.phone},Garden\nGrace,{stays.phone},\n".encode()
    done = importing.run(ada.business, raw, "again.csv", consent="Asked", by=ada.user, now=clock())
    assert done.counts["added"] == 0
    assert ada.business.customers.count() == 1
    assert [tag.name for tag in stays.tags.all()] == ["Garden"]


def test_tags_of_both_and_decisions_move(ada, twins, clock):
    stays, goes = twins
    goes.tags.set(Tag.named(ada.business, ["Garden"]))
    draft = make_campaign(ada)
    draft.left_out.add(goes)
    joined(stays, goes, ada)
    assert [tag.name for tag in stays.tags.all()] == ["Garden"]
    assert list(draft.left_out.all()) == [stays]


def test_the_other_entry_is_not_sent_to_by_hand(ada, twins, clock):
    stays, goes = twins
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    walk_to_the_end(clock)
    joined(stays, goes, ada)
    with pytest.raises(resend.NotAllowed):
        resend.resend(Delivery.objects.get(customer=goes), ada.user, "Please", clock() + timedelta(days=200))


def test_it_stands_in_the_book(ada, twins, clock):
    stays, goes = twins
    joined(stays, goes, ada)
    entry = AuditEntry.objects.get(act="join customers")
    assert (entry.about, entry.words, entry.by) == (str(stays), str(goes), ada.user)


def test_three_entries_become_one(ada, twins, clock):
    stays, goes = twins
    third = make_customer(ada.business, 3)
    joined(goes, third, ada)
    joined(stays, goes, ada)
    assert set(Customer.everything.filter(merged_into=stays)) == {goes, third}


def test_a_customer_of_the_rival_is_not_joined(ada, rival, twins, clock):
    theirs = make_customer(rival.business, 7)
    with pytest.raises(person.CannotJoin):
        person.join(twins[0], theirs, [], ada.user, clock())


@pytest.mark.django_db(transaction=True)
def test_two_who_join_at_once_crosswise_leave_one(transactional_db, ada, clock):
    one, other = make_customer(ada.business, 1), make_customer(ada.business, 2)
    acts = [
        lambda: person.join(one, other, [], ada.user, clock()),
        lambda: person.join(other, one, [], ada.user, clock()),
    ]
    answers = at_once(acts)
    assert sorted(type(each).__name__ for each in answers) == ["CannotJoin", "NoneType"]
    assert ada.business.customers.count() == 1


def test_erasing_the_one_that_stayed_forgets_both(ada, twins, clock):
    stays, goes = twins
    joined(stays, goes, ada)
    whose = person.Whose.of(stays)
    assert {each.pk for each in whose.people} == {stays.pk, goes.pk}
    assert {stays.phone, goes.phone} <= set(whose.numbers)


def test_who_may_be_the_same_is_offered(ada, clock):
    one = make_customer(ada.business, 1)
    same_name = make_customer(ada.business, 2, first_name="GRACE")
    make_customer(ada.business, 3, first_name="Linus")
    assert person.twins_of(one) == [same_name]
