import django.db.models.deletion
import django.db.models.functions.comparison
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def gather(apps, schema_editor):
    """What customers have said so far: read, and done; their next words open it."""
    Conversation = apps.get_model("campaigns", "Conversation")
    Message = apps.get_model("campaigns", "Message")
    said = Message.objects.filter(kind="inbound", customer__is_test=False).order_by("customer_id", "sent_at", "pk")
    rows = said.values_list("customer_id", "business_id", "text", "sent_at", "created_at")
    found, batch = None, []
    for customer, business, text, sent, created in rows.iterator(2000):
        at = sent or created
        if found is not None and found.customer_id != customer:
            batch.append(found)
        if len(batch) >= 500:
            Conversation.objects.bulk_create(batch)
            batch = []
        found = Conversation(customer_id=customer, business_id=business, words=text[:300], said_at=at, done_at=at)
    Conversation.objects.bulk_create([*batch, *([found] if found else [])])


def key():
    return models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")


def to(model, name, **more):
    return models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name=name, to=model, **more)


def person():
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.SET_NULL,
        related_name="+",
        to=settings.AUTH_USER_MODEL,
    )


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0014_person")]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                ("id", key()),
                ("words", models.CharField(blank=True, default="", max_length=300)),
                ("said_at", models.DateTimeField()),
                ("unread", models.PositiveIntegerField(default=0)),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("typing_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("assigned_to", person()),
                ("business", to("campaigns.business", "conversations")),
                (
                    "customer",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="conversation",
                        to="campaigns.customer",
                    ),
                ),
                ("typing_by", person()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["business", "-said_at"], name="conversation_by_time"),
                    models.Index(
                        condition=models.Q(("unread__gt", 0)), fields=["business"], name="conversation_unread"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Gesture",
            fields=[
                ("id", key()),
                (
                    "kind",
                    models.CharField(
                        choices=[("tapback", "Tapback"), ("receipt", "Read receipt"), ("typing", "Typing")],
                        max_length=10,
                    ),
                ),
                ("word", models.CharField(blank=True, default="", max_length=20)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField()),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
                (
                    "outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("done", "Done"),
                            ("refused", "Refused"),
                            ("unknown", "Unknown"),
                            ("dropped", "Dropped"),
                        ],
                        default="",
                        max_length=10,
                    ),
                ),
                ("by", person()),
                ("customer", to("campaigns.customer", "gestures")),
                ("message", to("campaigns.message", "gestures", blank=True, null=True)),
                ("organization", to("campaigns.organization", "gestures")),
            ],
            options={
                "indexes": [
                    models.Index(condition=models.Q(("taken_at__isnull", True)), fields=["due_at"], name="gesture_due"),
                ],
            },
        ),
        migrations.CreateModel(
            name="QuickAnswer",
            fields=[
                ("id", key()),
                ("name", models.CharField(max_length=60)),
                ("text", models.TextField(max_length=2000)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("organization", to("campaigns.organization", "quick_answers")),
            ],
            options={"ordering": ["name", "pk"]},
        ),
        migrations.CreateModel(
            name="Tapback",
            fields=[
                ("id", key()),
                ("word", models.CharField(blank=True, default="", max_length=20)),
                ("at", models.DateTimeField()),
                (
                    "message",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="tapback", to="campaigns.message"
                    ),
                ),
            ],
        ),
        migrations.AddField("message", "at_any_hour", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("message", "slip", models.CharField(blank=True, max_length=64, null=True)),
        migrations.AddField("organization", "sends_receipts", models.BooleanField(db_default=True, default=True)),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
                    ("greeting", "Greeting"),
                    ("ask", "Picture, text and link"),
                    ("all", "Everything at once"),
                    ("reminder", "Reminder"),
                    ("answer", "Answer by hand"),
                    ("confirmation", "Confirmation of the stop"),
                    ("inbound", "Their words"),
                ],
                max_length=12,
            ),
        ),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                models.F("customer"),
                models.OrderBy(
                    django.db.models.functions.comparison.Coalesce("sent_at", "first_attempt_at"), descending=True
                ),
                condition=models.Q(("kind", "inbound"), _negated=True),
                name="message_written_last",
            ),
        ),
        migrations.AddConstraint(
            "message", models.UniqueConstraint(fields=("customer", "slip"), name="one_answer_per_slip")
        ),
        migrations.RunPython(gather, migrations.RunPython.noop),
    ]
