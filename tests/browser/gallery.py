"""Routes for tests only: every component on one page, and every error page."""

from datetime import UTC, datetime
from pathlib import Path

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.urls import path
from django.utils.safestring import mark_safe

from lms.dashboard.navigation import Link
from lms.urls import handler500
from lms.urls import urlpatterns as product_patterns

__all__ = ["handler500", "urlpatterns"]
SOURCE = Path(__file__).with_name("gallery.html")


class EveryField(forms.Form):
    name = forms.CharField(label="Namn", help_text="Som det står i anställningen.")
    email = forms.EmailField(label="E-post", required=False)
    start_on = forms.DateField(label="Startdatum", widget=forms.DateInput(attrs={"type": "date"}))
    unit = forms.ChoiceField(label="Enhet", choices=[("", "Välj"), ("a", "Hemsjukvården")])
    right = forms.ChoiceField(label="Typ", widget=forms.RadioSelect, choices=[("u", "Till enhet"), ("p", "Personliga")])
    areas = forms.MultipleChoiceField(
        label="Områden", required=False, widget=forms.CheckboxSelectMultiple, choices=[("r", "Rörelse"), ("s", "Syn")]
    )
    reason = forms.CharField(label="Skäl", widget=forms.Textarea(attrs={"rows": 3}), required=False)
    evidence = forms.FileField(label="Kursbevis", help_text="PDF eller bild, högst 10 MB.")
    sure = forms.BooleanField(label="Jag intygar att uppgifterna stämmer")


class Filter(forms.Form):
    query = forms.CharField(label="Namn", required=False)
    unit = forms.ChoiceField(label="Enhet", required=False, choices=[("", "Alla")])


def gallery(request: HttpRequest) -> HttpResponse:
    context = {
        "crumbs": [Link("/", "Start"), Link("/b/", "Byggdelar")],
        "tabs": [Link("#1", "Teamet", current="page"), Link("#2", "Att besluta")],
        "statuses": ["allowed", "allowed_with_warning", "denied", "done", "missing", "pending", "expiring", "neutral"],
        "kinds": ["info", "success", "warning", "danger"],
        "facts": [("HSA-ID", "SE2321000131-E000000000001"), ("Arbetsgivare", "Borås stad"), ("Slutar", None)],
        "events": [
            {
                "at": datetime(2026, 3, 3, 9, 30, tzinfo=UTC),
                "title": "Godkänd",
                "text": "Provet.",
                "by": "Chef Chefsson",
            },
            {"at": datetime(2026, 2, 1, 8, 0, tzinfo=UTC), "title": "Anmäld"},
        ],
        "columns": ["Kurs", "Kommun", "VGR"],
        "rows": [["Förskrivning av hjälpmedel", "1 202", "933"], ["Ledarperspektiv", "21", "12"]],
        "total": ["Alla", "1 223", "945"],
        "page": Paginator(range(60), 20).page(2),
        "form": EveryField({} if "fel" in request.GET else None),
        "filter_form": Filter(prefix="f"),
        "chart": mark_safe('<p class="muted">(diagram)</p>'),
        "figure_table": mark_safe("<p>(tabell)</p>"),
    }
    return HttpResponse(engines["django"].from_string(SOURCE.read_text(encoding="utf-8")).render(context, request))


def error_page(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, f"{name}.html")


def broken(request: HttpRequest) -> HttpResponse:
    from django.db import OperationalError

    raise OperationalError("the database is away") if "db" in request.GET else ZeroDivisionError


urlpatterns = [
    path("prov/", gallery),
    path("prov/sonder/", broken),
    path("prov/<path:name>/", error_page),
    *product_patterns,
]
