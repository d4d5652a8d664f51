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

        post_migrate.connect(groups.put_in_place, sender=self, dispatch_uid="competence.groups")
