"""The protocol of the methods of deciding, and the answers that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from forbear.deciding.decision import Decision
from forbear.kernel.cases import ActionDecision

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_values

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Memo(dict[Key, Answer]):
    """Answers by key: `memo[key]`. Where there are `most` of them, they are all forgotten.

    Threads may share it: two that need an answer at once may both make it.
    """

    def __init__(self, answer: Callable[[Key], Answer], most: int) -> None:
        self._answer = answer
        self._most = most

    def __missing__(self, key: Key) -> Answer:
        answer = self._answer(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = answer
        return answer


class LazyDecisions(dict[str, ActionDecision]):
    """Decisions by action. Each is made when it is first read, by `decide`; who reads `items` or `values` reads each of
    the `actions`."""

    __slots__ = ("_actions", "_decide")

    def __init__(self, actions: Iterable[str], decide: Callable[[str], ActionDecision]) -> None:
        self._actions = actions
        self._decide = decide

    def __missing__(self, action: str) -> ActionDecision:
        decided = self[action] = self._decide(action)
        return decided

    def items(self) -> dict_items[str, ActionDecision]:
        return {action: self[action] for action in self._actions}.items()

    def values(self) -> dict_values[str, ActionDecision]:
        return {action: self[action] for action in self._actions}.values()


class Method(Protocol[Key]):
    """Decides in two steps: from a case to its key, and from the key to the answer.

    The key is all of a case that the answer depends on. A method is made once for a policy, never changes, and may be
    shared between threads.
    """

    memoised: bool
    """Whether many cases share a key, so that it pays to memoise answers by it."""

    def of_case(self, answer: Callable[[Key], Any] | None) -> Callable[[object], Any]:
        """The fast path, compiled: from a case as given to the answer of its key, or to the key.

        It gives None where the slow path has to read the case.
        """

    @property
    def of_values(self) -> Callable[..., Key]:
        """The slow path: from the values of the needed facts, on their grids and in order, to the key."""

    def prepare(self) -> None:
        """Compiles the slow path at once, which else is compiled on first use."""

    def on_day(self, key: Key, day: int) -> Key:
        """The key for a day (an ordinal), on which only some of the rules may be in force."""

    def decide(self, key: Key) -> Decision:
        """The decisions on all actions."""

    def permits(self, key: Key) -> bool:
        """Whether the one action of the policy is permitted."""
