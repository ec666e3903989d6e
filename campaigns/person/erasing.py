"""Forgetting somebody: nothing more goes to them, then nothing is left of them.

1. `ask` writes down that it is wanted, and stops everything to their number in the same moment.
2. `carry_out` waits until no call to them is under way, and forgets them in one transaction.
3. `clear_away` looks after what no transaction reaches: files, and the remains in SQLite's own file.

Each step is a row or a fact of a row, so a crash anywhere is gone on from by the clock.
"""

import logging
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.db.models import Q

from campaigns import replies
from campaigns.models import (
    AuditEntry,
    Customer,
    Erasure,
    Message,
    User,
    open_messages,
    picture_path,
    refresh,
    take_back,
)
from campaigns.person import places
from campaigns.person.whose import Whose

log = logging.getLogger(__name__)

#: So many are forgotten before the database's file is looked after.
AT_ONCE = 100
#: A larger SQLite file is written anew only while nothing is due so soon: nobody can write meanwhile.
LARGE = 200 * 1024 * 1024
QUIET = timedelta(minutes=10)
#: Or after this, whatever is due.
PATIENCE = timedelta(days=1)


@dataclass(frozen=True)
class Outlook:
    """What there is to forget, and what no act of ours reaches."""

    locations: list[str]
    messages: int
    pictures: int
    campaigns: int
    #: Messages that Chert took: it keeps its own copies, and has no way to delete them (D4).
    at_chert: int


def outlook(person: Customer) -> Outlook:
    """What erasing this customer would take away."""
    whose = Whose.of(person)
    messages = whose.messages
    return Outlook(
        locations=sorted({each.business.name for each in whose.people}),
        messages=len(messages),
        pictures=sum(bool(each.picture) for each in messages),
        campaigns=len(whose.deliveries),
        at_chert=sum(bool(each.chert_id) for each in messages),
    )


def ask(person: Customer, by: User | None, now: datetime) -> Erasure:
    """Begin: from this moment on nothing new goes to their number.  Twice is once."""
    with transaction.atomic():
        replies.stop(person, places.ERASED, by, now)
        try:
            with transaction.atomic():
                return Erasure.objects.create(
                    organization=person.business.organization, customer=person, by=by, asked_at=now
                )
        except IntegrityError:
            return Erasure.objects.get(customer=person, closed_at=None)


def carry_out(erasure: Erasure, now: datetime) -> bool:
    """Forget them; False while a call to them is under way, whose own answer comes first."""
    with transaction.atomic():
        if not Erasure.objects.select_for_update().filter(pk=erasure.pk, done_at=None).exists():
            return True
        person = Customer.everything.select_related("business__organization").get(pk=erasure.customer_id)
        whose = _held_fast(person)
        if _is_under_way(whose, now):
            return False
        files = places.pictures(whose)
        counts = places.forget(whose, now)
        Erasure.objects.filter(pk=erasure.pk).update(done_at=now, counts=counts, files=files)
        AuditEntry.write(erasure.organization, "erase", person, erasure.by)
    _throw_away(files)
    erasure.refresh_from_db()
    return True


def _held_fast(person: Customer) -> Whose:
    """Everything of theirs, read once nobody can add to it: message rows before the customers', as everywhere.

    Whoever keeps a reply of theirs holds their row meanwhile, and finds afterwards that they are gone.
    """
    keys = [each.pk for each in Whose.of(person).rows]
    for rows in (Message.objects.filter(customer__in=keys), Customer.everything.filter(pk__in=keys)):
        list(rows.select_for_update(of=("self",)).order_by("pk").values_list("pk", flat=True))
    return Whose.of(person)


def _is_under_way(whose: Whose, now: datetime) -> bool:
    """Take back what has not left, a test drawn for them too; is there still something that is being called?"""
    mine = Message.objects.filter(Q(customer__in=whose.rows) | Q(household__in=whose.households))
    waiting = open_messages(mine).select_related("delivery__campaign")
    gone = take_back(waiting, places.ERASED, now)
    refresh([each.delivery for each in gone if each.delivery is not None])
    return open_messages(mine).exists()


def work(now: datetime) -> int:
    """What the clock does each second; returns how many were forgotten."""
    waiting = Erasure.objects.filter(closed_at=None, done_at=None).select_related("organization", "by")
    done = sum(_try_to_carry_out(each, now) for each in waiting.order_by("pk")[:AT_ONCE])
    clear_away(now)
    return done


def _try_to_carry_out(erasure: Erasure, now: datetime) -> bool:
    """One that fails is tried again at the next tick, and holds up nobody else's."""
    try:
        return carry_out(erasure, now)
    except Exception:
        log.exception("erasure %s could not be carried out now", erasure.pk)
        return False


def clear_away(now: datetime) -> None:
    """The database's file first; the pictures once more, when no worker can be drawing one of them any longer."""
    done = Erasure.objects.filter(closed_at=None, done_at__isnull=False)
    unscrubbed = list(done.filter(scrubbed_at=None))
    if unscrubbed and may_scrub([each.done_at for each in unscrubbed if each.done_at], now) and scrub():
        Erasure.objects.filter(pk__in=[each.pk for each in unscrubbed]).update(scrubbed_at=now)
    longest = timedelta(seconds=settings.UPLOAD_LEASE_SECONDS)
    for each in done.filter(scrubbed_at__isnull=False, done_at__lt=now - longest):
        _throw_away(each.files)
        Erasure.objects.filter(pk=each.pk).update(files=[], closed_at=now)


def _throw_away(files: list[str]) -> None:
    for name in files:
        picture_path(Path(name).name).unlink(missing_ok=True)


def leaves_remains() -> bool:
    """Do the database's own files keep what was erased until their space is used again?  SQLite's is written anew."""
    return connection.vendor != "sqlite"


def may_scrub(waiting_since: Sequence[datetime], now: datetime) -> bool:
    """Is this a moment to write the database's file anew?"""
    if leaves_remains() or _size() < LARGE:
        return True
    soon = open_messages().filter(Q(due_at__lt=now + QUIET)).exists()
    return not soon or any(each < now - PATIENCE for each in waiting_since)


def _size() -> int:
    with suppress(OSError):
        return Path(str(connection.settings_dict["NAME"])).stat().st_size
    return 0


def scrub() -> bool:
    """Leave nothing of what was deleted in SQLite's files; False when that has to be tried again.

    `secure_delete` writes over rows that are deleted, but not over copies that remain between the rows of a page when
    it was split or packed: only a new file has none.  PostgreSQL looks after its own files, see README.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        return connection.vendor != "sqlite"
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            busy, *_ = cursor.fetchone()
    except OperationalError:
        log.warning("the database's file could not be written anew; it is tried again", exc_info=True)
        return False
    return not busy
