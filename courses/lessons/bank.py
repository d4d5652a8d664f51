"""The bank of questions as an editor fills it in, and as an edition freezes it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from wagtail import blocks

from courses.lessons.questions import Kind, Question


class _QuestionBlock(blocks.StructBlock):
    """What every question has. The lesson is offered again to whoever answered wrongly."""

    text = blocks.TextBlock(label=_("Question"), rows=2, max_length=600)
    lesson = blocks.PageChooserBlock(label=_("Lesson"), page_type="courses.LessonPage", required=False)

    def _refuse(self, field: str, sentence: Any) -> None:
        raise blocks.StructBlockValidationError(block_errors={field: ValidationError(sentence)})


class OptionBlock(blocks.StructBlock):
    text = blocks.CharBlock(label=_("Answer"), max_length=300)
    is_right = blocks.BooleanBlock(label=_("Right answer"), required=False)


class SingleChoiceBlock(_QuestionBlock):
    options = blocks.ListBlock(OptionBlock(), label=_("Answers"), min_num=2, max_num=10)
    explanation = blocks.TextBlock(label=_("Why"), required=False, rows=2, max_length=600)

    class Meta:
        label = _("One right answer")
        icon = "radio-full"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        _check_different(self, "options", [option["text"] for option in result["options"]])
        if sum(bool(option["is_right"]) for option in result["options"]) != 1:
            self._refuse("options", _("Mark exactly one answer as right."))
        return result


class MultipleChoiceBlock(_QuestionBlock):
    options = blocks.ListBlock(OptionBlock(), label=_("Answers"), min_num=2, max_num=10)
    explanation = blocks.TextBlock(label=_("Why"), required=False, rows=2, max_length=600)

    class Meta:
        label = _("Several right answers")
        icon = "tick"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        _check_different(self, "options", [option["text"] for option in result["options"]])
        if not any(option["is_right"] for option in result["options"]):
            self._refuse("options", _("Mark at least one answer as right."))
        return result


class PairBlock(blocks.StructBlock):
    prompt = blocks.CharBlock(label=_("Belongs to"), max_length=250)
    partner = blocks.CharBlock(label=_("Answer"), max_length=250)


class MatchingBlock(_QuestionBlock):
    pairs = blocks.ListBlock(PairBlock(), label=_("Pairs"), min_num=2, max_num=8)
    extra = blocks.ListBlock(
        blocks.CharBlock(label=_("Answer"), max_length=250),
        label=_("Answers that belong to none"),
        default=[],
        max_num=4,
    )
    explanation = blocks.TextBlock(label=_("Why"), required=False, rows=2, max_length=600)

    class Meta:
        label = _("Matching")
        icon = "link"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        _check_different(self, "pairs", [pair["prompt"] for pair in result["pairs"]])
        partners = {pair["partner"] for pair in result["pairs"]}
        if partners.intersection(result["extra"]) or len(partners.union(result["extra"])) < 2:
            self._refuse("pairs", _("There must be different answers, and those that belong to none are others."))
        return result


class OrderingBlock(_QuestionBlock):
    steps = blocks.ListBlock(
        blocks.CharBlock(label=_("A step"), max_length=250), label=_("Steps, in the right order"), min_num=2, max_num=8
    )
    explanation = blocks.TextBlock(label=_("Why"), required=False, rows=2, max_length=600)

    class Meta:
        label = _("Order")
        icon = "order"

    def clean(self, value: Any) -> Any:
        result = super().clean(value)
        _check_different(self, "steps", list(result["steps"]))
        return result


class NumberBlock(_QuestionBlock):
    number = blocks.DecimalBlock(label=_("Right number"), max_digits=12, decimal_places=4)
    tolerance = blocks.DecimalBlock(
        label=_("May differ by"), default=Decimal(0), min_value=0, max_digits=12, decimal_places=4
    )
    unit = blocks.CharBlock(label=_("Unit"), required=False, max_length=30)
    explanation = blocks.TextBlock(label=_("Why"), required=False, rows=2, max_length=600)

    class Meta:
        label = _("Number")
        icon = "decimal"


def _check_different(block: _QuestionBlock, field: str, texts: list[str]) -> None:
    if len({text.strip().casefold() for text in texts}) != len(texts):
        block._refuse(field, _("Two of them are the same."))


class QuestionBankBlock(blocks.StreamBlock):
    """The questions that a test is drawn from. A question keeps its id through all editions."""

    single = SingleChoiceBlock()
    multiple = MultipleChoiceBlock()
    matching = MatchingBlock()
    ordering = OrderingBlock()
    number = NumberBlock()


def freeze(bank: Any, lessons: Mapping[int, str]) -> list[Question]:
    """The questions of a bank (the value of a field of `QuestionBankBlock`), with lessons by their pages' ids."""
    return [_frozen(child.block_type, str(child.id), child.value, lessons) for child in bank]


def _frozen(kind: str, key: str, value: Any, lessons: Mapping[int, str]) -> Question:
    lesson = value["lesson"]
    common: dict[str, Any] = {
        "key": key,
        "kind": Kind(kind),
        "text": value["text"].strip(),
        "lesson": lessons.get(lesson.pk, "") if lesson else "",
        "explanation": (value["explanation"] or "").strip(),
    }
    if kind in {Kind.SINGLE, Kind.MULTIPLE}:
        options = list(value["options"])
        right = tuple(place for place, option in enumerate(options) if option["is_right"])
        return Question(**common, options=tuple(option["text"] for option in options), right=right)
    if kind == Kind.MATCHING:
        pairs = list(value["pairs"])
        partners = list(dict.fromkeys([pair["partner"] for pair in pairs] + list(value["extra"])))
        return Question(
            **common,
            options=tuple(partners),
            prompts=tuple(pair["prompt"] for pair in pairs),
            right=tuple(partners.index(pair["partner"]) for pair in pairs),
        )
    if kind == Kind.ORDERING:
        return Question(**common, options=tuple(value["steps"]))
    return Question(
        **common, number=value["number"], tolerance=value["tolerance"] or Decimal(0), unit=value["unit"] or ""
    )
