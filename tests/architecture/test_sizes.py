from tests.architecture.sources import name_of, python_files

LONG = 300
TOO_LONG = 500
# A module of more than 300 lines is here with its reason.
REASONS: dict[str, str] = {
    "lms/settings.py": "all settings in one file, so that an operator reads one",
    "courses/scorm/manifest_reader.py": "one document read in one pass; each refusal stands beside what it reads",
}


def line_counts() -> dict[str, int]:
    files = python_files("cms", "competence", "courses", "lms", "tests", "tools")
    return {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def test_no_module_is_longer_than_500_lines() -> None:
    assert {name: count for name, count in line_counts().items() if count > TOO_LONG} == {}


def test_a_module_longer_than_300_lines_has_a_reason() -> None:
    assert {name: count for name, count in line_counts().items() if count > LONG and name not in REASONS} == {}
