from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CMSConfig(AppConfig):
    name = "cms"
    label = "cms"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from cms import checks  # noqa: F401
        from cms.permissions import on_migrated
        from cms.search.signals import connect

        connect()
        post_migrate.connect(on_migrated, sender=self, dispatch_uid="cms.permissions")
