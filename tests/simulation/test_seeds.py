"""Hundreds of short lives of the sending engine, each from one number (reliability §6, layer 2; G6).

A failing one tells its story: `python -m tests.simulation 4711` tells it again.  `--seeds 100000` lives more of them.

What is taken for granted: keys are honoured where a chat is opened (contract §5), and where follow-ups ignore them, no
process sleeps over its lease between commit and first byte, and our clock is right: against these nothing helps.
"""

import sys

import pytest

#: As many as fit into a minute.
SEEDS = 400


def test_every_seed_ends_with_its_books_right(live, request):
    """F-20 and its like.  A wrong book raises `Violation`; lives in which nothing leaves would prove nothing."""
    one = request.config.getoption("--seed", None)
    if one is None:
        lives = request.config.getoption("--seeds", None) or SEEDS
        assert sum(bool(live(seed).world.effects) for seed in range(lives)) > lives / 2
    else:
        sys.stdout.write("\n".join([f"seed {one}", *live(one).story, ""]))


@pytest.mark.parametrize("seed", [2, 117])
def test_a_seed_is_the_same_life_every_time(live, seed):
    assert live(seed).story == live(seed).story
