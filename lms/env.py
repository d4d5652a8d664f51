"""The environment, read once, with errors that an operator can act upon.

`ENVIRONMENT` is `production` unless it says otherwise: a machine that nobody configured must refuse to start, not run
with the demo's secrets. `demo` (what `make run` sets) and `test` have a default for everything.
"""

import contextlib
import os
import secrets
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn, TypeVar

from environs import Env

T = TypeVar("T")

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

if ENVIRONMENT != "production":
    VAR_DIR.mkdir(exist_ok=True)


def required(name: str, how: str, *, otherwise: str | Callable[[], str]) -> str:
    """The value of `name`. Outside production `otherwise` (a value, or what makes it) stands in for a missing one.

    `how` is a short example, shown when the value is missing.
    Raises SystemExit with one line when there is no value.
    """
    value: str = env.str(name, "")
    if value:
        return value
    if ENVIRONMENT != "production":
        return otherwise() if callable(otherwise) else otherwise
    stop(name, f"is missing; set it, for example {name}={how}")


def origin(name: str, how: str, *, otherwise: str) -> str:
    """A web origin: scheme, host and port, and nothing after them."""
    value = required(name, how, otherwise=otherwise)
    scheme, separator, rest = value.partition("://")
    if scheme not in {"http", "https"} or not separator or not rest or "/" in rest:
        stop(name, f"is {value!r}; it must be an origin without a path, for example {name}={how}")
    return value


def number(name: str, default: int) -> int:
    """A whole number of at least nought."""
    value: str = env.str(name, "") or str(default)
    if not value.isdecimal():
        stop(name, f"is {value!r}; set it to a whole number, for example {name}={default}")
    return int(value)


def one_of(name: str, choices: Sequence[str]) -> str:
    """One of these words; the first when nothing is set."""
    value: str = env.str(name, "") or choices[0]
    if value not in choices:
        stop(name, f"is {value!r}; set it to one of {', '.join(choices)}.")
    return value


def parsed(name: str, value: str, how: str, parse: Callable[[str], T]) -> T:
    """What `parse` makes of an address; an error of any kind means that the address is wrong."""
    try:
        return parse(value)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Not the value itself: it may hold a password.
        stop(name, f"cannot be read ({type(error).__name__}); set it, for example {name}={how}")


def with_scheme(name: str, value: str, *schemes: str) -> str:
    """An address that begins as one of these does."""
    if value.partition("://")[0] not in schemes:
        stop(name, f"must begin with {' or '.join(scheme + '://' for scheme in schemes)}")
    return value


def signing_key(name: str, value: str) -> str:
    """A private RSA key in PEM, its line ends possibly written as \\n."""
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = value.replace("\\n", "\n")
    with contextlib.suppress(ValueError, TypeError):
        if isinstance(load_pem_private_key(pem.encode(), password=None), RSAPrivateKey):
            return pem
    stop(name, "is no private RSA key in PEM without a password; make one, for example with: openssl genrsa 2048")


def secret_of_this_clone(name: str, make: Callable[[], str]) -> Callable[[], str]:
    """A secret for the demo and the tests: made once, and kept in `var/<name>`, readable by its owner only.

    Web and worker start at once, so the file appears whole or not at all, and whoever comes second reads the first's.
    """

    def read_or_make() -> str:
        path = VAR_DIR / name
        if not path.exists():
            handle, draft = tempfile.mkstemp(dir=VAR_DIR, prefix=f".{name}-")  # mode 0600
            with os.fdopen(handle, "w") as file:
                file.write(make())
            with contextlib.suppress(FileExistsError):
                os.link(draft, path)
            Path(draft).unlink()
        return path.read_text()

    return read_or_make


def random_key() -> str:
    return secrets.token_urlsafe(64)


def new_signing_key() -> str:
    """A private RSA key in PEM: the token provider signs with RS256 and takes no other kind."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
