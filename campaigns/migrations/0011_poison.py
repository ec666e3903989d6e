from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0010_breaker")]

    operations = [
        migrations.AddField(
            model_name="message", name="deaths", field=models.PositiveSmallIntegerField(db_default=0, default=0)
        ),
        migrations.AddField(
            model_name="message", name="deaths_since", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="organization", name="unheard_since", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
