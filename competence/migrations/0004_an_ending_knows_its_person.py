import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

OF_PERSON = ("employment", "manager_assignment", "attestation", "exemption", "completion")
WITHIN_EMPLOYMENT = ("suspension", "appointment", "level_decision", "authorisation")


def fill_in(apps, schema_editor):
    for ending in apps.get_model("competence", "Ending").objects.filter(person=None).iterator():
        facts = [getattr(ending, name) for name in OF_PERSON]
        facts += [fact.employment for name in WITHIN_EMPLOYMENT if (fact := getattr(ending, name))]
        ending.person_id = next(fact.person_id for fact in facts if fact)
        ending.save()


class Migration(migrations.Migration):
    dependencies = [("competence", "0003_notices"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(
            "ending",
            "person",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="endings",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(fill_in, migrations.RunPython.noop),
        migrations.AlterField(
            "ending",
            "person",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="endings", to=settings.AUTH_USER_MODEL
            ),
        ),
    ]
