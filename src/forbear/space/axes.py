"""The space of cases: an axis for each fact, cut into cells in which all conditions say the same.

A cell is a bit. A set of cells of one axis is a mask, and a condition becomes a union of boxes: products of one mask
an axis. An optional fact has *unknown* as its last cell, a fact that may be none has *none* there; for a text there
is a cell for each text that is named and one for all others. Days are an axis too, cut at the dates of rules.

Whatever will speak of two facts at once is no product of masks: it would be asked of a solver, for the few boxes that
the index proposes.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from typing import assert_never

from attrs import frozen

from forbear.kernel import GridValue
from forbear.policy.conditions import Atom, Between, Compare, Condition, IsKnown, IsNone, OneOf, atoms
from forbear.policy.typed import TypedPolicy
from forbear.space.boundaries import another_text
from forbear.space.days import period_starts, telling_days
from forbear.vocabulary.facts import Absent, Fact, Kind

DAY = "on"
"""The name of the axis of days: a word of the grammar, so no fact has it."""


@frozen
class Axis:
    """One fact's cells. `first` has the first value of each known cell, in the order of the axis; `absent` is whether
    one more cell, the last, is for unknown or none."""

    fact: Fact
    first: tuple[GridValue, ...]
    absent: bool

    @property
    def size(self) -> int:
        return len(self.first) + self.absent

    @property
    def everything(self) -> int:
        return (1 << self.size) - 1

    @property
    def known(self) -> int:
        return (1 << len(self.first)) - 1

    def cell_of(self, value: GridValue) -> int:
        """The number of the cell in which a value lies."""
        if value is None:
            return len(self.first)
        if self.fact.ordered:
            return bisect_right(self.first, value) - 1  # type: ignore[type-var]
        for number, one in enumerate(self.first):
            if one == value:
                return number
        return len(self.first) - 1  # any other text

    def last(self, cell: int) -> GridValue:
        """The last value of a known cell of an ordered axis."""
        following = self.first[cell + 1] if cell + 1 < len(self.first) else self.fact.high + 1
        assert isinstance(following, int)
        return following - 1

    def values(self, cell: int) -> tuple[GridValue, ...]:
        """The values of a cell that may stand for it: its ends where there is an order."""
        if cell == len(self.first):
            return (None,)
        if not self.fact.ordered:
            return (self.first[cell],)
        return tuple(dict.fromkeys((self.first[cell], self.last(cell))))


@frozen
class Space:
    """The axes of a policy, by fact, and the days that stand for its periods."""

    axes: Mapping[str, Axis]
    days: tuple[int | None, ...]
    starts: tuple[int, ...]
    """The first day of each period; empty where no date matters."""

    @property
    def all_days(self) -> int:
        return (1 << len(self.days)) - 1


def space(policy: TypedPolicy, more: Iterable[Condition] = ()) -> Space:
    """The space of a policy, cut for its rules and for `more` conditions."""
    conditions = [*[rule.condition for rule in policy.rules], *more]
    return Space(axes_of(policy.facts, conditions), telling_days(policy), period_starts(policy))


def axes_of(facts: Mapping[str, Fact], conditions: Iterable[Condition]) -> dict[str, Axis]:
    """The axes of the facts that some conditions read, cut for those."""
    by_fact: dict[str, list[Atom]] = {}
    seen: set[int] = set()
    for condition in conditions:
        for atom in atoms(condition):
            if id(atom) not in seen:  # a definition's atoms are shared by those who use it
                seen.add(id(atom))
                by_fact.setdefault(atom.fact, []).append(atom)
    return {name: _axis(facts[name], by_fact[name]) for name in facts if name in by_fact}


def _axis(fact: Fact, found: Iterable[Atom]) -> Axis:
    absent = fact.optional or fact.or_none
    if fact.kind is Kind.FLAG:
        return Axis(fact, (False, True), absent)
    if fact.kind is Kind.CHOICE:
        return Axis(fact, fact.names, absent)
    if fact.kind is Kind.TEXT:
        named = sorted({str(value) for atom in found for value in _named(atom)})
        return Axis(fact, (*named, another_text(named)), absent)
    cuts = {fact.low}
    for atom in found:
        cuts.update(_cuts(atom))
    return Axis(fact, tuple(sorted(cut for cut in cuts if fact.low <= cut <= fact.high)), absent)


def _named(atom: Atom) -> tuple[GridValue, ...]:
    match atom:
        case Compare(value=value):
            return (value,)
        case OneOf(values=values):
            return values
        case Between() | IsNone() | IsKnown():
            return ()
        case never:
            assert_never(never)


def _cuts(atom: Atom) -> Iterable[int]:
    """The values at which something new begins."""
    match atom:
        case Compare(operator="<" | ">=", value=int(value)):
            return (value,)
        case Compare(operator="<=" | ">", value=int(value)):
            return (value + 1,)
        case Compare(value=int(value)):
            return value, value + 1
        case Between(low=low, high=high):
            return low, high + 1
        case OneOf(values=values):
            return [cut for value in values if isinstance(value, int) for cut in (value, value + 1)]
        case _:
            return ()


def atom_mask(atom: Atom, axis: Axis, *, when_unknown: bool) -> int:
    """The cells in which an atom is true; for the cell of unknown what `when_unknown` says."""
    last = 1 << len(axis.first)
    match atom:
        case IsKnown(negated=negated):
            return last if negated else axis.known
        case IsNone(negated=negated):
            return axis.known if negated else last
        case Compare() | Between() | OneOf():
            pass
        case never:
            assert_never(never)
    mask, negative = _positive(atom, axis), _is_negative(atom)
    if negative:
        mask = axis.known & ~mask
    if axis.absent and (when_unknown if axis.fact.optional else negative):
        mask |= last
    return mask


def _is_negative(atom: Compare | Between | OneOf) -> bool:
    return atom.operator == "!=" if isinstance(atom, Compare) else atom.negated


def _positive(atom: Compare | Between | OneOf, axis: Axis) -> int:
    """The known cells in which an atom is true, its negation left aside."""
    match atom:
        case Compare(operator="=" | "!=", value=value):
            return 1 << axis.cell_of(value)
        case Compare(operator=operator, value=int(value)):
            at = bisect_left(axis.first, value if operator in ("<", ">=") else value + 1)  # type: ignore[type-var]
            below = (1 << at) - 1
            return below if operator in ("<", "<=") else axis.known & ~below
        case Between(low=low, high=high):
            starts = axis.first
            from_low = axis.known & ~((1 << bisect_left(starts, low)) - 1)  # type: ignore[type-var]
            to_high = (1 << bisect_left(starts, high + 1)) - 1  # type: ignore[type-var]
            return from_low & to_high if low <= high else from_low | to_high
        case OneOf(values=values):
            mask = 0
            for value in values:
                mask |= 1 << axis.cell_of(value)
            return mask
        case _:
            raise AssertionError(atom)


def usual_value(axis: Axis) -> GridValue | None:
    """The usual value of a fact, where it has one that is known."""
    usually = axis.fact.usually
    return None if isinstance(usually, Absent) else usually
