"""The environment, read once, with errors that an operator can act upon.

`ENVIRONMENT` is `production` unless it says otherwise: a machine that nobody configured must refuse to start, not run
with the demo's secrets. `demo` (what `make run` sets) and `test` have a default for everything.
"""

from pathlib import Path
from typing import NoReturn

from environs import Env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = Env()
env.read_env(str(BASE_DIR / ".env"), recurse=False)

ENVIRONMENT: str = env.str("ENVIRONMENT", "production")


def stop(name: str, what: str) -> NoReturn:
    """End the start with one line that names the setting and says how to set it."""
    raise SystemExit(f"Configuration: {name} {what}")


if ENVIRONMENT not in {"production", "demo", "test"}:
    stop("ENVIRONMENT", f"is {ENVIRONMENT!r}; set it to production, demo or test.")


def required(name: str, how: str, *, otherwise: str | None = None) -> str:
    """The value of `name`. Outside production `otherwise` stands in for a missing one.

    `how` is a short example, shown when the value is missing.
    Raises SystemExit with one line when there is no value.
    """
    value: str = env.str(name, "")
    if value:
        return value
    if otherwise is not None and ENVIRONMENT != "production":
        return otherwise
    stop(name, f"is missing; set it, for example {name}={how}")


def origin(name: str, how: str, *, otherwise: str) -> str:
    """A web origin: scheme, host and port, and nothing after them."""
    value = required(name, how, otherwise=otherwise)
    scheme, separator, rest = value.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest or "/" in rest:
        stop(name, f"is {value!r}; it must be an origin without a path, for example {name}={how}")
    return value
