"""Commits update the same row again and again: leave half of each page free on PostgreSQL, so that they stay in place."""

from django.db import migrations


def set_fill_factor(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE courses_scoruntime SET (fillfactor = 50)")


def reset_fill_factor(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE courses_scoruntime RESET (fillfactor)")


class Migration(migrations.Migration):
    dependencies = [("courses", "0001_initial")]

    operations = [migrations.RunPython(set_fill_factor, reset_fill_factor)]
