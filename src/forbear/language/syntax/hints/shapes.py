"""What a condition may be with the names that a statement has in it: shown where it is not certain what was meant."""

from __future__ import annotations

import re
from collections.abc import Sequence

from forbear.language.syntax.hints.forms import clock_of, sign_of
from forbear.language.syntax.hints.known import Known

_SHAPES = {
    **dict.fromkeys(["yes/no", "define", "any", "holiday", "working", "now"], ("{2}{0}",)),
    "money": ("{0} >= {1} N",),
    "sum": ("{0} >= {1} N",),
    "percent": ("{0} >= N%",),
    "date": ("today <= {0}", "today > {0} + N days"),
    "time": ("{0} >= 08:00",),
    "text": ('{0} is "TEXT"',),
    "weekday": ("{0} is one of saturday, sunday",),
}
"""The conditions with a fact, by the first word of its type; of others `FACT >= N`. The second field is a currency, the
third `not ` where the statement denies something."""
_NO_FACTS = frozenset(["action", "group", "calendar", "event", "has", "setting", "weekly"])
_VAGUE = re.compile(r"(?:day|week|month|year|hour|time|contact)s?|[0-9].*|before|after|calls?")
_NEGATION = re.compile(r"n['’]t\b|\b(?:not|no|without)\b")
_CURRENCY = re.compile(r"\bcurrency\s+([A-Z]{3})\b")
_NO_UNIT = re.compile(r"\b(?:after|before|from|until)\s+[0-9]+(?=\s*(?:$|,|and\b|or\b|then\b))")
"""A number of days, or an hour."""
_MOST = 3
"""The number of names for which conditions are shown."""


def shapes_of(statement: str, known: Known) -> str:
    """Returns the end of a help: the forms of conditions on the facts and events that a statement names, or that have
    one of its words in their names; empty if there are none.
    """
    words = [*dict.fromkeys(re.findall(r"[a-z][a-z0-9_]*", statement.lower()))]
    named = [word for word in words if known.types.get(word, "action") not in _NO_FACTS and word != "today"]
    events = [word for word in words if known.types.get(word) == "event" and not _VAGUE.fullmatch(word)]
    like = dict.fromkeys(fact for word in words if word not in known.types for fact in _like(word, known))
    no = "not " if _NEGATION.search(statement) else ""
    shapes = [shape for name in [*(named or like), *events][:_MOST] for shape in _shapes(name, no, known)]
    for start in _NO_UNIT.findall(statement) if known.may_be("local_time") else ():
        number = int(start.split()[1])
        shapes += [f"`{clock_of(start)}`", *[f"`local_time {sign_of(start)} {number:02}:00`"] * (number < 24)]
    return f", with a condition such as {_listed(shapes)}" if shapes else ""


def _like(word: str, known: Known) -> list[str]:
    """The facts that have a word in their names, or one that begins alike."""
    if len(word) < 5 or _VAGUE.fullmatch(word):
        return []
    return [
        name
        for name, kind in known.types.items()
        if kind not in _NO_FACTS and any(part[:5] == word[:5] for part in name.split("_"))
    ]


def _shapes(name: str, no: str, known: Known) -> list[str]:
    kind, _, or_none = known.types[name].partition(" ")
    if kind == "event":
        how = f"{name}s count of {name} in last N days", f"days_since_{name} days since last {name}"
        return [f"`{one.split()[0]} >= N` with `fact {one}` declared" for one in how]
    values = known.values.get(name, ())
    forms: Sequence[str] = [f"{name} is {value}" for value in values[:2]] or _SHAPES.get(kind, ("{0} >= N",))
    currency = _CURRENCY.search(known.text)
    written = [form.format(name, "CNY" if currency is None else currency[1], no) for form in forms]
    return [f"`{form}`" for form in (*written, *([f"{name} is none"] if or_none else []))]


def _listed(shapes: Sequence[str]) -> str:
    return shapes[0] if len(shapes) == 1 else f"{', '.join(shapes[:-1])} or {shapes[-1]}"
