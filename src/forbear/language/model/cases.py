"""Shortened cases, in the words of an example: without the facts that do not matter."""

from __future__ import annotations

import datetime
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from forbear.kernel.cases import PRIVATE, in_digits
from forbear.language.model.conditions import atoms, facts_of
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import COUNT, DATE, Storage
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import quoted, value_json, value_text, with_unit

DAY = "on"
"""The name of a case's day: a word of the grammar, so no fact has it."""
PLAIN_DATE = datetime.date(2026, 1, 7).toordinal()
"""The date of a case to which none matters: a Wednesday, which is the usual day of the week of the standard words."""
_ADULT = {
    DATE: (re.compile(r".*birth.*|(?:.*_)?(?:born|dob)(?:_.*)?"), datetime.date(1988, 5, 20).toordinal()),
    COUNT: (re.compile(r"(?:(?:borrower|customer|client|consumer|cardholder|debtor)_)?age(?:_(?:in_)?years)?"), 37),
}
"""Patterns of names of facts that are a birth date, or an age on the plain date; and an adult's value. Years since
another date, such as the last payment, are milder the fewer they are.
"""
_LAST_DAY = datetime.date.max.toordinal()
_ANOTHER = re.compile("other_*")
"""The value in a case for a text that no condition names."""


class Shorten(Protocol):
    """Leaves out of a case what does not matter, but for the facts to `keep`."""

    def __call__(self, case: Mapping[str, object], keep: Collection[str] = (), /) -> dict[str, object]: ...


def shortener(policy: TypedPolicy) -> Shorten:
    """A function that leaves out of a case, as `decide` takes it, the facts with their usual or mildest value.

    A fact that the policy reads and the case lacks is None, which is unknown. A fact that is shown brings with it the
    facts that it is compared with, if these are not at their usual value, and what follows from it by the day.
    """
    facts = policy.facts
    plain = {name: _plain_json(fact) for name, fact in facts.items()}
    usual = {name: fact.usually is not None for name, fact in facts.items()}
    read = frozenset(facts_read(policy))
    named = texts_like_other(policy)
    related = {facts_of(atom) for rule in policy.rules for atom in atoms(rule.condition) if len(facts_of(atom)) > 1}
    follow = {name: of for name in read if name in policy.derived and (of := policy.derived[name].of) is not None}

    def is_plain(name: str, value: object) -> bool:
        fact = facts[name]
        if plain[name] is not ... or fact.kind.storage is not Storage.TEXT:
            return value == plain[name] and type(value) is type(plain[name])
        return isinstance(value, str) and value not in named and _ANOTHER.fullmatch(value) is not None

    def shorten(case: Mapping[str, object], keep: Collection[str] = (), /) -> dict[str, object]:
        compared: set[str] = set(keep)
        shown = {
            name: case.get(name)
            for name in facts
            if (name in case or (name in read and facts[name].optional)) and not is_plain(name, case.get(name))
        }
        for names in related:
            if not shown.keys().isdisjoint(names):
                compared |= {
                    name
                    for name in names
                    if case.get(name, "none") not in ("none", None) and not (usual[name] and is_plain(name, case[name]))
                }
        if DAY not in case:  # the facts derived from a date would reveal the day
            compared |= {name for name, of in follow.items() if of in shown or of in compared}
        shown = {name: case.get(name) for name in facts if name in shown or name in compared}
        return {**shown, DAY: case[DAY]} if DAY in case else shown

    return shorten


def texts_like_other(policy: TypedPolicy) -> frozenset[str]:
    """The texts of conditions that a case could have for a text that no condition names."""
    return frozenset(
        text
        for rule in policy.rules
        for atom in atoms(rule.condition)
        for text in (getattr(atom, "value", None), *getattr(atom, "values", ()))
        if isinstance(text, str) and _ANOTHER.fullmatch(text)
    )


def plain_or_other(named: Collection[str], fact: Fact) -> Grid | Absent:
    """Returns the plain value of a fact; for a text without one, a text that no condition names, which is not in
    `named`.
    """
    value = plain_value(fact)
    if value is not None:
        return value
    return another_text(named)


def another_text(named: Collection[str]) -> str:
    """Returns a text that is none of these."""
    text = "other"
    while text in named:
        text += "_"
    return text


def _plain_json(fact: Fact) -> object:
    """Returns the plain value of a fact as a case gives it; `...` if no value is plain."""
    value = plain_value(fact)
    if value is None:
        return ...
    return value_json(fact, None if isinstance(value, Absent) else value)


def plain_value(fact: Fact) -> Grid | Absent | None:
    """The usual value of a fact, or else the mildest, which is the nearest to 0; None where it has neither."""
    usual = usual_value(fact)
    if usual is not None:
        return usual
    match fact.kind.storage:
        case Storage.FLAG:
            return False
        case Storage.TEXT:
            return None
        case Storage.NAME if not fact.ordered:
            return fact.names[0]
        case Storage.DATE if fact.low == fact.kind.limits[0]:
            return PLAIN_DATE
        case _:
            return 0 if is_unbounded_below(fact) else fact.low


def usual_value(fact: Fact) -> Grid | Absent | None:
    """The usual value of a fact: as declared, or an adult's for a date of birth or an age; None if it has none."""
    if fact.usually is not None or fact.kind not in _ADULT or fact.step != 1:
        return fact.usually
    called, adult = _ADULT[fact.kind]
    return adult if called.fullmatch(fact.name) and fact.low <= adult <= fact.high else None


def is_unbounded_below(fact: Fact) -> bool:
    """Returns true if a fact may have any value below 0 that its kind, or a number of days of the calendar, can
    have.
    """
    return fact.low < 0 and fact.low in (fact.kind.limits[0], -_LAST_DAY)


def case_text(case: Mapping[str, object], facts: Mapping[str, Fact]) -> str:
    """Facts of a case as an example gives them: `days_overdue 14, promise broken`. None is unknown."""
    facts_given = [f"{name} {given_value_text(value, facts.get(name))}" for name, value in case.items() if name != DAY]
    on = f"on {case[DAY]}" if DAY in case else ""
    if not facts_given:
        return ", ".join(["every fact usual, or at its mildest", *filter(None, [on])])
    return " ".join([", ".join(facts_given), *filter(None, [on])])


def given_value_text(value: object, fact: Fact | None) -> str:
    """A value of a case as an example gives it: `USD 500`, `yes`. None is unknown."""
    match value:
        case None:
            return "unknown"
        case Mapping():
            return PRIVATE  # it is hidden
        case bool():
            return "yes" if value else "no"
        case str() if fact is not None and fact.kind.literal == "text" and value != "none":
            return quoted(value)
        case str() if fact is not None and fact.kind.numeric and value.removeprefix("-")[:1].isdigit():
            return with_unit(fact, value)
        case str():
            return value
        case number:
            return in_digits(number) if fact is None else with_unit(fact, in_digits(number))


def given_texts(facts: Mapping[str, Fact], values: Mapping[str, Grid | Absent | None]) -> Iterator[str]:
    """Yields the texts that an example needs for some values, where None is absent.

    A fact that it leaves out is unknown if it is optional, otherwise of its usual value.
    """
    for name, fact in facts.items():
        if name in values:
            absent = Absent.UNKNOWN if fact.optional else Absent.NONE
            value = absent if values[name] is None else values[name]
            assert value is not None
            if value != (Absent.UNKNOWN if fact.optional else fact.usually):
                yield f"{name} {value_text(fact, value)}"
