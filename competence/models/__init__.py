"""Django finds the models here; import them from their own modules."""

from competence.models import (
    appointment,
    authorisation,
    competence_role,
    completion,
    course_reference,
    decision_log,
    employment,
    ending,
    machine_client,
    notice,
    ordering_system,
    organisation_unit,
    outbox,
    prepared,
    reported_figure,
    requirement,
)

__all__ = [
    "appointment",
    "authorisation",
    "competence_role",
    "completion",
    "course_reference",
    "decision_log",
    "employment",
    "ending",
    "machine_client",
    "notice",
    "ordering_system",
    "organisation_unit",
    "outbox",
    "prepared",
    "reported_figure",
    "requirement",
]
