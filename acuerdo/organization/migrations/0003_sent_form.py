from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0002_user_columns")]

    operations = [
        migrations.CreateModel(
            name="SentForm",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("at", models.DateTimeField(db_index=True)),
                ("is_done", models.BooleanField(default=False)),
                ("answer", models.CharField(blank=True, max_length=500)),
            ],
        ),
    ]
