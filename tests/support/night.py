"""Whether the tests have a night (FORBEAR_PROFILE=nightly), or CI waits for them."""

from __future__ import annotations

import os

NIGHTLY = os.environ.get("FORBEAR_PROFILE") == "nightly"
