from tests.architecture.sources import name_of, python_files

LONG = 300
TOO_LONG = 500
# A module of more than 300 lines is here with its reason, or in a folder that is. A module of tests needs none: it is a
# list of cases, read one at a time.
REASONS: dict[str, str] = {
    "cms/content/": "the site's first texts: data, in the order of the pages",
    "competence/explain.py": "a sentence for every reason code, in one place for translation",
    "lms/settings.py": "all settings in one file, so that an operator reads one",
    "courses/scorm/manifest_reader.py": "one document read in one pass; each refusal stands beside what it reads",
}


def line_counts(*folders: str) -> dict[str, int]:
    files = python_files(*folders)
    return {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in files}


def test_no_module_is_longer_than_500_lines() -> None:
    counts = line_counts("cms", "competence", "courses", "lms", "tests", "tools")
    assert {name: count for name, count in counts.items() if count > TOO_LONG} == {}


def test_a_module_longer_than_300_lines_has_a_reason() -> None:
    counts = line_counts("cms", "competence", "courses", "lms", "tools")
    without = {name: count for name, count in counts.items() if count > LONG and not name.startswith(tuple(REASONS))}
    assert without == {}
