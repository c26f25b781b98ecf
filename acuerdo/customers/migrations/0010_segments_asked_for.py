import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0009_amounts_of_a_part"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="segmentation",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name="segmentation",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="segmentation",
            name="failed_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RemoveIndex(model_name="customer", name="customer_by_segment"),
        migrations.AddIndex(
            model_name="customer",
            index=models.Index(fields=["segment"], name="customer_by_segment"),
        ),
        # Counted by portfolio from now on; the next computation counts them anew.
        migrations.RunSQL("UPDATE customers_segmentation SET counts = '{}'", migrations.RunSQL.noop),
    ]
