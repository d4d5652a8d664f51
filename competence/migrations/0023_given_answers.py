"""The constant part of every logged answer is kept once, and found by its digest; prepared answers refer to it too."""

import hashlib
import json

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

CHUNK = 1_000
OWN = ("hsa_id", "revision", "valid_at", "known_at", "decision_id")
# The order in which answers were sent: jsonb had lost it.
ORDER = {
    name: position
    for position, name in enumerate(
        "right customer_number product_group outcome allowed code requirement course attestation also_meets after "
        "alternatives role since until is_blocking who url minutes text reasons missing valid_from valid_until next "
        "policy_version".split()
    )
}
TOP = {name: position for position, name in enumerate("right customer_number product_group outcome allowed text".split())}


def ordered(value, order=ORDER):
    if isinstance(value, list):
        return [ordered(one) for one in value]
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: (order.get(name, ORDER.get(name, len(ORDER))), name))
        return {name: ordered(value[name]) for name in names}
    return value


def split(apps, schema_editor):
    log, given = apps.get_model("competence", "DecisionLog"), apps.get_model("competence", "GivenAnswer")
    import uuid

    after = None
    while True:
        rows = log.objects.order_by("pk") if after is None else log.objects.filter(pk__gt=after).order_by("pk")
        rows = list(rows.only("pk", "answer")[:CHUNK])
        if not rows:
            return
        bodies = {}
        for row in rows:
            constant = ordered({name: value for name, value in row.answer.items() if name not in OWN}, TOP)
            text = json.dumps(constant, ensure_ascii=False, separators=(",", ":"))
            row.given_id = uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16])
            bodies[row.given_id] = text
        given.objects.bulk_create(
            [given(digest=digest, body=text) for digest, text in bodies.items()], ignore_conflicts=True
        )
        log.objects.bulk_update(rows, ["given"])
        after = rows[-1].pk


def join(apps, schema_editor):
    from lms.lib.clock import STOCKHOLM

    log = apps.get_model("competence", "DecisionLog")
    after = None
    while True:
        rows = log.objects.order_by("pk") if after is None else log.objects.filter(pk__gt=after).order_by("pk")
        rows = list(rows.select_related("given")[:CHUNK])
        if not rows:
            return
        for row in rows:
            row.answer = {
                "hsa_id": row.hsa_id,
                **json.loads(row.given.body),
                "revision": row.revision,
                "valid_at": row.valid_at.astimezone(STOCKHOLM).isoformat(),
                "known_at": row.known_at.astimezone(STOCKHOLM).isoformat(),
                "decision_id": str(row.pk),
            }
        log.objects.bulk_update(rows, ["answer"])
        after = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("competence", "0022_client_activity"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="GivenAnswer",
            fields=[
                ("digest", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("body", models.TextField()),
            ],
        ),
        migrations.AlterField(
            model_name="decisionlog",
            name="asked_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.AlterField(
            model_name="decisionlog",
            name="decision_id",
            field=models.UUIDField(editable=False, primary_key=True, serialize=False),
        ),
        migrations.AlterField(
            model_name="decisionlog",
            name="person",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="logged_decisions",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="decisionlog",
            name="given",
            field=models.ForeignKey(
                db_column="digest",
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="competence.givenanswer",
            ),
        ),
        migrations.AlterField(model_name="decisionlog", name="answer", field=models.JSONField(null=True)),
        migrations.RunPython(split, join),
        migrations.RemoveField(model_name="decisionlog", name="answer"),
        migrations.AlterField(
            model_name="decisionlog",
            name="given",
            field=models.ForeignKey(
                db_column="digest",
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="competence.givenanswer",
            ),
        ),
        migrations.CreateModel(
            name="PreparedAnswer",
            fields=[
                ("key", models.UUIDField(editable=False, primary_key=True, serialize=False)),
                ("known_as", models.CharField(max_length=64)),
                ("stamp", models.BigIntegerField()),
                ("facts_revision", models.BigIntegerField()),
                ("rules_version", models.PositiveIntegerField()),
                ("names", models.BigIntegerField()),
                ("edition", models.CharField(max_length=32)),
                ("start", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("system", models.CharField(max_length=60)),
                ("outcome", models.CharField(max_length=30)),
                ("policy_version", models.PositiveIntegerField()),
                (
                    "given",
                    models.ForeignKey(
                        db_column="digest",
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="competence.givenanswer",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prepared_answers",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
