"""The round of each second: one ring for all that comes so often, and no part of it in the way of another."""

import threading

import pytest

from campaigns import tasks


@pytest.fixture
def done():
    return []


@pytest.fixture
def round_of(monkeypatch, done):
    """Let these be all that a round sees to."""
    monkeypatch.setattr(tasks, "_ending", threading.Event())
    return lambda *works: monkeypatch.setattr(tasks, "ROUND", works)


def job(done, name):
    def work():
        done.append(name)

    work.__name__ = name
    return work


def test_everything_is_seen_to_in_its_order(round_of, done):
    round_of(job(done, "a"), job(done, "b"), job(done, "c"))
    tasks.go_round()
    assert done == ["a", "b", "c"]


def test_what_fails_is_told_and_holds_up_nothing_behind_it(round_of, done, caplog):
    def broken():
        raise RuntimeError("no disk")

    round_of(job(done, "a"), broken, job(done, "c"))
    tasks.go_round()
    assert done == ["a", "c"]
    assert [record.message for record in caplog.records] == ["broken failed"]


def test_what_another_round_is_still_at_is_passed_by(round_of, done):
    begun, free = threading.Event(), threading.Event()

    def slow():
        begun.set()
        done.append("slow")
        free.wait(30)

    round_of(tasks.alone(slow), job(done, "behind"))
    other = threading.Thread(target=tasks.go_round)
    other.start()
    begun.wait(30)
    tasks.go_round()
    assert done == ["slow", "behind"]
    free.set()
    other.join(30)
    assert done == ["slow", "behind", "behind"]


def test_where_the_process_is_about_to_end_nothing_more_is_begun(round_of, done):
    round_of(job(done, "a"), lambda: tasks._ending.set(), job(done, "c"))
    tasks.go_round()
    assert done == ["a"]


def test_a_stop_is_understood_before_anything_else_is_seen_to():
    assert tasks.ROUND[0] is tasks.handle_events
