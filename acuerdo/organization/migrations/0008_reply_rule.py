from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organization", "0007_portfolio_whatsapp_consent")]

    operations = [
        migrations.AddField(
            model_name="organization",
            name="reply_rule",
            field=models.CharField(
                choices=[
                    ("anyone", "Cualquiera que alcance al cliente"),
                    ("take_first", "Quien lo haya tomado"),
                    ("owner_only", "Solo su asesor"),
                ],
                db_default="anyone",
                default="anyone",
                max_length=10,
            ),
        ),
    ]
