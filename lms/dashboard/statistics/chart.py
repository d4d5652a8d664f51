"""The chart of completions, built by Plotly here and drawn in the browser. Colours and letters are the page's own."""

from __future__ import annotations

from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from competence.api import period_name, principal_name
from competence.data import PRINCIPALS, CompletionStatistics, Figure, Step

_PATTERNS = ("", "/", "x", ".", "\\", "+")  # beside the colour, for those who do not tell colours apart


def completions_chart(statistics: CompletionStatistics, *, by_course: bool) -> dict[str, Any]:
    """Bars for each period, divided by principal or by course, as a Plotly figure in plain JSON.

    The colour of each trace is left to the page: `meta.colour` is the number of one of its chart colours.
    """
    from plotly import graph_objects  # loads slowly, and only this page needs it

    by = statistics.question.by
    # A category must be unique; the label is the short one.
    periods = [date_format(p, "b Y") if by is Step.MONTH else period_name(p, by) for p in statistics.periods]
    highest = max((total.count for _line, total in statistics.by_period().values()), default=0)
    traces = []
    for number, name, figures in _series(statistics, by_course=by_course):
        traces.append(
            graph_objects.Bar(
                name=name,
                x=periods,
                y=[figure.count for figure in figures],
                meta={"colour": number % 6 + 1},
                marker={
                    "pattern": {"shape": _PATTERNS[number % 6], "fillmode": "overlay", "size": 7, "solidity": 0.15}
                },
                hovertemplate="%{x}<br>%{fullData.name}: %{y:,}<extra></extra>",
            )
        )
    layout = {
        "barmode": "stack",
        "bargap": 0.25,
        "separators": ",\u00a0",
        "showlegend": True,
        "legend": {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom", "traceorder": "normal"},
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "xaxis": {"type": "category", "automargin": True, "fixedrange": True},
        "yaxis": {
            "title": {"text": _("Completions")},
            "rangemode": "tozero",
            "tickformat": ",d",
            "dtick": 1 if highest <= 8 else None,  # never a tick at half a completion
            "automargin": True,
            "fixedrange": True,
        },
        "hovermode": "closest",
    }
    figure = graph_objects.Figure(data=traces, layout=layout, skip_invalid=False)
    figure.layout.template = None
    plain: dict[str, Any] = figure.to_plotly_json()
    return plain


def _series(statistics: CompletionStatistics, *, by_course: bool) -> list[tuple[int, str, list[Figure]]]:
    """Number, name and figures of each series of bars."""
    if by_course:
        lines = statistics.by_course_and_period()
        return [
            (number, title, [lines[course, p][1] if (course, p) in lines else Figure() for p in statistics.periods])
            for number, (course, title) in enumerate(statistics.courses.items())
        ]
    by_period = statistics.by_period()
    return [
        (
            PRINCIPALS.index(principal),
            principal_name(principal),
            [line[principal] for line, _total in by_period.values()],
        )
        for principal in statistics.principals
    ]
