"""What is written for operators names every setting that the code reads, and no other."""

import re

import pytest
import yaml

from lms.env import BASE_DIR

READERS = re.compile(r"""\b(?:env\.\w+|required|number|one_of|origin)\(\s*["']([A-Z][A-Z0-9_]+)["']""")
# For the tools and the tests, not for production.
INTERNAL = {"PORT", "TEST_WITH_WORKER"}


def settings_read() -> set[str]:
    code = "".join((BASE_DIR / "lms" / name).read_text(encoding="utf-8") for name in ("settings.py", "env.py"))
    return set(READERS.findall(code)) - INTERNAL


def test_the_code_reads_settings() -> None:
    assert {"SECRET_KEY", "DATABASE_URL", "LOG_LEVEL", "PACKAGE_MAX_BYTES", "BASE_URL"} <= settings_read()


def test_the_example_has_every_setting_and_no_other() -> None:
    example = (BASE_DIR / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.M)) == settings_read()


def test_the_operators_guide_has_every_setting_and_no_other() -> None:
    guide = (BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", guide, re.M)) == settings_read()


def test_compose_starts_what_the_guide_says() -> None:
    services = yaml.safe_load((BASE_DIR / "compose.yaml").read_text(encoding="utf-8"))["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    guide = " ".join((BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8").split())
    for name in ("web", "worker", "beat"):
        words = services[name]["command"].split()
        assert " ".join(words[:4]) in guide


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "package-lock.json", ".npmrc"])
def test_lock_files_name_no_address(name: str) -> None:
    text = (BASE_DIR / name).read_text(encoding="utf-8")
    assert not re.search(r"--(extra-)?index-url|--find-links|--trusted-host|\"resolved\"|registry=", text)


def test_the_licence_is_the_one_the_packages_name() -> None:
    licence = (BASE_DIR / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith("EUROPEAN UNION PUBLIC LICENCE v. 1.2")
    assert '"license": "EUPL-1.2"' in (BASE_DIR / "package.json").read_text(encoding="utf-8")
    assert 'license = "EUPL-1.2"' in (BASE_DIR / "pyproject.toml").read_text(encoding="utf-8")
