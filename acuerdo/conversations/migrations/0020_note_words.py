"""Notes of before are found by their words too; run twice, it changes nothing."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("conversations", "0019_note_fields_and_mentions")]
    operations = [
        migrations.RunSQL(
            "UPDATE conversations_note"
            " SET words = regexp_replace(lower(unaccent(body)), '\\s+', ' ', 'g')"
            " WHERE words = '' AND body <> ''",
            migrations.RunSQL.noop,
        ),
    ]
