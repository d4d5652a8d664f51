from django.urls import path

from lms.dashboard import views

app_name = "dashboard"
urlpatterns = [
    path("mina-sidor/", views.start, name="start"),
    path("utseende/", views.set_colour_scheme, name="set_colour_scheme"),
]
