from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0008_tests")]

    operations = [
        migrations.RemoveIndex(model_name="message", name="message_due"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(
                fields=["organization", "due_at"],
                condition=models.Q(("status__in", ["planned", "rendered", "uploaded"])),
                name="message_due_in_turn",
            ),
        ),
    ]
