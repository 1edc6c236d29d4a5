"""Programs that may read no more than the modes of files say, also where the tests run as root."""

from __future__ import annotations

import os
import shutil

import pytest

_WITHOUT = "-dac_override,-dac_read_search"
_DROP = ["setpriv", f"--bounding-set={_WITHOUT}", f"--inh-caps={_WITHOUT}"]

UNPRIVILEGED: list[str] = _DROP if os.geteuid() == 0 else []
"""What to put before the words of a command."""

needs_modes = pytest.mark.skipif(
    bool(UNPRIVILEGED) and shutil.which("setpriv") is None, reason="root without setpriv, of util-linux"
)
