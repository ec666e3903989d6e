"""A thousand short lives of the sending engine, each from one number (reliability §6, layer 2; G6).

A failing one tells its story: `python -m tests.simulation 4711` tells it again.  `--seeds 100000` lives more of them,
`python -m tests.simulation --stats` counts what they had to put up with.

What is taken for granted: keys are honoured where a chat is opened (contract §5), and where follow-ups ignore them, no
process sleeps over its lease between commit and first byte, our clock is right, and nobody puts a database back:
against these nothing helps.
"""

import sys

import pytest
from django.db import connection

from tests.simulation.odds import Odds

#: A whole check lives all of them, side by side on the two databases; on PostgreSQL a life takes twice as long.
SEEDS = {"sqlite": range(850), "postgresql": range(850, 1000)}


def test_every_seed_ends_with_its_books_right(live, request):
    """F-20 and its like.  A wrong book raises `Violation`; lives in which little happens would prove little."""
    one, many = request.config.getoption("--seed", None), request.config.getoption("--seeds", None)
    if one is not None:
        sys.stdout.write("\n".join([f"seed {one}", *live(one).story, ""]))
        return
    odds = Odds()
    for seed in range(many) if many else SEEDS[connection.vendor]:
        odds.add(live(seed))
    if request.config.getoption("--stats", default=False):
        sys.stdout.write(f"\n{odds.table()}\n")
    assert odds.with_messages > odds.lives / 2
    assert odds.mixed > odds.lives / 2


@pytest.mark.parametrize("seed", [2, 117, 305])
def test_a_seed_is_the_same_life_every_time(live, seed):
    assert live(seed).story == live(seed).story
