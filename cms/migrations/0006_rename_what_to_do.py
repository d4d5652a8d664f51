from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('cms', '0005_search_entry_introduction'),
    ]

    operations = [
        migrations.RenameField(model_name='newspage', old_name='action', new_name='what_to_do'),
    ]
