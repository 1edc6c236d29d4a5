"""Makes decisions by one of two methods, whichever is faster for the number of rules.

With few rules, their conditions are evaluated one after the other in compiled code, and decisions are memoised by which
rules hold. With many rules, the active ones are looked up in rows of bits, by the cells of the case's facts.

A decider is made from a policy and never changes. Its memo is bounded, and threads may share it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from functools import cached_property
from typing import TYPE_CHECKING, Any

from forbear.deciding.deciders.methods import (
    TOO_MANY_ALTERNATIVES,
    FewRules,
    LazyDecisions,
    ManyRules,
    Memo,
)
from forbear.deciding.decision import Decision
from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision, Value
from forbear.kernel.history.readings import has_history, readings_or_all_errors, reads_day, strictest
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.duties import Companions, alone, companions_of, reached
from forbear.space.boundaries import LAST, all_starts
from forbear.space.predicates.specs import Specs, specs

if TYPE_CHECKING:
    from forbear.kernel.history.events import Past

MEMOISED = 10_000
"""The number of decisions that a decider memoises."""
MANY = 40
"""The number of rules from which rows of bits are used. The other method becomes slower at 20 rules if many of them
hold in each case, and at 80 if hardly any do (`benchmarks/decisions.py`).
"""


def decider(policy: TypedPolicy, action: str | None = None, many: bool | None = None) -> Decider:
    """A decider of a policy.

    With `action` it decides that action alone, and reads only the facts that the rules on it read. `many` chooses the
    method for many rules (True) or for few (False); None chooses by the number of rules.
    """
    tables = specs(policy if action is None else alone(policy, action))
    companions = tables.lowered.companions if action is None else reached(companions_of(policy), action)
    if len(tables.rules) >= MANY if many is None else many:
        try:
            return Decider(tables, ManyRules(tables, whole_case=action is None), policy, action, companions)
        except TOO_MANY_ALTERNATIVES:
            pass  # the method of few rules has no such limit
    return Decider(tables, FewRules(tables, whole_case=action is None), policy, action, companions)


class Decider:
    """Decides the actions of a policy.

    Its dates are those of the whole policy: with one action alone, rules on other actions may have dates too.

    Deciding many cases takes two steps: a plain case, without day or moment, is left to a function that is compiled on
    first use; if that returns None, the case is read in full.
    """

    def __init__(
        self,
        tables: Specs,
        method: FewRules | ManyRules,
        policy: TypedPolicy,
        action: str | None,
        companions: Companions,
    ) -> None:
        self._action = action
        self._tables = tables
        self._dates = policy.name, policy.dated, policy.since, policy.until
        self._dated = policy.dated
        self._needed = frozenset(tables.needed)
        self._method = method
        self._reads_day = reads_day(tables.history)
        self._checked: Set[str] = tables.history.unread.keys() if action is None else frozenset()
        self._latest = not policy.dated and bool(all_starts(tables.policy))
        self._decision: Callable[[Any], Decision] = method.decide
        if companions:
            self._decision = _telling_along(method.decide, [*tables.actions], companions)
        self._permitted: Callable[[Any], bool] = method.permits
        if companions and action is not None:
            self._permitted = lambda key: method.decide(key).permits(action)
        if method.memoised:
            self._decision = Memo(self._decision, MEMOISED).__getitem__
            self._permitted = Memo(self._permitted, MEMOISED).__getitem__

    @cached_property
    def decide_plain(self) -> Callable[[object], Decision | None]:
        return _not_plain if self._dated else self._method.of_case(self._on_last_day(self._decision))

    @cached_property
    def permits_plain(self) -> Callable[[object], bool | None]:
        return _not_plain if self._dated else self._method.of_case(self._on_last_day(self._permitted))

    def _on_last_day(self, answer: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Wraps an answer for a key without a day: if the policy has days that a caller need not name, it is that of
        the last one.
        """
        return (lambda key: answer(self._method.on_day(key, LAST))) if self._latest else answer

    @cached_property
    def _key_of(self) -> Callable[[object], Any]:
        return self._method.of_case(None)

    def prepare(self) -> None:
        """Compiles at once what else is compiled on first use."""
        _ = self.decide_plain, self.permits_plain, self._key_of
        self._method.prepare()

    def decide(self, case: object, on: object = None, at: object = None, past: Past | None = None) -> Decision:
        """The decision on a case, on a day or at a moment; `past` takes what the events of the case do. Raises
        `CaseError` with every error of the three."""
        decision = self.decide_plain(case) if on is None and at is None else None
        return self._decide_any(case, on, at, past) if decision is None else decision

    def permits(self, case: object, on: object = None, at: object = None) -> bool:
        """Returns true if the one action is permitted. Raises `CaseError` with the errors of everything the answer
        depends on.
        """
        permitted = self.permits_plain(case) if on is None and at is None else None
        return self._permits_any(case, on, at) if permitted is None else permitted

    def _decide_any(self, case: object, on: object, at: object, past: Past | None = None) -> Decision:
        """The decision on any case: the strictest of those in each of its time zones."""
        by_zone = [self._decision(key) for key in self._keys(case, on, at, past)]
        if len(by_zone) == 1:
            return by_zone[0]
        by_action = {action: strictest([decision[action] for decision in by_zone]) for action in by_zone[0]}
        return Decision(by_action, by_action)

    def _permits_any(self, case: object, on: object, at: object) -> bool:
        return all(map(self._permitted, self._keys(case, on, at)))

    def _keys(self, case: object, on: object, at: object, past: Past | None = None) -> Sequence[Any]:
        """The key of a case in each of its time zones, after the errors of all of them. `past` takes what its events
        do.
        """
        key = self._plain_key(case, on, at)
        if key is None and self._action is not None:
            case = self._tables.without_history(case, self._tables.history.unread)
        if key is None and has_history(self._tables.history, case, on, at):
            read = readings_or_all_errors(self._tables.history, case, on, at, self._values, past)
            return [self._slow(each.case, on if each.day is None else each.day, None) for each in read]
        return [self._slow(case, on, key)]

    def _plain_key(self, case: object, on: object, at: object) -> Any:
        """The key of a plain case for a day; None where its day or moment matters to what it holds."""
        if on is None or at is not None or self._reads_day:
            return None
        if self._checked and isinstance(case, Mapping) and not self._checked.isdisjoint(case):
            return None
        return self._key_of(case)

    def _slow(self, case: object, on: object, key: Any) -> Any:
        """The slow path: the key of a case for a day. Raises `CaseError` with every error.

        `key` is that of the fast path, where it could read the case.
        """
        day = kernel.decision_day(*self._dates, on)
        if day is None and self._latest:
            day = LAST
        if key is None:
            key = self._method.of_values(*self._values(case))
        return key if day is None else self._method.on_day(key, day)

    def _values(self, case: object) -> list[Value]:
        """The facts of a case that rules need, in order. Raises `CaseError` with every error."""
        if self._action is not None:
            case = self._relevant(case)
        values = kernel.read_case(self._tables.facts, self._tables.needed, case)
        return [values[name] for name in self._tables.needed]

    def _relevant(self, case: object) -> object:
        """Returns the facts of a case that the rules read; if one of them is absent, also those with unknown names."""
        facts = kernel.as_dict(case)
        if facts is None:
            return case
        complete = facts.keys() >= self._needed
        needed, known = self._needed, self._tables.facts
        return {name: value for name, value in facts.items() if name in needed or not (complete or name in known)}


def _not_plain(case: object) -> None:
    """Returns None: if a policy has dates, no case is plain without a day."""


def _telling_along(
    decide: Callable[[Any], Decision], decided: Sequence[str], companions: Companions
) -> Callable[[Any], Decision]:
    """Returns decisions on actions with their companions, from decisions on actions and on pairs of them."""
    pairs = {pair for pairs_of_action in companions.values() for _, pair in pairs_of_action}
    actions = dict.fromkeys(action for action in decided if action not in pairs)

    def told(key: Any) -> Decision:
        by_name = decide(key)

        def one(action: str) -> ActionDecision:
            if action not in actions:
                raise KeyError(action)
            return kernel.with_along(by_name, companions, action)

        return Decision(actions, LazyDecisions(actions, one))

    return told
