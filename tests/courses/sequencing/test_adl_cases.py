"""ADL's cases on the engine alone."""

from tests.adl import suite
from tests.adl.engine_run import run_all

# What the run-time API itself answers is tried in the browser (tests/browser/test_adl_cases.py).
OF_THE_API = {"DMI"}


def test_the_engine_takes_every_case_of_adls_test_to_its_end() -> None:
    cases = suite()
    problems = {name: found for name, found in run_all(cases, cases.names()) if found and name not in OF_THE_API}
    assert problems == {}
