"""What a team can be filtered by."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext_lazy as _

from competence.models.organisation_unit import OrganisationUnit
from competence.policy.rules import RuleSet
from competence.queries.team_lines import ANYTHING, TeamChoice

SIZES = (25, 50, 100)


class TeamFilter(forms.Form):
    """Sent by GET. Nothing is required, everything can be combined; an unknown choice is left out."""

    sok = forms.CharField(label=_("Name"), required=False, max_length=100)
    enhet = forms.ChoiceField(label=_("Unit"), required=False)
    ratt = forms.ChoiceField(label=_("Right"), required=False)
    utfall = forms.ChoiceField(
        label=_("May order?"),
        required=False,
        choices=[
            ("", _("All")),
            ("allowed", _("May order")),
            ("allowed_with_warning", _("May order, with a recommendation")),
            ("denied", _("May not order")),
        ],
    )
    saknar = forms.ChoiceField(label=_("Lacks"), required=False)
    gar_ut = forms.TypedChoiceField(
        label=_("Expires"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("All")),
            ("30", _("Within 30 days")),
            ("60", _("Within 60 days")),
            ("90", _("Within 90 days")),
        ],
    )
    ny = forms.TypedChoiceField(
        label=_("New at the unit"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("All")),
            ("30", _("The last 30 days")),
            ("90", _("The last 90 days")),
            ("365", _("The last year")),
        ],
    )
    ledig = forms.BooleanField(label=_("On leave"), required=False)
    vantar = forms.BooleanField(label=_("Something waits for me"), required=False)
    sortera = forms.ChoiceField(
        label=_("Sort by"),
        required=False,
        choices=[
            ("", _("Name")),
            ("enhet", _("Unit")),
            ("saknar", _("Lacks most")),
            ("gar-ut", _("Expires first")),
            ("nya", _("Newest first")),
        ],
    )
    antal = forms.TypedChoiceField(
        label=_("On each page"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[(str(size) if size != SIZES[0] else "", str(size)) for size in SIZES],
    )
    visa = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    FIRST = ("sok", "enhet", "ratt", "utfall", "saknar")
    """Always in view; the others are behind a disclosure."""

    def __init__(self, *args: Any, rules: RuleSet, units: list[OrganisationUnit], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everything = ("", _("All"))
        self._choose("ratt", [everything, *((right.key, right.title) for right in rights_of(rules))])
        requirements = [(one.key, one.title) for one in rules.requirements]
        self._choose("saknar", [everything, (ANYTHING, _("Anything for a right")), *requirements])
        top = min((unit.depth for unit in units), default=0)
        named = [(str(unit.public_id), f"{'– ' * (unit.depth - top)}{unit.name}") for unit in units]
        self._choose("enhet", [everything, *named])
        if len(units) < 2:
            del self.fields["enhet"]

    def _choose(self, name: str, choices: list[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101
        field.choices = choices

    @property
    def first(self) -> list[forms.BoundField]:
        return [self[name] for name in self.FIRST if name in self.fields]

    @property
    def rest(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name not in (*self.FIRST, "visa")]

    @property
    def is_rest_chosen(self) -> bool:
        """Whether something behind the disclosure was chosen."""
        chosen = self.chosen()
        return any(name in chosen for name in self.fields if name not in (*self.FIRST, "visa"))

    def chosen(self) -> dict[str, str]:
        """What was chosen as it was sent, without what is not among the choices."""
        self.is_valid()
        kept = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: "1" if value is True else str(value) for name, value in kept.items()}

    def query(self, **changed: str) -> str:
        """The chosen as a query string, some of it changed; an empty value leaves one out."""
        return urlencode({name: value for name, value in {**self.chosen(), **changed}.items() if value})

    def query_of_team(self, **one: str) -> str:
        """The chosen unit and name, and one filter more: what a figure at the top of the page leads to."""
        kept = {name: value for name, value in self.chosen().items() if name in {"sok", "enhet", "visa", "antal"}}
        return urlencode({**kept, **one})

    @property
    def size(self) -> int:
        self.is_valid()
        return int(self.cleaned_data.get("antal") or SIZES[0])

    def choice(self) -> TeamChoice:
        """What was chosen, for the query."""
        self.is_valid()
        values = self.cleaned_data
        return TeamChoice(
            search=values.get("sok", ""),
            unit=values.get("enhet", ""),
            right=values.get("ratt", ""),
            outcome=values.get("utfall", ""),
            missing=values.get("saknar", ""),
            within_days=values.get("gar_ut"),
            is_on_leave=values.get("ledig", False),
            is_waiting=values.get("vantar", False),
            new_days=values.get("ny"),
            sort=values.get("sortera") or "namn",
        )


def rights_of(rules: RuleSet) -> list[Any]:
    """The rights, in the rules' order."""
    return list(rules.rights.values())
