"""The language server.

An author waits for the types of the protocol before the first diagnostic: they are 554 classes, and attrs compiles the
methods of each. Nobody reads their `repr` or compares them, and none needs slots, so these are left out here, before
anything imports them; all else is as in `lsprotocol`.
"""

from __future__ import annotations

import sys
from functools import partial
from typing import Any

import attrs


def _load_types() -> None:
    module: Any = attrs
    define = module.define
    module.define = partial(define, repr=False, eq=False, slots=False)
    try:
        import lsprotocol.types  # noqa: F401
    finally:
        module.define = define


if "lsprotocol.types" not in sys.modules:
    _load_types()
