"""One life, told: `python -m tests.simulation 4711`.  Many, in figures: `python -m tests.simulation --stats [1000]`."""

import sys

import pytest

QUIETLY = ("tests/simulation/test_seeds.py", "-q", "-s", "-p", "no:randomly", "-k", "every_seed_ends")

if __name__ == "__main__":
    first, *more = sys.argv[1:]
    wanted = ["--stats", "--seeds", *(more or ["1000"])] if first == "--stats" else ["--seed", first]
    sys.exit(pytest.main([*QUIETLY, *wanted]))
