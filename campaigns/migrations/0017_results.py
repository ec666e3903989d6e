import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0016_link_kit")]

    operations = [
        migrations.AddField("campaign", "greeting_b", models.TextField(blank=True, db_default="", default="", max_length=1000)),
        migrations.AddField("campaign", "ask_b", models.TextField(blank=True, db_default="", default="", max_length=2000)),
        migrations.AddField(
            "campaign",
            "card_b",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="second_in",
                to="campaigns.card",
            ),
        ),
        migrations.AddField("delivery", "variant", models.CharField(blank=True, db_default="", default="", max_length=1)),
        migrations.CreateModel(
            name="Review",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("author", models.CharField(max_length=100)),
                ("written_on", models.DateField(blank=True, null=True)),
                ("fingerprint", models.CharField(max_length=64)),
                ("confidence", models.PositiveSmallIntegerField(default=0)),
                ("reason", models.CharField(blank=True, default="", max_length=300)),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("unmatched", "Nobody found"),
                            ("waiting", "Waits for you"),
                            ("confirmed", "Theirs"),
                            ("refused", "Not theirs"),
                        ],
                        default="unmatched",
                        max_length=10,
                    ),
                ),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "business",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="reviews", to="campaigns.business"
                    ),
                ),
                (
                    "customer",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reviews",
                        to="campaigns.customer",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="campaigns.organization"
                    ),
                ),
            ],
            options={
                "indexes": [models.Index(fields=["business", "state"], name="review_by_state")],
                "constraints": [models.UniqueConstraint(fields=("business", "fingerprint"), name="one_row_per_review")],
            },
        ),
    ]
