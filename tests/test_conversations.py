"""Conversations: their words wait until somebody has read, answered or put them away."""

import pytest
from django.db import connection as database
from django.utils import timezone

from campaigns import conversations, replies
from campaigns.models import Conversation, Customer, Gesture, Membership, Message, User
from tests.cast import answer, at_once, heard_from, listen, make_customer, reply, walk_to_the_end
from tests.test_replies import incoming


@pytest.fixture
def talk(campaign, sandbox, clock) -> Conversation:
    return heard_from(sandbox, clock, campaign)


def now_of(talk) -> Conversation:
    talk.refresh_from_db()
    return talk


def newest(talk) -> int:
    return Message.objects.filter(customer=talk.customer).order_by("-pk").first().pk


def test_the_first_words_open_a_conversation(talk):
    assert (talk.words, talk.unread, talk.done_at, talk.assigned_to) == ("Lovely, thank you!", 1, None, None)


def test_each_of_their_messages_counts_until_it_is_read(talk, sandbox, clock, ada):
    answer(sandbox, clock, talk.customer, "And one more thing")
    assert (now_of(talk).unread, talk.words) == (2, "And one more thing")
    assert conversations.read(talk, newest(talk), ada.user, clock())
    assert (now_of(talk).unread, conversations.unread(ada.business)) == (0, 0)


def test_what_came_after_the_look_stays_unread(talk, sandbox, clock, ada):
    seen = newest(talk)
    answer(sandbox, clock, talk.customer, "Wait")
    conversations.read(talk, seen, ada.user, clock())
    assert now_of(talk).unread == 1


def test_the_same_event_a_hundred_times_counts_once(talk, sandbox, clock, ada):
    """F-44"""
    event = incoming("Hello again", message_id="GUID-77")
    for _ in range(100):
        replies.record(event, ada.organization, clock())
    assert now_of(talk).unread == 2


def test_shuffled_words_show_the_newest(talk, ada, clock):
    """F-45"""
    clock.go(minutes=5)
    late, early = timezone.now(), talk.said_at
    replies.record(incoming("Second", message_id="B", at=late), ada.organization, clock())
    replies.record(incoming("First", message_id="A", at=early.replace(microsecond=1)), ada.organization, clock())
    assert (now_of(talk).words, talk.unread) == ("Second", 3)


def test_new_words_open_what_was_put_away(talk, sandbox, clock, ada):
    conversations.close(talk, ada.user, clock())
    assert now_of(talk).done_at
    answer(sandbox, clock, talk.customer, "Still there?")
    assert (now_of(talk).done_at, talk.unread) == (None, 1)


def test_a_stop_needs_nobody(campaign, sandbox, clock, ada):
    talk = heard_from(sandbox, clock, campaign, "STOP")
    assert (talk.unread, talk.done_at is not None, conversations.unread(ada.business)) == (0, True, 0)


def test_what_one_of_us_answers_to_a_test_is_no_conversation(talk, ada, clock):
    Customer.everything.filter(pk=talk.customer_id).update(is_test=True)
    Conversation.objects.all().delete()
    replies.record(incoming("Looks good", message_id="T"), ada.organization, clock())
    assert not Conversation.objects.exists()


def test_it_can_be_handed_to_a_colleague_and_to_nobody_else(talk, ada, rival):
    conversations.assign(talk, ada.user, ada.user)
    assert now_of(talk).assigned_to == ada.user
    with pytest.raises(conversations.NoColleague):
        conversations.assign(talk, rival.user, ada.user)
    conversations.assign(talk, None, ada.user)
    assert now_of(talk).assigned_to is None


def test_reading_shows_a_receipt_once_and_only_where_it_is_wanted(talk, ada, clock):
    for _ in range(3):
        conversations.read(talk, newest(talk), ada.user, clock())
    assert Gesture.objects.filter(kind="receipt").count() == 1
    Conversation.objects.update(unread=1)
    talk.business.organization.sends_receipts = False
    conversations.read(talk, newest(talk), ada.user, clock())
    assert Gesture.objects.filter(kind="receipt").count() == 1


def test_typing_is_told_every_few_seconds_however_fast_somebody_types(talk, ada, clock):
    for _ in range(20):
        conversations.types(talk, ada.user, clock(), still=True)
        clock.go(seconds=0.5)
    assert Gesture.objects.filter(kind="typing", word="typing").count() == 2
    conversations.types(talk, ada.user, clock(), still=False)
    assert Gesture.objects.filter(kind="typing").order_by("-pk").first().word == "stopped"


def test_a_colleague_sees_who_is_writing_and_not_for_ever(talk, ada, clock):
    ben = User.objects.create_user("ben@example.com", "correct horse battery", first_name="Ben")
    Membership.objects.create(user=ben, organization=ada.organization)
    conversations.types(talk, ben, clock(), still=True)
    talk = Conversation.objects.get()
    assert conversations.writer(talk, ada.user, clock()) == ben
    assert conversations.writer(talk, ben, clock()) is None
    clock.go(seconds=20)
    assert conversations.writer(talk, ada.user, clock()) is None


@pytest.mark.django_db(transaction=True)
def test_two_of_their_messages_at_once_are_both_counted(campaign, sandbox, clock, ada):
    walk_to_the_end(clock)
    events = [incoming(f"Words {n}", message_id=f"GUID-{n}") for n in range(4)]
    assert at_once([lambda e=e: replies.record(e, ada.organization, clock()) for e in events]) == [True] * 4
    assert Conversation.objects.get().unread == 4


def test_whose_words_they_are_is_found_in_the_index_however_much_was_said(ada, grace, django_assert_num_queries):
    """One of several businesses' customers with this number: the one that was written to last."""
    Message.objects.bulk_create(
        Message(
            organization=ada.organization,
            business=ada.business,
            customer=grace,
            kind="inbound",
            status="received",
            chert_id=f"in-{n}",
            created_at=timezone.now(),
            sent_at=timezone.now(),
        )
        for n in range(500)
    )
    with django_assert_num_queries(1) as asked:
        assert replies._who(incoming("Hi"), ada.organization, None) == grace
    if database.vendor == "sqlite":
        with database.cursor() as cursor:
            cursor.execute("EXPLAIN QUERY PLAN " + asked[0]["sql"])
            assert any("message_written_last" in row[3] for row in cursor.fetchall())


def test_of_two_locations_the_one_that_wrote_last_hears(ada, campaign, grace, sandbox, clock):
    walk_to_the_end(clock)
    other = type(ada.business).objects.create(organization=ada.organization, name="Café", slug="cafe", sender="Ada")
    make_customer(other)
    reply(sandbox, grace, "Hello")
    listen(clock)
    assert Conversation.objects.get().business == ada.business
