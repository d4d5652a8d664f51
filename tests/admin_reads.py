"""For the tests' watch over repeated queries: Wagtail's admin is not ours to mend."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from zeal import zeal_ignore


def leave_wagtail_admin_out(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware: nothing that the admin asks again counts as a fault. It reads a page anew in each of its tasks."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/admin/"):
            with zeal_ignore():
                return get_response(request)
        return get_response(request)

    return middleware
