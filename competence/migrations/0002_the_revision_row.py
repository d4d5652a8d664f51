from django.db import migrations


def create_the_row(apps, schema_editor):
    apps.get_model("competence", "Revision").objects.get_or_create(id=1)


class Migration(migrations.Migration):
    dependencies = [("competence", "0001_initial")]

    operations = [migrations.RunPython(create_the_row, migrations.RunPython.noop)]
