import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import campaigns.models.business


def give_codes(apps, schema_editor):
    """Each location that is here already gets the end of its short link."""
    Business = apps.get_model("campaigns", "Business")
    for pk in list(Business.objects.filter(short_code=None).values_list("pk", flat=True)):
        Business.objects.filter(pk=pk).update(short_code=campaigns.models.business.new_short_code())


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model, name):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to=model)


def code(**more):
    return models.CharField(editable=False, max_length=12, null=True, unique=True, **more)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0015_inbox")]

    operations = [
        migrations.AddField("business", "short_code", code()),
        migrations.RunPython(give_codes, migrations.RunPython.noop),
        migrations.AlterField("business", "short_code", code(default=campaigns.models.business.new_short_code)),
        migrations.CreateModel(
            name="Opening",
            fields=[
                ("id", key()),
                ("day", models.DateField()),
                (
                    "way",
                    models.CharField(
                        choices=[("link", "Short link"), ("code", "QR code"), ("card", "Counter card")], max_length=4
                    ),
                ),
                ("people", models.PositiveIntegerField(default=0)),
                ("robots", models.PositiveIntegerField(default=0)),
                ("business", to("campaigns.business", "openings")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("business", "day", "way"), name="one_count_a_day"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Allowance",
            fields=[
                ("id", key()),
                ("act", models.CharField(max_length=20)),
                ("full_at", models.FloatField()),
                ("organization", to("campaigns.organization", "allowances")),
                ("user", to(settings.AUTH_USER_MODEL, "+")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("organization", "user", "act"), name="one_allowance_each"),
                    models.CheckConstraint(condition=models.Q(("full_at__gte", 0)), name="allowance_is_a_time"),
                ],
            },
        ),
    ]
