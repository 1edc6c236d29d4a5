"""Decides a case anew wherever something has moved, and knows the thresholds beyond which that may matter."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeAlias

from forbear.kernel.cases import (
    ActionDecision,
    CaseError,
    FactSpec,
    Fault,
    decide_actions,
    in_force,
    unknown_name,
    with_along,
)
from forbear.kernel.faults import fault
from forbear.kernel.history.readings import OF_HISTORY
from forbear.language.model.comparisons import ranges
from forbear.language.model.conditions import IsKnown, IsNone, atoms
from forbear.language.model.held import may_be_held
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.relations import Related, meeting
from forbear.queries.moving import Cuts, Held, on_grid
from forbear.semantics.composition.duties import alone, companions_of, reached
from forbear.semantics.kernel_specs import fact_specs, history_spec
from forbear.space.predicates.mask import layout, of_values
from forbear.space.predicates.specs import Specs, specs

Answer: TypeAlias = "Mapping[str, ActionDecision] | tuple[Fault, ...]"
"""The decisions on the actions that are asked about, or the errors that prevent them."""
MEMOISED = 10_000
"""The number of decisions that are memoised."""


class TimelineDecider:
    """Decides on one action, or on all. It only remembers its decisions, and threads may share it.

    For one action it reads only the facts that the rules on it read, as `permits` does. A `whole` case, as `decide`
    reads it, has no decision if any of its facts is invalid, whichever action is asked about: it follows every fact
    that time moves, even if no rule on the action reads it.
    """

    def __init__(self, policy: TypedPolicy, action: str | None = None, *, whole: bool = False) -> None:
        self.policy = policy
        self.action = action
        self.whole = whole or action is None
        self.specs: Specs = specs(policy if action is None else alone(policy, action))
        self.facts: Mapping[str, FactSpec] = fact_specs(policy)
        self.needed = facts_read(policy) if self.whole else self.specs.needed
        self.history = history_spec(policy, self.needed, self.facts) if self.whole else self.specs.history
        self.told: Sequence[str] = self.specs.told if action is None else (action,)
        by_day = [fact.name for fact in policy.facts.values() if fact.by_day]
        self.by_day = by_day if self.whole else [name for name in by_day if name in self.needed]
        """The facts of a case of which each day makes one more, in a whole case whether a rule reads them or not."""
        self.may_be_held = may_be_held(policy, self.specs.needed)
        self._companions = self.specs.lowered.companions
        if action is not None:
            self._companions = reached(companions_of(policy), action)
        self._layout = layout(self.specs)
        self._mask = of_values(self.specs)
        self._known: dict[int, Mapping[str, ActionDecision]] = {}
        cuts: dict[str, set[int]] = {}
        self._related: dict[str, list[Related]] = {}
        facts = self.specs.policy.facts
        for atom in {atom: None for rule in self.specs.policy.rules for atom in atoms(rule.condition)}:
            if isinstance(atom, Related):
                for name in atom.facts:
                    self._related.setdefault(name, []).append(atom)
            elif not isinstance(atom, (IsKnown, IsNone)) and facts[atom.fact].ordered:
                ends = [end for low, high in ranges(atom, facts[atom.fact]) for end in (low, high + 1)]
                cuts.setdefault(atom.fact, set()).update(ends)
        self._cuts: Mapping[str, tuple[int, ...]] = {name: tuple(sorted(ends)) for name, ends in cuts.items()}
        days = [(rule.since, rule.until) for rule in self.specs.rules]
        self.change_days = _change_days([*days, (policy.since, policy.until)])
        """The days, as ordinals, from which on other rules are in force, or the policy is or is not."""

    def cuts(self, name: str, values: Mapping[str, Held], moving: Collection[str]) -> Cuts:
        """The numbers from which on some comparison of a fact may have another truth, in a case with these values in
        which these facts move."""
        if name not in self._related:
            return self._cuts.get(name, ())
        numbers = {*self._cuts.get(name, ())}
        for atom in self._related[name]:
            if any(other in moving for other in atom.facts if other != name):
                if all(map(self._is_time, atom.facts)):
                    continue  # both are the time of the decision
                return None
            known = {other: value for other, value in values.items() if not isinstance(value, Fault)}
            near = list(meeting(atom, name, known, self.policy.facts))
            numbers.update(near, [number + 1 for number in near])
        return tuple(sorted(numbers))

    def _is_time(self, name: str) -> bool:
        return name in self.policy.derived and self.policy.derived[name].measure == "time"

    def decide(self, values: Sequence[object], rules: int) -> Mapping[str, ActionDecision]:
        """Returns the decisions for the values of the facts that the rules read, in order, with these rules in
        force.
        """
        mask = self._mask(*values)
        if self.change_days:
            mask &= self._layout.in_force(rules)
        decisions = self._known.get(mask)
        if decisions is None:
            if len(self._known) >= MEMOISED:
                self._known.clear()
            by_action = decide_actions(self.specs.actions, self.specs.rules, *self._layout.read(mask))
            decisions = {action: with_along(by_action, self._companions, action) for action in self.told}
            self._known[mask] = decisions
        return decisions

    def in_force(self, today: int) -> int:
        """A bit for each rule that is in force on a day."""
        return in_force(self.specs.rules, today)

    def lasting_faults(
        self,
        check: Callable[[Mapping[str, object], datetime.datetime], object],
        case: Mapping[str, object],
        at: datetime.datetime,
        answer: Answer,
    ) -> Sequence[Fault]:
        """The errors of a case that no day mends: in what no rule reads, and time does not move. `check` raises
        `CaseError` where the case cannot be decided at a moment, and `answer` is what its timeline says of `at`."""
        if not isinstance(answer, tuple):
            try:
                check(case, at)
            except CaseError as error:
                return error.faults
            return ()
        unread = case.keys() - {*self.needed, *self.by_day, *OF_HISTORY}
        if not self.whole:  # other entries of a case are ignored, unless they may be a misspelt fact that it lacks
            unread = (
                set() if case.keys() >= set(self.needed) - self.policy.derived.keys() else unread - self.facts.keys()
            )
        values = [
            on_grid(self.facts[name], case[name])
            if name in self.facts
            else unknown_name(name, name, self.facts, "fact")
            for name in sorted(unread)
        ]
        return [value for value in values if isinstance(value, Fault)]

    def why_not(self, today: int) -> Fault | None:
        """Why the policy decides nothing on a day, if it is not in force then."""
        since, until = self.policy.since, self.policy.until
        if (since is None or since <= today) and (until is None or today <= until):
            return None
        day = datetime.date.fromordinal(today).isoformat()
        return fault(None, "policy-not-in-force", policy=self.policy.name, day=day)


def _change_days(days: Collection[tuple[int | None, int | None]]) -> tuple[int, ...]:
    """The first days of periods, and the days after their ends."""
    firsts = {since for since, _ in days if since is not None}
    return tuple(sorted(firsts | {until + 1 for _, until in days if until is not None}))
