"""Several people in one breath: “Marcus & Dana”, “Anna, Ben & Cem”."""

from collections.abc import Iterable, Sequence


def listed(called: Iterable[str]) -> str:
    """What they are called together, each once and in order; whoever has no name is left out."""
    known = list(dict.fromkeys(filter(None, (name.strip() for name in called))))
    return " & ".join(filter(None, (", ".join(known[:-1]), *known[-1:])))


def household(people: Sequence[tuple[str, str]]) -> str:
    """The name of a household from first and last names; empty when nobody has one.

    “Marcus & Dana Lee” share theirs, “Marcus Lee & Sam Ortiz” do not, and of three or more the first names are enough.
    """
    families = {last.strip() for _, last in people}
    if len(families) == 1:
        return f"{listed(first for first, _ in people)} {families.pop()}".strip()
    if len(people) == 2:
        return listed(f"{first} {last}" for first, last in people)
    return listed(first or last for first, last in people)
