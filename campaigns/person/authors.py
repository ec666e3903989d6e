"""Reviews that were brought, and who may have written them."""

from datetime import datetime
from typing import Any

from campaigns import finding
from campaigns.models import Customer, Review
from campaigns.person.whose import Whose


def held(whose: Whose) -> list[dict[str, Any]]:
    """What a file for them tells of it."""
    return [
        {"review_by": each.author, "written_on": each.written_on, "why": each.reason, "state": each.get_state_display()}
        for each in _mine(whose)
    ]


def forget(whose: Whose, now: datetime) -> int:
    """The name goes; the row stays as a hash, so that the same list brought again does not bring the name back."""
    mine = [each.pk for each in _mine(whose)]
    Review.objects.filter(pk__in=mine, state=Review.State.WAITING).update(state=Review.State.UNMATCHED)
    Review.objects.filter(pk__in=mine).update(author="", reason="", written_on=None, customer=None, confidence=0)
    return len(mine)


def _mine(whose: Whose) -> list[Review]:
    """Those said to be theirs, and those that nobody has and that are signed with their name: in full, the first name
    and a letter, or the first name alone."""
    names, ours = [_words(name) for name in whose.names], {person.pk for person in whose.rows}
    rows = Review.objects.filter(organization=whose.organization).order_by("pk")
    return [each for each in rows if each.customer_id in ours or _is_signed(each, names)]


def _is_signed(review: Review, names: list[list[str]]) -> bool:
    author = _words(review.author)
    if author in names:
        return True
    short = [[name[0], name[-1][:1]][: len(author)] for name in names if name]
    return review.customer_id is None and bool(author) and author in short


def _words(name: str) -> list[str]:
    return finding.folded(name).replace(".", " ").split()


def join(stays: Customer, goes: Customer) -> None:
    """Of two rows for one person: what was said of either holds for the one that stays."""
    Review.objects.filter(customer=goes).update(customer=stays)
