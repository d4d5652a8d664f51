"""Who does something: a person, or a named machine (a client of the API, a command, a scheduled job)."""

from dataclasses import dataclass
from typing import Any, TypeAlias

from django.contrib.auth.models import AbstractUser


@dataclass(frozen=True)
class Machine:
    """An actor that is no person, such as `client:websesam` or `command:load_demo`."""

    name: str


Actor: TypeAlias = AbstractUser | Machine


def name_of(actor: Actor) -> str:
    """The actor's name for a record: the user name of a person, the name of a machine."""
    return actor.name if isinstance(actor, Machine) else actor.get_username()


def person_or_none(actor: Actor) -> Any:
    """The actor when it is a person."""
    return None if isinstance(actor, Machine) else actor
