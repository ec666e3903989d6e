import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A line of the book of acts is never removed while its account is there, and of what it says only the words about
# somebody may be masked, once that person is erased, and whoever did it or the location may become nobody.
KEPT = "id organization_id act at network"
SAME = " AND ".join(f"NEW.{column} = OLD.{column}" for column in KEPT.split())
MASKED = " AND ".join(f"NEW.{column} IN (OLD.{column}, '█')" for column in ("about", "words"))
CLEARED = " AND ".join(f"(NEW.{c} IS NULL OR NEW.{c} = OLD.{c})" for c in ("by_id", "business_id"))
ITS_ACCOUNT = "SELECT 1 FROM campaigns_organization WHERE id = OLD.organization_id"
SENTENCE = "the book of acts is only ever added to"

ON_SQLITE = [
    f"""CREATE TRIGGER act_is_not_changed BEFORE UPDATE ON campaigns_auditentry
    WHEN NOT coalesce({SAME} AND {MASKED} AND {CLEARED}, 0)
    BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END""",
    f"""CREATE TRIGGER act_is_not_removed BEFORE DELETE ON campaigns_auditentry
    WHEN EXISTS ({ITS_ACCOUNT})
    BEGIN SELECT RAISE(ABORT, '{SENTENCE}'); END""",
]
OFF_SQLITE = ["DROP TRIGGER act_is_not_changed", "DROP TRIGGER act_is_not_removed"]

ON_POSTGRESQL = [
    f"""CREATE FUNCTION campaigns_keep_acts() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF coalesce({SAME} AND {MASKED} AND {CLEARED}, false) THEN RETURN NEW; END IF;
        ELSIF TG_OP = 'DELETE' THEN
            IF NOT EXISTS ({ITS_ACCOUNT}) THEN RETURN OLD; END IF;
        END IF;
        RAISE EXCEPTION '{SENTENCE}' USING ERRCODE = 'integrity_constraint_violation';
    END $$""",
    """CREATE TRIGGER act_is_kept BEFORE UPDATE OR DELETE ON campaigns_auditentry
    FOR EACH ROW EXECUTE FUNCTION campaigns_keep_acts()""",
    """CREATE TRIGGER acts_are_kept BEFORE TRUNCATE ON campaigns_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION campaigns_keep_acts()""",
]
OFF_POSTGRESQL = [
    "DROP TRIGGER act_is_kept ON campaigns_auditentry",
    "DROP TRIGGER acts_are_kept ON campaigns_auditentry",
    "DROP FUNCTION campaigns_keep_acts()",
]


def guard(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in ON_SQLITE if is_sqlite else ON_POSTGRESQL:
        schema_editor.execute(statement)


def unguard(apps, schema_editor):
    is_sqlite = schema_editor.connection.vendor == "sqlite"
    for statement in OFF_SQLITE if is_sqlite else OFF_POSTGRESQL:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0021_members"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="auditentry",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.DO_NOTHING, related_name="audit", to="campaigns.organization"
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="business",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="campaigns.business",
            ),
        ),
        migrations.AddField(
            model_name="auditentry",
            name="network",
            field=models.CharField(blank=True, db_default="", default="", max_length=50),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["organization", "-id"], name="act_newest"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["organization", "act", "-id"], name="act_by_kind"),
        ),
        migrations.AddIndex(
            model_name="auditentry",
            index=models.Index(fields=["organization", "by", "-id"], name="act_by_person"),
        ),
        migrations.RunPython(guard, unguard),
    ]
