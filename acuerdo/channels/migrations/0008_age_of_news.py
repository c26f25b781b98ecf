from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("channels", "0007_provider_quality"),
    ]

    operations = [
        migrations.AddField("channelaccount", "settled_at", models.DateTimeField(null=True)),
        migrations.AddField("channelaccount", "limited_at", models.DateTimeField(null=True)),
        migrations.AddField("channelaccount", "judged_at", models.DateTimeField(null=True)),
    ]
