import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import Error, migrations, models, transaction

from campaigns import finding

CHUNK = 5000


def fold(apps, schema_editor):
    """What a search looks at, for the customers there are."""
    connection = schema_editor.connection
    rows = apps.get_model("campaigns", "Customer").objects.filter(is_test=False).order_by("pk")
    last = 0
    while some := list(rows.filter(pk__gt=last).values_list("pk", "first_name", "last_name", "phone")[:CHUNK]):
        last = some[-1][0]
        with connection.cursor() as cursor:
            cursor.executemany(
                "UPDATE campaigns_customer SET search = %s WHERE id = %s",
                [(finding.indexed(first, second, phone), pk) for pk, first, second, phone in some],
            )


def by_threes(apps, schema_editor):
    """On PostgreSQL an index of three letters each, where the extension is there or may be made.

    Without it a search reads the other index from its newest end, which is slower for what is rare.
    """
    connection = schema_editor.connection
    if connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
            cursor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
            cursor.execute("CREATE INDEX customer_by_threes ON campaigns_customer USING gin (search gin_trgm_ops)")
    except Error:
        return


def no_threes(apps, schema_editor):
    schema_editor.execute("DROP INDEX IF EXISTS customer_by_threes")


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0013_import'),
    ]

    operations = [
        migrations.CreateModel(
            name='Erasure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='campaigns.customer')),
                ('organization', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='erasures', to='campaigns.organization')),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('counts', models.JSONField(blank=True, default=dict)),
                ('files', models.JSONField(blank=True, default=list)),
                ('scrubbed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name='customer',
            name='drawn_for',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='campaigns.customer'),
        ),
        migrations.AddField(
            model_name='customer',
            name='erased_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='customer',
            name='merged_into',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='joined', to='campaigns.customer'),
        ),
        migrations.AddField(
            model_name='customer',
            name='search',
            field=models.CharField(blank=True, db_default='', default='', max_length=300),
        ),
        migrations.RunPython(fold, migrations.RunPython.noop),
        migrations.RunPython(by_threes, no_threes),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(fields=['business', '-id', 'search'], name='customer_newest_first'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('stopped_at__isnull', False)), fields=['business', '-id'], name='customer_stopped'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('paused_at__isnull', False)), fields=['business', '-id'], name='customer_to_read'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('is_insider', True)), fields=['business', '-id'], name='customer_insider'),
        ),
        migrations.AddIndex(
            model_name='customer',
            index=models.Index(condition=models.Q(('consent_basis', '')), fields=['business', '-id'], name='customer_no_consent'),
        ),
        migrations.AddIndex(
            model_name='erasure',
            index=models.Index(condition=models.Q(('closed_at', None)), fields=['id'], name='erasure_to_do'),
        ),
        migrations.AddConstraint(
            model_name='erasure',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('customer',), name='one_erasure_at_a_time'),
        ),
    ]
