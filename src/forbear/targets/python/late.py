"""Replaces, in a compiled module, the parts of the standard library that the kernel imports.

To import `decimal`, `datetime`, `enum`, `re` and `typing` takes twice as long as Python needs to start, and most cases
need none of them. Here each is imported when it is first used, and the tools that make classes are small. A compiled
module has this text as it is; a type checker sees the imports of the kernel in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Late:
    """A module, or another thing, that is made when something of it is first used."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._make(), name)
        setattr(self, name, found)  # from now on it is found without this method
        return found


def late_import(name: str) -> Late:
    def make() -> Any:
        import sys

        if name in sys.modules:  # so it is where a case has a `Decimal` or a `date`; `importlib` is long to import
            return sys.modules[name]
        import importlib

        return importlib.import_module(name)

    return Late(make)


abc = late_import("collections.abc")
bisect = late_import("bisect")
calendar = late_import("calendar")
datetime = late_import("datetime")
decimal = late_import("decimal")
fractions = late_import("fractions")
operator = late_import("operator")


class re:  # it replaces a module
    @staticmethod
    def compile(pattern: str) -> Late:
        return Late(lambda: late_import("re").compile(pattern))


try:
    # The attributes of named tuples of the standard library.
    from _collections import _tuplegetter as _getter  # type: ignore[import-not-found]
except ImportError:

    def _getter(number: int, doc: str) -> Any:
        return property(lambda values: values[number])


_GETTERS = [_getter(number, "") for number in range(20)]


class NamedTuple(tuple[object, ...]):
    """As `typing.NamedTuple`, as far as the kernel goes."""

    _fields: tuple[str, ...]
    _defaults: dict[str, Any]
    _rest: dict[int, tuple[Any, ...]]
    """By how many values are given: the others, which are the defaults of their fields."""

    def __init_subclass__(cls) -> None:
        own = vars(cls)
        cls._fields = tuple(cls.__annotations__)
        cls._defaults = {name: own[name] for name in cls._fields if name in own}
        last = tuple(cls._defaults.values())
        cls._rest = {len(cls._fields) - len(last) + given: last[given:] for given in range(len(last) + 1)}
        for name, getter in zip(cls._fields, _GETTERS[: len(cls._fields)], strict=True):
            setattr(cls, name, getter)

    def __new__(cls, *values: Any, **named: Any) -> NamedTuple:
        if named:
            named = {**cls._defaults, **named}
            values += tuple([named[name] for name in cls._fields[len(values) :]])
        return tuple.__new__(cls, values + cls._rest[len(values)])

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        values = [f"{name}={value!r}" for name, value in zip(self._fields, self, strict=True)]
        return f"{type(self).__name__}({', '.join(values)})"

    def _replace(self, **named: Any) -> NamedTuple:
        return type(self)(**{**dict(zip(self._fields, self, strict=True)), **named})


class StrEnum(str):
    """As `enum.StrEnum`, as far as the kernel goes."""

    value: str

    def __init_subclass__(cls) -> None:
        for name, text in list(vars(cls).items()):
            if not name.startswith("_"):
                member = cls(text)
                member.value = text
                setattr(cls, name, member)


def lru_cache(maxsize: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A memory of so many results, which is emptied when it is full."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        memory: dict[Any, Any] = {}

        def remembered(*arguments: Any) -> Any:
            if arguments in memory:
                return memory[arguments]
            if len(memory) >= maxsize:
                memory.clear()
            found = memory[arguments] = function(*arguments)
            return found

        return remembered

    return decorate
