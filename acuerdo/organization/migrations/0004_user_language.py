from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0003_sent_form")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="language",
            field=models.CharField(
                blank=True,
                choices=[("es", "Español"), ("en", "English")],
                default="",
                max_length=2,
            ),
        ),
    ]
