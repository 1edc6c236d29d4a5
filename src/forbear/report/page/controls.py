"""The controls of a case on the page: one for each fact that rules read, by its type and range."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from fractions import Fraction

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.kernel.cases import GridValue, decimal_text, in_digits
from forbear.language.model.conditions import facts_in
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.values import value_json, value_text
from forbear.space.axes import Axis
from forbear.space.search.witness import minimal_case

_STOPS = 2_000
"""The most stops of a slider."""
_FEW = 6
"""The most controls that are not folded."""
_FAR = 10**12
"""A longer range is cut for a slider: beyond the last threshold all values give the same verdicts."""


@frozen
class Slider:
    """The range and step of a slider, on the fact's grid."""

    low: int
    high: int
    step: int


@frozen
class Control:
    """The input of a fact: a field for any value and, for numbers, a slider.

    - `value` is the initial value as a text; None if the fact is unknown or none initially.
    - `absent` is the word for an absent value, if the fact may be absent.
    - `choices` are the values of a flag or an enumeration, and the texts that rules name.
    - `boundaries` are the boundary values.

    Values are texts that a case may hold.
    """

    fact: Fact
    unit: str
    about: str
    value: str | None
    absent: str | None
    choices: tuple[str, ...]
    slider: Slider | None
    least: str | None
    most: str | None
    boundaries: tuple[str, ...]


@frozen
class ControlGroup:
    """Controls that are shown together. `open` is whether they are shown at once."""

    title: str
    controls: tuple[Control, ...]
    open: bool


def controls(
    analysis: Analysis, case: Mapping[str, GridValue] | None = None, first: Collection[str] = ()
) -> list[ControlGroup]:
    """Returns the controls, with the values of a case or, without one, usual or mildest values.

    They cover all facts that are read, the clock first. Those that matter most come first: the facts in `first` or,
    without these, those that own rules read to permit something; then those of the other own rules, and then those that
    standards alone read.
    """
    if case is None:
        case, _ = minimal_case({}, analysis.policy, analysis.space.cells, analysis.space.needed, {})
    unsorted = [_control(analysis.space.cells.axes[name], case[name]) for name in analysis.space.needed]
    unsorted.sort(key=lambda control: not control.fact.clock)
    permits: set[str] = set()
    own: set[str] = set()
    for rule in analysis.policy.rules:
        read = set(facts_in(rule.condition))
        if any(effect.permits for effect in rule.effects.values()):
            permits |= read
        if rule.standard is None:
            own |= read
    titles = ("What the change turns on",) if first else ("What would permit more",)
    if analysis.policy.standard:
        titles, first = ("What it turns on",), analysis.space.needed
    groups: dict[str, list[Control]] = {}
    for control in unsorted:
        opens = control.fact.name in (first or permits) or control.fact.clock
        holds = "What holds back" if control.fact.name in own else "What standards alone ask"
        groups.setdefault(titles[0] if opens else holds, []).append(control)
    order = [title for title in (*titles, "What holds back", "What standards alone ask") if title in groups]
    return [
        ControlGroup(title, tuple(groups[title]), at == 0 or len(groups[title]) <= _FEW)
        for at, title in enumerate(order)
    ]


def _control(axis: Axis, value: GridValue) -> Control:
    fact = axis.fact
    choices = fact.names
    if fact.kind.storage is Storage.FLAG:
        choices = ("yes", "no")
    elif fact.kind.storage is Storage.TEXT:
        choices = tuple([str(text_value) for text_value in axis.first[:-1]])
    dated = fact.kind.ranged and not fact.kind.numeric
    return Control(
        fact=fact,
        unit=fact.currency or fact.kind.sign or fact.kind.unit,
        about=_about(fact),
        value=None if value is None else given_text(fact, value),
        absent="unknown" if fact.optional else "none" if fact.or_none else None,
        choices=choices,
        slider=_slider(axis) if fact.kind.numeric else None,
        least=given_text(fact, fact.low) if dated else None,
        most=given_text(fact, fact.high) if dated else None,
        boundaries=_boundaries(axis),
    )


def given_text(fact: Fact, value: GridValue) -> str:
    """A value as a control shows it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return in_digits(value_json(fact, value))


def _about(fact: Fact) -> str:
    """The range and step of a fact, in words."""
    if not fact.kind.numeric:
        return ""
    step = "whole numbers" if fact.step == 1 else f"steps of {decimal_text(fact.step)}"
    low = f"from {value_text(fact, fact.low)}" if fact.low > -_FAR else ""
    high = f"to {value_text(fact, fact.high)}" if fact.high < _FAR else ""
    return ", ".join(filter(None, (" ".join(filter(None, (low, high))), step)))


def _slider(axis: Axis) -> Slider:
    """A slider over all thresholds and somewhat beyond, in round steps."""
    fact = axis.fact
    thresholds = [first for first in axis.first[1:] if isinstance(first, int)]
    unit = max(1, int(1 / fact.step))
    reach = max([abs(threshold) for threshold in thresholds], default=10 * unit)
    low = fact.low if fact.low > -_FAR else min([*thresholds, 0]) - reach // 4 - unit
    high = fact.high if fact.high < _FAR else max([*thresholds, low]) + reach // 4 + 3 * unit
    step = 1
    while (high - low) / step > _STOPS:
        step *= 10
    return Slider(low, high, step)


def _boundaries(axis: Axis) -> tuple[str, ...]:
    """The boundary values of a fact, as a case holds them."""
    return tuple([given_text(axis.fact, value) for cell in range(len(axis.first)) for value in axis.values(cell)])


def plain_case(analysis: Analysis) -> dict[str, object]:
    """The case in which every fact that is read is as usual, or else at its mildest, for the page."""
    case, _ = minimal_case({}, analysis.policy, analysis.space.cells, analysis.space.needed, {})
    facts = analysis.policy.facts
    return case_texts({name: value_json(facts[name], case[name]) for name in analysis.space.needed})


def case_texts(case: Mapping[str, object]) -> dict[str, object]:
    """Returns a case for the page. Numbers are texts of digits, so that none becomes a float."""
    return {name: _plain(value) for name, value in case.items()}


def _plain(value: object) -> object:
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    return decimal_text(Fraction(str(value)))
