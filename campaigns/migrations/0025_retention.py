from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("campaigns", "0024_closing"),
    ]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="keeps_days",
            field=models.PositiveSmallIntegerField(
                blank=True,
                choices=[(185, "Half a year"), (395, "13 months"), (760, "25 months"), (1125, "37 months")],
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="organization",
            name="looked_back_on",
            field=models.DateField(blank=True, null=True),
        ),
    ]
