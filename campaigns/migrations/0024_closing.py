from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0023_apart"),
    ]

    operations = [
        migrations.CreateModel(
            name="Closing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("organization", models.PositiveBigIntegerField(unique=True)),
                ("locations", models.JSONField(default=list)),
                ("people", models.JSONField(default=list)),
                ("began_at", models.DateTimeField()),
                ("tell_at", models.DateTimeField(blank=True, null=True)),
                ("counts", models.JSONField(default=dict)),
                ("erased_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.AddField(
            model_name="organization",
            name="closes_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
    ]
