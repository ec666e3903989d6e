"""Reviews somebody brings: read, matched to those who were asked before, and decided by a person.

A match holds the reminder and nothing else.  Only a person's word makes it "reviewed".
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from campaigns import likely
from campaigns.models import Business, Customer, Delivery, Review, User
from campaigns.results import matching

#: The most that is taken in at once, in bytes and reviews.
MOST_BYTES, MOST_REVIEWS = 2 * 1024 * 1024, 5000
#: How long before today somebody may have been asked to be considered.
ASKED_WITHIN = timedelta(days=365)
#: How files of reviews call the columns that are read.  Every other column is not looked at.
AUTHOR = frozenset(("name", "author", "reviewer", "reviewername", "authorname", "reviewedby", "customer", "who"))
WRITTEN = frozenset(("date", "day", "created", "createtime", "createdat", "reviewdate", "written", "time", "published"))
SAID = frozenset(("text", "review", "comment", "content", "body", "reviewtext", "snippet"))
_LONGEST, _LONGEST_WORDS = 100, 200


class BadList(Exception):
    """The list cannot be read; the text says why, that nothing was kept, and what to do."""


@dataclass(frozen=True)
class Line:
    """One review of a list.  What it says is only hashed, to know it again."""

    author: str
    day: date | None
    said: str


@dataclass(frozen=True)
class Taken:
    """What became of a list: reviews in it, how many were new, and how many of those wait for somebody."""

    lines: int
    new: int
    waiting: int


def text_of(raw: bytes) -> str:
    """What an uploaded file says.  Raises `BadList`."""
    if len(raw) > MOST_BYTES:
        raise BadList("The file is larger than 2 MB. Nothing was kept. Bring it in parts.")
    if raw.startswith((b"PK", b"%PDF", b"\xd0\xcf")):
        raise BadList("This is no text file. Nothing was kept. Save the list as CSV and bring that.")
    is_utf_16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if is_utf_16 else ("utf-8-sig", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadList("The file cannot be read as text. Nothing was kept. Save it as “CSV UTF-8” and try again.")


def read(text: str) -> list[Line]:
    """The reviews of a list: with column titles by those, else name, date and text in this order.

    Raises `BadList`.
    """
    rows = _rows(text.replace("\0", ""))
    if rows and (columns := _columns(rows[0])):
        lines = [_by_title(row, columns) for row in rows[1:]]
    else:
        lines = [_in_order(row) for row in rows]
    found = [line for line in lines if any(character.isalpha() for character in line.author)]
    if len(found) > MOST_REVIEWS:
        raise BadList(f"{MOST_REVIEWS:,} reviews are the most at once. Nothing was kept. Bring the newest first.")
    if not found:
        raise BadList("No review was found in it: a line needs a name. Nothing was kept.")
    return found


def _rows(text: str) -> list[list[str]]:
    sample = "\n".join(text.splitlines()[:20])
    delimiter = "\t" if "\t" in sample else max(",;", key=sample.count)
    try:
        rows = [
            [" ".join(cell.split()) for cell in row]
            for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
        ]
    except csv.Error as wrong:
        raise BadList('The list cannot be told into columns. Nothing was kept. Look for an open quote (").') from wrong
    return [row for row in rows if any(row)]


def _columns(titles: Sequence[str]) -> dict[str, int]:
    """Where name, date and text stand; empty where the first line names no author."""
    plain = ["".join(filter(str.isalnum, title.casefold())) for title in titles]
    wanted = {"author": AUTHOR, "day": WRITTEN, "said": SAID}
    found = {
        word: next((place for place, title in enumerate(plain) if title in known), -1) for word, known in wanted.items()
    }
    return found if found["author"] >= 0 else {}


def _by_title(row: Sequence[str], columns: dict[str, int]) -> Line:
    cells = {word: row[place] if 0 <= place < len(row) else "" for word, place in columns.items()}
    return Line(cells["author"][:_LONGEST], _day(cells["day"]), cells["said"])


def _in_order(row: Sequence[str]) -> Line:
    author, *rest = row
    if len(rest) > 1 and (day := _day(" ".join(rest[:2]))):  # "March 3, 2026" has a comma of its own
        return Line(author[:_LONGEST], day, " ".join(rest[2:]))
    day = _day(rest[0]) if rest else None
    return Line(author[:_LONGEST], day, " ".join(rest[1:] if day else rest))


def _day(text: str) -> date | None:
    """A day in one of the ways lists write it, with a time after it or not."""
    return likely.day_of(text) or likely.day_of(text.partition("T")[0].partition(" ")[0])


def take_in(business: Business, lines: Sequence[Line], now: datetime) -> Taken:
    """Keep what is new, and match it to those who were asked before.

    A list that was brought before changes nothing, also when two people bring it at once.  Each customer has at most
    one review waiting, the likeliest; and of whom somebody has said already that they reviewed, nobody is asked.
    """
    with transaction.atomic():
        Business.objects.select_for_update().get(pk=business.pk)
        fresh = _fresh(business, lines)
        register = matching.Register(_people(business, now))
        guessed = {mark: register.guesses(matching.Signed(line.author, line.day)) for mark, line in fresh.items()}
        chosen = _chosen(_not_refused(guessed, fresh))
        held = _hold(business, {guess.key: fresh[mark] for mark, guess in chosen.items()}, now)
        chosen = {mark: guess for mark, guess in chosen.items() if guess.key in held}
        rows = [_row(business, mark, line, chosen.get(mark), now) for mark, line in fresh.items()]
        Review.objects.bulk_create(rows, batch_size=500)
    return Taken(len(lines), len(rows), len(chosen))


def _fresh(business: Business, lines: Sequence[Line]) -> dict[str, Line]:
    """By fingerprint, each once, without those that are kept already."""
    marked = {Review.print_of(business, matching.folded(line.author), line.said, line.day): line for line in lines}
    known = set(business.reviews.values_list("fingerprint", flat=True))
    return {mark: line for mark, line in marked.items() if mark not in known}


def _not_refused(guessed: dict[str, list[matching.Guess]], lines: dict[str, Line]) -> dict[str, list[matching.Guess]]:
    """Without those of whom somebody said that this review is not theirs, by whatever list it comes again."""
    keys = {guess.key for guesses in guessed.values() for guess in guesses}
    known = dict(Customer.objects.filter(pk__in=keys).exclude(likely_words="").values_list("pk", "likely_words"))
    return {
        mark: [guess for guess in guesses if known.get(guess.key) != _words(lines[mark])]
        for mark, guesses in guessed.items()
    }


def _words(line: Line) -> str:
    return str(likely.Review(line.author, line.day))[:_LONGEST_WORDS]


def _people(business: Business, now: datetime) -> Iterator[matching.Asked]:
    """Who was asked in the last year, is not known to have reviewed, and has no review waiting."""
    found: dict[int, matching.Asked] = {}
    for key, first, last, sent, opened in sorted(_askings(business, now - ASKED_WITHIN), key=lambda each: each[3]):
        known = found.get(key, matching.Asked(key, first, last, ()))
        days = (*known.days, _local(sent, business.zone))
        found[key] = matching.Asked(key, first, last, days, _local(opened, business.zone) if opened else known.opened)
    yield from found.values()


def _askings(business: Business, since: datetime) -> Iterator[tuple[int, str, str, datetime, datetime | None]]:
    """Each request of that time: whose, their name, when it went, when it was opened.

    What went to a household was said to each of its people; who of them opened the link nobody knows.
    """
    rows = Delivery.objects.filter(
        campaign__business=business,
        customer__reviewed_at=None,
        customer__likely_at=None,
        customer__erased_at=None,
        customer__merged_into=None,
    )
    who = ("customer", "customer__first_name", "customer__last_name")
    alone = rows.filter(sent_at__gte=since).values_list(*who, "sent_at", "clicked_at")
    yield from alone.iterator()
    together = rows.filter(sent_at=None, together_with__sent_at__gte=since)
    yield from ((*row, None) for row in together.values_list(*who, "together_with__sent_at").iterator())


def _local(moment: datetime, zone: ZoneInfo) -> date:
    return moment.astimezone(zone).date()


def _chosen(guessed: dict[str, list[matching.Guess]]) -> dict[str, matching.Guess]:
    """One guess for a review and one review for a customer, the surest first."""
    all_of_them = [(guess, mark) for mark, guesses in guessed.items() for guess in guesses]
    all_of_them.sort(key=lambda each: (-each[0].confidence, each[1]))
    found: dict[str, matching.Guess] = {}
    taken: set[int] = set()
    for guess, mark in all_of_them:
        if mark not in found and guess.key not in taken:
            found[mark] = guess
            taken.add(guess.key)
    return found


def _row(business: Business, mark: str, line: Line, guess: matching.Guess | None, now: datetime) -> Review:
    row = Review(
        organization=business.organization,
        business=business,
        author=line.author,
        written_on=line.day,
        fingerprint=mark,
        created_at=now,
    )
    if guess:
        row.customer_id, row.confidence, row.reason = guess.key, guess.confidence, guess.reason[:300]
        row.state = Review.State.WAITING
    return row


def _hold(business: Business, found: dict[int, Line], now: datetime) -> set[int]:
    """Nobody is reminded while somebody is asked whether they have reviewed; returns who is still there.

    Who was erased this moment is not: their row is locked, or gone, before their name is written beside it.
    """
    people = business.customers.in_bulk(found)
    likely.hold({each: _words(found[pk]) for pk, each in people.items()}, now)
    return set(business.customers.filter(pk__in=found, likely_at=now).values_list("pk", flat=True))


def waiting(business: Business) -> QuerySet[Review]:
    """Those that somebody should decide, the surest first; what was decided elsewhere is no question any more."""
    rows = business.reviews.filter(state=Review.State.WAITING)
    open_ones = rows.filter(customer__reviewed_at=None, customer__likely_at__isnull=False, customer__erased_at=None)
    return open_ones.select_related("customer__business__organization").order_by("-confidence", "pk")


def decide(review: Review, state: str, by: User | None, now: datetime) -> bool:
    """Say whether it is theirs; False when somebody has said so already.  Call inside a transaction."""
    mine = Review.objects.filter(pk=review.pk, state=Review.State.WAITING)
    return bool(mine.update(state=state, decided_by=by, decided_at=now))


def held(business: Business) -> QuerySet[Customer]:
    """Those who have likely reviewed by a review that is not kept here: guessed at before reviews were."""
    waits = Review.objects.filter(customer=OuterRef("pk"), state=Review.State.WAITING)
    people = business.customers.filter(likely_at__isnull=False, reviewed_at=None, erased_at=None)
    return people.exclude(Exists(waits)).order_by("likely_at", "pk")


def to_decide(business: Business) -> int:
    """For how many customers somebody should say whether they have reviewed, with a review that is kept or without."""
    return business.customers.filter(likely_at__isnull=False, reviewed_at=None, erased_at=None).count()


def is_asked_about(person: Customer) -> bool:
    """Does another review wait for somebody to say whether it is theirs?"""
    return Review.objects.filter(customer=person, state=Review.State.WAITING).exists()


def settle(person: Customer, state: str, by: User | None, now: datetime) -> None:
    """Somebody has said it of this customer elsewhere: the review that waited for it is decided too."""
    mine = Review.objects.filter(customer=person, state=Review.State.WAITING)
    mine.update(state=state, decided_by=by, decided_at=now)


def tally(business: Business) -> dict[str, int]:
    """How many were brought, and how many of them somebody has said are a customer's."""
    rows = business.reviews
    return {"brought": rows.count(), "theirs": rows.filter(state=Review.State.CONFIRMED).count()}
