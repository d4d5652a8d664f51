"""The content security policy: strict for everybody, another for the pages of the Wagtail admin."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase


class ContentPolicyMiddleware(CSPMiddleware):
    """Sends `CONTENT_SECURITY_POLICY`; under `/admin/` `ADMIN_CONTENT_SECURITY_POLICY` in its stead.

    Wagtail's admin writes scripts and styles into its pages (date choosers, inline panels, the icon sprite), so it
    cannot have the strict policy. Only people who may edit the site come there.
    """

    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if not report_only and request.path_info.startswith("/admin/"):
            parts.config = settings.ADMIN_CONTENT_SECURITY_POLICY
        return parts
