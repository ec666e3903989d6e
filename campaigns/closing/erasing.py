"""When its last day has come, nothing of an organization is left.  Only the clock does this, a little at a time.

1. It is written down that it begins, in one commit with a last look whether they have changed their mind.
2. Chert is told to call us no more.  Where it does not answer it is asked again, for a day, and the rest does not wait.
3. Row by row, a few in each transaction, each with its files: what points to others goes before them.
4. The organization itself, its members and the book of its acts, at once.
5. People who belong to nothing else, their sessions, files that nobody names, and the remains in SQLite's own file.

Each step is found from the rows that are still there, so whoever is killed is followed by the next who looks.
"""

import logging
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from campaigns import connecting, connection, person, tallies, topic
from campaigns.closing import files, people, places
from campaigns.closing.deciding import stop
from campaigns.models import Closing, Organization

log = logging.getLogger(__name__)

#: Rows of one transaction; seconds after which the clock looks around again, and between two parts: SQLite has one
#: writer, and everybody else's messages must have their turn.
PART, SLICE, PAUSE = 200, 2.0, 0.05
#: Chert is asked again after so long, and for how long at all.
AGAIN, PATIENCE = timedelta(hours=1), timedelta(days=1)


def work(clock: Callable[[], datetime]) -> None:
    """What the clock does every few seconds."""
    for account in Organization.objects.filter(closes_at__isnull=False).order_by("pk"):
        with topic.about(organization_id=account.pk):
            _try(_go_on, account, clock())
    for closing in Closing.objects.filter(erased_at__isnull=False).order_by("pk"):
        with topic.about(organization_id=closing.organization):
            _try(_clear_away, closing, clock())


def _try(step: Callable[[Any, datetime], None], what: Organization | Closing, now: datetime) -> None:
    """One that fails is tried again at the next tick, and holds up nobody else's."""
    try:
        step(what, now)
    except Exception:
        log.exception("an organization could not be closed now; it is tried again")


def _go_on(account: Organization, now: datetime) -> None:
    if account.closes_at is None or now < account.closes_at:
        stop(account, None, now)
    elif closing := _begun(account, now):
        _tell_chert(account, closing, now)
        if _rows_are_gone(account, closing) and closing.tell_at is None:
            _end(account, closing, now)


def _begun(account: Organization, now: datetime) -> Closing | None:
    """From here on nobody can change their mind; None where somebody just has."""
    with transaction.atomic():
        still = Organization.objects.select_for_update().filter(pk=account.pk, closes_at__lte=now).first()
        known = Closing.objects.filter(organization=account.pk).first()
        if still is None or known is not None:
            return known
        Organization.objects.filter(pk=account.pk).update(webhook_secret="")  # what Chert tells us is refused now
        return Closing.objects.create(
            organization=account.pk,
            locations=list(account.businesses.order_by("pk").values_list("pk", flat=True)),
            people=list(account.memberships.order_by("user").values_list("user", flat=True)),
            began_at=now,
            tell_at=now,
        )


def _tell_chert(account: Organization, closing: Closing, now: datetime) -> None:
    if closing.tell_at is None or now < closing.tell_at:
        return
    closing.tell_at = None
    try:
        connecting.disconnect(account)
    except connection.NotConnected:
        log.info("there is no key, so nobody to tell that an organization is closed")
    except Exception as trouble:  # whatever it is: nobody's rows wait for it
        if now + AGAIN <= closing.began_at + PATIENCE:
            closing.tell_at = now + AGAIN
        more = "it is asked again" if closing.tell_at else "it was asked often enough"
        log.warning("Chert could not be told that an organization is closed, %s: %s", more, type(trouble).__name__)
    Closing.objects.filter(pk=closing.pk).update(tell_at=closing.tell_at)


def _rows_are_gone(account: Organization, closing: Closing) -> bool:
    """Work for a little while; False while there is more."""
    end = time.monotonic() + SLICE
    for table in places.tables():
        while _part(table, account.pk, closing):
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE)
    return True


def _part(table: places.Table, organization: int, closing: Closing) -> bool:
    """A few rows and their files, with the count of them in the same commit; True where there may be more."""
    pks = list(table.rows(organization).values_list("pk", flat=True)[:PART])
    if not pks:
        return False
    for path in places.files_of(table, pks):
        path.unlink(missing_ok=True)
    with transaction.atomic():
        closing.count(table.among(pks).delete()[1])
    return len(pks) == PART


def _end(account: Organization, closing: Closing, now: datetime) -> None:
    """The organization, its members and the book of its acts."""
    with transaction.atomic():
        mine = Organization.objects.select_for_update().filter(pk=account.pk).first()
        if mine is None:
            return
        acts = mine.audit.count()
        closing.count({**mine.delete()[1], "AuditEntry": acts})
        Closing.objects.filter(pk=closing.pk).update(erased_at=now)


def _clear_away(closing: Closing, now: datetime) -> None:
    """What no transaction reaches; then one line says that it is done, and names nobody."""
    people.remove(closing)
    tallies.forget(closing.organization)
    connection.forget()
    if closing.erased_at is None or not person.may_scrub([closing.erased_at], now):
        return
    files.sweep(now)
    if person.scrub():
        closing.refresh_from_db()
        rows = ", ".join(f"{number} {name}" for name, number in sorted(closing.counts.items()) if number)
        log.info("organization %s is closed, and nothing of it is left: %s", closing.organization, rows)
        closing.delete()
