import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0018_api"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="together_with",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="companions", to="campaigns.delivery"),
        ),
        migrations.CreateModel(
            name="Household",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("chat_id", models.CharField(blank=True, db_index=True, default="", max_length=120)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("closed_reason", models.CharField(blank=True, default="", max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("business", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="households", to="campaigns.business")),
                ("line", models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to="campaigns.line")),
            ],
        ),
        migrations.AddField(
            model_name="customer",
            name="household",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="members", to="campaigns.household"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="household",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="deliveries", to="campaigns.household"),
        ),
        migrations.AddField(
            model_name="message",
            name="household",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="messages", to="campaigns.household"),
        ),
        migrations.AddIndex(
            model_name="household",
            index=models.Index(fields=["business", "closed_at"], name="household_open"),
        ),
    ]
