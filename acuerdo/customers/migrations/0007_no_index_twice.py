import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Their unique keys begin with the customer: a second index only slowed the writing.

    By name: left to the field, every row would be held against its customer once more.
    """

    dependencies = [("customers", "0006_amounts_by_currency")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "DROP INDEX customers_contactpoint_customer_id_c5e90863",
                    "CREATE INDEX customers_contactpoint_customer_id_c5e90863"
                    " ON customers_contactpoint (customer_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX customers_balance_customer_id_c3529612",
                    "CREATE INDEX customers_balance_customer_id_c3529612"
                    " ON customers_balance (customer_id)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="contactpoint",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contact_points",
                        to="customers.customer",
                    ),
                ),
                migrations.AlterField(
                    model_name="balance",
                    name="customer",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="balances",
                        to="customers.customer",
                    ),
                ),
            ],
        ),
    ]
