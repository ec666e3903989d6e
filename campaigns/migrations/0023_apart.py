import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import campaigns.models.fields


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0022_audit"),
    ]

    operations = [
        migrations.CreateModel(
            name="Apart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("business", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="told_apart", to="campaigns.business")),
                ("by", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
                ("people", models.ManyToManyField(related_name="+", to="campaigns.customer")),
            ],
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="old_secrets",
            field=campaigns.models.fields.EncryptedTextField(blank=True, db_default="", default=""),
        ),
        migrations.AddField(
            model_name="webhookendpoint",
            name="old_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("sent_at__isnull", False)), fields=["campaign", "sent_at"], name="delivery_by_time"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("greeted_at__isnull", False), ("sent_at__isnull", True)), fields=["campaign", "greeted_at"], name="delivery_only_greeted"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("replied_at__isnull", False)), fields=["campaign", "replied_at"], name="delivery_replied"),
        ),
        migrations.RemoveIndex(model_name="message", name="message_due_in_turn"),
        migrations.AddIndex(
            model_name="message",
            index=models.Index(condition=models.Q(("status__in", ["planned", "rendered", "uploaded"])), fields=["organization", "due_at", "id"], name="message_due_in_turn"),
        ),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(condition=models.Q(("likely_at__isnull", False)), fields=["business", "-id"], name="customer_likely"),
        ),
    ]
