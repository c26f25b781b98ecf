from django.db import migrations


class Migration(migrations.Migration):
    """How messages are taken apart into words: without accents, in no language."""

    dependencies = [
        ("conversations", "0013_template_addressees"),
        ("customers", "0001_extensions"),
    ]

    operations = [
        migrations.RunSQL(
            """
            CREATE TEXT SEARCH CONFIGURATION acuerdo_words (COPY = simple);
            ALTER TEXT SEARCH CONFIGURATION acuerdo_words
                ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
            """,
            "DROP TEXT SEARCH CONFIGURATION acuerdo_words",
        ),
    ]
