from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0025_retention"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                condition=models.Q(
                    ("kind__in", ["confirmation", "answer"]), ("status__in", ["planned", "rendered", "uploaded"])
                ),
                fields=["organization", "kind", "due_at"],
                name="message_by_hand",
            ),
        ),
    ]
