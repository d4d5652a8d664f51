"""Every address beside the token endpoint that is not there: a problem document."""

from __future__ import annotations

from django.urls import path

from competence.rest_api.docs import show_no_such_address

urlpatterns = [path("<path:address>", show_no_such_address)]
