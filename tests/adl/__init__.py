"""ADL's SCORM 2004 4th edition LMS test, driven by machine: read from a copy of it, which is not part of this project.

`ADL_SUITE` names its folder `TestSuite` (github.com/adlnet/SCORM-2004-4ed-Test-Suite).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.adl.cases import Suite


def suite() -> Suite:
    """The copy at hand; skips the test, with the reason in one line, when there is none."""
    folder = os.environ.get("ADL_SUITE", "")
    if not folder or not (Path(folder) / "LMSRTE").is_dir():
        pytest.skip("ADL's LMS test is not here: set ADL_SUITE to its folder TestSuite")
    return Suite(Path(folder))
