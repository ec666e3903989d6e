from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0011_poison")]

    operations = [
        migrations.AddField(
            model_name="organization", name="events_read_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
