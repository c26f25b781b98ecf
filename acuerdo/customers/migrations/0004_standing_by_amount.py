from django.db import migrations, models


class Migration(migrations.Migration):
    """Amount and id in one direction: the order of the list, read from either end."""

    dependencies = [("customers", "0003_contact_key_parts")]

    operations = [
        migrations.RemoveIndex("standing", "standing_by_amount"),
        migrations.AddIndex(
            "standing", models.Index(fields=["open_amount", "customer"], name="standing_by_amount")
        ),
    ]
