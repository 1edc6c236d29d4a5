"""From a box of cases to a condition of the language, as an author would write it.

The condition certainly holds of the cases in the box, and of no others.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from forbear.kernel.cases import GridValue
from forbear.language.model.comparisons import Ranges, merged
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.values import value_text
from forbear.semantics.to_text import operator_text
from forbear.space.axes import Axis, Space
from forbear.space.regions import Box
from forbear.space.relations.in_words import form_text


def box_text(box: Box, space: Space) -> str:
    """The condition, without days; `always` for the empty box."""
    facts = {name: axis.fact for name, axis in space.axes.items()}
    parts = [_axis_text(space.axes[name], box[name]) for name in space.axes if name in box]
    parts += [form_text(form, box[name], facts) for name, form in space.forms.items() if name in box]
    if len(parts) == 1:
        return " or ".join(parts[0])
    return " and ".join([part[0] if len(part) == 1 else f"({' or '.join(part)})" for part in parts]) or "always"


def _axis_text(axis: Axis, mask: int) -> list[str]:
    """Conditions of which at least one holds in exactly the cells of the mask."""
    fact = axis.fact
    known = mask & axis.known
    absent = bool(mask & ~axis.known)
    what = "unknown" if fact.optional else "none"
    if not known:
        return [f"{fact.name} is {what}"]
    if known == axis.known:
        # A box with all known cells of a fact does not leave it free: the fact may be absent.
        return [f"{fact.name} is {'known' if fact.optional else 'not none'}"]
    alternatives = _including(axis, known)
    outside = _excluding(axis, axis.known & ~known)
    if outside is not None and (not alternatives or _is_plainer(outside, " or ".join(alternatives), axis, known)):
        if absent == fact.or_none:  # `is not` is true of none, and unknown of unknown
            return [outside]
        if not absent:
            return [f"{outside} and {fact.name} is not none"]
        alternatives = [outside]
    if absent:
        alternatives.append(f"{fact.name} is {what}")
    return alternatives


def _is_plainer(outside: str, inside: str, axis: Axis, known: int) -> bool:
    """Whether what a condition leaves out is plainer than what it has: the shorter text; but a single name is named,
    and a time without seconds goes before one with them."""
    if not axis.fact.ordered and known.bit_count() == 1:
        return False
    if axis.fact.kind.storage is Storage.TIME and outside.count(":") != inside.count(":"):
        return outside.count(":") < inside.count(":")
    return len(outside) < len(inside)


def _including(axis: Axis, known: int) -> list[str]:
    """Known cells as conditions of which one holds; empty for a text whose cell of all other texts is among them."""
    fact = axis.fact
    cells = [cell for cell in range(len(axis.first)) if known >> cell & 1]
    if fact.kind.storage is Storage.FLAG:
        return [fact.name if cells == [1] else f"{fact.name} is no" if fact.or_none else f"not {fact.name}"]
    if not fact.ordered:
        if fact.kind.storage is Storage.TEXT and cells[-1] == len(axis.first) - 1:
            return []
        return [_one_of(fact, [axis.first[cell] for cell in cells], "is")]
    runs = _runs(axis, known)
    if fact.kind.storage is Storage.TIME and len(runs) == 2 and (runs[0][0], runs[1][1]) == (fact.low, fact.high):
        return [f"{fact.name} between {value_text(fact, runs[1][0])} and {value_text(fact, runs[0][1])}"]
    return [_run_text(fact, low, high) for low, high in runs]


def _excluding(axis: Axis, left_out: int) -> str | None:
    """All known cells except these as one condition; None where there is no short one."""
    fact = axis.fact
    cells = [cell for cell in range(len(axis.first)) if left_out >> cell & 1]
    if fact.kind.storage is Storage.FLAG:
        return None
    if not fact.ordered:
        if fact.kind.storage is Storage.TEXT and cells[-1] == len(axis.first) - 1:
            return None
        return _one_of(fact, [axis.first[cell] for cell in cells], "is not")
    runs = _runs(axis, left_out)
    low, high = runs[0]
    if fact.kind.storage is Storage.TIME and len(runs) == 2 and (low, runs[1][1]) == (fact.low, fact.high):
        return f"{fact.name} is not between {value_text(fact, runs[1][0])} and {value_text(fact, high)}"
    if len(runs) > 1 or low == fact.low or high == fact.high:
        return None
    if low == high:
        return f"{fact.name} {operator_text(fact, '!=')} {value_text(fact, low)}"
    return f"{fact.name} is not between {value_text(fact, low)} and {value_text(fact, high)}"


def _one_of(fact: Fact, values: Sequence[GridValue], verb: str) -> str:
    texts = [value_text(fact, value) for value in values if value is not None]
    return f"{fact.name} {verb} {'' if len(texts) == 1 else 'one of '}{', '.join(texts)}"


def _runs(axis: Axis, known: int) -> Ranges:
    """The ranges of values that contiguous cells form, as first and last value."""
    cells = [(first, axis.last(cell)) for cell, first in enumerate(axis.first) if known >> cell & 1]
    return merged(cast(Ranges, cells), axis.fact)


def _run_text(fact: Fact, low: int, high: int) -> str:
    if fact.clock:
        return _clock_text(fact, low, high)
    if low == high:
        return f"{fact.name} {operator_text(fact, '=')} {value_text(fact, low)}"
    if high == fact.high:
        return f"{fact.name} {_shorter(fact, '>=', low, '>', low - 1)}"
    if low == fact.low:
        return f"{fact.name} {_shorter(fact, '<=', high, '<', high + 1)}"
    return f"{fact.name} between {value_text(fact, low)} and {value_text(fact, high)}"


def _shorter(fact: Fact, closed: str, end: int, opened: str, beyond: int) -> str:
    """The comparison with the shorter value, which the author wrote: `> CNY 1000`, not `>= CNY 1000.01`."""
    text, text_beyond = value_text(fact, end), value_text(fact, beyond)
    whole = fact.step.denominator == 1 and fact.kind.storage is not Storage.TIME
    return f"{closed} {text}" if whole or len(text) <= len(text_beyond) else f"{opened} {text_beyond}"


def _clock_text(fact: Fact, low: int, high: int) -> str:
    first, last = value_text(fact, low), value_text(fact, high)
    if low == high:
        return f"on day {first}"
    if high == fact.high:
        before = value_text(fact, low - 1)
        return f"after {before} {'day' if before == '1' else 'days'}"
    if low == fact.low:
        return f"within {last} {'day' if last == '1' else 'days'}"
    return f"from day {first} to day {last}"
