import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Its unique key begins with the account.

    By name: left to the field, every receipt would be held against its account once more.
    """

    dependencies = [("channels", "0009_secret_proposals")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX channels_webhookreceipt_account_id_f92fc400",
                    "CREATE INDEX channels_webhookreceipt_account_id_f92fc400"
                    " ON channels_webhookreceipt (account_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="webhookreceipt",
                    name="account",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="channels.channelaccount",
                    ),
                ),
            ],
        ),
    ]
