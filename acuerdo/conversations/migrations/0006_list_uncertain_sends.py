from django.db import migrations


class Migration(migrations.Migration):
    """What was uncertain before there was a list of it."""

    dependencies = [("conversations", "0005_uncertain_sends"), ("interactions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            """
            INSERT INTO conversations_uncertainsend (message_id, since, decision, note)
            SELECT message.interaction_id, entry.at, '', ''
            FROM interactions_interaction AS entry
            JOIN conversations_message AS message ON message.interaction_id = entry.id
            WHERE entry.status = 'uncertain' AND entry.kind = 'message'
            ON CONFLICT DO NOTHING
            """,
            migrations.RunSQL.noop,
        ),
    ]
