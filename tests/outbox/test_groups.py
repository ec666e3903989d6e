"""A household in one group chat: text first, then picture with all names; one STOP ends it, for good."""

import json
from datetime import timedelta

import httpx
import pytest

from campaigns import answering, cards, households, invitations, launch, outbox, replies, resend
from campaigns.asking import together
from campaigns.chert.events import event_from_json
from campaigns.filters import Filter
from campaigns.models import Conversation, Customer, Delivery, Household, Message, Suppression, picture_path
from campaigns.results import reviews
from tests.cast import (
    answer,
    at_the_sandbox,
    is_send,
    kinds,
    ledger,
    make_campaign,
    make_customer,
    walk_to_the_end,
    work,
)
from tests.test_households import LEE, home_of

ALL = "{sender} from {business} here. Would you tell others how it went? Reply STOP to end."
BOTH = "+15125551001,+15125551002"


@pytest.fixture
def lees(ada):
    return home_of(ada, *LEE)


@pytest.fixture
def asked(ada, lees, sandbox, clock):
    """The Lees have been asked in their group, with a reminder to come."""
    made = make_campaign(ada, remind_after=3, reminder=invitations.REMINDER)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    return made


@pytest.fixture
def greeted(ada, lees, sandbox, clock):
    """They have been greeted, and the picture is to come."""
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    work(clock)
    return made


def home():
    return Household.objects.get()


def the_row(campaign):
    return campaign.deliveries.get(together_with=None)


def in_the_group(text, sender, chat=None):
    """An event of the Lees' group, as the webhook brings it."""
    said = {"id": "GUID-9", "direction": "inbound", "sender_handle": {"handle": sender, "is_me": False}}
    said["parts"] = [{"type": "text", "value": text}]
    data = {"message": said, "chat": {"id": chat or home().chat_id, "is_group": True}}
    return event_from_json({"event": "message.received", "event_id": "chert:msg:GUID-9", "data": data})


def later(clock, **how_far):
    clock.go(**how_far)
    for _ in range(3):
        work(clock, minutes=1)


# --- the two messages -----------------------------------------------------------------------------------------------


def test_text_goes_first_and_then_picture_text_and_link_in_one_group(asked, sandbox):
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    assert [effect["phone"] for effect in ledger(sandbox, "message")] == [BOTH, BOTH]
    assert len({effect["chat_id"] for effect in ledger(sandbox, "message")}) == 1


def test_the_greeting_names_both(asked, sandbox):
    [greeting, _] = ledger(sandbox, "message")
    assert greeting["parts"][0]["value"].startswith("Hi Marcus & Dana, it's Ada")


def test_the_picture_is_drawn_with_both_names(greeted, sandbox, clock):
    walk_to_the_end(clock)
    row = the_row(greeted)
    words = together.speaking(row).words()
    assert words["first_name"] == "Marcus & Dana"
    assert picture_path(row.picture).read_bytes() == cards.render(greeted.card.drawing(), words)


def test_everything_at_once_is_text_first_in_a_group_all_the_same(ada, lees, sandbox, clock):
    launch.launch(make_campaign(ada, flow="all_at_once", ask=ALL), ada.user, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]


def test_a_greeting_that_opens_a_group_says_who_writes_and_how_to_stop(ada, lees, clock):
    plan = launch.check(make_campaign(ada, flow="all_at_once", ask=ALL, greeting="Hi {first_name}"), clock())
    assert "A household is greeted first" in " ".join(plan.problems)
    households.dissolve(lees[0].household, ada.user, clock())
    assert launch.check(make_campaign(ada, flow="all_at_once", ask=ALL, greeting="Hi {first_name}"), clock()).is_ready


def test_the_chat_is_the_households_and_nobodys_own(asked, sandbox):
    [chat] = ledger(sandbox, "chat")
    assert home().chat_id == chat["chat_id"]
    assert set(Customer.objects.values_list("chat_id", flat=True)) == {""}


def test_chats_of_their_own_are_left_alone(ada, lees, sandbox, clock):
    Customer.objects.filter(pk=lees[0].pk).update(chat_id="his-own")
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    assert Customer.objects.get(pk=lees[0].pk).chat_id == "his-own"


def test_the_next_campaign_goes_on_in_the_group(ada, asked, sandbox, clock):
    answer(sandbox, clock, Customer.objects.first(), "Thank you!")
    clock.go(days=100)
    launch.launch(make_campaign(ada, name="Winter"), ada.user, clock())
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "chat")) == 1
    assert kinds(sandbox)[-1] == ["media", "text", "rich_link"]


def test_an_answer_of_either_hurries_the_picture(greeted, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "Sure")
    work(clock)
    assert len(kinds(sandbox)) == 2


def test_a_lost_answer_opens_no_second_group(ada, lees, sandbox, wire, clock):
    lost = iter([True])
    wire.after = lambda request, response: httpx.Response(502) if is_send(request) and next(lost, False) else None
    launch.launch(make_campaign(ada), ada.user, clock())
    later(clock, minutes=10)
    later(clock, minutes=10)
    assert kinds(sandbox) == [["text"], ["media", "text", "rich_link"]]
    assert len(ledger(sandbox, "chat")) == 1
    sends = [request for request in wire.sends() if request.url.path.endswith("/chats")]
    assert len({request.content for request in sends}) == 1


def test_a_follow_up_whose_answer_was_lost_is_looked_for_in_the_group(greeted, sandbox, wire, clock):
    lost = iter([True])
    wire.after = lambda request, response: httpx.Response(502) if is_send(request) and next(lost, False) else None
    later(clock, minutes=5)
    later(clock, minutes=10)
    assert len(kinds(sandbox)) == 2
    assert the_row(greeted).status in ("sent", "delivered", "read")


def test_a_group_whose_chat_nobody_knows_gets_no_picture(ada, lees, sandbox, wire, clock, settings):
    wire.after = lambda request, response: httpx.Response(502) if is_send(request) else None
    launch.launch(make_campaign(ada), ada.user, clock())
    for _ in range(30):
        later(clock, hours=1)
    [greeting] = Message.objects.filter(kind="greeting", status="in_doubt")
    wire.after = lambda request, response: None
    clock.to(clock().replace(hour=18) + timedelta(days=1))
    outbox.it_arrived(greeting, None, clock())
    later(clock, minutes=5)
    ask = Message.objects.get(kind="ask")
    assert (ask.status, ask.reason[:35]) == ("refused", "Nobody knows the chat of this group")
    assert kinds(sandbox) == [["text"]]


# --- what comes back ------------------------------------------------------------------------------------------------


def test_words_belong_to_whoever_wrote_them(asked, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "It was lovely")
    said = Message.objects.get(kind="inbound")
    assert (said.customer, said.household) == (lees[1], home())
    assert said.delivery == Delivery.objects.get(customer=lees[1])
    assert Conversation.objects.get().customer == lees[1]


def test_the_campaign_counts_one_answer_for_the_household(asked, lees, sandbox, clock):
    for person in lees:
        answer(sandbox, clock, person, "Lovely")
    row = the_row(asked)
    assert (asked.deliveries.exclude(replied_at=None).get(), row.replied_words) == (row, "Lovely")


def test_receipts_are_the_groups(asked):
    assert (asked.counts(), Delivery.objects.get(status="skipped").read_at) == ({"read": 1, "skipped": 1}, None)


def test_a_group_of_somebody_elses_account_is_nobodys_here(asked, rival, lees, clock):
    replies.record(in_the_group("STOP", lees[0].phone), rival.organization, clock())
    assert home().is_open
    assert Customer.objects.get(pk=lees[0].pk).stopped_at is None


def test_either_answer_takes_the_reminder_back(asked, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "Yes")
    assert Message.objects.get(kind="reminder").status == "cancelled"


def test_without_an_answer_the_group_is_reminded_once(asked, sandbox, clock):
    later(clock, days=3)
    assert kinds(sandbox)[2:] == [["text", "rich_link"]]
    assert ledger(sandbox, "message")[-1]["phone"] == BOTH
    later(clock, days=3)
    assert len(kinds(sandbox)) == 3


@pytest.mark.parametrize("who", [0, 1])
def test_a_review_of_either_ends_the_reminder(asked, lees, sandbox, clock, who):
    Customer.objects.filter(pk=lees[who].pk).update(reviewed_at=clock())
    later(clock, days=3)
    assert len(kinds(sandbox)) == 2


def test_a_likely_review_of_either_holds_the_reminder(ada, asked, lees, sandbox, clock):
    assert reviews.take_in(ada.business, reviews.read("Dana Lee, 2026-03-03"), clock()).waiting == 1
    assert reviews.waiting(ada.business).get().customer == lees[1]
    later(clock, days=3)
    assert len(kinds(sandbox)) == 2


# --- stop -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", [0, 1])
def test_one_stop_ends_the_group_for_good(greeted, lees, sandbox, clock, who):
    answer(sandbox, clock, lees[who], "STOP")
    later(clock, minutes=10)
    later(clock, days=2)
    assert kinds(sandbox) == [["text"]]
    assert (home().is_open, home().closed_reason) == (False, households.STOPPED)
    assert the_row(greeted).status == "cancelled"


@pytest.mark.parametrize("who", [0, 1])
def test_it_stops_that_person_and_not_the_other(greeted, lees, sandbox, clock, who):
    answer(sandbox, clock, lees[who], "STOP")
    stopped = Customer.objects.exclude(stopped_at=None).get()
    assert stopped == lees[who]
    assert Suppression.known(stopped.business.organization, [each.phone for each in lees]) == {stopped.phone}


def test_nothing_is_confirmed_in_the_group(greeted, lees, sandbox, clock):
    """It would tell the others, and write once more where no more is wanted."""
    answer(sandbox, clock, lees[0], "STOP")
    assert not Message.objects.filter(kind="confirmation").exists()


def test_a_stop_is_confirmed_in_a_chat_of_their_own(ada, lees, sandbox, clock):
    launch.launch(make_campaign(ada, who=Filter(chosen=(lees[0].pk,)).as_json()), ada.user, clock())
    walk_to_the_end(clock)
    clock.go(days=100)
    launch.launch(make_campaign(ada, name="Winter"), ada.user, clock())
    walk_to_the_end(clock)
    answer(sandbox, clock, lees[0], "STOP")
    work(clock)
    own = Customer.objects.get(pk=lees[0].pk).chat_id
    assert ledger(sandbox, "message")[-1]["chat_id"] == own != home().chat_id
    assert "won't hear" in ledger(sandbox, "message")[-1]["parts"][0]["value"]


def test_a_stop_by_phone_ends_it_too(greeted, lees, ada, sandbox, clock):
    replies.stop(lees[1], "Asked us by phone", ada.user, clock())
    later(clock, minutes=10)
    assert kinds(sandbox) == [["text"]]


def test_a_start_again_opens_no_closed_group(greeted, lees, sandbox, clock):
    answer(sandbox, clock, lees[0], "STOP")
    clock.go(minutes=1)
    answer(sandbox, clock, lees[0], "START")
    later(clock, minutes=10)
    assert Customer.objects.get(pk=lees[0].pk).stopped_at is None
    assert (home().is_open, kinds(sandbox)) == (False, [["text"]])


def test_a_stop_before_anything_left_ends_it_too(ada, lees, sandbox, clock):
    launch.launch(make_campaign(ada), ada.user, clock())
    replies.stop(lees[1], "Asked us by phone", ada.user, clock())
    later(clock, minutes=10)
    assert kinds(sandbox) == []


def test_a_stop_while_the_worker_has_it_in_hand_is_in_time(ada, lees, wire, sandbox, clock):
    """Claimed, drawn, uploading: then Dana stops."""

    def stop_at_the_upload(request):
        if request.method == "PUT":
            replies.stop(lees[1], "Asked us by phone", None, clock())

    wire.before = stop_at_the_upload
    launch.launch(make_campaign(ada), ada.user, clock())
    later(clock, minutes=5)
    assert (kinds(sandbox), home().is_open) == ([], False)


def test_a_stop_while_the_greeting_is_called_lets_nothing_follow(ada, lees, wire, sandbox, clock):
    def stop_in_the_call(request, response):
        if is_send(request):
            replies.stop(lees[1], "Asked us by phone", None, clock())

    wire.after = stop_in_the_call
    launch.launch(make_campaign(ada), ada.user, clock())
    later(clock, minutes=10)
    later(clock, minutes=10)
    assert kinds(sandbox) == [["text"]]
    assert home().chat_id  # known, so that what is said there finds its way


def test_a_closed_group_is_not_written_to_even_if_something_is_still_planned(greeted, sandbox, clock):
    Household.objects.update(closed_at=clock(), closed_reason="x")
    later(clock, minutes=10)
    assert (kinds(sandbox), the_row(greeted).reason) == ([["text"]], together.GROUP_CLOSED)


def test_words_that_sound_like_no_hold_the_group_until_somebody_has_read(greeted, lees, sandbox, clock):
    answer(sandbox, clock, lees[1], "please don't text me again")
    later(clock, minutes=10)
    assert kinds(sandbox) == [["text"]]
    assert Customer.objects.exclude(paused_at=None).get() == lees[1]
    assert home().is_open


def test_a_stop_from_an_address_nobody_knows_ends_the_group_and_holds_everybody(greeted, ada, lees, clock, sandbox):
    """iMessage may show an e-mail address in place of the number: somebody in there wants no more."""
    replies.record(in_the_group("STOP", "dana@example.com"), ada.organization, clock())
    later(clock, minutes=10)
    assert (home().is_open, kinds(sandbox)) == (False, [["text"]])
    assert Customer.objects.exclude(paused_at=None).count() == 2


def test_after_the_end_the_other_can_be_asked_alone(greeted, lees, ada, sandbox, clock):
    answer(sandbox, clock, lees[1], "STOP")
    resend.resend(the_row(greeted), ada.user, "He asked for it", clock())
    walk_to_the_end(clock)
    last = ledger(sandbox, "message")[-2:]
    assert [effect["phone"] for effect in last] == [lees[0].phone] * 2
    assert last[0]["parts"][0]["value"].startswith("Hi Marcus, it's")


# --- by hand --------------------------------------------------------------------------------------------------------


def test_sending_again_goes_to_the_group_while_it_is_open(asked, ada, sandbox, clock):
    resend.resend(the_row(asked), ada.user, "They lost it", clock())
    walk_to_the_end(clock)
    assert [effect["phone"] for effect in ledger(sandbox, "message")] == [BOTH] * 3


def test_sending_again_to_a_group_asks_about_everybody_in_it(asked, lees, ada, clock):
    Customer.objects.filter(pk=lees[1].pk).update(is_insider=True)
    with pytest.raises(resend.NotAllowed):
        resend.resend(the_row(asked), ada.user, "They lost it", clock())


def test_one_of_them_is_not_sent_to_again_while_the_group_is_being_asked(greeted, ada, clock):
    with pytest.raises(resend.NotAllowed, match="together with Marcus Lee"):
        resend.resend(Delivery.objects.get(status="skipped"), ada.user, "x", clock())


def test_one_of_them_can_be_asked_alone_by_hand(asked, lees, ada, sandbox, clock):
    mine = Delivery.objects.get(customer=lees[1])
    with pytest.raises(resend.ReasonNeeded):
        resend.resend(mine, ada.user, "", clock())
    resend.resend(mine, ada.user, "She asked for it", clock())
    walk_to_the_end(clock)
    assert [effect["phone"] for effect in ledger(sandbox, "message")][2:] == [lees[1].phone] * 2
    mine.refresh_from_db()
    assert mine.status == "read"


def answered(person, ada, clock, words="Thank you!"):
    talk = Conversation.objects.select_related("business__organization", "customer__business__organization").get(
        customer=person
    )
    return answering.answer(talk, words, ada.user, clock(), slip="s" * 20, seen=answering.newest(talk))


def test_an_answer_goes_to_the_group_where_they_have_no_chat_of_their_own(asked, lees, ada, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely")
    assert answered(lees[1], ada, clock).household == home()
    work(clock)
    assert ledger(sandbox, "message")[-1]["phone"] == BOTH


def test_an_answer_goes_to_their_own_chat_where_there_is_one(asked, lees, ada, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely")
    Customer.objects.filter(pk=lees[1].pk).update(chat_id="her-own")
    assert answered(lees[1], ada, clock).household is None


def test_an_answer_that_waits_for_a_group_dies_with_it(asked, lees, ada, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely")
    mine = answered(lees[1], ada, clock)
    replies.stop(lees[0], "Asked us by phone", None, clock())
    mine.refresh_from_db()
    assert mine.status == "cancelled"


def test_nobody_is_answered_in_a_closed_group(asked, lees, ada, sandbox, clock):
    answer(sandbox, clock, lees[1], "Lovely")
    answer(sandbox, clock, lees[0], "STOP")
    with pytest.raises(answering.NotAllowed, match="group of their household is closed"):
        answered(lees[1], ada, clock)


def test_leaving_takes_back_what_has_not_left(greeted, lees, ada, sandbox, clock):
    households.take_out(lees[1], ada.user, clock())
    later(clock, minutes=10)
    assert kinds(sandbox) == [["text"]]


def test_marking_one_as_reviewed_or_employee_keeps_the_group_from_being_asked(greeted, lees, sandbox, clock):
    Customer.objects.filter(pk=lees[1].pk).update(is_insider=True)
    later(clock, minutes=10)
    assert (kinds(sandbox), the_row(greeted).reason) == ([["text"]], together.GROUP_CHANGED)


def test_the_line_is_not_blamed_where_another_of_the_group_answers(ada, lees, sandbox, clock):
    """M12: an answer of either is an answer to the one first touch."""
    from_them = Message.objects.filter(kind="inbound")
    launch.launch(make_campaign(ada), ada.user, clock())
    walk_to_the_end(clock)
    answer(sandbox, clock, lees[1], "Lovely")
    assert from_them.get().household_id == Message.objects.get(kind="greeting").household_id


def test_a_phone_without_imessage_leaves_the_group_at_sent(ada, lees, sandbox, clock):
    at_the_sandbox(sandbox).put(f"/sandbox/phones/{lees[1].phone}", json={"imessage": False}).raise_for_status()
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    assert the_row(made).status == "sent"


def test_the_frozen_request_names_each_number_once(greeted, lees):
    body = json.loads(bytes(Message.objects.get(kind="greeting").body))
    assert body["to"] == [each.phone for each in lees]


def test_households_and_others_go_side_by_side(ada, lees, sandbox, clock):
    for n in range(5, 9):
        make_customer(ada.business, n, first_name="Ida")
    made = make_campaign(ada)
    launch.launch(made, ada.user, clock())
    walk_to_the_end(clock)
    assert made.counts() == {"read": 5, "skipped": 1}
    assert len(ledger(sandbox, "chat")) == 5
