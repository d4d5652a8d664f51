"""The invented people that one may log in as, in a demonstration and nowhere else."""

import json
from dataclasses import dataclass

from lms import env


@dataclass(frozen=True)
class Person:
    username: str
    password: str
    shows: str


def people() -> list[Person]:
    """Those in `var/demo.json`, which `load_demo` writes. Empty unless ENVIRONMENT is `demo`."""
    if env.ENVIRONMENT != "demo":
        return []
    try:
        users = json.loads((env.VAR_DIR / "demo.json").read_text(encoding="utf-8"))["users"]
        return [Person(user["username"], user["password"], user.get("shows", "")) for user in users.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return []
