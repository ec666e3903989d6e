"""A migration while messages are being sent: the workers of the last release go on writing for a while (F-15)."""

from importlib import import_module
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations import AddField, DeleteModel, RemoveField, RenameField, RenameModel
from django.db.models import NOT_PROVIDED

from campaigns import migrations, outbox
from campaigns.models import Message
from tests.cast import kinds, walk_to_the_end

#: Since then a release and the one before it work side by side.
FIRST = "0010"
LATER = sorted(path.stem for path in Path(migrations.__file__).parent.glob("0*.py") if path.stem >= FIRST)


@pytest.mark.parametrize("name", LATER)
def test_the_last_release_can_leave_out_what_a_migration_adds(name):
    """A new column is empty or has a default that the database itself knows."""
    added = [
        op for op in import_module(f"campaigns.migrations.{name}").Migration.operations if isinstance(op, AddField)
    ]
    demanding = [
        f"{op.model_name}.{op.name}"
        for op in added
        if not (op.field.null or op.field.many_to_many or op.field.db_default is not NOT_PROVIDED)
    ]
    assert demanding == []


@pytest.mark.parametrize("name", LATER)
def test_what_the_last_release_knows_is_still_there_and_every_step_can_be_taken_back(name):
    """F-15: what nobody uses any more is taken away a release later."""
    steps = import_module(f"campaigns.migrations.{name}").Migration.operations
    gone = [
        step.describe() for step in steps if isinstance(step, RemoveField | RenameField | RenameModel | DeleteModel)
    ]
    assert (gone, [step.describe() for step in steps if not step.reversible]) == ([], [])


def test_a_message_written_by_the_last_release_is_sent(campaign, sandbox, clock):
    """F-15: It knows nothing of `deaths`, so its INSERT does not name the column."""
    old = [
        field.column for field in Message._meta.concrete_fields if field.name not in ("id", "deaths", "deaths_since")
    ]
    names = ", ".join(f'"{column}"' for column in old)
    [ask] = Message.objects.filter(kind="ask")
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMPORARY TABLE kept AS SELECT {names} FROM campaigns_message WHERE id = %s", [ask.pk])
        cursor.execute("DELETE FROM campaigns_message WHERE id = %s", [ask.pk])
        cursor.execute(f"INSERT INTO campaigns_message ({names}) SELECT {names} FROM kept")
        cursor.execute("DROP TABLE kept")
    walk_to_the_end(clock)
    assert (kinds(sandbox), outbox.run(hands=0)) == ([["text"], ["media", "text", "rich_link"]], 0)
