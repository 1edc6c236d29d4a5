"""The controls of a case on the page: one a fact that rules read, of its type and in its range."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from fractions import Fraction

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.kernel import GridValue, decimal_text
from forbear.model.facts import NUMERIC, Fact, Kind
from forbear.model.values import value_json, value_text
from forbear.space.axes import Axis
from forbear.space.search.witness import minimal_case

_STOPS = 2_000
"""A slider has no more stops than this."""
_FAR = 10**12
"""A range that goes further is cut for a slider: beyond the last threshold all values are alike."""


@frozen
class Slider:
    """What a slider runs over, in steps of the fact's grid."""

    low: int
    high: int
    step: int


@frozen
class Control:
    """How a fact is given: a field for any value, and beside it a slider where there is an order of numbers.

    `value` is what it shows at first, as a text; None where the fact is unknown or none at first. `absent` is the word
    for that, where the fact may be so. `starts` has, where there is an order, the first value of each stretch in which
    no rule tells values apart, and `choices` the values of a fact without one; all as texts that a case may hold.
    """

    name: str
    description: str | None
    kind: str
    unit: str
    about: str
    value: str | None
    absent: str | None
    choices: tuple[str, ...]
    slider: Slider | None
    least: str | None
    most: str | None
    tells: tuple[str, ...]


def controls(analysis: Analysis) -> list[Control]:
    """The controls, in the order of the vocabulary: the clock first."""
    case, _ = minimal_case({}, analysis.policy, analysis.space.cells, analysis.space.needed, {})
    found = [_control(analysis.space.cells.axes[name], case[name]) for name in analysis.space.needed]
    return sorted(found, key=lambda control: not analysis.policy.facts[control.name].clock)


def _control(axis: Axis, value: GridValue) -> Control:
    fact = axis.fact
    choices: tuple[str, ...] = ()
    if fact.kind is Kind.FLAG:
        choices = ("yes", "no")
    elif fact.kind in (Kind.CHOICE, Kind.ORDER):
        choices = fact.names
    elif fact.kind is Kind.TEXT:
        choices = tuple([str(one) for one in axis.first[:-1]])
    numbered = fact.kind in NUMERIC
    dated = fact.kind in (Kind.DATE, Kind.TIME)
    return Control(
        name=fact.name,
        description=fact.description,
        kind=fact.kind.value,
        unit=_unit(fact),
        about=_about(fact),
        value=None if value is None else given_text(fact, value),
        absent="unknown" if fact.optional else "none" if fact.or_none else None,
        choices=choices,
        slider=_slider(axis) if numbered else None,
        least=given_text(fact, fact.low) if dated else None,
        most=given_text(fact, fact.high) if dated else None,
        tells=_tells(axis),
    )


def given_text(fact: Fact, value: GridValue) -> str:
    """A value as its control shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value_json(fact, value))


def _unit(fact: Fact) -> str:
    return {Kind.MONEY: fact.currency or "", Kind.PERCENT: "%", Kind.DAYS: "days"}.get(fact.kind, "")


def _about(fact: Fact) -> str:
    """What values a fact has, in a few words."""
    if fact.kind not in NUMERIC:
        return ""
    step = "whole numbers" if fact.step == 1 else f"steps of {decimal_text(fact.step)}"
    low = f"from {value_text(fact, fact.low)}" if fact.low > -_FAR else ""
    high = f"to {value_text(fact, fact.high)}" if fact.high < _FAR else ""
    return ", ".join(filter(None, (" ".join(filter(None, (low, high))), step)))


def _slider(axis: Axis) -> Slider:
    """Over all thresholds and somewhat beyond, in round steps."""
    fact = axis.fact
    thresholds = [first for first in axis.first[1:] if isinstance(first, int)]
    unit = max(1, int(1 / fact.step))
    reach = max([abs(one) for one in thresholds], default=10 * unit)
    low = fact.low if fact.low > -_FAR else min([*thresholds, 0]) - reach // 4 - unit
    high = fact.high if fact.high < _FAR else max([*thresholds, low]) + reach // 4 + 3 * unit
    step = 1
    while (high - low) / step > _STOPS:
        step *= 10
    return Slider(low, high, step)


def _tells(axis: Axis) -> tuple[str, ...]:
    """The values at and beside the thresholds: all that can make a difference, as a case holds them."""
    found = []
    for cell in range(len(axis.first)):
        found += [given_text(axis.fact, value) for value in axis.values(cell)]
    return tuple(found)


def case_texts(case: Mapping[str, object]) -> dict[str, object]:
    """A case for the page: numbers as texts of digits, so that no float comes near them."""
    return {name: _plain(value) for name, value in case.items()}


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return decimal_text(Fraction(str(value)))
