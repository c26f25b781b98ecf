import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.functions.text
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0023_upload_for_a_customer")]

    operations = [
        BtreeGinExtension(),
        migrations.RemoveIndex(model_name="message", name="message_words"),
        migrations.AddIndex(
            model_name="message",
            index=django.contrib.postgres.indexes.GinIndex(
                models.ExpressionWrapper(
                    models.F("interaction_id") / 5000, models.BigIntegerField()
                ),
                django.contrib.postgres.search.SearchVector(
                    django.db.models.functions.text.Left("body", 20000), config="acuerdo_words"
                ),
                condition=models.Q(("template_version", None)),
                name="message_words",
            ),
        ),
    ]
