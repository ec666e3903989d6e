"""PostgreSQL with two roles: one owns the tables and is here for a moment at the start, the other works with the rows.

Whoever gets hold of the one that works, by a hole in the site, can change no table, and take no trigger off the book of
acts (ASVS 13.2.2).  Without MIGRATION_URL there is one role for both.
"""

import os
import subprocess
import sys

import psycopg
from django.conf import settings
from django.db import connection
from psycopg import sql

VARIABLE = "MIGRATION_URL"
#: What the working role may do with what is there, and nothing else: no DDL, no TRUNCATE, no references.
GRANTS = (
    "GRANT USAGE ON SCHEMA public TO {}",
    "REVOKE CREATE ON SCHEMA public FROM {}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}",
)


def migrate() -> None:
    """Bring the tables up to date as their owner.  Raises `subprocess.CalledProcessError`, its words printed."""
    command = [sys.executable, str(settings.ROOT / "manage.py"), "migrate", "--no-input", "--verbosity=0"]
    subprocess.run(command, env={**os.environ, "DATABASE_URL": settings.MIGRATION_URL}, check=True)  # noqa: S603


def grant() -> None:
    """Let the working role read and write what is there now; a restored database has forgotten that.

    Raises `psycopg.Error`.
    """
    worker = sql.Identifier(connection.settings_dict["USER"])
    with psycopg.connect(_plain(settings.MIGRATION_URL), connect_timeout=10) as owner:
        for statement in GRANTS:
            owner.execute(sql.SQL(statement).format(worker))


def _plain(url: str) -> str:
    """As libpq wants it."""
    return "postgresql://" + url.split("://", 1)[1]
