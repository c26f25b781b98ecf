from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("conversations", "0027_daily_counts")]

    operations = [
        migrations.AddIndex(
            model_name="strangerreply",
            index=models.Index(
                fields=["-created_at", "-id"],
                name="reply_uncertain",
                condition=Q(state="uncertain", message=None),
            ),
        ),
    ]
