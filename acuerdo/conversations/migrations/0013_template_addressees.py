import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A template may be for one portfolio, and in one language."""

    dependencies = [
        ("conversations", "0012_no_prefix_indexes"),
        ("organization", "0006_user_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagetemplate",
            name="language",
            field=models.CharField(blank=True, db_default="", default="", max_length=2),
        ),
        migrations.AddField(
            model_name="messagetemplate",
            name="portfolio",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organization.portfolio",
            ),
        ),
    ]
