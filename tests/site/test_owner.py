"""PostgreSQL with two roles: who works with the rows cannot touch the tables (ASVS 13.2.2)."""

import os
import secrets
import subprocess
import sys

import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.site.processes import PREPARE, on_server, own_database

pytestmark = [
    pytest.mark.processes,
    pytest.mark.skipif("DATABASE_URL" not in os.environ, reason="SQLite has no roles"),
]


@pytest.fixture
def role():
    """A role that may sign in and nothing else."""
    name = f"goodword_web_{secrets.token_hex(4)}"
    on_server("CREATE ROLE {} LOGIN PASSWORD 'of-a-test'", name)
    yield name
    on_server("DROP ROLE {}", name)


@pytest.fixture
def roles(role):
    """An empty database of somebody else's, and the two addresses."""
    with own_database(empty=True) as database:
        owner = database["DATABASE_URL"]
        yield {"MIGRATION_URL": owner, "DATABASE_URL": f"postgres://{role}:of-a-test@{owner.rpartition('@')[2]}"}
        with psycopg.connect(owner, autocommit=True) as server:
            server.execute(sql.SQL("DROP OWNED BY {}").format(sql.Identifier(role)))


def prepared(folder, roles):
    environ = {**os.environ, **roles, "DATA_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "reviews.settings"}
    subprocess.run([sys.executable, "-c", PREPARE], cwd=settings.ROOT, env=environ, check=True, umask=0o077)
    return psycopg.connect(roles["DATABASE_URL"], autocommit=True)


FORBIDDEN = [
    "CREATE TABLE mine (id int)",
    "ALTER TABLE campaigns_auditentry DISABLE TRIGGER ALL",
    "DROP TRIGGER act_is_kept ON campaigns_auditentry",
    "ALTER TABLE campaigns_message ADD COLUMN mine int",
    "TRUNCATE campaigns_customer CASCADE",
    "DROP TABLE campaigns_customer",
    "SET session_replication_role = replica",
    "CREATE TRIGGER mine BEFORE INSERT ON campaigns_message FOR EACH ROW EXECUTE FUNCTION campaigns_keep_acts()",
]


def test_who_works_reads_and_writes_rows_and_touches_no_table(tmp_path, roles):
    """Runbook: Two roles for PostgreSQL."""
    with prepared(tmp_path, roles) as worker:
        worker.execute("INSERT INTO campaigns_pulse (beat, seen_at) VALUES (1, now())")
        assert worker.execute("SELECT count(*) FROM django_migrations").fetchone()[0] > 20
        for statement in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                worker.execute(statement)
