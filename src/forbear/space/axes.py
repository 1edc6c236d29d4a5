"""The space of cases: an axis for each fact, divided into cells, within each of which all conditions agree.

A cell is a bit. A set of cells of one axis is a mask, and a condition becomes a union of boxes: products of one mask
for each axis. The last cell of an optional fact is *unknown*, and that of a fact that may be none is *none*. A text has
a cell for each text that is named, and one for all others. Days are an axis too, divided at the dates of rules.

A comparison of facts is not a product of masks of the facts. It has an axis of its own (`relations/forms.py`); whether
cells of it and of the facts have a case in common is decided only for the boxes that a search reaches.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import Factory, frozen

from forbear.kernel.cases import GridValue
from forbear.language.model import cases
from forbear.language.model.facts import Absent, Fact
from forbear.language.model.kinds import CODE
from forbear.semantics.lowered.from_policy import Lowered
from forbear.semantics.lowered.guards import Guard, RelatedValues, Values, leaves
from forbear.space.boundaries import all_starts, boundary_days, period_starts, unordered_values
from forbear.space.relations.forms import Form, form_of

DAY = cases.DAY
"""The name of the axis of days."""


@frozen(slots=False)
class Axis:
    """The cells of a fact.

    `first` has the first value of each known cell, in the order of the axis. `absent` is whether one more cell, the
    last, is unknown or none.
    """

    fact: Fact
    first: tuple[GridValue, ...]
    absent: bool

    @cached_property
    def _cells(self) -> dict[GridValue, int]:
        return {value: number for number, value in enumerate(self.first)}

    @property
    def size(self) -> int:
        """The number of cells."""
        return len(self.first) + self.absent

    @property
    def everything(self) -> int:
        """The mask of all cells."""
        return (1 << self.size) - 1

    @property
    def known(self) -> int:
        """The mask of all cells except unknown or none."""
        return (1 << len(self.first)) - 1

    def cell_of(self, value: GridValue) -> int:
        """The number of the cell that has a value."""
        if value is None:
            return len(self.first)
        if self.fact.ordered:
            return bisect_right(self.first, value) - 1  # type: ignore[type-var]
        return self._cells.get(value, len(self.first) - 1)  # the last one has all other texts

    def has(self, value: GridValue) -> bool:
        """Returns true if the fact may have this value here: a date whose age is read has no value after the day."""
        return not isinstance(value, int) or not self.fact.ordered or self.fact.low <= value <= self.fact.high

    def last(self, cell: int) -> GridValue:
        """The last value of a known cell of an ordered axis."""
        following = self.first[cell + 1] if cell + 1 < len(self.first) else self.fact.high + 1
        assert isinstance(following, int)
        return following - 1

    def values(self, cell: int) -> tuple[GridValue, ...]:
        """Values that represent a cell: its first and last value where the axis is ordered."""
        if cell == len(self.first):
            return (None,)
        if not self.fact.ordered:
            return (self.first[cell],)
        return tuple(dict.fromkeys((self.first[cell], self.last(cell))))


@frozen
class Space:
    """The axes of a policy by fact, and for each of its periods a day that represents it (an ordinal)."""

    axes: Mapping[str, Axis]
    days: tuple[int | None, ...]
    starts: tuple[int, ...]
    """The first day of each period, as an ordinal; empty where the policy names no dates."""
    forms: Mapping[str, Form] = Factory(dict)
    """The forms of the relations, by the names of their axes."""

    def everything(self, name: str) -> int:
        """The mask of all cells of a fact or a form."""
        return self.forms[name].everything if name in self.forms else self.axes[name].everything

    @property
    def all_days(self) -> int:
        """The mask of all periods."""
        return (1 << len(self.days)) - 1


def space_of(lowered: Lowered, more: Iterable[Guard] = (), *, related: bool = False, each_day: bool = False) -> Space:
    """The space of a policy, with cells in which its rules and `more` guards agree; with `related`, also with the axes
    of relations, and with `each_day`, also of the days for which nobody has to ask."""
    guards = [*[guards.certain for guards in lowered.guards], *more]  # `possible` differs in absence alone
    facts = lowered.policy.facts
    forms = forms_of(facts, guards) if related else {}
    starts = all_starts(lowered.policy) if each_day else period_starts(lowered.policy)
    return Space(axes_of(facts, guards), boundary_days(lowered.policy, starts), starts, forms)


def forms_of(facts: Mapping[str, Fact], guards: Iterable[Guard]) -> dict[str, Form]:
    """The forms of the relations in some guards, by the names of their axes."""
    limits: dict[tuple[tuple[str, ...], tuple[int, ...]], list[int]] = {}
    for guard in guards:
        for leaf in leaves(guard):
            if isinstance(leaf, RelatedValues):
                relation = leaf.relation
                limits.setdefault((relation.facts, relation.factors), []).append(relation.limit)
    forms = [form_of(facts, *of, limits_of) for of, limits_of in limits.items()]
    return {form.name: form for form in forms}


def axes_of(facts: Mapping[str, Fact], guards: Iterable[Guard]) -> dict[str, Axis]:
    """The axes of the facts that some guards test, with cells in which these agree."""
    by_fact: dict[str, list[Values]] = {}
    for guard in guards:
        for leaf in leaves(guard):
            if isinstance(leaf, RelatedValues):  # no cell is cut by it
                for name in leaf.relation.facts:
                    by_fact.setdefault(name, [])
                continue
            by_fact.setdefault(leaf.fact, []).append(leaf)
    return {name: _axis(facts[name], by_fact[name]) for name in facts if name in by_fact}


def _axis(fact: Fact, tests: Iterable[Values]) -> Axis:
    absent = fact.optional or fact.or_none
    if not fact.ordered:
        named = [value for leaf in tests for value, _ in leaf.ranges]
        values = unordered_values(fact, named)
        if fact.kind is CODE:  # the country of the rules comes first in a case, not the first of the alphabet
            values = tuple(sorted(values, key=lambda value: value not in named))
        return Axis(fact, values, absent)
    starts = {fact.low}
    for leaf in tests:  # it holds of all of a cell or of none of it
        for first, last in leaf.numbers:
            starts.update([first] if first is not None else (), [last + 1] if last is not None else ())
    return Axis(fact, tuple(sorted(value for value in starts if fact.low <= value <= fact.high)), absent)


def leaf_cells(leaf: Values, axis: Axis) -> int:
    """The mask of the cells in which a leaf holds."""
    within = 0
    if axis.fact.ordered:
        for first, last in leaf.numbers:
            below = axis.known if last is None else _below(axis, last + 1)
            within |= below if first is None else below & ~_below(axis, first)
    else:
        for value, _ in leaf.ranges:
            within |= 1 << axis.cell_of(value)
    return (within if leaf.inside else axis.known & ~within) | (1 << len(axis.first) if leaf.absent else 0)


def related_cells(leaf: RelatedValues, form: Form) -> int:
    """The mask of the cells of a form in which a leaf holds."""
    within = form.at_most(leaf.relation.limit)
    cells = within if leaf.holds else form.known & ~within
    for name, holds in leaf.absences:
        if holds:
            cells |= form.unknown if name in form.optional else form.none
    return cells


def _below(axis: Axis, value: int) -> int:
    """The known cells of an ordered axis below a value, at which a cell begins."""
    return (1 << bisect_left(axis.first, value)) - 1  # type: ignore[type-var]


def usual_value(axis: Axis) -> GridValue | None:
    """The usual value of a fact; None where it has none, or is usually absent."""
    usual = cases.usual_value(axis.fact)
    return None if isinstance(usual, Absent) else usual
