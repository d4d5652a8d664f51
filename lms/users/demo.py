"""The invented people that one may log in as, in a demonstration and nowhere else."""

import json
from dataclasses import dataclass
from typing import Any

from lms import env


@dataclass(frozen=True)
class Person:
    username: str
    password: str
    shows: str


@dataclass(frozen=True)
class Caller:
    """A machine client that may do everything, and the HSA-ID of somebody to ask about."""

    client_id: str
    client_secret: str
    hsa_id: str


def people() -> list[Person]:
    """Those in `var/demo.json`, which `load_demo` writes. Empty unless ENVIRONMENT is `demo`."""
    try:
        return [Person(user["username"], user["password"], user.get("shows", "")) for user in _told("users").values()]
    except (KeyError, TypeError, AttributeError):
        return []


def caller() -> Caller | None:
    """As whom the examples of the API's guide may be run; None unless ENVIRONMENT is `demo`."""
    try:
        client, person = _told("machine_clients")["utvecklare"], _told("users")["prescriber_ok"]
        return Caller(client["client_id"], client["client_secret"], person["hsa_id"])
    except (KeyError, TypeError):
        return None


def _told(part: str) -> Any:
    if env.ENVIRONMENT != "demo":
        return {}
    try:
        return json.loads((env.VAR_DIR / "demo.json").read_text(encoding="utf-8"))[part]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
