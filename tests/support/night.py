"""Whether the tests have a night (FORBEAR_PROFILE=nightly), or CI waits for them; `night.txt` has those left to it.

Many tests that run by day try more at night: they ask for `NIGHTLY`, or for `strategies.examples`.
"""

from __future__ import annotations

import os
from pathlib import Path

NIGHTLY = os.environ.get("FORBEAR_PROFILE") == "nightly"

BY_NIGHT = tuple(line for line in Path(__file__).with_suffix(".txt").read_text("utf-8").splitlines() if line[0] != "#")
"""Beginnings of the names of tests, with their files below `tests`."""
