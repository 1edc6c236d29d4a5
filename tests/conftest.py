"""Profiles of Hypothesis: `ci` is quick and always the same; FORBEAR_PROFILE=nightly looks further, at random."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

QUIET = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)

settings.register_profile("ci", derandomize=True, deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.register_profile("nightly", deadline=None, suppress_health_check=QUIET, print_blob=True)
settings.load_profile(os.environ.get("FORBEAR_PROFILE", "ci"))
