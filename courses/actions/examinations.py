"""Taking the knowledge test: drawn, timed and marked here. Nothing that a browser says decides what is right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from random import Random, SystemRandom

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from courses.actions.attempts import may_be_written
from courses.actions.progress import finish, locked, require_own
from courses.lessons.answers import read_answer
from courses.lessons.questions import Drawn, draw, from_json, is_right, needed
from courses.models import Attempt, DrawnQuestion, EditionTest, Examination
from courses.queries.examinations import drawn_of, open_again_at, unanswered
from courses.queries.lessons import outline_of
from lms.audit.api import record_write
from lms.lib.actors import Actor, Machine
from lms.lib.errors import Refusal
from lms.users.models import User

# What a browser sends at the last second is on its way for a moment, and is not the learner's fault.
LENIENCE = timedelta(seconds=20)
Read = Callable[[str], Sequence[str]]


@transaction.atomic
def start_examination(*, attempt: Attempt, by: User, chance: Random | None = None) -> Examination:
    """The attempt's open test, or a new one with questions drawn for it.

    Raises Refusal when the lessons are not done, the test is passed already, or one has to wait.
    """
    require_own(attempt, by)
    attempt = locked(attempt)
    if not may_be_written(attempt):
        raise Refusal(_("The course cannot be taken at present."))
    running = settle(attempt, by=by)
    if running is not None:
        return running
    outline = outline_of(attempt.edition, attempt)
    if outline.test is None:
        raise Refusal(_("The course has no knowledge test."))
    if not outline.all_done and not attempt.is_preview:
        raise Refusal(_("Go through all lessons first. Then the test opens."))
    if attempt.status == Attempt.Status.PASSED:
        raise Refusal(_("You have passed the test already."))
    wait_until = None if attempt.is_preview else open_again_at(attempt, outline.test)
    if wait_until is not None:
        raise Refusal(
            _("You can take the test again at %(time)s.")
            % {"time": date_format(timezone.localtime(wait_until), "SHORT_DATETIME_FORMAT")}
        )
    return _begin(attempt, outline.test, draw_from(outline.test, chance or SystemRandom()), by)


def draw_from(test: EditionTest, chance: Random) -> list[Drawn]:
    return draw([from_json(plain) for plain in test.questions], test.draw_count, chance)


def _begin(attempt: Attempt, test: EditionTest, questions: list[Drawn], by: User) -> Examination:
    now = timezone.now()
    limit = timedelta(minutes=test.time_limit_minutes) if test.time_limit_minutes else None
    examination = Examination.objects.create(
        attempt=attempt,
        number=attempt.examinations.count() + 1,
        started_at=now,
        deadline_at=now + limit if limit else None,
        asked=len(questions),
        needed=needed(len(questions), test.pass_percent),
    )
    DrawnQuestion.objects.bulk_create(
        DrawnQuestion(
            examination=examination,
            position=position,
            key=drawn.question.key,
            fingerprint=drawn.question.fingerprint,
            order={"options": drawn.options, "prompts": drawn.prompts},
        )
        for position, drawn in enumerate(questions, start=1)
    )
    if not attempt.is_preview:
        record_write(
            "start_examination",
            by=by,
            person=attempt.person,
            subject=f"attempt:{attempt.public_id}",
            number=examination.number,
        )
    return examination


@transaction.atomic
def save_answers(*, examination: Examination, read: Read, by: User) -> Examination:
    """Keep what has been answered so far. After the deadline, or once handed in, nothing is changed.

    The returned examination says how it stands: it is marked, when its time is over. Raises Refusal when the attempt
    takes no more.
    """
    examination = _locked(examination, by)
    _receive(examination, read, by)
    return examination


@transaction.atomic
def submit_examination(*, examination: Examination, read: Read, by: User, anyway: bool = True) -> list[int]:
    """Hand the test in and mark it, once: asking again changes nothing, whatever is sent.

    Without `anyway` a test with questions that are not answered in full is kept instead, and their numbers are
    returned, as long as there is time left. What arrives after the deadline is left aside, and what had been saved by
    then is marked. Raises Refusal when the attempt takes no more.
    """
    examination = _locked(examination, by)
    _receive(examination, read, by)
    if examination.submitted_at is not None:
        return []
    left = [] if anyway or _time_is_over(examination) else unanswered(examination)
    if not left:
        _mark(examination, by=by, was_overdue=False)
    return left


def _receive(examination: Examination, read: Read, by: User) -> None:
    """Keep the answers that a form brings in time; a test whose time is over is marked as it was saved."""
    if examination.submitted_at is not None:
        return
    if not may_be_written(examination.attempt):
        raise Refusal(_("Nothing more can be saved here: the course has been withdrawn, hidden or begun anew."))
    if is_overdue(examination):
        _mark(examination, by=by, was_overdue=True)
    else:
        _keep(examination, read)


def settle(attempt: Attempt, *, by: Actor) -> Examination | None:
    """Mark the attempt's open test if its time is over; returns the open one that can still be answered.

    For a locked attempt, in the caller's transaction.
    """
    running = Examination.objects.filter(attempt=attempt, submitted_at=None).first()
    if running is None:
        return None
    running.attempt = attempt
    if is_overdue(running):
        _mark(running, by=by, was_overdue=True)
        return None
    return running


@transaction.atomic
def settle_examination(*, examination: Examination, by: User) -> Examination:
    """The examination as it stands now: marked, if its time is over."""
    if examination.submitted_at is None and is_overdue(examination):
        examination = _locked(examination, by)
        settle(examination.attempt, by=by)
        examination.refresh_from_db()
    return examination


def settle_overdue_examinations(*, by: Machine) -> int:
    """Mark the tests that were left open until their time was over: what had been saved counts. Returns how many.

    Those of attempts that take no more are left as they are.
    """
    overdue = Examination.objects.filter(submitted_at=None, deadline_at__lt=timezone.now() - LENIENCE)
    marked = 0
    for examination in overdue.select_related("attempt"):
        with transaction.atomic():
            attempt = locked(examination.attempt)
            if may_be_written(attempt):
                settle(attempt, by=by)
                marked += 1
    return marked


def is_overdue(examination: Examination) -> bool:
    """Whether the time is over, by our clock, with a moment for what is on its way."""
    return examination.deadline_at is not None and timezone.now() > examination.deadline_at + LENIENCE


def _time_is_over(examination: Examination) -> bool:
    return examination.deadline_at is not None and timezone.now() >= examination.deadline_at


def _locked(examination: Examination, by: User) -> Examination:
    require_own(examination.attempt, by)
    attempt = locked(examination.attempt)
    found = Examination.objects.select_for_update(of=("self",)).get(pk=examination.pk)
    found.attempt = attempt
    return found


def _keep(examination: Examination, read: Read) -> None:
    rows = drawn_of(examination)
    for row, drawn in rows:
        row.answer = read_answer(drawn, row.position, read)
    DrawnQuestion.objects.bulk_update([row for row, _drawn in rows], ["answer"])
    examination.saved_at = timezone.now()
    examination.save(update_fields=["saved_at"])


def _mark(examination: Examination, *, by: Actor, was_overdue: bool) -> None:
    rows = drawn_of(examination)
    for row, drawn in rows:
        row.is_right = is_right(drawn.question, row.answer)
    DrawnQuestion.objects.bulk_update([row for row, _drawn in rows], ["is_right"])
    examination.right = sum(bool(row.is_right) for row, _drawn in rows)
    examination.is_passed = examination.right >= examination.needed
    examination.was_overdue = was_overdue
    examination.submitted_at = timezone.now()
    examination.save(update_fields=["right", "is_passed", "was_overdue", "submitted_at"])
    attempt = examination.attempt
    if not attempt.is_preview:
        record_write(
            "mark_examination",
            by=by,
            person=attempt.person,
            subject=f"attempt:{attempt.public_id}",
            number=examination.number,
            right=examination.right,
            asked=examination.asked,
        )
    score = (Decimal(100) * examination.right / examination.asked).quantize(Decimal("0.01"))
    if examination.is_passed:
        finish(attempt, Attempt.Status.PASSED, by=by, score=score)
    elif attempt.status == Attempt.Status.STARTED:
        attempt.status = Attempt.Status.FAILED
        attempt.save(update_fields=["status"])
