from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0005_advisers_see_unregistered")]

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
