"""What customers say back: STOP is final at once, the rest is shown, and nothing of it is lost or counted twice."""

import itertools

import httpx
import pytest
from django.db import connection as database
from django.utils import timezone

from campaigns import events, launch, outbox, replies, resend, status
from campaigns.chert.events import event_from_json
from campaigns.models import AuditEntry, Customer, Message, Suppression
from tests.cast import (
    Killed,
    answer,
    is_send,
    kinds,
    ledger,
    listen,
    make_campaign,
    make_customer,
    only_delivery,
    reply,
    walk_to_the_end,
    work,
)

M = status.Message
WORDS = ("stop", "quit", "end", "revoke", "opt out", "cancel", "unsubscribe")
SHAPES = ("{}", "{}!", " {} ", "“{}”", "{}.", "*{}*", "...{}...", "'{}'", "{}\n", "\u200b{}", "{} 🛑")
CASES = (str.lower, str.upper, str.title, str.swapcase)


def incoming(text, *, phone="+15125551001", message_id="GUID-1", chat_id=None, at=None):
    """An event as the webhook or the log brings it."""
    when = (at or timezone.now()).isoformat()
    sender = {"handle": phone, "service": "imessage", "is_me": False}
    said = {"id": message_id, "direction": "inbound", "sender_handle": sender, "parts": [], "sent_at": when}
    said["parts"] = [{"type": "text", "value": text}]
    data = {"message": said} | ({"chat": {"id": chat_id}} if chat_id else {})
    body = {"event": "message.received", "event_id": f"chert:msg:{message_id}", "timestamp": when, "data": data}
    return event_from_json(body)


@pytest.mark.parametrize("word", WORDS)
def test_each_of_the_seven_words_stops_in_any_case_and_punctuation(word):
    forms = [shape.format(case(word)) for shape, case in itertools.product(SHAPES, CASES)]
    assert [form for form in forms if not replies.is_stop(form)] == []


@pytest.mark.parametrize("text", ["Opt-Out", "OPTOUT", "ｓｔｏｐ", "s\u00adtop", "STOPALL", "Stop all"])
def test_other_spellings_of_the_words_stop_too(text):
    assert replies.is_stop(text)


@pytest.mark.parametrize("text", ["Don't stop!", "the end is near", "I could not cancel", "non stop service", ""])
def test_a_word_inside_a_sentence_is_no_stop(text):
    assert not replies.is_stop(text)


@pytest.mark.parametrize(
    "text",
    [
        "please don't text me again",
        "Please don’t message me",
        "STOP texting me",
        "remove me from your list",
        "Wrong number",
        "who is this?",
        "leave me alone!!",
        "no me escribas más",
        "I want to opt out please",
        "take me off this",
        "do not contact me",
    ],
)
def test_other_ways_of_saying_it_wait_for_a_person(text):
    assert not replies.is_stop(text)
    assert replies.sounds_like_stop(text)


@pytest.mark.parametrize("text", ["Thank you!", "Great work, five stars", "Yes", "👍", "Nonstop fun"])
def test_friendly_words_pause_nobody(text):
    assert not replies.sounds_like_stop(text)


def test_an_answer_shows_on_the_row_with_its_words(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "Thank you, Ada!")
    delivery = only_delivery(campaign)
    assert delivery.replied_words == "Thank you, Ada!"
    assert delivery.replied_at is not None


def test_answering_the_greeting_hurries_the_ask(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "Hi Ada")
    outbox.run(hands=0)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_stop_ends_what_waits_and_nothing_leaves_any_more(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "Stop.")
    delivery = only_delivery(campaign)
    assert (delivery.status, delivery.reason) == ("cancelled", "Wrote STOP before it was sent")
    assert delivery.stopped_at is not None
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["text"]]  # the greeting, and the one confirmation


def test_the_confirmation_has_no_link_no_picture_and_names_the_business(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    work(clock)
    last = ledger(sandbox, "message")[-1]
    assert last["parts"] == [{"type": "text", "value": "You won't hear from Ada's Bakery again."}]


def test_two_stops_make_one_confirmation(campaign, sandbox, clock, grace):
    work(clock)
    for _ in range(2):
        answer(sandbox, clock, grace, "STOP")
        work(clock)
    assert Message.objects.filter(kind=Message.Kind.CONFIRMATION).count() == 1
    assert len(ledger(sandbox, "message")) == 2


def test_a_stop_that_reaches_us_late_is_not_confirmed(campaign, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "STOP")
    clock.go(minutes=5)
    listen(clock)
    assert Customer.objects.get().stopped_at is not None
    assert not Message.objects.filter(kind=Message.Kind.CONFIRMATION).exists()


def test_a_confirmation_that_cannot_leave_within_five_minutes_does_not_leave(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    ada.organization.pause("key", "Something is wrong.", clock())
    clock.go(minutes=5)
    ada.organization.resume()
    work(clock, minutes=1)
    assert Message.objects.get(kind=Message.Kind.CONFIRMATION).status == M.CANCELLED
    assert kinds(sandbox) == [["text"]]


def test_the_five_minutes_count_from_their_stop_not_from_our_hearing_it(campaign, sandbox, clock, grace, ada):
    work(clock)
    reply(sandbox, grace, "STOP")
    clock.go(minutes=4)
    listen(clock)
    work(clock, minutes=2)
    assert Message.objects.get(kind=Message.Kind.CONFIRMATION).status == M.CANCELLED


def test_a_stop_counts_for_every_business_of_the_organization(campaign, sandbox, clock, grace, ada):
    second = make_second_business(ada)
    twin = make_customer(second, phone=grace.phone)
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    twin.refresh_from_db()
    assert twin.stopped_at is not None


def make_second_business(ada, name="Ada's Café"):
    fields = {"organization": ada.organization, "name": name, "slug": "adas-cafe", "sender": "Ada"}
    return ada.organization.businesses.create(**fields, review_url=ada.business.review_url)


def test_a_stop_stays_inside_the_organization(campaign, sandbox, clock, grace, rival):
    twin = make_customer(rival.business, phone=grace.phone)
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    twin.refresh_from_db()
    assert twin.stopped_at is None
    assert Suppression.known(rival.organization, [grace.phone]) == set()


def test_a_stop_from_a_number_unknown_to_us_silences_the_number(ada, clock):
    replies.record(incoming("STOP", phone="+15125559999"), ada.organization, clock())
    assert Suppression.known(ada.organization, ["+15125559999"]) == {"+15125559999"}
    assert not Message.objects.exists()


def test_a_stopped_customer_cannot_be_sent_to_by_hand(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    with pytest.raises(resend.NotAllowed, match="Wrote STOP"):
        resend.resend(only_delivery(campaign), ada.user, "They changed their mind", clock())


def test_a_stop_is_on_record(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    entry = AuditEntry.objects.get(act="stop")
    assert (entry.organization, entry.words) == (ada.organization, "Wrote STOP")


def test_leave_me_alone_pauses_the_customer_and_takes_the_ask_back(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "please don't text me again")
    grace.refresh_from_db()
    walk_to_the_end(clock)
    assert (grace.paused_words, grace.stopped_at) == ("please don't text me again", None)
    assert kinds(sandbox) == [["text"]]
    assert "please don't text me again" in only_delivery(campaign).reason


def test_leave_me_alone_pauses_the_same_person_in_the_other_businesses_too(campaign, sandbox, clock, grace, ada):
    twin = make_customer(make_second_business(ada), phone=grace.phone)
    work(clock)
    answer(sandbox, clock, grace, "please don't text me again")
    twin.refresh_from_db()
    assert twin.paused_at is not None


def test_somebody_who_was_paused_while_a_call_was_under_way_is_not_written_to_again(
    campaign, sandbox, clock, wire, grace
):
    """The call fails, so the message comes back; but between, they asked to be left alone."""

    def ask_to_be_left_alone(request):
        if is_send(request):
            replies.record(incoming("please don't text me again"), grace.business.organization, clock())
            raise httpx.ConnectError("refused")

    wire.before = ask_to_be_left_alone
    outbox.run(hands=0)
    wire.before = lambda request: None
    walk_to_the_end(clock)
    assert ledger(sandbox, "message") == []
    assert only_delivery(campaign).status == "cancelled"


def test_a_reply_is_attached_to_the_asking_that_wrote_last(campaign, sandbox, clock, grace, ada):
    walk_to_the_end(clock)
    clock.go(days=100)
    later = make_campaign(ada, name="Spring")
    launch.launch(later, ada.user, clock())
    work(clock)
    answer(sandbox, clock, grace, "Again?")
    assert only_delivery(campaign).replied_words == ""
    assert only_delivery(later).replied_words == "Again?"


def test_a_reply_is_attached_to_the_business_that_wrote_last(campaign, sandbox, clock, grace, ada):
    """One chat, two locations of one account: the words belong to the one that asked last."""
    walk_to_the_end(clock)
    twin = make_customer(make_second_business(ada), phone=grace.phone)
    second = make_campaign(ada, business=twin.business, name="Café")
    launch.launch(second, ada.user, clock())
    walk_to_the_end(clock)
    answer(sandbox, clock, grace, "Lovely coffee")
    assert only_delivery(campaign).replied_words == ""
    assert only_delivery(second).replied_words == "Lovely coffee"


def test_a_reply_that_overtakes_our_own_commit_still_finds_its_row(campaign, clock, wire, grace):
    """F-45: Chert has the greeting, she answers at once, and only then do we write down that it was sent."""

    def she_answers_first(request, response):
        if request.url.path.endswith("/chats"):
            replies.record(incoming("That was quick"), grace.business.organization, clock())

    wire.after = she_answers_first
    work(clock)
    assert only_delivery(campaign).replied_words == "That was quick"


def test_replies_that_come_in_the_wrong_order_leave_the_newest_words_on_the_row(campaign, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "First")
    clock.go(seconds=5)
    reply(sandbox, grace, "Second")
    listen(clock)
    assert only_delivery(campaign).replied_words == "Second"


def test_the_same_words_through_webhook_and_log_count_once(campaign, sandbox, clock, grace, ada):
    work(clock)
    for _ in range(100):
        replies.record(incoming("Hello"), ada.organization, clock())
    assert Message.objects.filter(kind=Message.Kind.INBOUND).count() == 1


def test_a_stop_is_not_lost_when_the_worker_dies_while_it_is_understood(campaign, sandbox, clock, grace):
    """The words are kept and acted on in one commit: kept alone, the next try would take them for done."""
    work(clock)
    reply(sandbox, grace, "STOP")
    with database.execute_wrapper(dies_at("campaigns_suppression")), pytest.raises(Killed):
        listen(clock)
    listen(clock)
    assert Customer.objects.get().stopped_at is not None


def test_a_stop_is_not_lost_when_the_database_fails_while_it_is_understood(campaign, sandbox, clock, grace):
    work(clock)
    reply(sandbox, grace, "STOP")
    with database.execute_wrapper(dies_at("campaigns_suppression", RuntimeError)):
        listen(clock)
    events.handle(clock)
    assert Customer.objects.get().stopped_at is not None


def dies_at(table, error=Killed):
    def wrapper(execute, sql, params, many, context):
        if sql.startswith("INSERT") and table in sql:
            raise error
        return execute(sql, params, many, context)

    return wrapper


def test_the_chat_is_learnt_from_an_answer_when_our_own_call_never_told_it(campaign, sandbox, clock, grace, ada):
    replies.record(incoming("Hello?", chat_id="chat-of-grace"), ada.organization, clock())
    grace.refresh_from_db()
    assert grace.chat_id == "chat-of-grace"


def test_a_customer_who_answers_is_found_by_number_where_the_chat_is_unknown(campaign, sandbox, clock, grace, ada):
    work(clock)
    replies.record(incoming("Hi", chat_id="another-chat"), ada.organization, clock())
    assert only_delivery(campaign).replied_words == "Hi"


def test_the_same_person_at_another_organization_is_not_touched(campaign, clock, grace, rival):
    replies.record(incoming("STOP"), rival.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is None


def test_staff_stop_somebody_who_asked_by_phone(campaign, sandbox, clock, grace, ada):
    replies.stop(grace, "Asked us by phone to stop", ada.user, clock())
    walk_to_the_end(clock)
    assert ledger(sandbox, "message") == []
    assert only_delivery(campaign).reason == "Asked us by phone to stop before it was sent"


def test_a_stop_with_a_broken_emoji_behind_it_still_counts(campaign, sandbox, clock, grace, ada):
    """Half an emoji and a NUL cannot be stored as they are; the words must not be lost for it."""
    work(clock)
    event = incoming("STOP \ud83d\x00")
    events.store(ada.organization, event, "webhook", clock())
    events.handle(clock)
    assert Customer.objects.get().stopped_at is not None


def test_whoever_writes_from_a_group_is_found_by_their_number(campaign, clock, grace, ada):
    event = incoming("STOP", chat_id="a-group")
    replies.record(event, ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is not None


def test_an_e_mail_sender_nobody_knows_is_no_trouble(ada, clock):
    replies.record(incoming("STOP", phone="grace@example.com"), ada.organization, clock())
    assert not Message.objects.exists()
