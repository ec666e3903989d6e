"""The book of faults: everything that can go wrong has a number, and every number a test that carries it.

Whoever looks for a number finds it in the docstring of its test, or among its parameters: `grep -rn F-44 tests`.
"""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

TESTS = Path(__file__).parent
NUMBER = re.compile(r"\bF-\d\d\b")

FAULTS = {
    "F-01": "killed after the claim, before the call",
    "F-02": "killed after Chert took it, before its answer was read",
    "F-03": "killed after the answer, before the commit",
    "F-04": "killed in the middle of an upload",
    "F-05": "killed between greeting and picture",
    "F-06": "told to end while calls are under way",
    "F-07": "asleep for longer than the lease",
    "F-08": "one child of the pool killed for its memory",
    "F-09": "a message at which every worker dies",
    "F-10": "two workers, eight, five whole instances",
    "F-11": "the clock twice, or not at all",
    "F-12": "killed in the middle of a launch",
    "F-13": "a double click, two tabs, the back button",
    "F-14": "pause, resume and cancel in quick turns",
    "F-15": "new code with a migration while a campaign runs",
    "F-16": "reset before Chert took it",
    "F-17": "reset after Chert took it",
    "F-18": "no answer, not taken",
    "F-19": "no answer, taken",
    "F-20": "taken late, while the repeat is under way",
    "F-21": "an answer that drips",
    "F-22": "an answer without end, or a bomb",
    "F-23": "slow down, in every form",
    "F-24": "the errors of Chert's own",
    "F-25": "a page of a proxy",
    "F-26": "an answer that is broken, cut or empty",
    "F-27": "an answer that is a page",
    "F-28": "an answer of the wrong shape",
    "F-29": "fields, words and events nobody knows",
    "F-30": "try again, for ever",
    "F-31": "a flag against its status",
    "F-32": "the account is at fault",
    "F-33": "our clock is wrong",
    "F-34": "sent on to another host",
    "F-35": "an upload address elsewhere",
    "F-36": "an upload that was forgotten",
    "F-37": "an upload that breaks off",
    "F-38": "the same key with another body",
    "F-39": "keys that are ignored",
    "F-40": "keys that are forgotten",
    "F-41": "Chert is away",
    "F-42": "no name, no certificate",
    "F-43": "a line that is inactive",
    "F-44": "the same event a hundred times",
    "F-45": "events in the wrong order",
    "F-46": "forged events",
    "F-47": "events of another time",
    "F-48": "events of another organization",
    "F-49": "the database fails while an event arrives",
    "F-50": "nobody there for an hour, ten thousand events",
    "F-51": "the same event by webhook and by log, and pages that shift",
    "F-52": "STOP in the middle of a campaign",
    "F-53": "somebody holds the database's lock",
    "F-54": "yesterday's backup",
    "F-55": "off for three days",
    "F-56": "the disk is full",
    "F-57": "the power fails",
    "F-58": "Redis killed, emptied, full, asleep",
    "F-59": "PostgreSQL restarted, connections cut",
    "F-60": "the clock jumps",
    "F-61": "two hosts with two clocks",
    "F-62": "an import that is huge, cut, odd or killed",
    "F-63": "log and metrics fail",
}

#: Those without a test, and why.
WITHOUT = {
    "F-57": "needs a file system that forgets what was not synced (LazyFS), and with it FUSE; `synchronous=FULL` is "
    "asserted in tests/site/test_health.py",
}


@cache
def told() -> dict[str, list[str]]:
    """The tests that carry each number, read from the sources."""
    found = defaultdict(list)
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                for number in set(NUMBER.findall(words_of(node))):
                    found[number].append(f"{path.relative_to(TESTS)}::{node.name}")
    return dict(found)


def words_of(test: ast.FunctionDef) -> str:
    parameters = map(ast.unparse, test.decorator_list)
    return "\n".join([ast.get_docstring(test) or "", *parameters])


def test_the_book_has_all_sixty_three():
    assert list(FAULTS) == [f"F-{number:02}" for number in range(1, 64)]


def test_every_fault_has_a_test_that_carries_its_number_or_a_reason():
    nameless = {number: words for number, words in FAULTS.items() if number not in told() and number not in WITHOUT}
    assert nameless == {}


def test_no_reason_outlives_its_test():
    """Whoever gives a fault its test takes the number out of the table above."""
    assert {number: told()[number] for number in WITHOUT if number in told()} == {}


def test_no_test_carries_a_number_that_is_not_in_the_book():
    assert set(told()) <= set(FAULTS)
