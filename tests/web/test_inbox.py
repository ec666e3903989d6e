"""The inbox: conversations, a thread that moves by itself, and answering by hand."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from django.urls import reverse

from campaigns import replies
from campaigns.models import (
    AuditEntry,
    Business,
    Conversation,
    Customer,
    Gesture,
    Membership,
    Message,
    QuickAnswer,
    Tapback,
    User,
)
from tests.cast import answer, heard_from, ledger, make_customer, turn, walk_to_the_end, work
from tests.test_replies import incoming

NIGHT = datetime(2026, 3, 2, 22, 0, tzinfo=ZoneInfo("America/Chicago"))
HTMX = {"HX-Request": "true"}


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def talk(campaign, sandbox, clock) -> Conversation:
    return heard_from(sandbox, clock, campaign)


def page(client, talk, **asked) -> str:
    return text(client.get(reverse("conversation", args=[talk.pk]), asked))


def slip_of(html: str) -> str:
    return re.search(r'name="slip" value="([^"]+)"', html)[1]


def seen_of(html: str) -> str:
    return re.search(r'name="seen" form="answer" value="(\d+)"', html)[1]


def filled(client, talk, words="Thank you, Grace!", **more) -> dict:
    """The form as the page gives it, with words in it."""
    html = page(client, talk)
    return {"text": words, "slip": slip_of(html), "seen": seen_of(html)} | more


def send(client, talk, form, **how):
    return client.post(reverse("conversation_answer", args=[talk.pk]), form, **how)


def answers() -> int:
    return Message.objects.filter(kind="answer").count()


def colleague(ada, name="Ben", role=Membership.Role.SENDER) -> User:
    made = User.objects.create_user(f"{name.lower()}@example.com", "correct horse battery", first_name=name)
    Membership.objects.create(user=made, organization=ada.organization, role=role)
    return made


def others(ada, count, clock, **more):
    """So many more customers who have written."""
    made = []
    for number in range(count):
        person = make_customer(ada.business, 200 + number, first_name=f"Person{number}")
        made.append(
            Conversation(business=ada.business, customer=person, words=f"Words {number}", said_at=clock(), **more)
        )
    return Conversation.objects.bulk_create(made)


# --- the list --------------------------------------------------------------------------------------------------------


def test_an_empty_inbox_says_what_it_is_for(desk):
    html = text(desk.get(reverse("inbox")))
    assert "Nothing to answer" in html
    assert "their words come here" in html


def test_their_words_stand_in_the_list_with_the_name_and_the_number_in_the_title(desk, talk):
    html = text(desk.get(reverse("inbox")))
    for words in ("Grace Hopper", "Lovely, thank you!", "<title>(1) Inbox", "To answer", 'class="th new"'):
        assert words in html


def test_what_sounds_like_no_comes_first_then_what_is_new_then_by_time(desk, ada, talk, clock):
    others(ada, 3, clock)
    _, second, third = Conversation.objects.exclude(pk=talk.pk).order_by("pk")
    Conversation.objects.filter(pk=second.pk).update(unread=1, said_at=second.said_at.replace(year=2025))
    Customer.objects.filter(pk=third.customer_id).update(paused_at=clock(), paused_words="leave me alone")
    Conversation.objects.filter(pk=talk.pk).update(unread=0)
    html = text(desk.get(reverse("inbox")))
    order = re.findall(r'id="th-(\d+)"', html)
    assert order[:2] == [str(third.pk), str(second.pk)]
    assert html.index("Sounds like no") < html.index("To answer")
    assert "Paused by us" in html


def test_done_stopped_and_mine_are_lists_of_their_own(desk, ada, talk, clock):
    html = text(desk.get(reverse("inbox"), {"show": "mine"}))
    assert "No open conversation is yours" in html
    desk.post(reverse("conversation_assign", args=[talk.pk]), {"to": ada.user.pk})
    assert "Grace" in text(desk.get(reverse("inbox"), {"show": "mine"}))
    desk.post(reverse("conversation_done", args=[talk.pk]), {"done": "yes"})
    desk.get("/")  # the message of the act has been seen
    assert "Grace" not in text(desk.get(reverse("inbox")))
    assert "Grace" in text(desk.get(reverse("inbox"), {"show": "done"}))
    replies.stop(talk.customer, "Asked us by phone", None, clock())
    assert "Grace" in text(desk.get(reverse("inbox"), {"show": "stopped"}))
    assert "Grace" not in text(desk.get(reverse("inbox"), {"show": "done"}))


def test_the_list_costs_the_same_for_one_and_for_forty_and_goes_on(
    desk, ada, talk, clock, django_assert_max_num_queries
):
    others(ada, 60, clock)
    with django_assert_max_num_queries(12):
        html = text(desk.get(reverse("inbox")))
    shown = re.findall(r'id="th-(\d+)"', html)
    [older] = re.findall(r"before=(\d+)", html)[:1]
    more = re.findall(r'id="th-(\d+)"', text(desk.get(reverse("inbox"), {"before": older})))
    assert (len(shown), len(more), len({*shown, *more})) == (40, 21, 61)


@pytest.mark.parametrize(
    "rubbish", [{"show": "x"}, {"before": "x"}, {"before": "9" * 30}, {"before": "0"}, {"show": "\0"}]
)
def test_rubbish_in_the_address_shows_the_list(desk, talk, rubbish):
    assert "Grace" in text(desk.get(reverse("inbox"), rubbish))


@pytest.mark.parametrize(
    ("words", "chip"),
    [("It still leaks", "Sounds like a complaint"), ("Done, I left a review", "Sounds reviewed"), ("Hi", "")],
)
def test_words_are_marked_by_what_they_sound_like(desk, campaign, sandbox, clock, words, chip):
    heard_from(sandbox, clock, campaign, words)
    html = text(desk.get(reverse("inbox")))
    assert chip in html
    assert ("Sounds" in html) is bool(chip)


# --- the thread ------------------------------------------------------------------------------------------------------


def test_the_conversation_shows_everything_said_with_picture_and_receipts(desk, talk):
    html = page(desk, talk)
    for words in (
        "Reply STOP",
        "delivery_thumbnail".replace("_", "")[:0],
        "Write a Google review",
        "Lovely, thank you!",
        "Read ",
    ):
        assert words in html
    assert reverse("delivery_thumbnail", args=[talk.customer.deliveries.get().pk]) in html


def test_beside_it_stands_what_was_sent_and_when(desk, talk, campaign):
    html = page(desk, talk)
    assert f'href="{reverse("campaign", args=[campaign.pk])}"' in html
    assert "Everything about" in html


def test_opening_it_reads_nothing_and_the_page_itself_says_what_was_seen(desk, talk):
    html = page(desk, talk)
    talk.refresh_from_db()
    assert talk.unread == 1
    answered = desk.post(reverse("conversation_read", args=[talk.pk]), {"seen": seen_of(html)}, headers=HTMX)
    talk.refresh_from_db()
    assert (answered.status_code, answered["HX-Trigger"], talk.unread) == (204, "inbox-read", 0)


def test_markup_in_their_words_and_names_stays_words(desk, talk, sandbox, clock):
    Customer.objects.update(first_name="<i>Eve</i>", last_name='"><script>')
    answer(sandbox, clock, Customer.objects.get(), '<img src=x onerror=alert(1)> {% now "Y" %} &amp;')
    html = page(desk, talk)
    assert "<img src=x" not in html
    assert "<i>Eve" not in html
    assert "<script>" not in html.replace("<script ", "")


def test_their_tapback_shows_on_our_message(desk, talk, clock):
    Tapback.objects.create(message=Message.objects.get(kind="ask"), word="love", at=clock())
    assert "Grace put ❤️ on it" in page(desk, talk)


def test_a_tapback_of_ours_goes_out_and_shows(desk, talk, sandbox, clock):
    theirs = Message.objects.get(kind="inbound")
    address = reverse("conversation_tapback", args=[talk.pk, theirs.pk])
    assert "We put 👍 on it" in text(desk.post(address, {"tapback": "like"}, headers=HTMX))
    assert desk.post(address, {"tapback": "like"}).status_code == 302
    work(clock)
    assert Gesture.objects.get(kind="tapback").outcome == "done"
    assert desk.post(address, {"tapback": "shrug"}).status_code == 302
    assert Gesture.objects.filter(kind="tapback").count() == 1


def test_a_long_conversation_costs_no_more_queries(desk, ada, talk, django_assert_max_num_queries):
    for number in range(30):
        replies.record(incoming(f"More {number}", message_id=f"M-{number}"), ada.organization, talk.said_at)
    with django_assert_max_num_queries(26):
        page(desk, talk)


def test_a_picture_without_words_is_named(desk, ada, talk, clock):
    replies.record(incoming("", message_id="PIC"), ada.organization, clock())
    assert "A picture or a file" in page(desk, talk)


# --- answering -------------------------------------------------------------------------------------------------------


def test_an_answer_is_sent_and_shown_with_how_far_it_has_come(desk, talk, sandbox, clock):
    assert send(desk, talk, filled(desk, talk)).url.startswith(reverse("conversation", args=[talk.pk]))
    assert "Sending" in page(desk, talk)
    work(clock)
    assert "Sent 12:" in page(desk, talk)
    work(clock, 1)
    work(clock, 5)
    assert re.search(r"Ada&#x27;s</bdi> · Read", page(desk, talk))
    assert ledger(sandbox, "message")[-1]["parts"][0]["value"] == "Thank you, Grace!"


def test_for_htmx_the_conversation_alone_comes_back_with_an_empty_new_slip(desk, talk):
    form = filled(desk, talk)
    html = text(send(desk, talk, form, headers=HTMX))
    assert html.lstrip().startswith("<section")
    assert slip_of(html) != form["slip"]
    assert "></textarea>" in html


def test_a_double_click_and_the_back_button_send_once(desk, talk, sandbox, clock):
    """F-13"""
    form = filled(desk, talk)
    for _ in range(3):
        assert send(desk, talk, form).status_code == 302
    work(clock)
    assert (answers(), len(ledger(sandbox, "message"))) == (1, 3)


def test_two_tabs_the_second_sees_the_firsts_answer_and_keeps_its_words(desk, talk):
    first, second = filled(desk, talk, "We come on Tuesday"), filled(desk, talk, "We come on Monday")
    send(desk, talk, first)
    clash = send(desk, talk, second)
    html = text(clash)
    assert (clash.status_code, answers()) == (409, 1)
    for words in ("Something was said since", "We come on Tuesday", ">We come on Monday</textarea>"):
        assert words in html
    assert send(desk, talk, {"text": "Monday", "slip": slip_of(html), "seen": seen_of(html)}).status_code == 302
    assert answers() == 2


def test_a_colleague_who_was_quicker_is_named(desk, ada, talk):
    ben = colleague(ada)
    other = Client()
    other.force_login(ben)
    form = filled(desk, talk, "Mine")
    send(other, talk, filled(other, talk, "Bens words"))
    html = text(send(desk, talk, form, headers=HTMX))
    assert "Bens words" in html
    assert "Ben</bdi>" in html
    assert ">Mine</textarea>" in html


@pytest.mark.parametrize("words", ["", "   \n ", "x" * 2001])
def test_what_cannot_be_sent_is_said_and_kept(desk, talk, words):
    response = send(desk, talk, filled(desk, talk, words))
    assert (response.status_code, answers()) == (422, 0)
    assert "Not sent yet" in text(response)
    assert words.strip() in text(response)


@pytest.mark.parametrize(
    "broken", [{"slip": ""}, {"slip": "short"}, {"seen": "x"}, {"seen": "-1"}, {"when": "never"}, {"text": "a\0b"}]
)
def test_rubbish_in_the_form_is_refused_and_the_words_stay(desk, talk, broken):
    response = send(desk, talk, filled(desk, talk, "My words") | broken)
    assert (response.status_code, answers()) == (422, 0)


def test_at_night_the_page_says_so_and_two_buttons_decide(desk, talk, sandbox, clock):
    form = filled(desk, talk)
    clock.to(NIGHT)
    html = page(desk, talk)
    for words in ("Quiet in Chicago until", "Send now anyway", "Send at Tue 9:00"):
        assert words in html
    late = send(desk, talk, form)  # opened in the evening, sent at night
    assert (late.status_code, answers()) == (422, 0)
    assert "Thank you, Grace!</textarea>" in text(late)
    send(desk, talk, form | {"when": "later"})
    html = page(desk, talk)
    assert "Goes Tue 9:00" in html
    assert "Take back" in html
    work(clock)
    assert len(ledger(sandbox, "message")) == 2


def test_what_waits_goes_now_or_comes_back_into_the_field(desk, talk, clock, sandbox):
    clock.to(NIGHT)
    send(desk, talk, filled(desk, talk, "Tomorrow is fine", when="later"))
    waiting = Message.objects.get(kind="answer")
    back = desk.post(reverse("answer_back", args=[talk.pk, waiting.pk]))
    assert "Tomorrow is fine</textarea>" in text(desk.get(back.url.split("#")[0]))
    assert "Not sent" in page(desk, talk)
    send(desk, talk, filled(desk, talk, "Once more", when="later"))
    newest = Message.objects.filter(kind="answer").order_by("-pk").first()
    desk.post(reverse("answer_now", args=[talk.pk, newest.pk]))
    work(clock)
    assert ledger(sandbox, "message")[-1]["parts"][0]["value"] == "Once more"


def test_doubt_shows_its_two_ways_out(desk, talk, sandbox, clock):
    send(desk, talk, filled(desk, talk))
    turn(sandbox, only="POST /chats/{id}/messages", reset_before=1)
    work(clock)
    turn(sandbox, reset_before=0, p500=1, p500_code=1003)
    work(clock, 6)
    turn(sandbox, p500=0)
    html = page(desk, talk)
    for words in ("May have been sent", "It arrived", "Send again"):
        assert words in html
    assert "Answer may have been sent" in text(desk.get(reverse("inbox")))
    doubtful = Message.objects.get(kind="answer")
    for _ in range(2):
        assert desk.post(reverse("answer_again", args=[talk.pk, doubtful.pk])).status_code == 302
    assert desk.post(reverse("answer_arrived", args=[talk.pk, doubtful.pk])).status_code == 302
    assert answers() == 2


def test_who_has_stopped_cannot_be_answered_by_any_button_or_by_hand(desk, talk, clock):
    form = filled(desk, talk)
    replies.stop(talk.customer, "Asked us by phone", None, clock())
    html = page(desk, talk)
    assert "has stopped" in html
    assert "<textarea" not in html
    refused = send(desk, talk, form | {"when": "now"})
    assert (refused.status_code, answers()) == (409, 0)


# --- one click -------------------------------------------------------------------------------------------------------


def test_leave_me_alone_is_answered_by_a_decision_first(desk, talk, sandbox, clock):
    answer(sandbox, clock, talk.customer, "not interested, please leave me be")
    html = page(desk, talk)
    for words in ("We stopped here by ourselves", "Opt <bdi>Grace</bdi> out</span>", "It was not meant so"):
        assert words in html
    assert "<textarea" not in html
    back = desk.post(reverse("customer_resume", args=[talk.customer_id]), {"from": "inbox"})
    assert back.url == reverse("conversation", args=[talk.pk])
    assert "<textarea" in page(desk, talk)


def test_one_click_opts_out_for_good_and_confirms_once(desk, talk, sandbox, clock):
    answer(sandbox, clock, talk.customer, "please leave me be")
    for _ in range(2):
        desk.post(reverse("conversation_stop", args=[talk.pk]))
    work(clock, 1)
    person = Customer.objects.get()
    assert (bool(person.stopped_at), person.stopped_how) == (True, "Wrote “please leave me be”")
    assert Message.objects.filter(kind="confirmation", status="sent").count() == 1


def test_words_that_sound_reviewed_suggest_to_say_so(desk, talk, sandbox, clock):
    answer(sandbox, clock, talk.customer, "Done! Left you a review")
    assert "Already reviewed" in page(desk, talk)
    back = desk.post(reverse("customer_reviewed", args=[talk.customer_id]), {"from": "inbox", "reviewed": "yes"})
    assert back.url == reverse("conversation", args=[talk.pk])
    assert Customer.objects.get().reviewed_at
    assert "Already reviewed" not in page(desk, talk)


def test_a_complaint_suggests_a_person_and_changes_no_link(desk, ada, talk, sandbox, clock):
    """R1"""
    before = talk.customer.deliveries.get().token
    answer(sandbox, clock, talk.customer, "It still leaks, I am disappointed")
    html = page(desk, talk)
    assert "Somebody should answer" in html
    desk.post(reverse("conversation_assign", args=[talk.pk]), {"to": ada.user.pk})
    person = Customer.objects.get()
    assert (person.paused_at, person.stopped_at, person.deliveries.get().token) == (None, None, before)


def test_it_is_handed_only_to_colleagues(desk, ada, rival, talk):
    for strange in (rival.user.pk, "x", "9" * 30):
        desk.post(reverse("conversation_assign", args=[talk.pk]), {"to": strange})
    talk.refresh_from_db()
    assert talk.assigned_to is None


# --- quick answers, rules, typing ------------------------------------------------------------------------------------


def test_a_quick_answer_is_filled_in_and_goes_into_the_field(desk, ada, talk):
    kept = QuickAnswer.objects.create(
        organization=ada.organization, name="Thanks", text="Thank you, {first_name}! {sender}"
    )
    assert 'data-fill="Thank you, Grace! Ada"' in page(desk, talk)
    assert "Thank you, Grace! Ada</textarea>" in page(desk, talk, quick=kept.pk)


def test_a_practice_tells_nothing_of_a_visit_by_a_quick_answer(desk, ada, talk):
    """D7"""
    Business.objects.update(is_health=True)
    Customer.objects.update(service="root canal")
    QuickAnswer.objects.create(organization=ada.organization, name="Care", text="How is it after {service|your visit}?")
    html = page(desk, talk)
    assert "root canal" not in html
    assert "after your visit?" in html


def test_typing_is_told_and_the_rules_speak_without_forbidding(desk, talk, sandbox, clock):
    form = filled(desk, talk, "A $10 gift card for your 5-star review!")
    spoken = desk.post(reverse("conversation_typing", args=[talk.pk]), form)
    assert "speak" in text(spoken)
    assert Gesture.objects.get(kind="typing").word == "typing"
    assert send(desk, talk, form).status_code == 302
    assert answers() == 1


def test_a_colleague_who_writes_is_shown(desk, ada, talk):
    other = Client()
    other.force_login(colleague(ada))
    other.post(reverse("conversation_typing", args=[talk.pk]), {"text": "Hel"})
    assert "Ben</bdi> is writing" in page(desk, talk)
    assert "is writing" not in page(other, talk)


# --- live ------------------------------------------------------------------------------------------------------------


def live_address(html: str) -> str:
    return re.search(r'data-live="([^"]+)"', html)[1].replace("&amp;", "&")


def print_of(html: str) -> str:
    return re.search(r'id="thread-print" name="thread" value="([^"]+)"', html)[1]


def test_nothing_new_is_told_in_no_words(desk, talk):
    html = page(desk, talk)
    assert desk.get(live_address(html), {"thread": print_of(html)}).status_code in (200, 204)
    assert desk.get(f"{live_address(html)}&thread={print_of(html)}").status_code == 204


def test_new_words_and_receipts_come_without_a_reload(desk, talk, sandbox, clock):
    html = page(desk, talk)
    answer(sandbox, clock, talk.customer, "And on Friday?")
    moved = text(desk.get(f"{live_address(html)}&thread={print_of(html)}"))
    assert moved.count("And on Friday?") == 2  # in the list and in the thread
    assert 'id="talk"' in moved
    assert "<textarea" not in moved  # what somebody is writing is left alone
    send(desk, talk, filled(desk, talk))
    html = page(desk, talk)
    work(clock)
    assert "Sent 12:" in text(desk.get(f"{live_address(html)}&thread={print_of(html)}"))


def test_the_number_of_new_ones_stands_on_every_page_and_follows(desk, talk, sandbox, clock):
    html = text(desk.get(reverse("settings")))
    assert 'data-unread="1"' in html
    address = re.search(r'hx-get="(/inbox/unread[^"]+)"', html)[1]
    assert desk.get(address).status_code == 204
    answer(sandbox, clock, talk.customer, "Hello?")
    fresh = text(desk.get(address))
    assert 'id="unread-side"' in fresh
    assert 'data-name="Grace Hopper"' in fresh


def test_the_tabs_picture_carries_the_number(desk):
    assert "3</text>" in text(desk.get(reverse("inbox_mark", args=[3])))
    assert "9+</text>" in text(desk.get(reverse("inbox_mark", args=[480])))


# --- who may ---------------------------------------------------------------------------------------------------------


def addresses(talk, message) -> list[tuple[str, str]]:
    read = [("get", reverse("conversation", args=[talk.pk])), ("get", f"{reverse('inbox_live')}?talk={talk.pk}")]
    acts = ("answer", "typing", "read", "assign", "done", "stop")
    written = [("post", reverse(f"conversation_{act}", args=[talk.pk])) for act in acts]
    about = [("post", reverse(f"answer_{act}", args=[talk.pk, message])) for act in ("now", "back", "arrived", "again")]
    return [*read, *written, *about, ("post", reverse("conversation_tapback", args=[talk.pk, message]))]


def test_another_tenants_conversations_are_not_there(desk, rival, talk):
    send(desk, talk, filled(desk, talk))
    theirs = Client()
    theirs.force_login(rival.user)
    for method, address in addresses(talk, Message.objects.get(kind="answer").pk):
        assert getattr(theirs, method)(address).status_code == 404, address
    assert "Grace" not in text(theirs.get(reverse("inbox")))
    assert 'data-unread="0"' in text(theirs.get("/"))


def test_a_message_of_another_conversation_is_not_there_either(desk, ada, talk, clock):
    [other] = others(ada, 1, clock)
    send(desk, talk, filled(desk, talk))
    mine = Message.objects.get(kind="answer").pk
    for act in ("now", "back", "arrived", "again"):
        assert desk.post(reverse(f"answer_{act}", args=[other.pk, mine])).status_code == 404
    assert desk.post(reverse("conversation_tapback", args=[other.pk, mine])).status_code == 404


def test_a_viewer_may_look_and_may_not_act(client, ada, talk):
    client.force_login(colleague(ada, role=Membership.Role.VIEWER))
    html = page(client, talk)
    assert "Lovely, thank you!" in html
    assert "<textarea" not in html
    for method, address in addresses(talk, Message.objects.get(kind="inbound").pk)[2:]:
        assert getattr(client, method)(address).status_code == 403, address


def test_a_form_without_its_token_sends_nothing(ada, desk, talk):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(ada.user)
    assert send(strict, talk, filled(desk, talk)).status_code == 403
    assert answers() == 0


def test_what_people_did_stands_in_the_book_and_in_the_customers_story(desk, talk, clock):
    send(desk, talk, filled(desk, talk))
    work(clock)
    assert AuditEntry.objects.filter(act="answer").exists()
    story = text(desk.get(reverse("customer", args=[talk.customer_id])))
    assert "Answered" in story
    assert "Thank you, Grace!" in story


def test_a_conversation_beside_a_campaign_that_is_still_under_way(desk, campaign, grace, sandbox, clock):
    work(clock)
    answer(sandbox, clock, grace, "Sure!")
    walk_to_the_end(clock)
    assert "Write a Google review" in page(desk, Conversation.objects.get())
