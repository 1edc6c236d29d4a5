"""Cases whose facts of the day constrain one another: its date, its day of the week, and whether it is worked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta

from forbear.kernel.cases import InPart, read_case
from forbear.kernel.history.moments import WEEKDAYS, worked_days
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.space.axes import DAY
from forbear.space.predicates.specs import specs

_DAYS = 40
"""The number of days that are tried: they have each day of the week, worked and not."""


def on_one_day(policy: TypedPolicy, case: Mapping[str, object]) -> Mapping[str, object]:
    """Returns the case on the first day, from its own or from the policy's first day on, on which its facts of the day
    are consistent and each rule has the same truth; the case as it is if there is no such day.

    To the search, these facts are independent of each other. A case in which something is counted from another date
    keeps its day.
    """
    dates = [name for name, derived in policy.derived.items() if derived.measure == "date" and name in case]
    first = case.get(DAY, case[dates[0]] if dates else None)
    if not isinstance(first, str) or any(derived.of in case for derived in policy.derived.values() if derived.of):
        return case
    start = max(date.fromisoformat(first), date.fromordinal(policy.since or 1))
    said = _truths(policy, case)
    for number in range(_DAYS):
        candidate = _with_day(policy, case, start + timedelta(days=number), dates)
        if candidate is not None and _truths(policy, candidate) == said:
            return candidate
    return case


def _with_day(
    policy: TypedPolicy, case: Mapping[str, object], day: date, dates: list[str]
) -> Mapping[str, object] | None:
    """The case with the facts of a day; None for a day that a calendar does not cover."""
    changed = {**case, **dict.fromkeys(dates, day.isoformat())}
    if DAY in case:
        changed[DAY] = day.isoformat()
    for name, derived in policy.derived.items():
        if name not in case or derived.events is not None:
            continue
        if derived.measure == "weekday":
            changed[name] = WEEKDAYS[day.weekday()]
        elif derived.worked is not None:
            if not derived.worked.first <= day.toordinal() <= derived.worked.last:
                return None
            if derived.of is None:
                changed[name] = worked_days(derived.worked, day.toordinal() - 1, day.toordinal()) == 1
    return changed


def _truths(policy: TypedPolicy, case: Mapping[str, object]) -> list[bool | None]:
    """Returns the truth of each rule on the day of a case."""
    tables = specs(policy)
    given = {name: value for name, value in case.items() if name != DAY}
    values = {name: InPart.whole(value) for name, value in read_case(tables.facts, (), given).items()}
    needed = {name: values.get(name) for name in tables.needed}
    day = case.get(DAY)
    on = date.fromisoformat(day).toordinal() if isinstance(day, str) else None
    return [
        meaning.rule_in_force(rule, on) and meaning.truth(rule.condition, policy.facts, needed)
        for rule in tables.policy.rules
    ]
