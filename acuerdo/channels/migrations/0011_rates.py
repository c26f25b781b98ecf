import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('channels', '0010_one_index_less'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Rate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(choices=[('marketing', 'Marketing'), ('utility', 'Utilidad'), ('authentication', 'Autenticación'), ('service', 'Servicio'), ('segment', 'Parte de un SMS'), ('message', 'Correo')], max_length=14)),
                ('country', models.CharField(blank=True, max_length=2)),
                ('amount', models.DecimalField(decimal_places=6, max_digits=12)),
                ('currency', models.CharField(max_length=3)),
                ('valid_from', models.DateField()),
                ('note', models.CharField(blank=True, max_length=120)),
                ('at', models.DateTimeField()),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='rates', to='channels.channelaccount')),
                ('by', models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['category', 'country', '-valid_from'],
                'constraints': [models.UniqueConstraint(fields=('account', 'category', 'country', 'valid_from'), name='one_rate_a_day'), models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='rate_not_negative')],
            },
        ),
    ]
