"""The routes of the main origin. The content origin has its own: `courses.scorm.content`."""

from django.urls import include, path
from django.views.i18n import set_language
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls

from lms import health
from lms.lib.access import public
from lms.lib.same_origin import from_own_pages
from lms.users.views import log_in

urlpatterns = [
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", include("competence.rest_api.urls")),
    path("", include("lms.dashboard.urls")),
    path("", include("courses.urls")),
    path("", include("competence.urls")),
    path("", include("cms.urls")),
    path("konto/", include("allauth.account.urls")),
    path("konto/mfa/", include("allauth.mfa.urls")),
    path("konto/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("konto/extern/", include("allauth.socialaccount.urls")),
    path("", include("competence.rest_api.identity_urls")),  # before the provider's own
    path("", include("allauth.idp.urls")),
    path("identity/o/api/", include("competence.rest_api.token_urls")),
    path("sprak/", public(from_own_pages(set_language)), name="set_language"),
    # Before Wagtail's own, which would be two further ways in.
    path("admin/login/", log_in, name="log_in"),
    path("_util/login/", log_in),
    path("admin/", include(wagtailadmin_urls)),
    path("dokument/", include(wagtaildocs_urls)),
    # Last: Wagtail answers for every other address.
    path("", include(wagtail_urls)),
]

handler500 = "lms.errors.server_error"
