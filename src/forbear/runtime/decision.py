"""The decision on a case: a verdict on each action, with the rules that gave it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from forbear.kernel import ActionDecision, CaseError, Fault, unknown_name


class Decision(Mapping[str, ActionDecision]):
    """What a policy decides on each action, for one case and one day. It never changes.

    `decision["sms"]` is an `ActionDecision`. An action that the vocabulary lacks raises `CaseError`.
    """

    __slots__ = ("_actions", "_by_action")

    def __init__(self, actions: Collection[str], by_action: Mapping[str, ActionDecision]) -> None:
        self._actions = actions
        self._by_action = by_action
        """It may be lazy: an action is decided when it is first read."""

    def __reduce__(self) -> tuple[type[Decision], tuple[tuple[str, ...], dict[str, ActionDecision]]]:
        return Decision, (tuple(self), dict(self))  # in full: a lazy mapping cannot decide in another process

    def permits(self, action: str) -> bool:
        """Whether the action is allowed or required. Raises `CaseError` where the vocabulary lacks it."""
        return self[action].permitted

    def __getitem__(self, action: str) -> ActionDecision:
        try:
            return self._by_action[action]
        except (KeyError, TypeError):
            raise CaseError([Fault(None, unknown_name(action, self._actions, "action"))]) from None

    def __contains__(self, action: object) -> bool:
        return action in self._actions

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    def __repr__(self) -> str:
        permitted = [action for action, decision in self.items() if decision.permitted]
        return f"<Decision: permits {', '.join(permitted) or 'nothing'}>"

    def as_json(self) -> dict[str, object]:
        """The `decisions` object that `forbear decide` prints."""
        return {action: decision.as_json() for action, decision in self.items()}
