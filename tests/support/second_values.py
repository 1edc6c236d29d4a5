"""Values and conditions, for the second evaluator of the JSON form."""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

Json = Any
Truth = bool | None
ORDERED = ("days", "count", "number", "percent", "money", "date", "time", "order")


class Refused(Exception):
    """The case cannot be decided. `names` are the entries that are wrong; an empty one is none of them."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = set(names)


class InPart(NamedTuple):
    """A number that is known in part: it is from `low` to `high`, or, with `none`, none."""

    low: int
    high: int
    none: bool


def unknown(fact: Json, value: Json) -> bool:
    """Whether the value of a fact is unknown, or known in part."""
    return isinstance(value, InPart) or (value is None and fact["absent"] == "unknown")


# Three values


def negation(one: Truth) -> Truth:
    return None if one is None else not one


def both(one: Truth, other: Truth) -> Truth:
    return False if False in (one, other) else None if None in (one, other) else True


def any_of(truths: Iterable[Truth]) -> Truth:
    found = set(truths)
    return True if True in found else None if None in found else False


def truth(condition: Json, values: Mapping[str, Json], facts: Mapping[str, Json]) -> Json:
    """Whether a condition holds: true, false, or None for unknown."""
    kind, *rest = condition
    if kind == "always":
        return True
    if kind == "not":
        return negation(truth(rest[0], values, facts))
    if kind == "or":
        return any_of(truth(part, values, facts) for part in rest[0])
    if kind == "and":
        return negation(any_of(negation(truth(part, values, facts)) for part in rest[0]))
    if kind == "related":
        one, times, operator, other, factor, more = rest
        return sum_of([[one, times], [other, str(-int(factor))]], operator, more, values, facts)
    if kind == "sum":
        terms, operator, more = rest
        return sum_of(terms, operator, more, values, facts)
    name, *rest = rest
    value, fact = values[name], facts[name]
    negated = rest[0] == "!=" if kind == "compare" else rest[-1]
    if kind == "is known":
        return (value is None or isinstance(value, InPart)) == negated
    if isinstance(value, InPart):
        limits = {"compare": rest[1:], "between": rest[:2], "one of": rest[0], "is none": ()}[kind]
        near = [int(limit) + step for limit in limits for step in (-1, 0, 1)]
        each = {one for one in (value.low, *near, value.high) if value.low <= one <= value.high}
        truths = {truth(condition, {name: one}, facts) for one in (*each, *([None] if value.none else []))}
        return truths.pop() if len(truths) == 1 else None
    if kind == "is none":
        return (value is None) != negated
    if value is None:
        return negated if fact["absent"] == "none" else None
    on_grid = int if fact["kind"] in ORDERED else lambda given: given
    if kind == "one of":
        return (value in [on_grid(one) for one in rest[0]]) != negated
    if kind == "between":
        low, high = int(rest[0]), int(rest[1])
        return (low <= value <= high if low <= high else value >= low or value <= high) != negated
    return compares(value, rest[0], on_grid(rest[1]))


def sum_of(terms: Json, operator: str, limit: str, values: Json, facts: Json) -> Truth:
    """Whether a sum of facts, each times its factor, compares with a limit as a condition says."""
    each = [values[name] for name, _ in terms]
    if operator in ("=", "!=") and any(isinstance(value, InPart) for value in each):
        ends = [["sum", terms, order, limit] for order in ("<=", ">=")]
        equal = truth(["and", ends], values, facts)
        return equal if operator == "=" else negation(equal)
    truths: set[Truth] = set()
    for some in itertools.product(*map(ends_of, each)):
        if any(one is None and facts[name]["absent"] == "unknown" for one, (name, _) in zip(some, terms, strict=True)):
            truths.add(None)
        elif None in some:
            truths.add(operator == "!=")
        else:
            total = sum(int(factor) * one for one, (_, factor) in zip(some, terms, strict=True))
            truths.add(compares(total, operator, int(limit)))
    return truths.pop() if len(truths) == 1 else None


def ends_of(value: Json) -> list[Json]:
    return [value.low, value.high, *([None] if value.none else [])] if isinstance(value, InPart) else [value]


def compares(value: Json, operator: str, other: Json) -> bool:
    meaning: Json = {
        "=": lambda: value == other,
        "!=": lambda: value != other,
        "<": lambda: value < other,
        "<=": lambda: value <= other,
        ">": lambda: value > other,
        ">=": lambda: value >= other,
    }
    return bool(meaning[operator]())


def within(dates: Json, day: int) -> bool:
    return (dates["since"] is None or int(dates["since"]) <= day) and (
        dates["until"] is None or day <= int(dates["until"])
    )


# Reading values. Each raises `ValueError` for what a fact cannot have


def read_value(fact: Json, raw: Json) -> Json:
    """A value on the grid of its fact; None for unknown and for none."""
    kind = fact["kind"]
    if raw is None and fact["absent"] == "unknown":
        return None
    if fact["absent"] == "none" and isinstance(raw, str) and raw == "none":
        return None
    if kind == "yes/no":
        if isinstance(raw, bool):
            return raw
        raise ValueError
    if kind == "text":
        if isinstance(raw, str) and not re.search("[\ud800-\udfff]", raw):
            return raw
        raise ValueError
    if kind == "weekly hours":
        parts = [part for one in (raw if isinstance(raw, list) else [raw]) for part in read_hours(one)]
        return ",".join(parts)
    if kind in ("choice", "order"):
        place = fact["names"].index(raw) if isinstance(raw, str) else -1
        if place < 0:
            raise ValueError
        return raw if kind == "choice" else place
    number = read_ordered(fact, raw)
    if number is None or not int(fact["low"]) <= number <= int(fact["high"]):
        raise ValueError
    return number


def read_hours(raw: Json) -> list[str]:
    """The parts of weekly hours as a text."""
    if not isinstance(raw, str):
        raise ValueError
    day, time = "(mon|tue|wed|thu|fri|sat|sun)", "([01][0-9]|2[0-3]):[0-5][0-9]"
    for part in raw.split(",") if raw else []:
        if not re.fullmatch(f" *{day}(-{day})? +(?!([0-9:]+)-\\4 )({time})-({time}|24:00) *", f"{part} "):
            raise ValueError
    return [raw] if raw else []


def read_ordered(fact: Json, raw: Json) -> int | None:
    """A date, a time or a number on the grid of its fact; None for anything else."""
    if fact["kind"] == "date":
        return read_day(raw)
    return read_time(raw) if fact["kind"] == "time" else read_number(fact, raw)


def read_fact(fact: Json, raw: Json) -> Json:
    """A value of a fact of the case, of which a number may be known in part."""
    if fact["cuts"] is None or not isinstance(raw, dict):
        return read_value(fact, raw)
    if not raw or raw.keys() - {"at_least", "at_most", "or_none"}:
        raise ValueError
    least, most = int(fact["low"]), int(fact["high"])
    low = read_ordered(fact, raw["at_least"]) if "at_least" in raw else least
    high = read_ordered(fact, raw["at_most"]) if "at_most" in raw else most
    none = raw.get("or_none", False)
    if low is None or high is None or not least <= low <= high <= most:
        raise ValueError
    if not isinstance(none, bool) or (none and fact["absent"] != "none"):
        raise ValueError
    if low == high and not none:
        return low
    if fact["absent"] == "needed" and (fact["related"] or any(low < int(cut) <= high for cut in fact["cuts"])):
        raise ValueError  # a comparison is left open
    return None if fact["absent"] == "unknown" and (low, high) == (least, most) else InPart(low, high, none)


def read_number(fact: Json, raw: Json) -> int | None:
    """A number in steps of its fact."""
    if isinstance(raw, str):
        if fact["kind"] == "money" and re.match("[A-Z]{3} ", raw):
            if raw[:3] != fact["currency"]:
                return None
            raw = raw[4:]
        if not re.fullmatch(r"-?[0-9]{1,40}(\.[0-9]{1,40})?", raw):
            return None
    elif isinstance(raw, bool) or not isinstance(raw, (int, float)):
        return None
    amount = Fraction(Decimal(raw if isinstance(raw, str) else repr(raw)))  # a float is the digits that it is shown as
    steps = amount / Fraction(int(fact["step"][0]), int(fact["step"][1]))
    return steps.numerator if steps.denominator == 1 and abs(amount) < 10**15 else None


def read_time(raw: Json) -> int | None:
    """The seconds since midnight; None where it is no time of day."""
    match = re.fullmatch("([01][0-9]|2[0-3]):([0-5][0-9])(?::([0-5][0-9]))?", raw) if isinstance(raw, str) else None
    return None if match is None else 3600 * int(match[1]) + 60 * int(match[2]) + int(match[3] or 0)


def read_day(raw: Json) -> int | None:
    """The number of a day; None where it is none."""
    if not isinstance(raw, str) or not re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        return None
    try:
        return dt.date.fromisoformat(raw).toordinal()
    except ValueError:
        return None
