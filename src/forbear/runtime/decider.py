"""Decisions as everybody asks for them: by compiled predicates, remembered by which rules hold.

A decider is made of a policy and never changes. What it remembers is bounded, and safe to share between threads: a
decision is put there whole, and two threads that find the same one put the same there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping
from functools import cached_property

from forbear import kernel
from forbear.history import has_history, readings, strictest
from forbear.policy.typed import TypedPolicy, about
from forbear.predicates import mask as masks
from forbear.predicates.specs import specs
from forbear.runtime.decision import Decision

REMEMBERED = 10_000
"""Decisions that a decider remembers before it begins anew."""


class Decider:
    """Decides the actions of a policy.

    With `action` it decides that one alone, and looks only at what the answer depends on: the facts that the rules on
    this action read.
    """

    def __init__(self, policy: TypedPolicy, action: str | None = None) -> None:
        self._action = action
        self._rules = policy if action is None else about(policy, action)
        self._tables = specs(self._rules)
        self._dates = (policy.name, policy.dated, policy.since, policy.until)
        self._dated = policy.dated
        self._layout = masks.layout(self._rules, self._tables.needed)
        self._quick = masks.quick(self._rules, self._tables, whole_case=action is None)
        self._decisions: dict[int, Decision] = {}
        self._answers: dict[int, bool] = {}
        first_days = {rule.since for rule in self._tables.rules if rule.since is not None}
        days_after = {rule.until + 1 for rule in self._tables.rules if rule.until is not None}
        self._changes = sorted(first_days | days_after)
        self._kept: dict[int, int] = {}

    def decide(self, case: object, on: object = None, at: object = None) -> Decision:
        """The decision. Raises `CaseError` with every fault of the case, or of the day or moment."""
        mask = self._quick(case) if at is None else None
        if mask is None or self._dated or on is not None:
            if mask is None and has_history(self._tables.history, case, at):
                return self._of_zones(case, on, at)
            mask = self._with_care(case, on, mask)
        decision = self._decisions.get(mask)
        return self._settle(mask) if decision is None else decision

    def permits(self, case: object, on: object = None, at: object = None) -> bool:
        """Whether the one action is permitted. Raises `CaseError` with the faults of what the answer depends on."""
        mask = self._quick(case) if at is None else None
        if mask is None or self._dated or on is not None:
            if mask is None and has_history(self._tables.history, case, at):
                assert self._action is not None
                return self._of_zones(case, on, at).permits(self._action)
            mask = self._with_care(case, on, mask)
        answer = self._answers.get(mask)
        if answer is None:
            assert self._action is not None
            answer = self._answers[mask] = self._settle(mask).permits(self._action)
        return answer

    def _of_zones(self, case: object, on: object, at: object) -> Decision:
        """The decision on a case with events or a moment: in each of its zones, and the strictest of these."""
        assert isinstance(case, Mapping)
        found = []
        for reading in readings(self._tables.history, case, on, at):
            mask = self._with_care(reading.case, on if reading.day is None else reading.day, None)
            found.append(self._decisions.get(mask) or self._settle(mask))
        if len(found) == 1:
            return found[0]
        return Decision({action: strictest([decision[action] for decision in found]) for action in found[0]})

    def _with_care(self, case: object, on: object, mask: int | None) -> int:
        day = kernel.decision_day(*self._dates, on)
        if mask is None:
            if self._action is not None:
                case = self._what_matters(case)
            values = kernel.read_case(self._tables.facts, self._tables.needed, case)
            mask = self._of_values(*[values[name] for name in self._tables.needed])
        return mask if day is None or not self._changes else mask & self._keep(day)

    def _what_matters(self, case: object) -> object:
        """The facts of a case that the rules read; where one is absent, those with a name that is not known too."""
        if not isinstance(case, Mapping):
            return case
        complete = all(name in case for name in self._tables.needed)
        needed, known = self._tables.needed, self._tables.facts
        return {name: value for name, value in case.items() if name in needed or not (complete or name in known)}

    def _keep(self, day: int) -> int:
        """What to keep of a mask on a day: between two changes it is the same."""
        period = bisect_right(self._changes, day)
        kept = self._kept.get(period)
        if kept is None:
            kept = self._kept[period] = self._layout.in_force(kernel.in_force(self._tables.rules, day))
        return kept

    def _settle(self, mask: int) -> Decision:
        certain, possible, unknown = self._layout.read(mask)
        decision = Decision(kernel.settle_all(self._tables.actions, self._tables.rules, certain, possible, unknown))
        if len(self._decisions) >= REMEMBERED:
            self._decisions, self._answers = {}, {}
        self._decisions[mask] = decision
        return decision

    @cached_property
    def _of_values(self) -> Callable[..., int]:
        return masks.of_values(self._rules, self._tables.needed)
