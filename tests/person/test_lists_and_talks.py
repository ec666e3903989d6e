"""Erasing and joining reach what other rooms keep of a person: rows of lists, and what was said in the inbox."""

import pytest
from django.utils import timezone

from campaigns import person
from campaigns.importing import work
from campaigns.models import Conversation, Gesture, ImportRow, Message, Tapback
from tests.cast import answer, make_customer, walk_to_the_end
from tests.importing.files import csv_of
from tests.importing.test_work import finish, looked, save, saved
from tests.person.canaries import NUMBER

pytestmark = pytest.mark.django_db(transaction=True)

LIST = csv_of(
    "First,Last,Phone,Last visit",
    "Marigold,Quillfeather,(512) 555-0187,2026-02-14",
    "Linus,Torvald,5125550143,",
    "Marigold,Quillfeather,555-0187,",  # a number that nobody can read
    "Marigold,Q.,5125550187,",
)


@pytest.fixture
def marigold(ada):
    return make_customer(ada.business, phone=NUMBER, first_name="Marigold", last_name="Quillfeather")


def erase(customer, ada, clock):
    erasure = person.ask(customer, ada.user, clock())
    assert person.carry_out(erasure, clock())
    return erasure


def everything_of(rows):
    return " ".join(f"{r.cells} {r.phone} {r.said} {r.before} {r.wrote} {r.notes} {r.reason}" for r in rows)


def test_a_list_that_was_saved_keeps_none_of_their_rows(ada, marigold, clock):
    record = saved(ada, LIST)
    assert erase(marigold, ada, clock).counts["rows_of_lists"] == 3
    kept = everything_of(record.rows.all())
    assert not [word for word in ("Marigold", "Quillfeather", "0187") if word in kept]
    assert "Linus" in kept


def test_a_list_that_waits_leaves_them_out_and_still_adds_up(ada, marigold, clock):
    record = looked(ada, LIST)
    before = record.version
    erase(marigold, ada, clock)
    record.refresh_from_db()
    counts = dict(record.counts)
    assert record.version > before  # who has seen the old review is asked to look again
    assert counts.pop("rows") == 4 == sum(counts.values())
    save(ada, record)
    finish(record)
    assert sorted(ada.business.customers.values_list("first_name", flat=True)) == ["Linus"]


def test_an_undo_after_it_brings_nothing_back(ada, marigold, clock):
    record = saved(ada, LIST)
    erase(marigold, ada, clock)
    from_list = ImportRow.objects.filter(record=record, customer__isnull=False)
    assert [row.phone for row in from_list] == ["+15125550143"]


@pytest.mark.parametrize("job", [work.Job.REVIEW, work.Job.SAVE])
def test_who_has_their_rows_in_memory_does_not_write_them_back(ada, marigold, clock, monkeypatch, job):
    """The erasure falls between the moment in which the worker reads a part and the one in which it writes it."""
    record = looked(ada, LIST)
    look, erased = work._LOOK[job], []

    def look_and_lose(*args):
        rows = look(*args)
        if not erased:
            erased.append(erase(marigold, ada, clock))
        return rows

    monkeypatch.setitem(work._LOOK, job, look_and_lose)
    if job == work.Job.REVIEW:
        work.review(record, record.mapping)
    else:
        save(ada, record)
    finish(record)
    kept = everything_of(record.rows.all())
    assert erased
    assert not [word for word in ("Marigold", "Quillfeather", "0187") if word in kept]
    assert not ada.business.customers.filter(first_name="Marigold").exists()


def test_the_rivals_lists_are_not_touched(ada, rival, marigold, clock):
    theirs = saved(rival, LIST)
    erase(marigold, ada, clock)
    assert "Marigold" in everything_of(theirs.rows.all())


@pytest.fixture
def talked(ada, campaign, grace, sandbox, clock):
    """Grace has answered, put a heart on our picture, and somebody has read her words."""
    walk_to_the_end(clock)
    answer(sandbox, clock, grace, "Lovely")
    ours = Message.objects.filter(customer=grace, kind="ask").get()
    Tapback.objects.create(message=ours, word="love", at=clock())
    Gesture.plan(grace, "receipt", clock(), by=ada.user)
    return Conversation.objects.get(customer=grace)


def test_what_was_said_in_the_inbox_is_handed_out_and_then_forgotten(ada, grace, talked, clock):
    held = person.places.talks.held(person.Whose.of(grace))
    assert [fact.get("words") for fact in held if "conversation" in fact] == ["Lovely"]
    assert [fact["their_tapback"] for fact in held if "their_tapback" in fact] == ["love"]
    assert erase(grace, ada, clock).counts["conversations"] == 1
    assert [model.objects.count() for model in (Conversation, Gesture, Tapback)] == [0, 0, 0]


def test_of_two_entries_one_conversation_stays_with_the_newest_words(ada, grace, talked, clock):
    other = make_customer(ada.business, 2)
    newer = timezone.now()
    Conversation.objects.create(business=ada.business, customer=other, words="And thanks", said_at=newer, unread=2)
    unread = talked.unread
    person.join(other, grace, (), ada.user, clock())
    kept = Conversation.objects.get()
    assert (kept.customer_id, kept.words, kept.unread) == (other.pk, "And thanks", unread + 2)
    assert Gesture.objects.get().customer_id == other.pk


def test_a_conversation_goes_along_where_the_other_entry_has_none(ada, grace, talked, clock):
    other = make_customer(ada.business, 2)
    person.join(other, grace, (), ada.user, clock())
    assert Conversation.objects.get().customer_id == other.pk
