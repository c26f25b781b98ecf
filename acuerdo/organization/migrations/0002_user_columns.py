from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="columns",
            field=models.JSONField(blank=True, default=dict),
        ),
    ]
