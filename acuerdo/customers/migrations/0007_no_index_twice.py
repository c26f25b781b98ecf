import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Their unique keys begin with the customer: a second index only slowed the writing."""

    dependencies = [("customers", "0006_amounts_by_currency")]

    operations = [
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
    ]
