"""`attrs.frozen` with one `__repr__` for all classes, for what is imported before a first decision: attrs writes and
compiles one for each class, which is a quarter of what the class costs."""

from __future__ import annotations

from functools import partial
from reprlib import recursive_repr
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from attrs import frozen as frozen  # so that type checkers know how it transforms a class
else:

    def frozen(cls: type | None = None, **options: object) -> object:
        if cls is None:
            return partial(frozen, **options)
        if "__repr__" not in vars(cls):
            cls.__repr__ = _repr
        return attrs.frozen(cls, **options)


@recursive_repr()
def _repr(self: attrs.AttrsInstance) -> str:
    """The name of the class and its fields, as attrs writes them."""
    shown = [f"{each.name}={getattr(self, each.name)!r}" for each in attrs.fields(type(self)) if each.repr]
    return f"{type(self).__qualname__.rpartition('>.')[2]}({', '.join(shown)})"
