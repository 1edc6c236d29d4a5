"""The rules that can hold in a stretch of the cases, or in all of them: verdicts from those of them that hold.

There are two ways, each the quicker for so many rules (`benchmarks/many_decisions.py`). Of some, what was decided of an
action is remembered. Of more, which hardly ever hold together a second time, and whose names alone take their time, an
action is decided when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property, partial

from forbear.kernel import ActionDecision
from forbear.predicates import reading
from forbear.runtime.deciders.action_rules import Speaking, permits, settle

LONG = 1_000
"""In a row of more bits than so many an action is decided when it is asked for."""
REMEMBERED = 20_000
"""How many verdicts on single actions a stretch remembers, all actions together."""

Actions = Mapping[str, Speaking]
Verdicts = Mapping[str, ActionDecision]


class Stretch:
    """`actions` are the rules on each action, `bits` the size of their row."""

    def __init__(self, actions: Actions, bits: int) -> None:
        self.actions = actions
        self._make = _remembering if bits <= LONG else _when_asked

    @cached_property
    def known(self) -> Callable[[int], Verdicts]:
        """The function from what holds to the verdicts where nothing is unknown, made when it is needed first."""
        return self._make(self.actions)

    def permits(self, certain: int, possible: int) -> bool:
        """Whether its one action is permitted, from what holds for certain and what may hold."""
        (speaking,) = self.actions.values()
        return permits(speaking, certain, possible)


def _remembering(actions: Actions) -> Callable[[int], Verdicts]:
    most = 1 + REMEMBERED // len(actions)
    used: reading.Context = {}
    verdicts = []
    for number, (action, speaking) in enumerate(actions.items()):
        remembered: dict[int, ActionDecision] = {}
        used[f"REMEMBERED_{number}"] = remembered.get
        used[f"SETTLE_{number}"] = partial(_remember, actions, action, remembered, most)
        text = f"key := holding & {speaking.mask << speaking.start}"
        verdicts.append(f"{action!r}: REMEMBERED_{number}({text}) or SETTLE_{number}(key)")
    return reading.compiled("known", ["holding"], reading.statements(f"return {{{', '.join(verdicts)}}}"), used)


def _remember(
    actions: Actions, action: str, remembered: dict[int, ActionDecision], most: int, holding: int
) -> ActionDecision:
    if len(remembered) >= most:
        remembered.clear()
    decided = remembered[holding] = settle(actions, holding, action)
    return decided


def _when_asked(actions: Actions) -> Callable[[int], Verdicts]:
    return lambda holding: WhenAsked(partial(settle, actions, holding))


class WhenAsked(dict[str, ActionDecision]):
    """The verdicts of a decision, each found when it is asked for."""

    __slots__ = ("_settle",)

    def __init__(self, settle: Callable[[str], ActionDecision]) -> None:
        self._settle = settle

    def __missing__(self, action: str) -> ActionDecision:
        found = self[action] = self._settle(action)
        return found
