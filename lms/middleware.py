"""The content security policy: strict for everybody, another for the pages of the Wagtail admin."""

from csp.constants import SELF
from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends `CONTENT_SECURITY_POLICY`; under `/admin/` `ADMIN_CONTENT_SECURITY_POLICY` in its stead.

    Wagtail's admin writes scripts and styles into its pages (date choosers, inline panels, the icon sprite), so it
    cannot have the strict policy. Only people who may edit the site come there. A preview of a page is a page like
    others, which Wagtail asks for inside the service; the admin shows it in a frame.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith("/admin/"):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        elif not report_only and getattr(request, "is_preview", False):
            parts.replace = {**(parts.replace or {}), "frame-ancestors": [SELF]}
        return parts
