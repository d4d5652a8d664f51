"""Every string has its Swedish; the tool that says so finds strings of every kind."""

from pathlib import Path

import pytest

from tools import messages


def test_every_string_has_a_swedish_translation() -> None:
    assert messages.untranslated() == []


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.html", "<p>\n    {% translate 'A page' %}</p>", "A page"),
        (
            "a.html",
            "{% blocktranslate with n=1 trimmed %}\n  One\n  {{ n }} line{% endblocktranslate %}",
            "One %(n)s line",
        ),
        ("a.html", '{% include "b.html" with label=_("Label") %}', "Label"),
        ("a.py", "x = _('Code')", "Code"),
        ("a.py", "x = ngettext('%d course', '%d courses', n)", "('%d course', '%d courses')"),
    ],
)
def test_it_finds_strings_of_every_kind(
    name: str, text: str, found: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    path = tmp_path / name
    path.write_text(text)
    assert [str(message) for _context, message, _where in messages.messages_in(path)] == [found]


def test_a_fuzzy_or_empty_entry_is_no_translation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lms").mkdir()
    (tmp_path / "lms" / "a.py").write_text("_('One'), _('Two'), _('Three'), ngettext('a', 'b', n)")
    catalogue = tmp_path / "django.po"
    catalogue.write_text(
        'msgid "One"\nmsgstr "Ett"\n\n#, fuzzy\nmsgid "Two"\nmsgstr "Två"\n\nmsgid "Three"\nmsgstr ""\n\n'
        'msgid "a"\nmsgid_plural "b"\nmsgstr[0] "a"\nmsgstr[1] ""\n'
    )
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "CATALOGUE", catalogue)
    problems = messages.untranslated()
    assert ["Two" in problems[0], "Three" in problems[1], "'a'" in problems[2], len(problems)] == [True, True, True, 3]
