"""The language server.

An author waits for the types of the protocol before the first diagnostic: they are 554 classes, attrs compiles the
methods of each, and lsprotocol looks up the types of their fields. A session uses a tenth of them. So each class is
left as it is written, and attrs compiles it when its fields or an instance are first used. Nothing uses their `repr` or
compares them, so these methods are left out; everything else is as in `lsprotocol`.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any

import attrs

_making = threading.RLock()


class _Field(dict[str, Any]):
    """The arguments of a field of such a class."""


class _Fields:
    """The fields of a class that is not made yet: to read them makes it."""

    def __init__(self, make: Callable[[], None]) -> None:
        self._make = make

    def __get__(self, instance: object, owner: Any) -> Any:
        self._make()
        return owner.__attrs_attrs__


def _later(owner: Any) -> Any:
    """Leaves a class of the protocol to be made on its first use."""

    def make() -> None:
        with _making:
            if owner.__init__ is not first:
                return  # another thread has made it
            for name, field in list(vars(owner).items()):
                if isinstance(field, _Field):
                    setattr(owner, name, attrs.field(**field))
            attrs.define(owner, init=True, repr=False, eq=False, slots=False)
            attrs.resolve_types(owner, sys.modules["lsprotocol.types"].ALL_TYPES_MAP, {})

    def first(self: Any, *arguments: Any, **named: Any) -> None:
        make()
        self.__init__(*arguments, **named)

    owner.__init__ = first
    owner.__attrs_attrs__ = _Fields(make)
    return owner


def _load_types() -> None:
    module: Any = attrs
    define, field = module.define, module.field
    module.define, module.field = _later, _Field
    try:
        import lsprotocol.types  # noqa: F401
    finally:
        module.define, module.field = define, field
    from lsprotocol import _hooks

    hooks: Any = _hooks
    hooks._resolved_forward_references = True  # each class does it when it is made


if "lsprotocol.types" not in sys.modules:
    _load_types()
