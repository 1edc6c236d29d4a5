"""Values shown between the words of a text: the value of a setting, the first day of `after 60 days`."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from attrs import frozen

from forbear.base.source import Span
from forbear.editors.editing.reading import Reading
from forbear.language.model.policy import TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.naming import KNOWN, Occurrence, declared, occurrences, resolved
from forbear.language.syntax.nodes import Clock, Literal, Value, parts_of
from forbear.semantics.to_text import setting_text


@frozen
class Inlay:
    """A text that an editor shows after an offset, as if it were written there."""

    offset: int
    text: str


def inlays(reading: Reading, within: Span | None = None) -> list[Inlay]:
    """The inlays of a text, or of the statements of it that touch a span, in its order."""
    module, policy = reading.module, reading.draft
    if module is None or policy is None:
        return []
    start, end = within or (0, len(reading.text))
    nodes = [node for node in module.statements if node.span[0] <= end and start <= node.span[1]]
    shown = []
    for node in nodes:
        for clock in _clocks(node):
            days = _number(clock.first, policy)
            if clock.word == "after" and days is not None and days == int(days):
                shown.append(Inlay(clock.span[1], f"from day {int(days) + 1}"))
    shown += _of_settings(reading, {id(node) for node in nodes}, policy)
    return sorted(shown, key=lambda inlay: inlay.offset)


def _of_settings(reading: Reading, node_ids: set[int], policy: TypedPolicy) -> Iterator[Inlay]:
    if not policy.settings:
        return
    every = [occurrence for module in reading.modules for occurrence in occurrences(module)]
    known = declared(every)
    for occurrence in every:
        is_use = (
            occurrence.source is reading.source and id(occurrence.statement) in node_ids and not occurrence.declares
        )
        if is_use and occurrence.name in policy.settings and _is_setting(occurrence, known):
            yield Inlay(occurrence.span[1], f"= {setting_text(policy.settings[occurrence.name])}")


def _is_setting(occurrence: Occurrence, known: dict[tuple[str, str], Occurrence]) -> bool:
    meant = resolved(occurrence, known)
    return bool(meant) and meant[0][0] == KNOWN and isinstance(known[meant[0]].statement, nodes.Setting)


def _number(value: Value, policy: TypedPolicy) -> Decimal | None:
    """Returns the number as written, or that of a setting."""
    if isinstance(value, Literal):
        return value.value if isinstance(value.value, Decimal) and value.kind == "number" else None
    setting = policy.settings.get(value.text)
    return None if setting is None else _number(setting.value, policy)


def _clocks(node: object) -> Iterator[Clock]:
    """The conditions on the clock below a node."""
    if isinstance(node, Clock):
        yield node
        return
    kind: Any = type(node)
    for name in parts_of(kind):
        value = getattr(node, name)
        for part in value if isinstance(value, tuple) else (value,):
            yield from _clocks(part)
