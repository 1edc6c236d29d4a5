"""Forms: sums of facts' values, each times a factor. A form has an axis, as a fact has, with cells between limits.

All relations on the same facts with the same factors are sets of cells of one form: `balance < last_month` and `balance
>= last_month - CNY 100` are on one axis. The last cells are *unknown*, if one of the facts is unknown, and *none*, if
no fact is unknown and one is none.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from attrs import evolve, frozen

from forbear.kernel.cases import GridValue
from forbear.language.model.facts import Fact
from forbear.space.masks import runs

Limit = int | None


@frozen(slots=False)
class Form:
    """A form, by the axes of its facts.

    Its known cells begin at `least`, its least value, and at each of the values in `starts`. `optional` are its facts
    that may be unknown, and `or_none` those that may be none.
    """

    facts: tuple[str, ...]
    factors: tuple[int, ...]
    least: int
    starts: tuple[int, ...]
    optional: tuple[str, ...]
    or_none: tuple[str, ...]
    label: str = ""
    """Tells it from a form of the same sum with other cells."""

    @cached_property
    def name(self) -> str:
        """The name of its axis. It contains spaces, so no fact has it."""
        return self.label + form_name(self.facts, self.factors)

    @property
    def terms(self) -> tuple[tuple[str, int], ...]:
        """Its facts with their factors."""
        return tuple(zip(self.facts, self.factors, strict=True))

    @cached_property
    def known(self) -> int:
        """The mask of the known cells."""
        return (1 << len(self.starts) + 1) - 1

    @property
    def unknown(self) -> int:
        """The bit of the cell of unknown, 0 if it has none."""
        return self.known + 1 if self.optional else 0

    @property
    def none(self) -> int:
        """The bit of the cell of none, 0 if it has none."""
        return (self.known + 1) << bool(self.optional) if self.or_none else 0

    @cached_property
    def everything(self) -> int:
        """The mask of all cells."""
        return self.known | self.unknown | self.none

    def at_most(self, limit: int) -> int:
        """The mask of the known cells up to a limit, at which one ends."""
        return (1 << bisect_right(self.starts, limit) + 1) - 1 if limit >= self.least else 0

    def ranges(self, mask: int) -> Iterator[tuple[Limit, Limit]]:
        """The values of the known cells of a mask, from the first to the last of each range; None is without end."""
        for first, last in runs(mask & self.known):
            low = self.starts[first - 1] if first else None
            yield low, self.starts[last] - 1 if last < len(self.starts) else None

    def cell_of(self, case: Mapping[str, GridValue]) -> int:
        """Returns the bit of the cell that a case is in; 0 if the values of its facts in the case do not determine
        it.
        """
        if any(case.get(name, 0) is None for name in self.optional):
            return self.unknown
        if all(name in case for name in self.optional) and any(case.get(name, 0) is None for name in self.or_none):
            return self.none
        values = [case.get(name) for name in self.facts]
        if any(value is None for value in values):
            return 0
        total = sum(factor * int(value or 0) for factor, value in zip(self.factors, values, strict=True))
        return 1 << bisect_right(self.starts, total)

    def renamed(self, names: Mapping[str, str]) -> Form:
        """The same of other cases' facts."""
        facts, optional, or_none = (
            tuple([names.get(name, name) for name in some]) for some in (self.facts, self.optional, self.or_none)
        )
        return evolve(self, facts=facts, optional=optional, or_none=or_none)


def form_name(facts: tuple[str, ...], factors: tuple[int, ...]) -> str:
    """The name of the axis of a form."""
    first, *others = zip(factors, facts, strict=True)
    return " ".join([f"{first[0]} {first[1]}", *[f"{factor:+} {fact}" for factor, fact in others]])


def form_of(facts: Mapping[str, Fact], names: tuple[str, ...], factors: tuple[int, ...], limits: Iterable[int]) -> Form:
    """The form of some relations. Limits that no case can reach, or every case keeps, divide nothing."""
    ends = [
        sorted((factor * facts[name].low, factor * facts[name].high))
        for name, factor in zip(names, factors, strict=True)
    ]
    least, most = (sum(end[place] for end in ends) for place in (0, 1))
    starts = tuple(sorted({limit + 1 for limit in limits if least <= limit < most}))
    optional, or_none = (tuple([n for n in names if getattr(facts[n], what)]) for what in ("optional", "or_none"))
    return Form(names, factors, least, starts, optional, or_none)
