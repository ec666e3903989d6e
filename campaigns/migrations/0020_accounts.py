import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0019_households'),
    ]

    operations = [
        migrations.AddField(
            model_name='organization',
            name='needs_second_step',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.CreateModel(
            name='Errand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('reset', 'Send a link for a new passphrase'), ('verify', 'Send a link that proves the address'), ('notice', 'Tell somebody that their sign-in has changed'), ('failure', 'Note that somebody tried in vain')], max_length=10)),
                ('address', models.EmailField(max_length=254)),
                ('words', models.CharField(blank=True, default='', max_length=200)),
                ('origin', models.CharField(blank=True, default='', max_length=45)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('tries', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'ordering': ['due_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('salt', models.CharField(max_length=32)),
                ('code_hash', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('used_at', models.DateTimeField(blank=True, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='recovery_codes', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
