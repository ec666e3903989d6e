"""What was brought is thrown away: rows that wait after a day, saved ones when they can no longer be taken back.

Rows that could not be read stay for a week, to be mended.  What remains of a list is its name, who brought it, how its
people agreed, and the counts.
"""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Q

from campaigns.models import CustomerImport

from .outcome import Kind
from .undoing import WITHIN

#: A list nobody came back to, and rows that nobody mended.
WAITS, MENDED_WITHIN = timedelta(days=1), timedelta(days=7)

Kept = CustomerImport.Kept


def forget(now: datetime) -> None:
    """Throw away what has been here long enough."""
    idle = CustomerImport.objects.filter(job="")
    for record in idle.filter(done_at=None, saved_from=None, created_at__lt=now - WAITS):
        record.rows.all().delete()
        record.delete()
    for record in idle.filter(kept=Kept.ALL, done_at__lt=now - WITHIN):
        record.rows.exclude(kind=Kind.REJECTED).delete()
        _keep(record, Kept.LEFT_OUT)
    for record in idle.filter(Q(kept=Kept.LEFT_OUT) | ~Q(rejected=[]), done_at__lt=now - MENDED_WITHIN):
        record.rows.all().delete()
        _keep(record, Kept.NOTHING, rejected=[])
    _forget_files(now)


def _keep(record: CustomerImport, kept: str, **more: object) -> None:
    CustomerImport.objects.filter(pk=record.pk).update(kept=kept, **more)


def _forget_files(now: datetime) -> None:
    """Lists waited as files before; what lies there still belongs to nobody after a day."""
    folder = Path(settings.DATA_DIR) / "imports"
    for file in folder.iterdir() if folder.is_dir() else ():
        if file.stat().st_mtime < (now - WAITS).timestamp():
            file.unlink(missing_ok=True)
