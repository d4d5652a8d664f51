from django.apps import AppConfig


class CompetenceConfig(AppConfig):
    name = "competence"
    label = "competence"
    default_auto_field = "django.db.models.BigAutoField"
