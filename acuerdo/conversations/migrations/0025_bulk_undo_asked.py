from django.db import migrations, models

# Until now an undo left its mark by what it had taken back, or by a job that was all done.
_KNOWN = """
UPDATE conversations_bulkjob SET undo_asked = true
WHERE NOT undo_asked AND (
    status IN ('undoing', 'undone')
    OR status = 'failed' AND (undone + kept > 0 OR done + skipped = total)
)
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0024_newest_words_first")]

    operations = [
        migrations.AddField(
            model_name="bulkjob",
            name="undo_asked",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(_KNOWN, migrations.RunSQL.noop),
    ]
