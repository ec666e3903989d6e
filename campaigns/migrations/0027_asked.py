from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0026_by_hand"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("is_test", False), ("sent_at__isnull", False)), fields=["campaign", "sent_at", "customer", "delivered_at", "read_at", "clicked_at", "replied_at", "reviewed_at", "stopped_at"], name="delivery_asked"),
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_by_time"),
    ]
