"""The answer to a case: a verdict on each action, with the rules behind it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from forbear.kernel import ActionDecision, CaseError, Fault, unknown_name


class Decision(Mapping[str, ActionDecision]):
    """What a policy says of each action for one case and one day. It never changes.

    `decision["sms"]` is an `ActionDecision`; an action that the vocabulary lacks is a `CaseError`.
    """

    __slots__ = ("_actions", "_by_action")

    def __init__(self, actions: Collection[str], by_action: Mapping[str, ActionDecision]) -> None:
        self._actions = actions
        self._by_action = by_action
        """Some of these may be found when they are asked for."""

    def __reduce__(self) -> tuple[type[Decision], tuple[tuple[str, ...], dict[str, ActionDecision]]]:
        return Decision, (tuple(self), dict(self))  # whole: another process has no policy to ask

    def permits(self, action: str) -> bool:
        """Whether the action is allowed or required."""
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
        """The `decisions` object of `forbear decide`."""
        return {action: decision.as_json() for action, decision in self.items()}
