"""The pages where machine clients are looked after."""

from __future__ import annotations

from django.urls import path

from competence.views.machine_client_actions import client_step, end_client_secret, handle_client_alarm
from competence.views.machine_clients import (
    change_client,
    client_look_ups,
    machine_client,
    machine_clients,
    new_machine_client,
    rotate_client_secret,
)
from competence.views.webhooks import webhook_step

urlpatterns = [
    path("", machine_clients, name="machine_clients"),
    path("ny/", new_machine_client, name="new_machine_client"),
    path("larm/<uuid:public_id>/", handle_client_alarm, name="handle_client_alarm"),
    path("klient/<str:client_id>/", machine_client, name="machine_client"),
    path("klient/<str:client_id>/andra/", change_client, name="change_machine_client"),
    path("klient/<str:client_id>/hemlighet/", rotate_client_secret, name="rotate_client_secret"),
    path("klient/<str:client_id>/hemlighet/<uuid:public_id>/", end_client_secret, name="end_client_secret"),
    path("klient/<str:client_id>/uppslag/", client_look_ups, name="client_look_ups"),
    path(
        "klient/<str:client_id>/webhook/<uuid:public_id>/<slug:step>/",
        webhook_step,
        name="webhook_step",
    ),
    path("klient/<str:client_id>/<slug:step>/", client_step, name="machine_client_step"),
]
