"""One way in, whoever asks for a log-in."""

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from lms.lib.access import public


@public
@require_safe
def log_in(request: HttpRequest) -> HttpResponseBase:
    """In the place of Wagtail's own log-in pages, and where it sends whoever may not have a page.

    Those pages know neither the second factor nor the limit on tries. And whoever has logged in and may not have the
    page gets 403: our log-in page would send them back to where they came from, and so on without end.
    """
    if request.user.is_authenticated:
        raise PermissionDenied
    return redirect_to_login(request.GET.get("next", ""))
