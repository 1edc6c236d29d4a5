"""The rules that can hold in a stretch of the cases, or in all of them: verdicts from those of them that hold.

There are three ways, each the quickest for so many rules (`benchmarks/many_decisions.py`). Of few, what was decided of
an action is remembered. Of more, which hardly ever hold together a second time, the bits that are set are gone through
from the highest down. Of very many, whose names alone take their time, an action is decided when somebody asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from forbear.kernel import ActionDecision, Verdict
from forbear.predicates import reading
from forbear.runtime.speaking import Speaking, new, permits, settle

MANY = 2_000
"""Of more rules than so many an action is decided when it is asked for."""
REMEMBERED = 50_000
"""How many verdicts on single actions are remembered, all actions together."""

Actions = Mapping[str, Speaking]
Verdicts = Mapping[str, ActionDecision]


class Stretch:
    """`actions` are the rules on each action, which may be `few`. `known` gives the verdicts where nothing is unknown,
    from what holds."""

    def __init__(self, actions: Actions, *, few: bool) -> None:
        self.actions = actions
        rules = sum([speaking.width for speaking in actions.values()])
        make = _remembering if few else _descending if rules <= MANY else _when_asked
        self.known: Callable[[int], Verdicts] = make(actions)

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
        text = f"key := holding & {speaking.mask << speaking.start:#x}"  # in decimal it could be too long to write
        verdicts.append(f"{action!r}: REMEMBERED_{number}({text}) or SETTLE_{number}(key)")
    return reading.compiled("known", ["holding"], reading.statements(f"return {{{', '.join(verdicts)}}}"), used)


def _remember(
    actions: Actions, action: str, remembered: dict[int, ActionDecision], most: int, holding: int
) -> ActionDecision:
    if len(remembered) >= most:
        remembered.clear()
    decided = remembered[holding] = settle(actions, holding, action)
    return decided


def _descending(actions: Actions) -> Callable[[int], Verdicts]:
    unsaid = dict.fromkeys(actions, ActionDecision(Verdict.UNSAID, (), (), (), ()))
    # For each length of what is left: the action of which its highest bit is, and what that says, as for `settle`.
    said: list[tuple[str, bool, Verdict, int, int]] = []
    names: list[str] = []
    for action, its in actions.items():
        for verdict, end in its.lengths[1:] if said else its.lengths:
            said.append((action, its.plain, verdict, its.start + end, (1 << its.start) - 1))
        names += its.names[1:] if names else its.names

    def known(left: int) -> Verdicts:
        verdicts = unsaid.copy()
        while left:
            length = left.bit_length()
            action, plain, verdict, end, below = said[length]
            if plain:
                rules = []
                while length > end:
                    rules.append(names[length])
                    left ^= 1 << length - 1
                    length = left.bit_length()
                verdicts[action] = new(ActionDecision, (verdict, tuple(rules), (), (), ()))
            else:
                verdicts[action] = settle(actions, left, action)
            left &= below
        return verdicts

    return known


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
