"""Nodes at another place: the same statement, further on or back in a text that was edited."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import attrs

Node = TypeVar("Node")


ASIDE = {"aside": True}
"""The metadata of a field that is no part of what was read."""


@cache
def parts_of(kind: Any) -> tuple[str, ...]:
    """The names of all that was read for a node of a kind; none of what is no node."""
    return tuple([part.name for part in attrs.fields(kind) if not part.metadata]) if attrs.has(kind) else ()


@cache
def _fields(kind: Any) -> tuple[tuple[str, bool], ...]:
    """The fields of a node that are moved with it, and whether each is a span; none of what is no node."""
    if not attrs.has(kind):
        return ()
    later = getattr(kind, "LATER", ())
    return tuple(
        [(part.name, part.type in ("Span", "Span | None")) for part in attrs.fields(kind) if part.name not in later]
    )


def moved(node: Node, by: int) -> Node:
    """A node with all its places so many characters further on. Those of its parts that its kind calls `LATER`
    are moved when somebody looks at them."""
    kind: Any = type(node)
    if kind is tuple:
        return tuple([moved(part, by) for part in node])  # type: ignore[return-value, attr-defined]
    fields = _fields(kind)
    if not fields:
        return node
    copy = kind.__new__(kind)
    for name, is_span in fields:
        value = getattr(node, name)
        if value is None or type(value) is str:  # most of them
            pass
        elif is_span:
            value = (value[0] + by, value[1] + by)
        elif name == "start":
            value += by
        else:
            value = moved(value, by)
        put(copy, name, value)
    if hasattr(kind, "LATER"):
        first, so_far = node.first or (node, 0)  # type: ignore[attr-defined]
        put(copy, "first", (first, so_far + by))
    return copy  # type: ignore[no-any-return]


put = object.__setattr__
