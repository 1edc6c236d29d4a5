"""Cases in short: only the facts that matter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from forbear.model.facts import Fact
from forbear.model.policy import TypedPolicy
from forbear.model.values import quoted
from forbear.space.axes import DAY


def short_case(case: Mapping[str, object], policies: Iterable[TypedPolicy]) -> str:
    """Facts of a case as an example gives them: `days_overdue 14, promise broken`. None is unknown.

    The facts are those of the first of the policies that has them.
    """
    facts: dict[str, Fact] = {}
    for policy in policies:
        facts = {**policy.facts, **facts}
    given = [f"{name} {_value(value, facts.get(name))}" for name, value in case.items() if name != DAY]
    text = ", ".join(given) or "every fact usual, or at its mildest"
    return f"{text}, on {case[DAY]}" if DAY in case else text


def _value(value: object, fact: Fact | None) -> str:
    match value:
        case None:
            return "unknown"
        case bool():
            return "yes" if value else "no"
        case str() if fact is not None and fact.kind.literal == "text" and value != "none":
            return quoted(value)
        case str():
            return value
        case number if fact is not None and fact.kind.currency and fact.currency:
            return f"{fact.currency} {number}"
        case number:
            return f"{number}{fact.kind.sign if fact is not None else ''}"
