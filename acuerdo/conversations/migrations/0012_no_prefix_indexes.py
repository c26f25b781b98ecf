from django.db import migrations


class Migration(migrations.Migration):
    """Nobody asks for the beginning of a token or a key, and every message paid for it."""

    dependencies = [("conversations", "0011_media_tries")]

    operations = [
        migrations.RunSQL(
            r"""
            DO $$
            DECLARE found text;
            BEGIN
                FOR found IN SELECT indexname FROM pg_indexes
                    WHERE schemaname = current_schema() AND indexname LIKE '%\_like'
                    AND tablename IN ('conversations_attempt', 'conversations_message')
                LOOP
                    EXECUTE format('DROP INDEX %I', found);
                END LOOP;
            END $$
            """,
            migrations.RunSQL.noop,
        ),
    ]
