"""Partitions: the rules that can hold in a part of the cases, or in all of them, and decisions from those that do.

In a short row, decisions on single actions are memoised. In a long one the same rules hardly ever hold together a
second time, and the names of the deciding rules alone take time, so an action is decided when it is first read. Which
is faster was measured (`benchmarks/many_decisions.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial

from forbear.kernel import ActionDecision
from forbear.predicates import reading
from forbear.runtime.deciders.action_rules import ActionRules, decide_action, permits

LONG = 1_000
"""Above so many bits a row is long, and its actions are decided when they are first read."""
MEMOISED = 20_000
"""How many decisions on single actions a partition memoises, all actions together."""

RulesByAction = Mapping[str, ActionRules]
Decisions = Mapping[str, ActionDecision]


class Partition:
    """The rules by action, and how many bits their row has."""

    def __init__(self, actions: RulesByAction, bits: int) -> None:
        self.actions = actions
        self._make = _memoised if bits <= LONG else _lazy

    @cached_property
    def known(self) -> Callable[[int], Decisions]:
        """A function from the rules that hold to the decisions where no fact is unknown; made on first use."""
        return self._make(self.actions)

    def permits(self, certain: int, possible: int) -> bool:
        """Whether its one action is permitted, from the rules that certainly and that possibly hold."""
        (rules,) = self.actions.values()
        return permits(rules, certain, possible)


def _memoised(actions: RulesByAction) -> Callable[[int], Decisions]:
    most = 1 + MEMOISED // len(actions)
    used: reading.Context = {}
    decisions = []
    for number, (action, rules) in enumerate(actions.items()):
        memo: dict[int, ActionDecision] = {}
        used[f"MEMO_{number}"] = memo.get
        used[f"DECIDE_{number}"] = partial(_decide_and_keep, actions, action, memo, most)
        key = f"key := holding & {rules.mask << rules.start}"
        decisions.append(f"{action!r}: MEMO_{number}({key}) or DECIDE_{number}(key)")
    return reading.compiled("known", ["holding"], reading.statements(f"return {{{', '.join(decisions)}}}"), used)


def _decide_and_keep(
    actions: RulesByAction, action: str, memo: dict[int, ActionDecision], most: int, holding: int
) -> ActionDecision:
    if len(memo) >= most:
        memo.clear()
    decided = memo[holding] = decide_action(actions, holding, action)
    return decided


def _lazy(actions: RulesByAction) -> Callable[[int], Decisions]:
    return lambda holding: LazyDecisions(partial(decide_action, actions, holding))


class LazyDecisions(dict[str, ActionDecision]):
    """Decisions by action. Each is made when it is first read, by `decide`."""

    __slots__ = ("_decide",)

    def __init__(self, decide: Callable[[str], ActionDecision]) -> None:
        self._decide = decide

    def __missing__(self, action: str) -> ActionDecision:
        decided = self[action] = self._decide(action)
        return decided
