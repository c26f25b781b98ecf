from django.db import migrations


class Migration(migrations.Migration):
    """Each attempt is written twice: room in its page keeps its three indexes out of the second."""

    dependencies = [("conversations", "0002_outgoing_due_by_account")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE conversations_attempt SET (fillfactor = 50)",
            "ALTER TABLE conversations_attempt RESET (fillfactor)",
        ),
    ]
