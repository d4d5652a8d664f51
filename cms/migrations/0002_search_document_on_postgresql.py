"""On PostgreSQL the search reads a generated vector with an index. SQLite has no such type, so it is not in the model."""

from django.db import migrations

ADD = """
ALTER TABLE cms_searchentry ADD COLUMN document tsvector GENERATED ALWAYS AS (
    setweight(to_tsvector('simple', title_normalised), 'A') || setweight(to_tsvector('simple', body_normalised), 'D')
) STORED;
CREATE INDEX cms_searchentry_document ON cms_searchentry USING gin (document);
"""
REMOVE = "ALTER TABLE cms_searchentry DROP COLUMN document;"


def on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql)

    return run


class Migration(migrations.Migration):
    dependencies = [("cms", "0001_initial")]

    operations = [migrations.RunPython(on_postgresql(ADD), on_postgresql(REMOVE))]
