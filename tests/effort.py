"""How hard Hypothesis tries: the same examples each time in the ordinary run, so that it fails for a change and not by
chance; new and many ones with `HYPOTHESIS_PROFILE=long` (`make test-long`)."""

import os

from hypothesis import HealthCheck, settings

_SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def choose_effort() -> None:
    """Load the profile that the environment names."""
    settings.register_profile(
        "ordinary", max_examples=100, deadline=None, derandomize=True, suppress_health_check=_SLOW
    )
    settings.register_profile("long", max_examples=2_000, deadline=None, suppress_health_check=_SLOW)
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))
