"""A log of what happened in attempts, decisions on editions, and rows of run-time data that stay in one piece."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def keep_rows_whole(apps, schema_editor):
    """A commit of a few kB is one row in one place: not compressed, not cut up, with room for the next version."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE courses_scoruntime SET (toast_tuple_target = 8160)")
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET STORAGE EXTERNAL")
        schema_editor.execute("ALTER TABLE courses_attempt SET (fillfactor = 70)")


def let_rows_be_cut(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE courses_scoruntime RESET (toast_tuple_target)")
        schema_editor.execute("ALTER TABLE courses_scoruntime ALTER COLUMN data SET STORAGE EXTENDED")
        schema_editor.execute("ALTER TABLE courses_attempt RESET (fillfactor)")


class Migration(migrations.Migration):

    dependencies = [
        ("courses", "0007_lessons_and_knowledge_tests"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="course",
            options={
                "ordering": ("title", "key"),
                "permissions": [
                    ("edit_courses", "Can edit courses and their packages"),
                    ("view_participants", "Can see who takes a course and how it goes for them"),
                    ("decide_package_trust", "Can decide that a package's own result counts"),
                ],
                "verbose_name": "course",
                "verbose_name_plural": "courses",
            },
        ),
        migrations.AddField(
            model_name='scoruntime',
            name='recent',
            field=models.TextField(blank=True, default=''),
        ),
        migrations.CreateModel(
            name='AttemptEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('item', models.CharField(max_length=255)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('kind', models.CharField(choices=[('sitting', 'The part was opened'), ('ended', 'The part was closed by the package'), ('result', 'The result changed'), ('refused', 'Some of what the package wrote could not be kept'), ('fenced', 'Another tab or device tried to write, and was stopped')], max_length=10)),
                ('launch_id', models.UUIDField(blank=True, null=True)),
                ('details', models.JSONField(blank=True, default=dict)),
                ('attempt', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='courses.attempt')),
            ],
            options={
                'verbose_name': 'event in an attempt',
                'verbose_name_plural': 'events in attempts',
                'ordering': ('at', 'id'),
            },
        ),
        migrations.CreateModel(
            name='EditionDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_same_course', models.BooleanField()),
                ('was_of', models.CharField(blank=True, max_length=100)),
                ('reason', models.CharField(max_length=500, verbose_name='reason')),
                ('decided_at', models.DateTimeField(auto_now_add=True)),
                ('decided_by_name', models.CharField(max_length=150)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='courses.courseedition')),
            ],
            options={
                'verbose_name': 'decision on an edition',
                'verbose_name_plural': 'decisions on editions',
                'ordering': ('-decided_at', '-id'),
            },
        ),
        migrations.RunPython(keep_rows_whole, let_rows_be_cut),
    ]
