"""Read-only mappings in frozen classes."""

from __future__ import annotations

import copyreg
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from attrs import Attribute


def read_only(cls: type, fields: list[Attribute[Any]]) -> list[Attribute[Any]]:
    """Makes fields that are declared as a `Mapping` read-only views, for `@frozen(field_transformer=read_only)`. The
    caller must not change the mapping afterwards.
    """
    return [field.evolve(converter=_proxy) if str(field.type).startswith("Mapping[") else field for field in fields]


def _proxy(mapping: Mapping[object, object]) -> Mapping[object, object]:
    if not mapping:
        return _EMPTY  # one for all: most rules override nothing
    return mapping if isinstance(mapping, MappingProxyType) else MappingProxyType(mapping)


_EMPTY: Mapping[object, object] = MappingProxyType({})


def _pickled(mapping: MappingProxyType[Any, Any]) -> tuple[Callable[..., Any], tuple[dict[Any, Any]]]:
    return _proxy, (dict(mapping),)


copyreg.pickle(MappingProxyType, _pickled)  # so that a policy can be sent to another process
