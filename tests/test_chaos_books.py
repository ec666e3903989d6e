"""The checker of the fault run, shown each fault that it is there to find."""

import json
from dataclasses import replace

import pytest

from benchmarks.chaos import books, watch

pytestmark = pytest.mark.pure

PARTS = [{"type": "text", "value": "Hi Marcus"}]
BODY = json.dumps({"message": {"parts": PARTS, "idempotency_key": "k1"}}).encode()
GREETING = books.Row(1, "ada", "+1", "greeting", "sent", "k1", BODY, "m1", "", False, False, 7)
ASK = replace(GREETING, id=2, kind="ask", key="k2", chert_id="m2")
TRY = books.Try(1, at=100.0)
ARRIVED = books.Effect("ada", "+1", "m1", "k1", PARTS, at=100.5)
ASK_ARRIVED = replace(ARRIVED, message_id="m2", key="k2", at=200.5)
NEXT = {"row": replace(GREETING, id=3, phone="+2", key="k3", chert_id="m3", delivery=8), "at": 101.0}


def good(**changes):
    """Marcus got greeting and ask, and everything says so."""
    kept = {
        "rows": [GREETING, ASK],
        "tries": [TRY, books.Try(2, at=200.0)],
        "effects": [ARRIVED, ASK_ARRIVED],
        "campaigns": [books.Campaign("ada", "finished", 1, {"sent": 1}, {7: "sent"})],
        "seen": books.Seen(),
        "paces": {"ada": (10.0, 5)},
    }
    return books.Books(**(kept | changes))


def greeting(**changes):
    return good(rows=[replace(GREETING, **changes), ASK])


def seen(**changes):
    return good(seen=books.Seen(**changes))


def campaign(**changes):
    return good(campaigns=[replace(good().campaigns[0], **changes)])


def two_greetings(apart=1.0):
    row = NEXT["row"]
    effect = replace(ARRIVED, phone="+2", message_id="m3", key="k3", at=100.5 + apart)
    return {
        "rows": [GREETING, ASK, row],
        "tries": [TRY, books.Try(2, at=200.0), books.Try(3, at=100.0 + apart)],
        "effects": [ARRIVED, ASK_ARRIVED, effect],
    }


FAULTS = {
    "said twice under one key": ("I1", good(effects=[ARRIVED, replace(ARRIVED, message_id="m9"), ASK_ARRIVED])),
    "still open": ("I2", greeting(status="planned", is_due=True)),
    "lease left": ("I2", greeting(is_leased=True)),
    "still running": ("I2", campaign(state="running")),
    "lease nobody took": ("I2", seen(longest_overdue=16.0)),
    "said sent, was not": ("I3", good(effects=[ASK_ARRIVED])),
    "another id": ("I3", greeting(chert_id="m9")),
    "said cancelled, was sent": ("I3", greeting(status="cancelled")),
    "other words": ("I4", good(effects=[replace(ARRIVED, parts=[]), ASK_ARRIVED])),
    "other bytes": ("I4", good(tries=[replace(TRY, code=1012), books.Try(2, at=200.0)])),
    "no row": ("I5", good(rows=[ASK])),
    "no body": ("I5", greeting(body=None)),
    "written down afterwards": ("I5", good(tries=[replace(TRY, at=101.0), books.Try(2, at=200.0)])),
    "transactions over calls": ("I6", replace(seen(long_transactions=40), hung=100)),
    "written again": ("I7", seen(changed=["greeting 1"])),
    "went back": ("I8", seen(went_back=["greeting 1"])),
    "called after a stop": ("I9", seen(stopped={("ada", "+1"): 150.0})),
    "counters off": ("I10", campaign(counts={"sent": 2})),
    "word does not follow": ("I10", campaign(counts={"planned": 1}, words={7: "planned"})),
    "doubt without a reason": ("I11", good(rows=[replace(GREETING, status="in_doubt"), ASK])),
    "doubt not shown": ("I11", good(rows=[replace(GREETING, status="in_doubt", reason="Broke")])),
    "inside the gap": ("I12", good(**two_greetings(apart=9.0))),
    "over the budget": ("I12", good(**two_greetings(apart=11.0), paces={"ada": (10.0, 1)})),
}


def test_a_clean_run_has_nothing_against_it():
    assert not any(books.verdict(good()).values())
    assert set(books.totals(good()).values()) == {0}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_found_by_its_invariant(fault):
    invariant, found = FAULTS[fault]
    assert books.verdict(found)[invariant]


def test_first_touches_outside_the_gap_are_fine():
    assert not books.verdict(good(**two_greetings(apart=10.0)))["I12"]


def test_a_stop_excuses_the_call_that_began_before_it_and_its_confirmation():
    confirmation = replace(ASK, id=3, kind="confirmation", key="k3", chert_id="m3", delivery=None)
    rows, tries = [GREETING, ASK, confirmation], [TRY, books.Try(2, at=200.0), books.Try(3, at=301.0)]
    stop = books.Seen(stopped={("ada", "+1"): 300.0})
    assert not books.verdict(good(rows=rows, tries=tries, seen=stop))["I9"]


def test_who_is_neither_reached_nor_parked_nor_stopped_is_lost():
    never = greeting(status="cancelled")
    never.effects.remove(ARRIVED)
    assert books.totals(never)["lost"] == 1
    never.seen.stopped["ada", "+1"] = 1.0
    assert books.totals(never)["lost"] == 0


def test_parked_with_a_reason_is_neither_lost_nor_stuck():
    parked = good(rows=[replace(GREETING, status="in_doubt", reason="Broke"), replace(ASK, status="uploaded")])
    parked.effects.clear()
    assert books.totals(parked) == {"lost": 0, "duplicates": 0, "stuck": 0, "in_doubt": 1}


@pytest.mark.parametrize(
    ("old", "new", "may"),
    [
        ("planned", "sent", True),
        ("uploaded", "rendered", True),
        ("sent", "read", True),
        ("in_doubt", "sent", True),
        ("read", "delivered", False),
        ("sent", "planned", False),
        ("cancelled", "sent", False),
        ("in_doubt", "planned", False),
    ],
)
def test_which_word_may_be_seen_after_which(old, new, may):
    assert watch.may_come_after(old, new) is may
