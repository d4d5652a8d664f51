"""The numbers of cases: applications for ordering rights."""

from __future__ import annotations

from django.utils import timezone

from competence.models.authorisation import AuthorisationApplication, CaseSeries
from lms.lib.clock import local_day


def next_case_number() -> str:
    """`2026-00042`: the year and a running number, taken under the lock of the year's series."""
    year = local_day(timezone.now()).year
    series, _created = CaseSeries.objects.select_for_update().get_or_create(year=year)
    if not series.latest:  # numbers given before there were series
        last = (
            AuthorisationApplication.objects.filter(case_number__startswith=f"{year}-")
            .order_by("-case_number")
            .values_list("case_number", flat=True)
            .first()
        )
        series.latest = int(last.partition("-")[2]) if last else 0
    series.latest += 1
    series.save()
    return f"{year}-{series.latest:05d}"
