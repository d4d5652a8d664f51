from django.urls import path

from cms.views import catalogue, feeds, media, search

app_name = "cms"
urlpatterns = [
    path("sok/", search.search_page, name="search"),
    path("kurser/", catalogue.course_catalogue, name="courses"),
    path("bild/<str:filename>", media.image, name="image"),
    path("dokument/<int:document_id>/<path:document_filename>", media.document, name="document"),
    path("flode/nyheter.atom", feeds.news_feed, name="news_feed"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
]
