from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("customers", "0005_filters_of_the_inbox")]

    operations = [
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("overdue_amount__gt", 0)),
                fields=["currency", "overdue_amount", "customer"],
                name="standing_by_money",
            ),
        ),
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                condition=models.Q(("overdue_amount__gt", 0)),
                fields=["portfolio_id", "currency", "overdue_amount", "customer"],
                name="standing_by_portfolio_money",
            ),
        ),
        migrations.RemoveIndex(model_name="standing", name="standing_by_overdue"),
    ]
