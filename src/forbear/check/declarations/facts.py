"""Declarations of facts to facts: types, ranges and steps on the grid."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import cast

from attrs import evolve

from forbear.check.conditions.values import is_in_groups, on_grid
from forbear.check.declarations.settings import Declared
from forbear.check.scope import Scope
from forbear.kernel.history.counting import OF_DATES
from forbear.kernel.history.moments import WEEKDAYS
from forbear.language.model.derived import ALWAYS, Window
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import (
    CODE,
    COUNT,
    DATE,
    DAYS,
    FLAG,
    KINDS,
    NUMBER,
    ORDER,
    TIME,
    Kind,
    grid_of,
    kind_of,
)
from forbear.language.model.names import bundled_in, one_of
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, Special, Text, Value


def facts_of(statements: Iterable[Declared], scope: Scope) -> dict[str, Fact]:
    written = list(statements)
    facts: dict[str, Fact] = {}
    for module, node in written:
        if isinstance(node, nodes.Fact) and node.name.text not in facts:
            facts[node.name.text] = fact_of(node, scope.within(module.source))
        elif isinstance(node, nodes.DerivedFact) and node.name.text not in facts:
            attribute = _attribute(node, written, scope)
            of_date = None if node.of is None else _date(node.of.text, written, scope)
            facts[node.name.text] = _derived_fact(node, attribute, of_date, scope.within(module.source))
    return facts


def _date(name: str, statements: Iterable[Declared], scope: Scope) -> Fact | None:
    """The fact of a name that an age follows from."""
    for module, node in statements:
        if isinstance(node, nodes.Fact) and node.name.text == name:
            return fact_of(node, scope.within(module.source).reporting(lambda diagnostic: None))
    return None


def _attribute(node: nodes.DerivedFact, statements: Iterable[Declared], scope: Scope) -> Fact | None:
    """Returns the attribute that is summed, or taken of the last or first event, if there is one."""
    if node.attribute is None or node.events is None:
        return None
    for module, event in statements:
        if isinstance(event, nodes.Event) and event.name.text == node.events.event.text:
            for attribute in event.attributes:
                if attribute.name.text == node.attribute.text:
                    # Its errors are reported with the event.
                    return fact_of(attribute, scope.within(module.source).reporting(lambda diagnostic: None))
            return None
    return None


def fact_of(node: nodes.Fact, scope: Scope) -> Fact:
    kind = kind_of(node.type)
    name = node.name.text

    def bad(variant: str, **arguments: str) -> None:
        scope.report_at(node.name.span, f"bad-fact.{variant}", fact=name, **arguments)

    fact = Fact(
        name=name,
        kind=kind,
        names=tuple(dict.fromkeys(value.text for value in node.values)),
        currency=(node.currency.text if node.currency else scope.words.currency) if kind.currency else None,
        optional=node.optional,
        or_none=node.or_none and not node.optional,
        clock=node.clock and kind is DAYS,
        this_day=node.this_day and not node.clock,
        rising=node.rising and kind is DAYS and not node.clock and not node.this_day,
        description=_text(node.description),
        not_so=_not_so(node, kind, scope),
        consent=node.consent and kind is FLAG,
        place=scope.place(node.name.span),
        private=node.private,
    )
    if kind.currency:
        step = grid_of(fact.currency)
        low, high = kind.limits_in(step)
        fact = evolve(fact, step=step, low=low, high=high)
    if node.optional and node.or_none:
        bad("optional-or-none")
    elif node.clock and (node.optional or node.or_none):
        bad("clock-missing", word="optional" if node.optional else "or none")
    if node.clock and kind is not DAYS:
        bad("clock-type")
    by_time = {"clock": node.clock, "this day": node.this_day, "rising with days": node.rising}
    moved = [word for word, there in by_time.items() if there]
    if len(moved) > 1:
        bad("moved-twice", first=moved[0], second=moved[1])
    elif node.rising and kind is not DAYS:
        bad("rising-type")
    if node.consent and kind is not FLAG:
        bad("consent-type")
    if kind is CODE and fact.or_none and Absent.NONE in fact.names:
        bad("none-as-text")
    if node.steps is not None:
        fact = _with_steps(fact, node.steps, scope)
        if fact.rising and fact.step > 1:
            bad("rising-steps")
    if node.range is not None:
        fact = _with_range(fact, node.range, scope)
    if node.usually is not None:
        fact = evolve(fact, usually=given_value(fact, node.usually, scope))
    return fact


def _text(text: Text | None) -> str | None:
    return None if text is None else text.text


def _not_so(node: nodes.Fact | nodes.DerivedFact, kind: Kind, scope: Scope) -> str | None:
    if node.not_so is not None and kind is not FLAG:
        scope.report_at(node.not_so.span, "bad-fact.not-so", fact=node.name.text)
    return _text(node.not_so)


_KINDS = {
    "count": COUNT,
    "any": FLAG,
    **dict.fromkeys(OF_DATES, DAYS),
    "days since": DAYS,
    "days since first": DAYS,
    "years since": COUNT,
    "months since": COUNT,
    "days until": NUMBER,
    "working day": FLAG,
    "holiday": FLAG,
    "now within": FLAG,
    "working days since": DAYS,
}
_MOST = {
    "years since": (0, date.max.year - 1),
    "months since": (0, 12 * date.max.year - 1),
    "days until": (-date.max.toordinal(), date.max.toordinal()),
}
"""The ranges of ages: between any two days of the calendar."""


def _derived_fact(node: nodes.DerivedFact, attribute: Fact | None, of_date: Fact | None, scope: Scope) -> Fact:
    """Returns the fact with the type of its source. Without a last event there are no days since it: none."""
    measure = "days until" if node.of is not None and node.calendar is not None else node.measure
    kind = _KINDS.get(measure)
    if node.of_decision is not None:
        kind = {"time": TIME, "date": DATE}.get(node.of_decision.text, ORDER)
    elif kind is None:
        kind = NUMBER if attribute is None else attribute.kind
    or_none = measure in ("days since", "days since first", "working days since", "last", "first")
    optional = node.optional or (of_date is not None and of_date.optional)
    if of_date is not None and of_date.or_none and node.measure != "now within":
        or_none = True
    if or_none and node.optional:
        scope.report_at(node.name.span, "bad-fact.optional-none", fact=node.name.text)
    fact = Fact(
        name=node.name.text,
        kind=kind,
        names=WEEKDAYS if kind is ORDER else (),
        optional=optional and not or_none,
        or_none=or_none,
        description=_text(node.description),
        not_so=_not_so(node, kind, scope),
        place=scope.place(node.name.span),
        private=node.private,
        derived=True,
    )
    if measure in _MOST:
        low, high = _MOST[measure]
        fact = evolve(fact, step=Fraction(1), low=low, high=high)
    if measure in OF_DATES and node.window is not None:
        fact = evolve(fact, high=min(fact.high, _most_days(node.window, measure, scope)))
    if attribute is not None and kind.numeric:
        _, high = kind.limits_in(attribute.step)
        low = -high if attribute.low < 0 else 0
        fact = evolve(fact, step=attribute.step, currency=attribute.currency, low=low, high=high)
    if attribute is not None and or_none:
        fact = evolve(fact, low=attribute.low, high=attribute.high)
    if node.usually is None:
        return fact
    return evolve(fact, usually=given_value(fact, node.usually, scope))


def _most_days(node: nodes.Window, measure: str, scope: Scope) -> int:
    """Returns the most days that a window has, or the most consecutive ones among them."""
    whole = Fact(name="number", kind=COUNT, place=scope.place(node.span))
    quiet = scope.reporting(lambda diagnostic: None)  # its errors are reported with the events
    number, least = (0 if value is None else on_grid(whole, value, quiet) for value in (node.number, node.least))
    if not isinstance(number, int) or not isinstance(least, int):
        return ALWAYS
    first, last = Window(node.word, number, least=least).lies_in
    return max(last - max(first, measure == "days in a row") + 1, 1)


def _with_steps(fact: Fact, steps: Value, scope: Scope) -> Fact:
    if not fact.kind.numeric:
        scope.report_at(
            steps.span, "bad-fact.steps", fact=fact.name, types=_words(kind for kind in KINDS.values() if kind.numeric)
        )
        return fact
    # Read on the finest grid that there is, so that any step can be written.
    finest = Fraction(1) if fact.kind.whole else Fraction(1, 10**15)
    value = _with_unit(fact, steps)
    number = on_grid(evolve(fact, step=finest), value, scope, ranged=False)
    if number is None or (isinstance(value, Literal) and is_in_groups(value, value, scope)):
        return fact
    step = cast(int, number) * finest
    if step <= 0:
        scope.report_at(steps.span, "bad-fact.no-step")
        return fact
    low, high = fact.kind.limits_in(step)
    return evolve(fact, step=step, low=low, high=high)


def _with_unit(fact: Fact, value: Value) -> Value:
    """Returns a plain number as a percentage if a percentage is declared: `percent between 0 and 100`."""
    if fact.kind.literal == "percent" and isinstance(value, Literal) and value.kind == "number":
        return evolve(value, kind="percent")
    return value


def _with_range(fact: Fact, bounds: tuple[Value, Value], scope: Scope) -> Fact:
    if not fact.kind.ranged:
        scope.report_at(
            bounds[0].span,
            "bad-fact.range",
            fact=fact.name,
            types=_words(kind for kind in KINDS.values() if kind.ranged),
        )
        return fact
    low, high = (on_grid(fact, _with_unit(fact, bound), scope, ranged=False) for bound in bounds)
    if low is None or high is None:
        return fact
    if cast(int, low) > cast(int, high):
        scope.report_at(bounds[0].span, "empty-span.range", fact=fact.name)
        return fact
    return evolve(fact, low=cast(int, low), high=cast(int, high))


def _words(kinds: Iterable[Kind]) -> str:
    return one_of([kind.word for kind in kinds], "and")


def given_value(fact: Fact, value: Value | Special, scope: Scope) -> Grid | Absent | None:
    """A value where `none` and `unknown` are possible too: in `usually` and in the `given` of an example."""
    if not isinstance(value, Special):
        return on_grid(fact, value, scope)
    allowed = fact.or_none if value.word == "none" else fact.optional
    if allowed:
        return Absent(value.word)
    variant = "no-value" if bundled_in(fact.place) else f"never-{value.word}"
    scope.report_at(value.span, f"wrong-type.{variant}", fact=fact.name, word=value.word)
    return None
