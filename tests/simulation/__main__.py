"""One life, told: `python -m tests.simulation 4711`."""

import sys

import pytest

if __name__ == "__main__":
    sys.exit(pytest.main(["tests/simulation/test_seeds.py", "--seed", sys.argv[1], "-q", "-s", "-p", "no:randomly"]))
