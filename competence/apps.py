from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CompetenceConfig(AppConfig):
    name = "competence"
    label = "competence"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        # Their listeners register themselves.
        from competence import (  # noqa: F401
            alarm_notices,
            change_notices,
            groups,
            lapse_notices,
            notices,
            tasks,
            team_notices,
        )

        # Its figures are handed over before others are collected, so it comes before the middleware that has them.
        from competence.rest_api import front_metrics  # noqa: F401

        post_migrate.connect(groups.put_in_place, sender=self, dispatch_uid="competence.groups")
