"""The protocol of the ways to decide the cases of a policy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from forbear.runtime.decision import Decision

Key = TypeVar("Key")


class Method(Protocol[Key]):
    """A way to decide, in two steps: from a case to its key, and from the key to the answer.

    The key is all that the answer depends on. A method is made once for a policy, does not change, and may be shared
    by threads.
    """

    memoised: bool
    """Whether many cases have the same key, so that it pays to keep the answers."""
    direct: bool
    """Whether the key of a case is the answer itself, where no date matters."""
    of_case: Callable[[object], Key | None]
    """The fast path: the key of a case as it is given, or None where anything in it is not plain and right."""

    @property
    def of_values(self) -> Callable[..., Key]:
        """The slow path: the key of the values of the needed facts, on their grids and in order."""

    def on_day(self, key: Key, day: int) -> Key:
        """The key for a day (an ordinal): that of the rules in force on it."""

    def decide(self, key: Key) -> Decision:
        """The verdicts on all actions."""

    def permits(self, key: Key) -> bool:
        """Whether the one action of the policy is permitted."""
