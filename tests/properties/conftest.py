"""How hard Hypothesis tries: `HYPOTHESIS_PROFILE=long` for the long run."""

import os

from hypothesis import HealthCheck, settings

_slow = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
settings.register_profile("ordinary", max_examples=100, deadline=None, suppress_health_check=_slow)
settings.register_profile("long", max_examples=10_000, deadline=None, suppress_health_check=_slow)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ordinary"))
