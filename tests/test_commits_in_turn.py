"""Who stands in line for a campaign's row: of each process one thread at most."""

import threading

import pytest
from django.db import connection, connections, transaction

from campaigns import commits

pytestmark = pytest.mark.django_db(transaction=True)

CAMPAIGN = 4711


def is_taken() -> bool:
    """Would a neighbour have to wait?"""
    return CAMPAIGN in commits._TURNS and commits._TURNS[CAMPAIGN].locked()


def test_a_turn_lasts_until_the_commit():
    with commits.in_turn():
        with transaction.atomic():
            commits.take_turn(CAMPAIGN)
            commits.take_turn(CAMPAIGN)  # two of its messages are shown
            assert is_taken()
        assert not is_taken()


def test_what_is_rolled_back_ends_its_turn_with_its_walk():
    with commits.in_turn():
        with transaction.atomic():
            commits.take_turn(CAMPAIGN)
            transaction.set_rollback(True)
        assert is_taken()
    assert not is_taken()


def test_a_page_takes_no_turn():
    with transaction.atomic():
        commits.take_turn(CAMPAIGN)
        assert not is_taken()


def test_a_walk_within_a_walk_ends_nobody_s_turn():
    with commits.in_turn(), transaction.atomic():
        commits.take_turn(CAMPAIGN)
        with commits.in_turn():
            commits.take_turn(CAMPAIGN)
        assert is_taken()


def test_a_neighbour_waits_and_others_do_not():
    order, is_here = [], threading.Event()

    def neighbour(campaign: int, word: str) -> None:
        with commits.in_turn(), transaction.atomic():
            is_here.set()
            commits.take_turn(campaign)
            order.append(word)
        connections.close_all()

    same = threading.Thread(target=neighbour, args=(CAMPAIGN, "the neighbour"))
    other = threading.Thread(target=neighbour, args=(CAMPAIGN + 1, "another campaign"))
    with commits.in_turn(), transaction.atomic():
        commits.take_turn(CAMPAIGN)
        if connection.vendor != "sqlite":  # which has one writer
            other.start()
            other.join(30)
        is_here.clear()
        same.start()
        assert connection.vendor == "sqlite" or is_here.wait(30)
        order.append("mine")
    same.join(30)
    assert order[-2:] == ["mine", "the neighbour"]
    assert connection.vendor == "sqlite" or order[0] == "another campaign"
