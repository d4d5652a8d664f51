from django.urls import path

from courses.views import commit, editor, learner

app_name = "courses"
urlpatterns = [
    path("mina-kurser/", learner.my_courses, name="my_courses"),
    path("mina-kurser/forsok/<uuid:public_id>/starta/", learner.sit_down, name="sit_down"),
    path("mina-kurser/forsok/<uuid:public_id>/lage/", learner.status, name="player_status"),
    path("mina-kurser/<slug:key>/", learner.course, name="course"),
    path("mina-kurser/<slug:key>/starta/", learner.start, name="start"),
    path("mina-kurser/<slug:key>/spela/", learner.play, name="play"),
    path("kursredaktion/", editor.course_list, name="editor_list"),
    path("kursredaktion/ny/", editor.upload, name="editor_upload"),
    path("kursredaktion/<slug:key>/", editor.course, name="editor_course"),
    path("kursredaktion/<slug:key>/uppgifter/", editor.details, name="editor_details"),
    path("kursredaktion/<slug:key>/dolj/", editor.unpublish, name="editor_unpublish"),
    path("kursredaktion/<slug:key>/resultat/", editor.trust, name="editor_trust"),
    path("kursredaktion/<slug:key>/utgava/", editor.new_edition, name="editor_new_edition"),
    path("kursredaktion/<slug:key>/utgava/<int:number>/publicera/", editor.publish, name="editor_publish"),
    path("kursredaktion/<slug:key>/utgava/<int:number>/dra-in/", editor.withdraw, name="editor_withdraw"),
    path("kursredaktion/<slug:key>/utgava/<int:number>/prova/", editor.start_preview, name="editor_start_preview"),
    path("kursredaktion/<slug:key>/prova/<uuid:public_id>/", editor.preview, name="editor_preview"),
    path("scorm/attempts/<uuid:public_id>/commit", commit.commit, name="commit"),
]
