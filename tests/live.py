"""The product served for real: threads, both origins, committed data."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import got_request_exception
from django.db import connections
from django.test import override_settings
from django.test.testcases import LiveServerThread, QuietWSGIRequestHandler

from tools.steps import free_port


class ProductThread(LiveServerThread):
    """Django's live server without its short cuts: static files and uploads go the product's own way."""

    def __init__(self, port: int) -> None:
        super().__init__("127.0.0.1", WSGIHandler, port=port)
        self.daemon = True

    def run(self) -> None:
        try:
            self.httpd = self.server_class((self.host, self.port), QuietWSGIRequestHandler, allow_reuse_address=True)
            self.httpd.set_app(WSGIHandler())
            self.is_ready.set()
            self.httpd.serve_forever(poll_interval=0.05)
        except Exception as error:
            self.error = error  # type: ignore[assignment]  # the stubs know one kind; Django puts any there
            self.is_ready.set()
        finally:
            connections.close_all()


@dataclass
class LiveProduct:
    """Where the product answers: `base_url` for people, `content_origin` for course packages.

    `errors` holds what views raised; one that the test does not take out of the list fails the test.
    """

    base_url: str
    content_origin: str
    errors: list[BaseException] = field(default_factory=list)

    def note(self, sender: object, request: Any = None, **kwargs: object) -> None:
        import sys

        if error := sys.exc_info()[1]:
            self.errors.append(error)


def with_other_origins(value: Any, addresses: dict[str, str]) -> Any:
    """The same setting, with these addresses exchanged wherever they occur in it."""
    if isinstance(value, str):
        return addresses.get(value, value)
    if isinstance(value, dict):
        return {key: with_other_origins(part, addresses) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(with_other_origins(part, addresses) for part in value)
    return value


@contextlib.contextmanager
def serve_product() -> Iterator[LiveProduct]:
    """Serve on a free port; every setting that names an origin names this server's."""
    port = free_port()
    product = LiveProduct(f"http://127.0.0.1:{port}", f"http://localhost:{port}")
    addresses = {settings.BASE_URL: product.base_url, settings.CONTENT_ORIGIN: product.content_origin}
    changed: dict[str, Any] = {}
    for name in dir(settings):
        if name.isupper():
            before = getattr(settings, name)
            after = with_other_origins(before, addresses)
            if after != before:
                changed[name] = after
    with override_settings(**changed):
        thread = ProductThread(port)
        got_request_exception.connect(product.note)
        thread.start()
        thread.is_ready.wait()
        try:
            if thread.error:
                raise thread.error
            yield product
        finally:
            thread.terminate()
            got_request_exception.disconnect(product.note)
