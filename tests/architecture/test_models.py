"""Keys follow the direction of imports, also those written as strings, which import-linter does not see."""

from django.apps import apps
from django.db import models

# Lower stands on nothing above it. Apps that are not ours are the ground.
RANKS = {"dashboard": 5, "cms": 4, "courses": 3, "competence": 2, "audit": 1, "users": 0}


def relations() -> list[tuple[type[models.Model], type[models.Model], str]]:
    """Every key of our models: from, to, and the field."""
    found = []
    for model in apps.get_models(include_auto_created=True):
        for field in model._meta.get_fields():
            target = field.related_model
            if field.is_relation and not field.auto_created and field.concrete and isinstance(target, type):
                found.append((model, target, field.name))
    return found


def upward(found: list[tuple[type[models.Model], type[models.Model], str]]) -> list[str]:
    return [
        f"{source._meta.label}.{name} -> {target._meta.label}"
        for source, target, name in found
        if RANKS.get(source._meta.app_label, -1) < RANKS.get(target._meta.app_label, -1)
        and source._meta.app_label in RANKS
    ]


def test_no_model_has_a_key_to_a_package_above_it() -> None:
    assert upward(relations()) == []


def test_there_are_relations_to_look_at() -> None:
    labels = {source._meta.app_label for source, _target, _name in relations()}
    assert {"audit", "competence", "users"} <= labels


def test_every_app_of_ours_has_a_rank() -> None:
    ours = {
        app.label for app in apps.get_app_configs() if app.name.split(".")[0] in {"lms", "cms", "courses", "competence"}
    }
    assert ours - {"lms"} == set(RANKS)  # `lms` itself has no models
    assert not list(apps.get_app_config("lms").get_models())
