import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """What is forgotten in a minute need not survive a crash, nor be written twice."""

    dependencies = [
        ("conversations", "0016_saved_views"),
        ("customers", "0004_standing_by_amount"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Presence",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("tab", models.CharField(max_length=32)),
                ("seen_at", models.DateTimeField()),
                ("typed_at", models.DateTimeField(null=True)),
                (
                    "customer",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="customers.customer",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("customer", "user", "tab"), name="one_presence"
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            "ALTER TABLE conversations_presence SET UNLOGGED",
            "ALTER TABLE conversations_presence SET LOGGED",
        ),
    ]
