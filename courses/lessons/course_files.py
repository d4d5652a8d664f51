"""Courses of lessons as files: a folder with `course.yaml`, a file for each lesson, and `questions.yaml`.

Lessons come in the order of their files' names. A block is `kind: value`, where the value is what an editor would fill
in (`courses.lessons.blocks`), without pictures and files, which are chosen from the library. A question has an `id` of
its own for good. docs/courses.md shows the whole.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _
from wagtail.admin.rich_text.converters.editor_html import EditorHTMLConverter

from courses.lessons.blocks import TEXT_FEATURES
from lms.lib.errors import Refusal

NAMESPACE = uuid.UUID("0c0b3a0e-6f0d-5d3b-9a54-2d4f3f5c1c7e")
WRITABLE = {"heading", "text", "note", "facts", "case", "link", "checklist", "reflection", "package"}
RICH = {"text", "meaning", "situation", "thoughts"}
COURSE_KEYS = {"key", "title", "minutes", "level", "language", "description", "test"}
LESSON_KEYS = {"slug", "title", "minutes", "introduction", "body"}


@dataclass(frozen=True)
class CourseFiles:
    """A course as its files have it, with raw values for Wagtail's fields. `lessons` are values for `LessonPage`."""

    course: Mapping[str, Any]
    test: Mapping[str, Any]
    lessons: Sequence[Mapping[str, Any]]
    questions: Sequence[Mapping[str, Any]]


def read_course(folder: Path) -> CourseFiles:
    """Read the folder. Raises Refusal with the file, the place in it and what is wrong."""
    course = _mapping(folder / "course.yaml", COURSE_KEYS)
    test = course.pop("test", None) or {}
    lessons = []
    for path in sorted(folder.glob("[0-9]*.yaml")):
        lesson = _mapping(path, LESSON_KEYS)
        body = [_block(path, number, block, lesson["slug"]) for number, block in enumerate(lesson["body"], start=1)]
        lessons.append({**lesson, "body": body})
    if not lessons:
        raise Refusal(_("%(folder)s holds no lessons: files such as 01-welcome.yaml.") % {"folder": folder})
    path = folder / "questions.yaml"
    questions = _read(path) if path.exists() else []
    if not isinstance(questions, list):
        raise Refusal(_("%(file)s: write a list of questions.") % {"file": path.name})
    slugs = {lesson["slug"] for lesson in lessons}
    return CourseFiles(
        course, test, lessons, [_question(path, number, row, slugs) for number, row in enumerate(questions, start=1)]
    )


def _read(path: Path) -> Any:
    try:
        return yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Refusal(_("%(file)s cannot be read: %(error)s") % {"file": path.name, "error": error}) from error


def _mapping(path: Path, known: set[str]) -> dict[str, Any]:
    found = _read(path)
    if not isinstance(found, dict):
        raise Refusal(_("%(file)s: write fields and their values.") % {"file": path.name})
    for name in found.keys() - known:
        raise Refusal(_("%(file)s: there is no field “%(name)s”.") % {"file": path.name, "name": name})
    for name in known - found.keys() - {"test", "description", "introduction", "language", "level"}:
        raise Refusal(_("%(file)s: “%(name)s” is missing.") % {"file": path.name, "name": name})
    return found


def _identity(*words: str) -> str:
    """The same id every time a file is read: what a learner wrote, and what figures are about, keep their place."""
    return str(uuid.uuid5(NAMESPACE, "/".join(words)))


def _items(values: Sequence[Any], *words: str) -> list[dict[str, Any]]:
    return [
        {"type": "item", "value": value, "id": _identity(*words, str(number))} for number, value in enumerate(values)
    ]


def _block(path: Path, number: int, block: Any, lesson: str) -> dict[str, Any]:
    if not isinstance(block, dict) or len(block) != 1 or next(iter(block)) not in WRITABLE:
        raise Refusal(
            _("%(file)s, block %(number)s: write one of %(kinds)s, and its value.")
            % {"file": path.name, "number": number, "kinds": ", ".join(sorted(WRITABLE))}
        )
    kind, value = next(iter(block.items()))
    if kind not in {"link", "package"}:  # their text is plain, and escaped where it is shown
        value = _cleaned(value, kind)
    if kind == "facts":
        value = {**value, "facts": _items(value["facts"], lesson, str(number))}
    elif kind == "checklist":
        value = {**value, "points": _items(value["points"], lesson, str(number))}
    return {"type": kind, "value": value, "id": _identity(lesson, str(number), kind)}


def _cleaned(value: Any, name: str = "text") -> Any:
    """The value with only such HTML in its rich text as an editor could have written in Wagtail."""
    if isinstance(value, dict):
        return {key: _cleaned(item, key) for key, item in value.items()}
    if isinstance(value, list):
        return [_cleaned(item, "") if isinstance(item, dict) else item for item in value]
    if isinstance(value, str) and name in RICH:
        return EditorHTMLConverter(TEXT_FEATURES).to_database_format(value)
    return value


def _question(path: Path, number: int, row: Any, lessons: set[str]) -> dict[str, Any]:
    try:
        value: dict[str, Any] = {"text": row["text"], "explanation": row.get("explanation", "")}
        kind, key, lesson = row["kind"], row["id"], row.get("lesson", "")
        if kind == "single":
            value["options"] = _options(key, [row["right"]], row["wrong"])
        elif kind == "multiple":
            value["options"] = _options(key, row["right"], row["wrong"])
        elif kind == "matching":
            pairs = [{"prompt": prompt, "partner": partner} for prompt, partner in row["pairs"]]
            value["pairs"] = _items(pairs, key, "pairs")
            value["extra"] = _items(row.get("extra", []), key, "extra")
        elif kind == "ordering":
            value["steps"] = _items(row["steps"], key, "steps")
        elif kind == "number":
            value |= {
                "number": str(row["number"]),
                "tolerance": str(row.get("tolerance", 0)),
                "unit": row.get("unit", ""),
            }
        else:
            raise KeyError(kind)
    except (KeyError, TypeError, ValueError) as error:
        raise Refusal(
            _("%(file)s, question %(number)s: %(error)s is missing or is not what is expected.")
            % {"file": path.name, "number": number, "error": error}
        ) from error
    if lesson and lesson not in lessons:
        raise Refusal(
            _("%(file)s, question %(number)s: there is no lesson “%(lesson)s”.")
            % {"file": path.name, "number": number, "lesson": lesson}
        )
    return {"type": kind, "value": {**value, "lesson": lesson}, "id": _identity("question", key)}


def _options(key: str, right: Sequence[str], wrong: Sequence[str]) -> list[dict[str, Any]]:
    values = [{"text": text, "is_right": True} for text in right] + [
        {"text": text, "is_right": False} for text in wrong
    ]
    return _items(values, key, "options")
