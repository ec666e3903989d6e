"""Sending again by hand: what they already have is in view, and the guards are the same as ever."""

import pytest

from campaigns import launch, replies, resend, status
from campaigns.models import AuditEntry, Customer, Delivery, Message
from tests.cast import at_once, kinds, ledger, make_campaign, make_customer, only_delivery, turn, walk_to_the_end, work

ASK = ["media", "text", "rich_link"]


@pytest.fixture
def asked(campaign, sandbox, clock):
    walk_to_the_end(clock)
    return only_delivery(campaign)


def test_it_shows_what_this_customer_already_received_and_when(asked, clock):
    look = resend.outlook(asked, clock())
    assert [(m.kind, m.status) for m in look.received] == [("greeting", "read"), ("ask", "read")]
    assert look.forbidden == ""


def test_a_reason_is_needed_after_a_recent_asking_and_then_it_goes(asked, sandbox, ada, clock):
    with pytest.raises(resend.ReasonNeeded, match="Asked today, free again on 31 May 2026"):
        resend.resend(asked, ada.user, "   ", clock())
    resend.resend(asked, ada.user, "She lost her phone", clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ASK, ASK]


def test_the_history_keeps_both_and_the_reason(asked, sandbox, ada, clock):
    resend.resend(asked, ada.user, "She lost her phone", clock())
    walk_to_the_end(clock)
    rounds = Message.objects.filter(kind="ask").order_by("pk").values_list("round", "status", "note", "by")
    assert list(rounds) == [(1, "read", "", None), (2, "read", "She lost her phone", ada.user.pk)]
    assert AuditEntry.objects.get(act="send again").words == "She lost her phone"


def test_sending_again_never_moves_the_word_of_the_row_back(asked, campaign, sandbox, ada, clock):
    resend.resend(asked, ada.user, "Again", clock())
    assert only_delivery(campaign).status == "read"
    work(clock)
    assert only_delivery(campaign).status == "read"


def test_after_the_cool_down_no_reason_is_needed(asked, sandbox, ada, clock):
    clock.go(days=91)
    resend.resend(asked, ada.user, "", clock())
    walk_to_the_end(clock)
    assert len(kinds(sandbox)) == 3


def test_a_stopped_customer_is_refused_whatever_the_reason(asked, ada, clock):
    """M4: by the server, not only by the button."""
    replies.stop(asked.customer, "Wrote STOP", None, clock())
    asked.refresh_from_db()
    with pytest.raises(resend.NotAllowed, match="Wrote STOP, 2 March 2026"):
        resend.resend(asked, ada.user, "She changed her mind", clock())
    assert not Message.objects.filter(round=2).exists()


@pytest.mark.parametrize("change", [{"is_insider": True}, {"consent_basis": ""}])
def test_insiders_and_people_without_consent_are_refused(asked, ada, clock, change):
    Customer.objects.update(**change)
    with pytest.raises(resend.NotAllowed):
        resend.resend(Delivery.objects.get(), ada.user, "Please", clock())


def test_somebody_paused_by_their_words_needs_a_reason(asked, ada, clock):
    asked.customer.pause("who is this?", clock())
    with pytest.raises(resend.ReasonNeeded, match="who is this"):
        resend.resend(Delivery.objects.get(), ada.user, "", clock())


def test_what_is_still_on_its_way_is_not_sent_again(campaign, sandbox, ada, clock):
    work(clock)
    with pytest.raises(resend.NotAllowed, match="still on its way"):
        resend.resend(only_delivery(campaign), ada.user, "Hurry", clock())


def test_two_clicks_one_after_the_other_make_one_sending(asked, sandbox, ada, clock):
    resend.resend(asked, ada.user, "Once", clock())
    with pytest.raises(resend.NotAllowed):
        resend.resend(asked, ada.user, "Twice", clock())


@pytest.mark.django_db(transaction=True)
def test_ten_clicks_at_once_make_one_sending(asked, sandbox, ada, clock):
    ends = at_once([lambda: resend.resend(Delivery.objects.get(), ada.user, "Now", clock())] * 10)
    assert [end for end in ends if end is None] == [None]
    assert {type(end) for end in ends if end} == {resend.NotAllowed}
    walk_to_the_end(clock)
    assert len(ledger(sandbox, "message")) == 3


def test_a_look_that_is_out_of_date_makes_no_second_sending(asked, sandbox, ada, clock, monkeypatch):
    """Somebody else clicks between our look and our write: on SQLite both would wait and then both would write."""
    real = resend.outlook

    def look_and_be_overtaken(delivery, now):
        view = real(delivery, now)
        monkeypatch.setattr(resend, "outlook", real)
        resend.resend(delivery, ada.user, "Quicker", now)
        return view

    monkeypatch.setattr(resend, "outlook", look_and_be_overtaken)
    with pytest.raises(resend.NotAllowed, match="already being sent again"):
        resend.resend(asked, ada.user, "Slower", clock())
    assert Message.objects.exclude(round=1).values_list("note", flat=True).get() == "Quicker"


def test_a_refused_one_can_be_sent_again_without_a_reason(campaign, sandbox, ada, clock):
    turn(sandbox, p500=1, p500_code=1003, only="POST /chats")
    work(clock)
    turn(sandbox, p500=0)
    assert only_delivery(campaign).status == "refused"
    resend.resend(only_delivery(campaign), ada.user, "", clock())
    walk_to_the_end(clock)
    assert only_delivery(campaign).status == "read"


def test_one_that_ended_before_its_greeting_can_be_sent_again(campaign, sandbox, ada, clock):
    """The card could not be drawn; the greeting that waited for it must not stand in the way."""
    turn(sandbox, foreign_upload=True)
    walk_to_the_end(clock)
    assert only_delivery(campaign).status == "refused"
    assert not Message.objects.filter(status__in=status.OPEN).exists()
    turn(sandbox, foreign_upload=False)
    resend.resend(only_delivery(campaign), ada.user, "", clock())
    walk_to_the_end(clock)
    assert kinds(sandbox) == [["text"], ASK]


def test_somebody_who_was_left_out_can_be_asked_by_hand_with_a_reason(ada, grace, sandbox, clock):
    make_customer(ada.business, 2)
    grace.pause("who is this?", clock())
    clock.go(minutes=1)
    campaign = make_campaign(ada)
    launch.launch(campaign, ada.user, clock())
    resend.resend(campaign.deliveries.get(status="skipped"), ada.user, "Talked to her", clock())
    for _ in range(2):
        walk_to_the_end(clock)
    assert campaign.counts() == {"read": 2}


def test_an_account_that_is_paused_keeps_it_until_it_goes_on(asked, sandbox, ada, clock):
    ada.organization.pause("payment", "The card has run out.", clock())
    resend.resend(asked, ada.user, "Again", clock())
    work(clock)
    assert len(kinds(sandbox)) == 2
    ada.organization.resume()
    work(clock)
    assert len(kinds(sandbox)) == 3
