"""A recorded piece of editing on 1,000 rules, and how long the studio's session takes for it.

It runs under Pyodide too, so it imports nothing but the standard library.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

RULES = 1_000
KEYSTROKES = 500
PLACES = (2, 250, 500, 750, 998)
RECORDED = (
    (" then", " and unreachable >= 3"),
    (" then", " and ovedue_amount > CNY 100"),
    ("rule rule_", 'rule tried:\n  after 60 days and placed then allow sms\n  because "a trial"\n\n'),
    (" then", ' # "then'),
    ('"', "(1"),
    ("rule rule_", "table t\n  | days_overdue | then |\n  | > 9 | never |\n"),
)
"""Before which words of a rule something is typed, one key after the other, and then deleted again. After that the
author waits for the findings."""
TYPES_ON = 7
"""After so many the next keystroke comes while the findings are looked for."""


def keys(whole: str) -> Iterator[tuple[int, int, str]]:
    """What is typed into a text: from where to where, and what; what was typed is deleted again, key by key."""
    for number in count():
        before, typed = RECORDED[number % len(RECORDED)]
        start = whole.index(f"rule rule_{PLACES[number % len(PLACES)]}:")
        start = whole.index(before, start)
        for place, key in enumerate(typed, start):
            yield place, place, key
        for place in reversed(range(start, start + len(typed))):
            yield place, place + 1, ""


def of(times: list[float]) -> tuple[float, float, float]:
    """The median, what 95 of 100 are below, and the worst, in seconds."""
    times = sorted(times)
    return times[len(times) // 2], times[min(int(len(times) * 0.95), len(times) - 1)], times[-1]


def typed(session: Any, whole: str, clock: Callable[[], float]) -> dict[str, list[float]]:
    """Types into a session of the studio, which is asked what its page asks; the seconds of each answer."""
    waits: dict[str, list[float]] = {"first": [], "names": [], "findings": [], "completion": [], "hover": []}

    def timed(what: str, *asked: tuple[Callable[..., object], *tuple[object, ...]]) -> None:
        start = clock()
        for answer, *given in asked:
            answer(*given)
        waits[what].append(clock() - start)

    session.open(None, whole, {})
    timed("first", (session.check, whole))
    session.findings(whole)
    text = whole
    for number, (begin, end, key) in zip(range(KEYSTROKES), keys(whole), strict=False):
        text = text[:begin] + key + text[end:]
        timed("names", (session.check, text))
        if number % 10 == 0:
            timed("completion", (session.complete, text, begin))
            timed("hover", (session.hover, text, begin))
        if text == whole:
            name = whole.index("score", whole.index(f"rule rule_{number}:"))
            for edited in (f"{whole[:name]} {whole[name:]}", whole):
                timed("findings", (session.check, edited), (session.findings, edited))
    return waits
