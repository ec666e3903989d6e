"""The words, and which may follow which."""

import itertools
import random

import pytest

from campaigns import status
from campaigns.status import MAY_FOLLOW, Delivery, Message, NotAllowed, Stand, of_delivery

FORWARD = ["planned", "rendered", "uploaded", "sent", "delivered", "read"]
ENDS = [Message.REFUSED, Message.EXPIRED, Message.CANCELLED, Message.READ, Message.RECEIVED]


def test_every_word_is_in_the_table_and_every_follower_is_a_word():
    assert set(MAY_FOLLOW) == set(Message)
    assert set().union(*MAY_FOLLOW.values()) <= set(Message)


@pytest.mark.parametrize("end", ENDS)
def test_nothing_follows_an_end(end):
    assert MAY_FOLLOW[end] == frozenset()


@pytest.mark.parametrize(("old", "new"), list(itertools.combinations(FORWARD, 2)))
def test_no_word_walks_back_but_for_a_forgotten_upload(old, new):
    is_forgotten_upload = (old, new) == ("rendered", "uploaded")
    assert (Message(old) in MAY_FOLLOW[Message(new)]) == is_forgotten_upload


def test_there_is_no_circle_but_that_one():
    for start in Message:
        seen, todo = set(), [start]
        while todo:
            for follower in MAY_FOLLOW[todo.pop()] - seen:
                seen.add(follower)
                todo.append(follower)
        assert (start in seen) == (start in (Message.RENDERED, Message.UPLOADED))


def test_every_open_word_can_reach_every_end_a_message_may_have():
    for word in status.OPEN:
        assert {Message.REFUSED, Message.EXPIRED, Message.CANCELLED, Message.IN_DOUBT} <= MAY_FOLLOW[word]


def test_doubt_is_left_for_what_arrived_or_for_being_given_up():
    assert MAY_FOLLOW[Message.IN_DOUBT] == {Message.SENT, Message.DELIVERED, Message.READ, Message.CANCELLED}


def test_a_word_that_may_not_follow_is_refused_with_both_words():
    with pytest.raises(NotAllowed, match="planned may not follow sent"):
        status.check("sent", "planned")


@pytest.mark.parametrize("new", list(Message))
def test_before_is_the_table_read_backwards(new):
    assert status.before(new) == {old for old in Message if new in MAY_FOLLOW[old]}


def stand(kind, word, round=1, reason=""):
    return Stand(kind=kind, status=word, round=round, reason=reason)


@pytest.mark.parametrize(
    ("greeting", "ask", "shown"),
    [
        ("planned", "planned", "planned"),
        ("planned", "rendered", "rendered"),
        ("planned", "uploaded", "uploaded"),
        ("sent", "uploaded", "greeted"),
        ("read", "uploaded", "greeted"),
        ("sent", "sent", "sent"),
        ("sent", "delivered", "delivered"),
        ("delivered", "read", "read"),
        ("refused", "cancelled", "refused"),
        ("expired", "cancelled", "expired"),
        ("in_doubt", "uploaded", "in_doubt"),
        ("sent", "in_doubt", "in_doubt"),
        ("sent", "refused", "refused"),
        ("sent", "cancelled", "cancelled"),
        ("cancelled", "cancelled", "cancelled"),
        ("cancelled", "refused", "refused"),
        ("refused", "sent", "sent"),
    ],
)
def test_the_row_shows_the_furthest_of_its_messages(greeting, ask, shown):
    assert of_delivery([stand("greeting", greeting), stand("ask", ask)])[0] == shown


def test_everything_at_once_that_became_greeting_and_ask_shows_those():
    rest = [stand("all", "cancelled"), stand("greeting", "sent"), stand("ask", "uploaded")]
    assert of_delivery(rest)[0] == Delivery.GREETED


@pytest.mark.parametrize(("second", "shown"), [("planned", "read"), ("refused", "read"), ("sent", "read")])
def test_sending_again_never_moves_the_word_back(second, shown):
    assert of_delivery([stand("ask", "read"), stand("ask", second, round=2)])[0] == shown


def test_sending_again_what_failed_starts_the_road_anew():
    assert of_delivery([stand("ask", "refused", reason="No"), stand("ask", "uploaded", round=2)]) == ("uploaded", "")


def test_the_reason_belongs_to_what_is_shown():
    stands = [stand("greeting", "planned", reason="Next in line"), stand("ask", "uploaded")]
    assert of_delivery(stands) == (Delivery.UPLOADED, "Next in line")
    assert of_delivery([stand("ask", "sent", reason="old")]) == (Delivery.SENT, "")


def test_whatever_the_messages_the_row_has_a_word():
    """Seeded: any two or three messages in any words."""
    chance = random.Random(11)
    outbound = [word for word in Message if word != Message.RECEIVED]
    for _ in range(3000):
        kinds = chance.choice([["greeting", "ask"], ["ask"], ["all"], ["all", "greeting", "ask"]])
        stands = [stand(kind, chance.choice(outbound), chance.randint(1, 3)) for kind in kinds]
        word, _ = of_delivery(stands)
        assert word in Delivery


def test_the_row_never_moves_back_while_its_messages_move_on():
    """Seeded walks of greeting and ask through the table: the row's word goes along the road only."""
    chance = random.Random(12)
    road = {word: place for place, word in enumerate(status.ROAD)}
    for _ in range(500):
        words = {"greeting": Message.PLANNED, "ask": Message.PLANNED}
        shown = [Delivery.PLANNED]
        while moves := steps(words):
            kind, new = chance.choice(moves)
            words[kind] = new
            shown.append(of_delivery([stand(k, w) for k, w in words.items()])[0])
        places = [road[word] for word in shown if word in road]
        assert places == sorted(places)


def steps(words):
    """Moves that lead on; the ask is sent after its greeting only, and forgotten uploads are left out."""
    order = list(FORWARD)
    found = []
    for kind, word in words.items():
        for new in MAY_FOLLOW[word]:
            ahead = new in order and word in order and order.index(new) > order.index(word)
            waits = kind == "ask" and new in status.WENT_OUT and words["greeting"] not in status.WENT_OUT
            if ahead and not waits:
                found.append((kind, new))
    return found


def test_open_and_gone_out_and_ended_leave_no_word_over():
    ended = {Message.REFUSED, Message.EXPIRED, Message.CANCELLED, Message.IN_DOUBT, Message.RECEIVED}
    assert status.OPEN | status.WENT_OUT | ended == set(Message)
    assert not status.OPEN & status.WENT_OUT
