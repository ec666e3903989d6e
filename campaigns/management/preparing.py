"""What has to be there before the site can start.  Each step does nothing where there is nothing to do."""

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from campaigns.management import owner


def prepare() -> None:
    bring_up_to_date()
    collect_static()
    empty_doorbell()
    settings.HEARTBEAT.unlink(missing_ok=True)


def bring_up_to_date() -> None:
    """The tables, by their owner where that is another role than ours."""
    has_owner = bool(settings.MIGRATION_URL)
    if not is_migrated():
        owner.migrate() if has_owner else call_command("migrate", interactive=False, verbosity=0)
    if has_owner:
        owner.grant()


def is_migrated() -> bool:
    """Whether the database has every migration that this program brings."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def collect_static() -> None:
    """Hash and compress the static files, if one of them has changed since the last time."""
    stamp, wanted = settings.DATA_DIR / "static.sha256", static_fingerprint()
    if stamp.exists() and stamp.read_text() == wanted and Path(settings.STATIC_ROOT).exists():
        return
    call_command("collectstatic", interactive=False, verbosity=0)
    stamp.write_text(wanted)


def static_fingerprint() -> str:
    """Over name, size and time of change of all sources: quick, and wrong only towards too much work."""
    lines = []
    for finder in get_finders():
        for name, storage in finder.list([]):
            file = Path(storage.path(name)).stat()
            lines.append(f"{name} {file.st_size} {file.st_mtime_ns}")
    return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()


def empty_doorbell() -> None:
    """Throw away what a broker in files still holds: every message in it can be made again from rows."""
    for folder in settings.BROKER_FOLDERS:
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
