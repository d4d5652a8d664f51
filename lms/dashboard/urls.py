from django.urls import path

from lms.dashboard import views
from lms.dashboard.statistics import views as statistics

app_name = "dashboard"
urlpatterns = [
    path("mina-sidor/", views.start, name="start"),
    path("statistik/", statistics.statistics, name="statistics"),
    path("statistik/personer/", statistics.statistics_people, name="statistics_people"),
    path("statistik/<str:fmt>/", statistics.statistics_export, name="statistics_export"),
    path("utseende/", views.set_colour_scheme, name="set_colour_scheme"),
]
