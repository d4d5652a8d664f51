"""Figures that others have reported, put beside each other as their source gave them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from competence.models.reported_figure import ReportedFigure


@dataclass
class ReportedStatement:
    """What one source says of one course and period: its own total, and the parts by kind of principal.

    Either may be missing. `reported_at` is when it was entered here.
    """

    course: str
    title: str
    period_from: date | None
    period_to: date
    source: str
    reported_at: datetime
    total: int | None = None
    parts: dict[str, int] = field(default_factory=dict)

    @property
    def sum_of_parts(self) -> int | None:
        """The parts added up, when there is more than one."""
        return sum(self.parts.values()) if len(self.parts) > 1 else None

    @property
    def difference(self) -> int | None:
        """By how much the parts exceed the source's own total; None when they agree or cannot be compared."""
        if self.total is None or self.sum_of_parts is None or self.sum_of_parts == self.total:
            return None
        return self.sum_of_parts - self.total


def reported_statements(course: str = "") -> list[ReportedStatement]:
    """Every statement (about `course`, when given) by course title and latest period first. One query."""
    figures = ReportedFigure.objects.select_related("course").order_by("course__title", "-period_to", "pk")
    if course:
        figures = figures.filter(course__key=course)
    found: dict[tuple[str, date | None, date, str], ReportedStatement] = {}
    for figure in figures:
        key = (figure.course.key, figure.period_from, figure.period_to, figure.source)
        statement = found.get(key)
        if statement is None:
            statement = found[key] = ReportedStatement(
                course=figure.course.key,
                title=figure.course.title,
                period_from=figure.period_from,
                period_to=figure.period_to,
                source=figure.source,
                reported_at=figure.recorded_at,
            )
        if figure.principal_kind == "total":
            statement.total = figure.count
        else:
            statement.parts[figure.principal_kind] = figure.count
        statement.reported_at = max(statement.reported_at, figure.recorded_at)
    return list(found.values())
