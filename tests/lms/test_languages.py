"""Which language `Accept-Language` asks for, with weights."""

import pytest

from lms.lib.languages import preferred_language


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "sv"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("sv-SE, en;q=0.9", "sv"),
        ("sv;q=0.4, en;q=0.5", "en"),
        ("sv;q=0, en;q=0.1", "en"),
        ("en;q=0", "sv"),
        ("nb, da;q=0.8", "sv"),
        ("nb, en;q=0.2", "en"),
        ("*", "sv"),
        ("sv;q=0, *", "en"),
        ("en;q=0.5, *;q=0.7", "sv"),
        ("en, sv", "en"),
        ("en; q = 0.9 , sv;q=0.1", "en"),
        ("en;q=many", "sv"),
        ("en;q=2", "sv"),
        (";;;,,,=", "sv"),
        ("en;q=nan", "sv"),
        ("x" * 5000, "sv"),
    ],
)
def test_the_language_that_is_liked_best(header: str, language: str) -> None:
    assert preferred_language(header, ["sv", "en"]) == language
