"""`manage.py load_demo_evaluation`: the questions about the regional course, and what invented people answered."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from courses.actions.evaluations import SHEETS, set_questions
from courses.evaluation_questions import standard_questions
from courses.models import Course, EvaluationCount, EvaluationRemark
from courses.queries.evaluations import MONTHS, form_in_use, period_of
from lms import env
from lms.lib.actors import Machine
from lms.lib.clock import add_months, local_day
from lms.users.models import User

KEY = "regional-forskrivare"
BY = Machine("command:load_demo_evaluation")
ANSWERS = Path(__file__).resolve().parents[2] / "data_files" / "demo_evaluation.yaml"


class Command(BaseCommand):
    help = (
        "Ask the standard questions about the demonstration's regional course, with answers of invented people from "
        "the period before this one. Leaves questions that are there alone. Refuses in production."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if env.ENVIRONMENT == "production":
            raise CommandError("The demonstration does not belong in production.")
        course = Course.objects.filter(key=KEY).first()
        if course is None:
            raise CommandError("Load the demonstration's course first.")
        if form_in_use(course) is not None:
            self.stdout.write("The questions are there already.")
            return
        owner = User.objects.filter(username="editor").first()
        set_questions(course=course, questions=standard_questions(), is_open=True, owner=owner, by=BY)
        answers = yaml.safe_load(ANSWERS.read_text(encoding="utf-8"))
        period = period_of(add_months(local_day(timezone.now()), -MONTHS))
        counts = [(SHEETS, "", answers["sheets"])]
        counts += [(key, option, n) for key, options in answers["counts"].items() for option, n in options.items()]
        EvaluationCount.objects.bulk_create(
            EvaluationCount(course=course, period=period, question=question, option=option, released=released)
            for question, option, released in counts
        )
        EvaluationRemark.objects.bulk_create(
            EvaluationRemark(course=course, period=period, is_released=True, **remark) for remark in answers["remarks"]
        )
        self.stdout.write(f"The questions about {KEY} are asked, with {answers['sheets']} answers of before.")
