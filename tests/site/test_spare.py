"""The spare clock rings where nobody else does, as often as it should, and not a moment beside the bell."""

from concurrent.futures import Future

import pytest

from reviews.celery import app
from reviews.spare import SILENCE, STUCK, Spare

pytestmark = pytest.mark.once


class AtOnce:
    """Hands that have done everything before they say that they took it."""

    def submit(self, work, *arguments):
        done = Future()
        done.set_result(work(*arguments))
        return done

    def shutdown(self, **_):
        pass


class Never(AtOnce):
    """Hands that are still at it."""

    def submit(self, work, *arguments):
        return Future()


@pytest.fixture
def done():
    return []


@pytest.fixture
def spare(done):
    return Spare({"look": (lambda: done.append("look"), 1), "sweep": (lambda: done.append("sweep"), 2)}, AtOnce())


@pytest.fixture
def now(spare):
    return spare.jobs["look"].begun_at


def test_while_the_bell_rings_it_does_nothing(spare, done, now):
    for second in range(60):
        spare.heard("look", now + second)
        spare.heard("sweep", now + second)
        spare.tick(now + second + 0.9)
    assert done == []


def test_after_a_silence_it_does_what_is_missed_as_often_as_it_should(spare, done, now):
    spare.tick(now + SILENCE)
    assert done == []
    for half in range(2, 22):
        spare.tick(now + SILENCE + half / 2)
    assert (done.count("look"), done.count("sweep")) == (10, 5)


def test_only_what_nobody_rings_for(spare, done, now):
    spare.heard("look", now + 9)
    spare.tick(now + 10)
    assert done == ["sweep"]


def test_when_the_bell_rings_again_it_is_silent(spare, done, now, caplog):
    spare.tick(now + 10)
    spare.heard("look", now + 11)
    spare.heard("sweep", now + 11)
    spare.tick(now + 15)
    assert done == ["look", "sweep"]
    assert [record.message.partition(" for ")[0] for record in caplog.records] == [
        "nobody rings",
        "the bell rings again",
    ]


def test_what_is_still_under_way_is_not_begun_again(done):
    spare = Spare({"look": (lambda: done.append("look"), 1)}, Never())
    now = spare.jobs["look"].begun_at
    spare.tick(now + 10)
    first = spare.jobs["look"].under_way
    spare.tick(now + 10 + STUCK - 1)
    assert spare.jobs["look"].under_way is first


def test_one_that_does_not_end_is_begun_again_beside_itself_so_that_what_waits_behind_it_is_done(done):
    spare = Spare({"round": (lambda: done.append("round"), 1)}, Never())
    now = spare.jobs["round"].begun_at
    spare.tick(now + 10)
    first = spare.jobs["round"].under_way
    spare.tick(now + 10 + STUCK)
    assert spare.jobs["round"].under_way is not first


def test_a_job_that_fails_comes_again(done, caplog):
    spare = Spare({"look": (lambda: done.append(1 / (len(done) % 2)), 1)}, AtOnce())
    now = spare.jobs["look"].begun_at
    done.append(0)
    done.append(0)
    spare.tick(now + 10)
    done.append(0)
    spare.tick(now + 20)
    assert len(done) == 4
    assert "look failed" in caplog.text


def test_everything_in_the_bells_plan_can_be_done_without_it():
    app.loader.import_default_modules()
    from_plan = {ring["task"] for ring in app.conf.beat_schedule.values()}
    assert from_plan <= set(app.tasks)
    assert {"campaigns.tasks.look", "campaigns.tasks.go_round", "reviews.celery.heartbeat"} <= from_plan


def test_its_end_waits_for_what_is_under_way(done):
    spare = Spare({"look": (lambda: done.append("look"), 1)})
    spare.start()
    spare.tick(spare.jobs["look"].begun_at + 10)
    spare.stop()
    assert done == ["look"]
