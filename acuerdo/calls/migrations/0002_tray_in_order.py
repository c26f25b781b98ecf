import django.db.models.functions.comparison
from django.db import migrations, models

import acuerdo.calls.models


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="call",
            name="moment",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    "due_at", acuerdo.calls.models.MidnightUTC("due_on")
                ),
                output_field=models.DateTimeField(),
            ),
        ),
        migrations.AddIndex(
            model_name="call",
            index=models.Index(
                condition=models.Q(("status", "pending")),
                fields=["source", "moment", "id"],
                name="call_tray_pressing",
            ),
        ),
    ]
