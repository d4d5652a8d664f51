"""Courses as files: the regional one is whole, and what is wrong in a file is told by its place."""

from __future__ import annotations

import io
import re
from collections import Counter
from html import unescape
from pathlib import Path

import pytest
import yaml
from django.core.management import CommandError, call_command

from courses.actions.lesson_files import load_lesson_course
from courses.lessons.course_files import read_course
from courses.lessons.questions import Kind, from_json
from courses.management.commands.load_lesson_course import FOLDERS
from courses.models import Course, CoursePage, LessonPage
from lms.lib.errors import Refusal
from tests.factories.courses import make_course
from tests.factories.lessons import BUILDER

REGIONAL = FOLDERS / "regional-forskrivare"
COURSE = {"key": "prov", "title": "Prov", "minutes": 10}
LESSON = {"slug": "ett", "title": "Ett", "minutes": 5, "body": [{"heading": "Hej"}]}
QUESTION = {"id": "a", "kind": "single", "lesson": "ett", "text": "Vem?", "right": "Hon", "wrong": ["Han"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in (("course", COURSE), ("01-ett", LESSON), ("questions", [QUESTION])):
        write(tmp_path, name, content)
    return tmp_path


def write(folder: Path, name: str, content: object) -> None:
    (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")


def load(folder: Path | str, *words: str) -> str:
    said = io.StringIO()
    call_command("load_lesson_course", str(folder), *words, stdout=said)
    return said.getvalue()


@pytest.mark.django_db
def test_the_regional_course_is_whole() -> None:
    assert "is published" in load("regional-forskrivare")
    edition = Course.objects.get(key="regional-forskrivare").editions.get()
    lessons = list(edition.lessons.all())
    questions = [from_json(plain) for plain in edition.test.questions]

    assert [lesson.key for lesson in lessons] == [
        "valkommen",
        "regelverk",
        "forskrivningsprocessen",
        "forsorjningsavtal",
        "bestallningssystem",
        "produktkannedom",
        "samverkan",
    ]
    assert len(questions) >= 40
    kinds, topics = Counter(one.kind for one in questions), Counter(one.lesson for one in questions)
    assert set(kinds) == set(Kind)
    assert min(kinds.values()) >= 5
    assert set(topics) == {lesson.key for lesson in lessons}
    assert min(topics.values()) >= 5
    assert all(one.explanation for one in questions)
    assert 0.8 < sum(lesson.minutes for lesson in lessons) / edition.course.minutes <= 1.1


def test_the_regional_course_has_no_paragraphs_of_law_and_no_telephone_numbers() -> None:
    """Nothing is claimed that could not be checked: laws by their names only, and ways to reach people on the site."""
    for path in REGIONAL.glob("*.yaml"):
        text = unescape(path.read_text(encoding="utf-8"))
        assert not re.search(r"§|\d+ kap\b", text), path.name
        assert not re.search(r"\b0\d{1,3}[- ]\d{2,3} ?\d{2}", text), path.name


@pytest.mark.django_db
def test_loading_again_leaves_the_course_as_its_editors_have_it() -> None:
    load("regional-forskrivare")
    page = LessonPage.objects.get(slug="regelverk")
    page.title = "Ändrad"
    page.save_revision().publish()
    assert "is there already" in load("regional-forskrivare")
    assert LessonPage.objects.get(slug="regelverk").title == "Ändrad"


@pytest.mark.django_db
def test_a_dry_run_changes_nothing(folder: Path) -> None:
    assert "1 lessons, 1 questions" in load(folder, "--dry-run")
    assert not Course.objects.exists()


@pytest.mark.django_db
def test_a_draft_waits_for_an_editor(folder: Path) -> None:
    load(folder, "--draft")
    assert not CoursePage.objects.get().live
    assert not Course.objects.get().is_published


@pytest.mark.django_db
def test_the_same_file_gives_the_same_names_of_questions_and_blocks(folder: Path, tmp_path: Path) -> None:
    first = read_course(folder)
    assert read_course(folder) == first


BROKEN = [
    ("course", {**COURSE, "titel": "Fel"}, "course.yaml: det finns inget fält ”titel”"),
    ("course", {"key": "prov"}, "course.yaml: ”"),
    ("course", ["en", "lista"], "course.yaml: skriv fält"),
    ("01-ett", {**LESSON, "body": [{"html": "<script>"}]}, "01-ett.yaml, block 1"),
    ("01-ett", {**LESSON, "body": ["text"]}, "01-ett.yaml, block 1"),
    ("questions", [QUESTION, {**QUESTION, "id": "b", "kind": "essay"}], "questions.yaml, fråga 2"),
    ("questions", [{**QUESTION, "lesson": "två"}], "det finns ingen lektion ”två”"),
    ("questions", [{"id": "a", "kind": "single", "text": "Vem?"}], "questions.yaml, fråga 1"),
    ("questions", {"a": 1}, "skriv en lista med frågor"),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "content", "words"), BROKEN)
def test_what_is_wrong_is_told_by_its_place_and_nothing_is_made(
    folder: Path, name: str, content: object, words: str
) -> None:
    write(folder, name, content)
    with pytest.raises(CommandError, match=re.escape(words)):
        load(folder)
    assert not Course.objects.exists()


@pytest.mark.django_db
def test_what_an_editors_form_would_refuse_is_refused(folder: Path) -> None:
    write(folder, "course", {**COURSE, "test": {"draw_count": 5}})
    with pytest.raises(Refusal, match="Banken har 1 frågor"):
        load_lesson_course(folder=folder, by=BUILDER)
    assert not Course.objects.exists()
    assert not CoursePage.objects.exists()


@pytest.mark.django_db
def test_a44_script_in_a_files_text_does_not_reach_the_page(folder: Path) -> None:
    from courses.models import EditionLesson

    evil = "<p onclick='x()'>Hej<script>alert(1)</script><a href='javascript:alert(1)'>klicka</a></p>"
    write(folder, "01-ett", {**LESSON, "body": [{"text": evil}, {"heading": "<script>alert(2)</script>"}]})
    load(folder)
    html = "".join(str(block.render()) for block in EditionLesson.objects.get().body)
    for forbidden in ("<script", "onclick", "javascript:"):
        assert forbidden not in html


def test_an_empty_folder_and_broken_yaml_are_told(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match="course.yaml går inte att läsa"):
        read_course(tmp_path)
    write(tmp_path, "course", COURSE)
    with pytest.raises(Refusal, match="innehåller inga lektioner"):
        read_course(tmp_path)
    (tmp_path / "01-ett.yaml").write_text("a: [", encoding="utf-8")
    with pytest.raises(Refusal, match="01-ett.yaml går inte att läsa"):
        read_course(tmp_path)


@pytest.mark.django_db
def test_an_exercise_is_loaded_where_its_package_is_here_and_left_out_where_it_is_not(folder: Path) -> None:
    body = [{"heading": "Hej"}, {"package": {"course": "ovning", "text": "Öva.", "is_required": True}}]
    write(folder, "01-ett", {**LESSON, "body": body})
    load(folder)
    assert [block.block_type for block in LessonPage.objects.get().body] == ["heading"]
    write(folder, "course", {**COURSE, "key": "prov-2"})
    make_course(key="ovning")
    load(folder)
    course = CoursePage.objects.get(course__key="prov-2")
    exercise = LessonPage.objects.child_of(course).get().body[1].value
    assert (exercise["course"], exercise["text"], exercise["is_required"]) == ("ovning", "Öva.", True)
