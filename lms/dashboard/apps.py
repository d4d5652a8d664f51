from django.apps import AppConfig, apps
from django.db.models.signals import post_migrate


class DashboardConfig(AppConfig):
    name = "lms.dashboard"
    label = "dashboard"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from lms.dashboard.groups import on_migrated

        # Django sends no signal for an app without models, such as this one.
        post_migrate.connect(on_migrated, sender=apps.get_app_config("cms"), dispatch_uid="dashboard.groups")
