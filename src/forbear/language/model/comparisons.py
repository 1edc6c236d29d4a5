"""Comparisons of a fact with values on its grid: the leaves of a condition. Of an unknown fact they are unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Literal, TypeAlias, assert_never

from attrs import frozen

from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage

Operator: TypeAlias = Literal["<", "<=", "=", "!=", ">=", ">"]
NEGATED: Mapping[Operator, Operator] = {"<": ">=", "<=": ">", "=": "!=", "!=": "=", ">=": "<", ">": "<="}
MIRRORED: Mapping[Operator, Operator] = {"<": ">", "<=": ">=", "=": "=", "!=": "!=", ">=": "<=", ">": "<"}
"""The operators with their sides changed over."""


@frozen
class Compare:
    """A comparison with a value: equality for every type, order for ordered types."""

    fact: str
    operator: Operator
    value: Grid


@frozen
class Between:
    """From `low` to `high`, both included. For a time, low > high means a range over midnight."""

    fact: str
    low: int
    high: int
    negated: bool


@frozen
class OneOf:
    fact: str
    values: tuple[Grid, ...]
    negated: bool

    @cached_property
    def members(self) -> frozenset[Grid]:
        """The values as a set, so that a long list is not searched."""
        return frozenset(self.values)


Comparison: TypeAlias = Compare | Between | OneOf


def holds_for_none(atom: Comparison) -> bool:
    """Returns true if a comparison is true when its fact is none: equality and order are false, their negations
    true.
    """
    return atom.operator == "!=" if isinstance(atom, Compare) else atom.negated


Ranges: TypeAlias = list[tuple[int, int]]
"""Whole numbers: from the first to the last of each range, both included. No two ranges touch."""


def ranges(atom: Comparison, fact: Fact) -> Ranges:
    """The known values of an ordered fact for which a comparison is true."""
    low, high = fact.low, fact.high
    inside: Ranges
    match atom:
        case Compare(operator="=" | "!=", value=value):
            inside = [(int(value), int(value))]
        case Compare(operator=operator, value=value):
            end = int(value) + (operator == ">") - (operator == "<")
            return merged([(end, high) if operator in (">", ">=") else (low, end)], fact)
        case Between(low=first, high=last):
            inside = [(first, last)] if first <= last else [(low, last), (first, high)]
        case OneOf(values=values):
            inside = [(value, value) for value in sorted(map(int, values))]
        case never:
            assert_never(never)
    if not holds_for_none(atom):
        return merged(inside, fact)
    starts, ends = [low, *[last + 1 for _, last in inside]], [*[first - 1 for first, _ in inside], high]
    return merged(zip(starts, ends, strict=True), fact)


def merged(pieces: Iterable[tuple[int, int]], fact: Fact) -> Ranges:
    """Returns ranges in ascending order, within that of a fact, and as few as possible."""
    ranges: Ranges = []
    for first, last in pieces:
        first, last = max(first, fact.low), min(last, fact.high)
        if first <= last:
            if ranges and first <= ranges[-1][1] + 1:
                first, end = ranges.pop()
                last = max(last, end)
            ranges.append((first, last))
    return ranges


def decided(atom: Comparison, fact: Fact) -> bool | None:
    """The result of a comparison if it is the same for every known value of its fact; None if it is not."""
    if fact.ordered:
        true_in = ranges(atom, fact)
        return True if true_in == [(fact.low, fact.high)] else None if true_in else False
    assert not isinstance(atom, Between)
    values = set(atom.values) if isinstance(atom, OneOf) else {atom.value}
    all_values = {Storage.FLAG: 2, Storage.NAME: len(fact.names)}.get(fact.kind.storage)
    negated = holds_for_none(atom)
    return negated if not values else not negated if len(values) == all_values else None
