"""`forbear init`: a starter policy."""

from __future__ import annotations

import os
from pathlib import Path

from forbear.cli.support.failing import fail
from forbear.cli.support.options import argument, declared
from forbear.cli.support.printing import print_text
from forbear.cli.support.writing import is_stream, write_whole


@declared("init", project=False)
def command(path: str = argument("[FILE]", default="policy.forbear")) -> None:
    """Write a starter policy, policy.forbear by default; - is standard output.

    It never overwrites a file.

    \b
    Exit code 0: written, 1: it cannot be, or exists already, 2: wrong use.
    Example: forbear init my_policy.forbear
    """
    if os.path.lexists(path) and not is_stream(path):
        fail(f"{path!r} exists already; name another file")
    write_whole(path, Path(__file__).with_name("starter.forbear").read_text(encoding="utf-8"))
    if not is_stream(path):
        print_text(f"wrote {path}; now try: forbear validate {path}")
