"""Frozen classes are shown as attrs shows them."""

from __future__ import annotations

from typing import Any

import attrs
import pytest

import forbear.base.frozen


def classes(frozen: Any) -> list[object]:
    """Instances of classes that are made by a `frozen`."""

    @frozen
    class Plain:
        name: str
        number: int = 3

    @frozen(eq=False)
    class Inner(Plain):
        hidden: str = attrs.field(default="", repr=False)
        parts: list[object] = attrs.field(factory=list)

    @frozen
    class Named:
        name: str

        def __repr__(self) -> str:
            return f"<{self.name}>"

    @frozen
    class Empty:
        pass

    made: list[Any] = [Plain, Inner, Named, Empty]  # a type checker does not know what was passed
    plain, inner, named, empty = made
    circle = inner("in a circle")
    circle.parts.append(circle)
    return [plain("a"), inner("b", 4, "not shown", [plain("c"), named("d")]), circle, named("e"), empty()]


def test_instances_are_shown_as_attrs_shows_them() -> None:
    ours = [repr(instance) for instance in classes(forbear.base.frozen.frozen)]
    assert ours == [repr(instance) for instance in classes(attrs.frozen)]
    assert ours[:2] == [
        "Plain(name='a', number=3)",
        "Inner(name='b', number=4, parts=[Plain(name='c', number=3), <d>])",
    ]


def test_a_frozen_class_does_not_change() -> None:
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        classes(forbear.base.frozen.frozen)[0].name = "b"  # type: ignore[attr-defined]
