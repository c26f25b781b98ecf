"""Remembers which local days were begun and planned."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("flows", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="DayRun",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("on", models.DateField(unique=True)),
                ("begun_at", models.DateTimeField(null=True)),
                ("planned_at", models.DateTimeField(null=True)),
            ],
        ),
    ]
