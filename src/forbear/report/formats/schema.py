"""A JSON Schema (draft 2020-12) of the cases that a policy decides.

What the schema rejects, `decide` rejects too, and the reverse for each value alone, but for steps of numbers such as
0.01 (of which binary floats are no multiples), steps of texts of digits that divide no power of ten, and zones. Limits
and steps are therefore in the descriptions.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import cache
from typing import TypeAlias

from forbear.kernel.cases import decimal_text
from forbear.kernel.history.counting import OPENING
from forbear.kernel.history.moments import MOST_ZONES
from forbear.language.model.derived import Event, known_in_part
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import HOURS, Storage
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import range_text

_FOURTH = "(0[48]|[2468][048]|[13579][26])"
_ANY_DAY = "((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])|(0[13-9]|1[0-2])-(29|30)|(0[13578]|1[02])-31)"
_DATE = f"((000[1-9]|00[1-9][0-9]|0[1-9][0-9]{{2}}|[1-9][0-9]{{3}})-{_ANY_DAY}|([0-9]{{2}}{_FOURTH}|{_FOURTH}00)-02-29)"
_OF_MOMENT = (
    f"(([1-8][0-9]{{3}}|9[0-8][0-9]{{2}}|99[0-8][0-9]|999[0-8])-{_ANY_DAY}"
    f"|([1-9][0-9]{_FOURTH}|([2468][048]|[13579][26])00)-02-29)"
)
_DAY = {"format": "date", "pattern": f"^{_DATE}$"}
_CLOCK = "([01][0-9]|2[0-3]):[0-5][0-9]"
MOMENT = f"{_OF_MOMENT}[T ]{_CLOCK}(:[0-5][0-9]([.][0-9]{{1,9}})?)?(Z|[+-]{_CLOCK})?"
"""The texts that are moments."""
_TIME = f"^{_CLOCK}(:[0-5][0-9])?$"
_WEEKDAY = "(mon|tue|wed|thu|fri|sat|sun)"
_HOURS = f" *{_WEEKDAY}(-{_WEEKDAY})? +{_CLOCK}-({_CLOCK}|24:00) *"
_DIFFERENT = "|".join(
    f"{'.' * place}{digit}{'.' * 5}[^{digit}]{'.' * (4 - place)}" for place in (0, 1, 3, 4) for digit in range(10)
)
"""Hours whose end is not their beginning: they differ in one of the four digits."""
_SPANS = [{"pattern": f"^({_HOURS}(,{_HOURS})*)?$"}, {"pattern": f"^([^,]*({_DIFFERENT}) *(,|$))*$"}]
Shared: TypeAlias = dict[str, dict[str, object]] | None
_MOST_DIGITS = 40
"""The most digits that `decide` reads before the point of a text, and behind it, with all zeros."""
_ZONE = {"type": "string", "minLength": 1}
_ZONES = {
    "description": "The borrower's time zone, or several, by their IANA names; it goes with a moment",
    "anyOf": [_ZONE, {"type": "array", "items": _ZONE, "minItems": 1, "maxItems": MOST_ZONES}],
}


def case_schema(policy: TypedPolicy, shared: Shared = None) -> dict[str, object]:
    """The schema of a case. Facts that no rule reads are allowed, and checked.

    A case has the facts that are derived from events, or else the history. A fact that is derived from the moment of
    the decision is not required, since the caller may give the moment. The schemas of numbers that have the range of
    their kind are put into `shared`, and referred to.
    """
    needed = [name for name in facts_read(policy) if not policy.facts[name].optional]
    in_part = known_in_part(policy.derived)
    counted = [name for name in needed if name in policy.derived and policy.derived[name].events is not None]
    schema: dict[str, object] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"A case for policy {policy.name}",
        "type": "object",
        "properties": {
            **{fact.name: _fact_schema(fact, shared, fact.name in in_part) for fact in policy.facts.values()},
            "on": {"description": "The day of the decision", "type": ["string", "null"], **_DAY},
            "at": {"description": "The moment of the decision", "type": ["string", "null"], "pattern": f"^{MOMENT}$"},
            **({} if "zone" in policy.facts else {"zone": _ZONES}),
            **_history_schema(policy),
        },
        "required": [name for name in needed if name not in policy.derived],
        "additionalProperties": False,
    }
    either = [(counted, ["history", "history_from"])] if counted else []
    of_dates = [(name, policy.derived[name].of) for name in needed if name in policy.derived and name not in counted]
    either += [([name], [of]) for name, of in of_dates if of is not None]
    if either:
        schema["allOf"] = [{"anyOf": [{"required": one}, {"required": other}]} for one, other in either]
    return {**schema, "dependentSchemas": _together(policy)}


def _together(policy: TypedPolicy) -> dict[str, object]:
    """What a case with a moment, or with a history, has as well, and what it leaves out, as it follows."""
    derived = {name: policy.derived[name] for name in policy.facts if name in policy.derived}
    by_clock = [name for name, its in derived.items() if its.measure in ("time", "date", "weekday")]
    moment: dict[str, object] = {"required": [] if "zone" in policy.facts else ["zone"]}
    if by_clock:
        moment["properties"] = dict.fromkeys(by_clock, False)
    by_hours = [{"not": {"required": [its.hours, name]}} for name, its in derived.items() if its.hours is not None]
    if by_hours:
        moment["allOf"] = by_hours
    schemas: dict[str, object] = {"at": {"anyOf": [{"properties": {"at": {"type": "null"}}}, moment]}}
    of_events = {name: its for name, its in derived.items() if its.events is not None}
    if of_events:
        read = [its for name, its in of_events.items() if name in facts_read(policy)]
        sources = {name for its in read for name in its.sources(policy.events)}
        schemas["history"] = {
            "required": ["history_from", *sorted(name for name in sources if not policy.facts[name].optional)],
            "properties": dict.fromkeys(of_events, False),
        }
    return schemas


def _history_schema(policy: TypedPolicy) -> dict[str, object]:
    """The entries of a case that belong to its events, if the policy reads any."""
    if not policy.events:
        return {}
    events = [event_schema(event) for event in policy.events.values()]
    return {
        "history": {"description": "What happened, in any order", "type": "array", "items": {"anyOf": events}},
        "history_from": {
            "description": "The first day of which all events are there",
            "anyOf": [{"const": OPENING}, {"type": "string", "pattern": _DAY["pattern"]}],
        },
    }


def event_schema(event: Event, shared: Shared = None) -> dict[str, object]:
    """The schema of an event of a kind. Its numbers are shared as those of a case."""
    attributes = event.attributes.values()
    schema: dict[str, object] = {
        "type": "object",
        "properties": {
            "event": {"const": event.name},
            "at": {"type": "string", "pattern": f"^{MOMENT}$"},
            "id": {"type": ["string", "integer"]},
            **{attribute.name: _fact_schema(attribute, shared) for attribute in attributes},
        },
        "required": ["event", "at", *(attribute.name for attribute in attributes if not attribute.optional)],
        "additionalProperties": False,
    }
    return {"description": event.description, **schema} if event.description else schema


def _fact_schema(fact: Fact, shared: Shared, in_part: bool = False) -> dict[str, object]:
    choices = _values(fact)
    if in_part:
        number = choices[0]
        ends = {"at_least": number, "at_most": number, **({"or_none": {"type": "boolean"}} if fact.or_none else {})}
        known = {"type": "object", "properties": ends, "additionalProperties": False, "minProperties": 1}
        choices.append({"description": "What is known of it", **known})
    if fact.optional:
        choices.append({"type": "null"})
    if fact.or_none and (fact.kind.storage is not Storage.TEXT or fact.kind is HOURS):
        choices.append({"const": "none"})
    schema: dict[str, object] = choices[0] if len(choices) == 1 else {"anyOf": choices}
    if shared is not None and fact.kind.numeric and _of_its_kind(fact):
        words = f"{fact.kind.word} {fact.currency or ''}".title().replace(" ", "")
        name = f"{words}{'InPart' * in_part}{'OrUnknown' * fact.optional}{'OrNone' * fact.or_none}Value"
        shared[name] = schema
        schema = {"$ref": f"#/components/schemas/{name}"}
    described = "; ".join(filter(None, (fact.description, range_text(fact))))
    return {"description": described, **schema} if described else schema


def _of_its_kind(fact: Fact) -> bool:
    """Whether a number has the step and the range of its kind."""
    return fact.step == fact.kind.step and (fact.low, fact.high) == fact.kind.limits_in(fact.step)


def _values(fact: Fact) -> list[dict[str, object]]:
    if fact.kind.numeric:
        number: dict[str, object] = {"type": "integer" if fact.step.denominator == 1 else "number"}
        number["minimum"] = _number(decimal_text(fact.low * fact.step))
        number["maximum"] = _number(decimal_text(fact.high * fact.step))
        if fact.step != 1 and fact.step.denominator.bit_count() == 1:  # exact in binary
            number["multipleOf"] = _number(decimal_text(fact.step))
        currency = f"({fact.currency} )?" if fact.currency else ""
        places = len(decimal_text(fact.step).partition(".")[2])
        step = int(fact.step * 10**places)
        above = _digits(fact.low * step, fact.high * step, step, places)
        below = _digits(-fact.high * step, -fact.low * step, step, places)
        signed = [f"{sign}{digits}" for sign, digits in (("", above), ("-", below)) if digits is not None]
        either = f"-?{above}" if below == above else _one_of(signed)
        return [number, {"type": "string", "pattern": f"^{currency}{either}$"}]
    match fact.kind.storage:
        case Storage.FLAG:
            return [{"type": "boolean"}]
        case Storage.NAME:
            return [{"enum": list(fact.names)}]
        case Storage.DATE:
            return [{"type": "string", **_DAY}]
        case Storage.TIME:
            return [{"type": "string", "pattern": _TIME}]
        case _ if fact.kind is HOURS:
            hours: dict[str, object] = {"type": "string", "allOf": _SPANS}
            return [hours, {"type": "array", "items": hours}]
        case _:
            return [{"type": "string"}]


def _digits(low: int, high: int, step: int, places: int) -> str | None:
    """A pattern of the texts of multiples of a step, from zero or `low` to `high`, of whose digits `places` are behind
    the point; None if there are none. It leaves out a step that divides no power of ten."""
    if high < 0:
        return None
    low, step, unit = max(low, 0), step if 10**_MOST_DIGITS % step == 0 else 1, 10**places

    @cache
    def last(low: int, high: int, past: int, left: int) -> str | None:
        """A pattern of the last digits of numbers: `left` digits, and a multiple of the step with `past` added."""
        if low + -(low + past) % step > high:
            return None
        if left == 0:
            return f"0{{0,{_MOST_DIGITS - places}}}" if places else ""
        power, by_pattern = 10 ** (left - 1), defaultdict[str | None, str](str)
        for digit in range(10):
            begin = digit * power
            pattern = last(max(low - begin, 0), min(high - begin, power - 1), (past + begin) % step, left - 1)
            by_pattern[pattern] += str(digit)
        found = _one_of([f"{_class(digits)}{pattern}" for pattern, digits in by_pattern.items() if pattern is not None])
        found = rf"\.{found}" if left == places else found
        return f"({found})?" if left <= places and low == past == 0 else found

    free = len(str((high + 1) // unit)) - 1 if low == 0 and step == 1 else 0
    patterns = [f"0{{0,{_MOST_DIGITS - free}}}[0-9]{{1,{free}}}{last(0, unit - 1, 0, places)}"] if free else []
    for size in range(free + 1 if free else 0, len(str(high // unit)) + 1):
        least = 10 ** (size - 1) * unit if size else 0
        pattern = last(max(low, least), min(high, 10**size * unit - 1), 0, size + places)
        if pattern is not None:
            patterns.append(f"0{{{int(size == 0)},{_MOST_DIGITS - size}}}{pattern}")
    return _one_of(patterns) + ("" if places else rf"(\.0{{1,{_MOST_DIGITS}}})?")


def _one_of(patterns: Sequence[str]) -> str:
    return patterns[0] if len(patterns) == 1 else f"({'|'.join(patterns)})"


def _class(digits: str) -> str:
    if len(digits) == 1:
        return digits
    return f"[{digits[0]}-{digits[-1]}]" if len(digits) == int(digits[-1]) - int(digits[0]) + 1 else f"[{digits}]"


def _number(text: str) -> int | float:
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)
