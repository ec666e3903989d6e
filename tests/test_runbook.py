"""The runbook: every entry is short, says what is really to be seen, and has been rehearsed by a test that names it.

Whoever looks for the rehearsal of an entry finds it in a docstring: `grep -rn "Runbook: The disk is full" tests`.
"""

import ast
import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "docs" / "operations.md").read_text()
ENTRIES = dict(re.findall(r"^## (.+)\n((?:(?!^## ).*\n)*)", TEXT, re.MULTILINE))
NAMED = re.compile(r"Runbook: ([^.\n]+)")


@cache
def rehearsed():
    """The entries that tests name, read from their docstrings."""
    tests = [
        ast.get_docstring(node) or ""
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    ]
    return {entry for words in tests for entry in NAMED.findall(words)}


@cache
def product():
    """Everything the product says, in one line."""
    folders = [("campaigns", "*.py"), ("reviews", "*.py"), ("templates", "*.html")]
    texts = [path.read_text() for folder, kind in folders for path in sorted((ROOT / folder).rglob(kind))]
    return " ".join(" ".join(texts).split())


def test_every_entry_has_been_rehearsed():
    assert set(ENTRIES) - rehearsed() == set()


def test_no_test_rehearses_what_is_not_in_the_book():
    assert rehearsed() - set(ENTRIES) == set()


def test_no_entry_has_more_than_five_steps_and_each_has_one():
    steps = {name: len(re.findall(r"^\d+\. ", words, re.MULTILINE)) for name, words in ENTRIES.items()}
    assert {name: n for name, n in steps.items() if n > 5 or (not n and name != "What has to be kept")} == {}


def test_what_it_says_is_to_be_seen_is_what_the_product_says():
    seen = [phrase for phrase in re.findall(r"(?<!\*)\*([^*\n]+)\*(?!\*)", TEXT) if " " in phrase]
    assert (len(seen) > 5, [phrase for phrase in seen if phrase not in product()]) == (True, [])


def test_the_buttons_it_names_are_there():
    buttons = {word for word in re.findall(r"\*\*([^*\n]+)\*\*", TEXT) if not word.endswith(":")}
    assert (len(buttons) > 4, {word for word in buttons if f"{word}<" not in product()}) == (True, set())


def test_the_commands_it_names_are_there():
    named = set(re.findall(r"manage\.py (\w+)", TEXT))
    commands = {path.stem for path in (ROOT / "campaigns" / "management" / "commands").glob("*.py")}
    assert named - commands == set()
