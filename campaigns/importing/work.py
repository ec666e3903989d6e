"""Reading, saving and taking back a list: at once when it is short, else in the worker, from where it was left.

A job stands on its list.  It is taken up by compare-and-set with a token and a lease; every part commits its rows, the
progress and the lease together.  So a process that is killed leaves whole parts behind, and whoever comes next goes on
after the last of them: nothing is done twice, nothing is left out (F-62).
"""

import logging
import secrets
import time
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet

from campaigns import commits
from campaigns.models import AuditEntry, CustomerImport, User

from . import judging, saving, undoing
from .errors import NoPhoneColumn, NotNow
from .step import Step
from .titles import Field
from .writing import twice

log = logging.getLogger(__name__)

#: A list of so many rows is worked on while the person waits: a second or two.
SHORT = 2_000
#: Rows of one part, by database: SQLite's one writer is waited for by everybody meanwhile.
PART = {"sqlite": 500, "postgresql": 1_000}
#: How long whoever works on a list may be silent.
LEASE = timedelta(seconds=30)
#: A job that fails so often without a step forward is given up, and says so.
TRIES = 5
#: Seconds the worker spends before it looks around again: short enough for one that is asked to end (F-06).
SLICE = 10.0
#: Seconds between two parts: SQLite has one writer, and messages that are due must have their turn.
PAUSE = {"sqlite": 0.02, "postgresql": 0.0}

Job = CustomerImport.Job
_GIVEN_UP = "This did not get any further, and was given up after several tries."

_LOOK: Mapping[str, Callable[[CustomerImport, datetime, int], Any]] = {
    Job.REVIEW: judging.look,
    Job.SAVE: saving.look,
    Job.UNDO: undoing.look,
}
_PARTS: Mapping[str, Callable[[CustomerImport, Any], Step]] = {
    Job.REVIEW: judging.part,
    Job.SAVE: saving.part,
    Job.UNDO: undoing.part,
}
_FINISH: Mapping[str, Callable[[CustomerImport, datetime], None]] = {
    Job.REVIEW: judging.finish,
    Job.SAVE: saving.finish,
    Job.UNDO: undoing.finish,
}


# ---- what a person asks for ----------------------------------------------------------------------------------------


def review(record: CustomerImport, mapping: Mapping[str, int | None]) -> None:
    """Say what would become of every row, with these columns.  Raises `NoPhoneColumn`, `NotNow`."""
    if mapping.get(Field.PHONE) is None:
        raise NoPhoneColumn(
            "No column with phone numbers was found in this file.",
            "Choose the column that holds them, or put “Phone” above it, and try again.",
        )
    waiting = _mine(record).filter(kept=CustomerImport.Kept.ALL, saved_from=None, done_at=None)
    _begin(waiting, Job.REVIEW, mapping=dict(mapping), reviewed_at=None, version=F("version") + 1, job_at=0)


def save(record: CustomerImport, version: int, by: User, now: datetime) -> None:
    """Make it so, as this version of the review says.  Raises `NotNow`, also when it was pressed before."""
    ready = _mine(record).filter(kept=CustomerImport.Kept.ALL, job="", reviewed_at__isnull=False, done_at=None)
    with transaction.atomic():
        if ready.filter(saved_from__isnull=False, undone_at=None).exists():
            _begin(ready, Job.SAVE, job_rows=F("job_rows"))  # given up in the middle: it goes on there
        else:
            _begin(ready.filter(saved_from=None, version=version), Job.SAVE, saved_from=now, job_at=0)
        AuditEntry.write(record.business.organization, "saved a list", record, by, record.file_name)


def undo(record: CustomerImport, by: User, now: datetime) -> None:
    """Take it back, also in the middle of being saved.  Raises `NotNow`."""
    done = Q(job="", done_at__gt=now - undoing.WITHIN) | Q(job="", done_at=None)
    saved = _mine(record).filter(kept=CustomerImport.Kept.ALL, saved_from__isnull=False, undone_at=None)
    with transaction.atomic():
        _begin(saved.filter(done | Q(job=Job.SAVE)), Job.UNDO, job_at=0)
        AuditEntry.write(record.business.organization, "take back an import", record, by, record.file_name)


def _mine(record: CustomerImport) -> QuerySet[CustomerImport]:
    return CustomerImport.objects.filter(pk=record.pk, business=record.business)


def _begin(rows: QuerySet[CustomerImport], job: Job, **more: Any) -> None:
    fresh = {"job_rows": 0, "job_token": "", "job_until": None, "job_tries": 0, "problem": ""}
    if not rows.update(job=job, **(fresh | more)):
        raise NotNow("Something has changed about this list since you looked.", "Look again and decide then.")


# ---- doing it ------------------------------------------------------------------------------------------------------


def at_once(record: CustomerImport, clock: Callable[[], datetime]) -> None:
    """Do the whole job here and now, if the list is short; else it is the worker's."""
    if record.row_count <= SHORT:
        _work(record.pk, clock, seconds=60.0)


def go_on(clock: Callable[[], datetime]) -> None:
    """Work on everything that waits, in turns."""
    waiting = _due(clock()).order_by("job_until", "pk").values_list("pk", flat=True)
    due = list(waiting[:10])
    for pk in due:
        try:
            _work(pk, clock, seconds=max(1.0, SLICE / len(due)), pause=PAUSE[connection.vendor])
        except Exception as error:  # one list must not keep the others waiting; its lease brings it up again
            log.error("import %s stopped at %s", pk, type(error).__name__)


def _due(now: datetime) -> QuerySet[CustomerImport]:
    free = Q(job_until=None) | Q(job_until__lt=now)
    return CustomerImport.objects.filter(free).exclude(job="")


def _work(pk: int, clock: Callable[[], datetime], seconds: float, pause: float = 0.0) -> None:
    token = secrets.token_hex(8)
    taken = _due(clock()).filter(pk=pk)
    if not taken.update(job_token=token, job_until=clock() + LEASE, job_tries=F("job_tries") + 1):
        return
    end = time.monotonic() + seconds
    while twice(lambda: _step(pk, token, clock())):
        if time.monotonic() > end:
            CustomerImport.objects.filter(pk=pk, job_token=token).update(job_until=None)
            return
        time.sleep(pause)


def _step(pk: int, token: str, now: datetime) -> bool:
    """One part: looked up without a lock, then done as a whole.  False when there is nothing left, or not for us."""
    held = CustomerImport.objects.filter(pk=pk, job_token=token).exclude(job="")
    record = held.select_related("business__organization", "by").first()
    if record is None:
        return False
    if record.job_tries > TRIES:
        with transaction.atomic():
            return bool(held.update(job_until=now + LEASE)) and _end(record, problem=_GIVEN_UP)
    found = _LOOK[record.job](record, now, PART[connection.vendor])
    with commits.repeatable() if found else transaction.atomic():  # a part that is lost is done again
        # Whoever holds the token now is alone with these rows until the transaction ends.
        if not held.update(job_until=now + LEASE, job_tries=0):
            return False
        if not found:
            _FINISH[record.job](record, now)
            return _end(record)
        step = _PARTS[record.job](record, found)
        CustomerImport.objects.filter(pk=pk).update(job_rows=F("job_rows") + step.rows, job_at=step.last)
    return True


def _end(record: CustomerImport, problem: str = "") -> bool:
    record.job, record.job_token, record.job_until, record.job_tries = Job.NONE, "", None, 0
    record.problem = problem
    record.save()
    return False
