"""Pages without a person: what Django, the middleware and the templates cost."""

from collections.abc import Iterator

from tests.benchmarks.harness import Figure, Stage, compare


def figures(stage: Stage) -> Iterator[Figure]:
    product, bare = stage.product(), stage.bare_django()
    yield compare("liveness, through all middleware", product, "/health/live", bare, "/")
    yield compare("log-in page", product, "/konto/login/", bare, "/")
