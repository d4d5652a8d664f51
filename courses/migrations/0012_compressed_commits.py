"""A commit's data are compressed as soon as two versions of its row would not fit in one page: then most updates stay
in place again, and less is written to the log of the database. What does not shrink is kept whole, as before."""

from django.db import migrations

_HAS_LZ4 = "SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'default_toast_compression'"


def compress_quickly(apps, schema_editor):
    """Only by lz4, which PostgreSQL need not have: its other way takes longer than it spares."""
    if schema_editor.connection.vendor != "postgresql":
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_HAS_LZ4)
        row = cursor.fetchone()
    if row and row[0]:
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET COMPRESSION lz4")
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET STORAGE MAIN")
        schema_editor.execute("ALTER TABLE courses_scoruntime SET (toast_tuple_target = 4000)")


def keep_as_they_are(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE courses_scoruntime SET (toast_tuple_target = 8160)")
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET STORAGE EXTERNAL")
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET COMPRESSION DEFAULT")


class Migration(migrations.Migration):
    dependencies = [("courses", "0011_exercises_that_must_be_done")]

    operations = [migrations.RunPython(compress_quickly, keep_as_they_are)]
