from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoursesConfig(AppConfig):
    name = "courses"
    label = "courses"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from courses import groups, occasion_messages, reminder_words  # noqa: F401 (they register what messages say)
        from courses.actions import assignments, evaluations  # noqa: F401 (the same)
        from courses.certificates import listening  # noqa: F401 (it hears of completions)
        from courses.lessons.publishing import connect

        connect()

        post_migrate.connect(groups.put_in_place, sender=self, dispatch_uid="courses.groups")
