"""What customers say back: STOP is final at once, the rest is shown, and nothing of it is lost or counted twice."""

import dataclasses
import itertools
import time
import unicodedata

import httpx
import pytest
from django.db import connection as database
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from campaigns import events, launch, optouts, outbox, replies, resend, status
from campaigns.chert.events import event_from_json
from campaigns.models import AuditEntry, Customer, Message, Suppression
from campaigns.optouts import Wish
from tests import replies_corpus
from tests.cast import (
    Killed,
    answer,
    at_once,
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


def unaccented(text):
    return "".join(c for c in unicodedata.normalize("NFD", text) if unicodedata.category(c) != "Mn")


def wishes(forms):
    return {optouts.read(form) for form in forms}


@pytest.mark.parametrize("word", WORDS)
def test_each_of_the_seven_words_stops_in_any_case_and_punctuation(word):
    assert wishes(shape.format(case(word)) for shape, case in itertools.product(SHAPES, CASES)) == {Wish.STOP}


@pytest.mark.parametrize(
    "text", ["Opt-Out", "OPTOUT", "ｓｔｏｐ", "s\u00adtop", "STOPALL", "Stop all", "’stop’", "\ufeffSTOP"]
)
def test_other_spellings_of_the_words_stop_too(text):
    assert optouts.read(text) is Wish.STOP


def test_each_final_word_is_final_in_every_shape():
    shaped = itertools.product(optouts.STOP_WORDS, SHAPES, CASES)
    assert wishes(shape.format(case(word)) for word, shape, case in shaped) == {Wish.STOP}


@pytest.mark.parametrize("verdict", list(Wish))
def test_what_people_write_is_understood(verdict):
    said = [text for text, meant in replies_corpus.table() if meant == verdict.value]
    assert [(text, optouts.read(text)) for text in said if optouts.read(text) is not verdict] == []


@pytest.mark.parametrize("change", [unaccented, "  {}\n".format, "{} 🙏".format, "¡¡{}!!".format])
def test_accents_spaces_and_marks_change_no_verdict(change):
    said = [(text, verdict) for text, verdict in replies_corpus.table() if "”" not in text]
    assert [text for text, verdict in said if optouts.read(change(text)).value != verdict] == []


@pytest.mark.parametrize(
    "text",
    [
        "not marcus",
        "this isn't marcus",
        "i dont know any marcus",
        "Marcus died",
        "marcus no longer lives here",
        "no soy marcus",
    ],
)
def test_whoever_is_not_the_one_we_mean_waits_for_a_person(text):
    assert optouts.read(text, "Marcus") is Wish.PERHAPS_STOP


@pytest.mark.parametrize(
    "text", ["Marcus here, thanks!", "this is not good", "My battery died", "I'm not sure", "Not bad"]
)
def test_the_name_alone_pauses_nobody(text):
    assert optouts.read(text, "Marcus") is Wish.NONE


@pytest.mark.parametrize("name", ["", "(", "Not", "🙂", "a" * 200, "\\"])
def test_an_odd_name_is_no_trouble(name):
    assert optouts.read("Thank you!", name) is Wish.NONE


def test_the_corpus_is_large_in_both_languages():
    assert len({text for text, _ in replies_corpus.table()}) >= 700


@given(st.text(max_size=300))
def test_any_words_are_understood_without_a_stumble(text):
    assert optouts.read(text) in Wish


@given(st.sampled_from(sorted(optouts.STOP_WORDS)), st.text(alphabet='.,!?¡¿"“”«»()[]*_-… \n\t🙏😡🛑❤️', max_size=6))
def test_a_final_word_among_marks_is_final(word, marks):
    assert optouts.read(f"{marks}{word}{marks[::-1]}") is Wish.STOP


@pytest.mark.parametrize("piece", ["stop ", "no ", "do not ", "please ", "no me ", "“", "liked “ ", "stop the a ", "a"])
def test_words_made_to_keep_us_busy_are_read_at_once(piece):
    start = time.process_time()
    optouts.read((piece * 20000)[:20000])
    assert time.process_time() - start < 1


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
    """F-52; how soon, while a thousand are asked, says `manage.py bench stops`."""
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


def stopped_then(text, sandbox, clock, customer, *, minutes=1):
    """They write STOP, and after a while this."""
    answer(sandbox, clock, customer, "STOP")
    work(clock, minutes)
    answer(sandbox, clock, customer, text)
    customer.refresh_from_db()


@pytest.mark.parametrize("word", ["START", "unstop", "“Empezar”", "comenzar 😊"])
def test_start_by_their_own_hand_begins_again(campaign, sandbox, clock, grace, ada, word):
    work(clock)
    stopped_then(word, sandbox, clock, grace)
    assert (grace.stopped_at, grace.stopped_how) == (None, "")
    assert Suppression.known(ada.organization, [grace.phone]) == set()
    assert AuditEntry.objects.get(act="start").words == "Wrote START"


def test_start_counts_for_every_business_of_the_organization_and_no_other(campaign, sandbox, clock, grace, ada, rival):
    twin = make_customer(make_second_business(ada), phone=grace.phone)
    stranger = make_customer(rival.business, phone=grace.phone)
    replies.stop(stranger, "Asked us by phone", rival.user, clock())
    work(clock)
    stopped_then("START", sandbox, clock, grace)
    for person in (twin, stranger):
        person.refresh_from_db()
    assert twin.stopped_at is None
    assert stranger.stopped_at is not None
    assert Suppression.known(rival.organization, [grace.phone]) == {grace.phone}


def test_start_brings_back_nothing_that_was_taken_back(campaign, sandbox, clock, grace):
    work(clock)
    stopped_then("START", sandbox, clock, grace)
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["text"]]  # the greeting, and the one confirmation
    assert only_delivery(campaign).status == "cancelled"


def test_after_start_they_may_be_asked_again(campaign, sandbox, clock, grace, ada):
    work(clock)
    stopped_then("START", sandbox, clock, grace)
    again = make_campaign(ada, name="Spring")
    launch.launch(again, ada.user, clock())
    walk_to_the_end(clock)
    assert only_delivery(again).status == "read"


def test_a_stop_after_that_works_again(campaign, sandbox, clock, grace, ada):
    work(clock)
    stopped_then("START", sandbox, clock, grace, minutes=10)
    stopped_then("STOP", sandbox, clock, grace)
    assert grace.stopped_at is not None
    assert Suppression.known(ada.organization, [grace.phone]) == {grace.phone}
    assert AuditEntry.objects.filter(act="start").count() == 1


def test_stop_start_and_stop_within_five_minutes_are_confirmed_once(campaign, sandbox, clock, grace):
    work(clock)
    for word in ("STOP", "START", "STOP"):
        answer(sandbox, clock, grace, word)
        work(clock, 1)
    assert Message.objects.filter(kind=Message.Kind.CONFIRMATION).count() == 1
    grace.refresh_from_db()
    assert grace.stopped_at is not None


def test_a_stop_long_after_a_start_is_confirmed_anew(campaign, sandbox, clock, grace):
    work(clock)
    stopped_then("START", sandbox, clock, grace)
    clock.go(minutes=6)
    answer(sandbox, clock, grace, "STOP")
    work(clock)
    assert Message.objects.filter(kind=Message.Kind.CONFIRMATION).count() == 2


def test_a_confirmation_that_start_has_made_untrue_does_not_leave(campaign, sandbox, clock, grace):
    work(clock)
    for word in ("STOP", "START"):
        reply(sandbox, grace, word)
        clock.go(seconds=5)
    listen(clock)
    work(clock)
    assert kinds(sandbox) == [["text"]]
    assert Message.objects.get(kind=Message.Kind.CONFIRMATION).status == M.CANCELLED


def test_start_by_somebody_who_never_stopped_is_an_answer_like_any_other(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "Start")
    outbox.run(hands=0)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    assert not AuditEntry.objects.filter(act="start").exists()


def test_the_same_start_twice_counts_once(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    clock.go(minutes=1)
    for _ in range(3):
        replies.record(incoming("START", message_id="S-1"), ada.organization, clock())
    assert AuditEntry.objects.filter(act="start").count() == 1


def test_an_old_start_that_comes_late_undoes_no_newer_stop(campaign, clock, grace, ada):
    """Webhooks come in any order, and may be replayed."""
    earlier = clock()
    clock.go(minutes=1)
    replies.record(incoming("STOP"), ada.organization, clock())
    for late in (earlier, clock()):
        replies.record(incoming("START", message_id=f"S-{late}", at=late), ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is not None


def test_of_two_stops_the_later_is_the_one_a_start_must_follow(campaign, clock, grace, ada):
    moments = []
    for _ in range(3):
        moments.append(clock())
        clock.go(minutes=1)
    for message, text, at in (("1", "STOP", 0), ("3", "STOP", 2), ("2", "START", 1)):
        replies.record(incoming(text, message_id=message, at=moments[at]), ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is not None


def test_a_start_heard_late_together_with_its_stop_still_counts(campaign, clock, grace, ada):
    """We were away while they wrote both: what counts is when they wrote, not when we heard it."""
    first = clock()
    clock.go(hours=1)
    later = [first, first.replace(minute=first.minute + 1)]
    for text, at in zip(("STOP", "START"), later, strict=True):
        replies.record(incoming(text, message_id=text, at=at), ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is None


def test_a_stop_from_the_future_can_still_be_undone(campaign, clock, grace, ada):
    replies.record(incoming("STOP", at=clock().replace(year=2099)), ada.organization, clock())
    clock.go(minutes=1)
    replies.record(incoming("START", message_id="S-1"), ada.organization, clock())
    assert Suppression.known(ada.organization, [grace.phone]) == set()


def test_nobody_else_can_write_start_for_them(campaign, sandbox, clock, grace, ada):
    """In a group, or from another number in a chat that was theirs once."""
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    grace.refresh_from_db()
    clock.go(minutes=1)
    for number, other in enumerate(("+15125559999", "grace@example.com")):
        said = incoming("START", phone=other, chat_id=grace.chat_id, message_id=f"S-{number}")
        replies.record(dataclasses.replace(said, is_group=True), ada.organization, clock())
    said = incoming("START", phone="+15125559999", chat_id=grace.chat_id, message_id="S")
    replies.record(said, ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is not None


def test_start_from_their_e_mail_address_in_their_own_chat_counts(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    grace.refresh_from_db()
    clock.go(minutes=1)
    said = incoming("START", phone="grace@example.com", chat_id=grace.chat_id, message_id="S")
    replies.record(said, ada.organization, clock())
    grace.refresh_from_db()
    assert grace.stopped_at is None


def test_a_number_whose_customer_is_gone_may_begin_again_too(ada, clock):
    replies.record(incoming("STOP", phone="+15125559999"), ada.organization, clock())
    clock.go(minutes=1)
    for _ in range(2):
        replies.record(incoming("START", phone="+15125559999"), ada.organization, clock())
    assert Suppression.known(ada.organization, ["+15125559999"]) == set()
    entry = AuditEntry.objects.get(act="start")
    assert "5559999" not in f"{entry.about} {entry.words}"


def test_start_does_not_say_that_their_other_words_have_been_read(campaign, sandbox, clock, grace):
    work(clock)
    answer(sandbox, clock, grace, "who is this?")
    stopped_then("START", sandbox, clock, grace)
    assert (grace.paused_words, grace.stopped_at) == ("who is this?", None)


def test_a_start_that_dies_half_way_is_done_wholly_at_the_next_try(campaign, sandbox, clock, grace, ada):
    work(clock)
    answer(sandbox, clock, grace, "STOP")
    clock.go(minutes=1)
    reply(sandbox, grace, "START")
    with database.execute_wrapper(dies_at("campaigns_auditentry")), pytest.raises(Killed):
        listen(clock)
    assert Suppression.known(ada.organization, [grace.phone]) == {grace.phone}
    listen(clock)
    grace.refresh_from_db()
    assert grace.stopped_at is None


@pytest.mark.parametrize("text", ["This is the worst bakery in town", "Pésimo servicio", "One star"])
def test_a_complaint_goes_on_as_praise_does(campaign, sandbox, clock, grace, text):
    """R1: who is unhappy is asked like anybody else."""
    work(clock)
    answer(sandbox, clock, grace, text)
    outbox.run(hands=0)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    grace.refresh_from_db()
    assert grace.paused_at is None


@pytest.mark.parametrize("word", ["ALTO", "no más", "¡Baja!", "Cancelar."])
def test_the_spanish_words_end_everything_too(campaign, sandbox, clock, grace, word):
    work(clock)
    answer(sandbox, clock, grace, word)
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["text"]]
    assert only_delivery(campaign).status == "cancelled"


def refuse_to_connect(request):
    if is_send(request):
        raise httpx.ConnectError("refused")


def test_a_stop_cancels_what_is_frozen_and_was_not_taken_yet(campaign, clock, wire, grace, ada):
    """The request stands word for word on the row and only waits for the network (M3)."""
    wire.before = refuse_to_connect
    outbox.run(hands=0)
    waiting = Message.objects.get(kind=Message.Kind.GREETING)
    assert (waiting.is_frozen, waiting.status) == (True, M.PLANNED)
    replies.record(incoming("Stop"), ada.organization, clock())
    wire.before = lambda request: None
    walk_to_the_end(clock)
    waiting.refresh_from_db()
    assert (waiting.status, wire.sends()[1:]) == (M.CANCELLED, [])


def test_a_stop_to_one_business_cancels_what_is_frozen_in_another(campaign, clock, wire, grace, ada):
    """M4: they wrote to the café; the bakery's greeting, frozen already, does not leave either."""
    second = make_second_business(ada)
    twin = make_customer(second, phone=grace.phone, chat_id="chat-of-the-cafe")
    theirs = make_campaign(ada, business=second, name="Café")
    launch.launch(theirs, ada.user, clock())
    wire.before = refuse_to_connect
    outbox.run(hands=0)
    assert Message.objects.exclude(body=None).count() == 2
    replies.stop(twin, "Wrote STOP", None, clock())
    wire.before = lambda request: None
    walk_to_the_end(clock)
    assert {only_delivery(each).status for each in (campaign, theirs)} == {"cancelled"}
    assert len(wire.sends()) == 2  # those that were refused before the stop


@pytest.mark.django_db(transaction=True)
def test_a_start_and_a_newer_stop_understood_in_the_same_moment_leave_silence(ada, grace, clock):
    """Two workers, one word each, in whatever order: the newer wish holds, in both places where it is kept."""
    for turn in range(4):
        said = []
        for text in ("STOP", "START", "STOP"):
            clock.go(minutes=1)
            said.append(incoming(text, message_id=f"{turn}-{len(said)}"))
        replies.record(said[0], ada.organization, clock())
        acts = [lambda event=event: replies.record(event, ada.organization, clock()) for event in said[1:]]
        assert at_once(acts) == [True, True]
        grace.refresh_from_db()
        assert grace.stopped_at is not None
        assert Suppression.known(ada.organization, [grace.phone]) == {grace.phone}
