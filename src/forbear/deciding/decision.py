"""The decision on a case: a verdict on each action, with the rules that gave it."""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable, Collection, ItemsView, Iterable, Iterator, Mapping, ValuesView
from typing import TYPE_CHECKING, Any, NamedTuple

from forbear.kernel.cases import ActionDecision, Along, CaseError, Verdict, unknown_name
from forbear.kernel.faults import fault
from forbear.language.model.names import verdict_word

if TYPE_CHECKING:
    from pydantic_core import CoreSchema


class Validity(NamedTuple):
    """How long a decision is valid if nothing else happens.

    `until` is the first moment at which it changes by itself; None if it does not within ten years. The decision rests
    on `held` facts, whose values stay as the case gives them: if there are any, it is valid at most until the next
    midnight where the borrower lives.
    """

    until: datetime.datetime | None
    held: tuple[str, ...]


class Decision(Mapping[str, ActionDecision]):
    """The decisions of a policy on each action, for one case and one day. It never changes.

    `decision["sms"]` is an `ActionDecision`. An action that the vocabulary lacks raises `CaseError`.
    """

    __slots__ = ("_actions", "_by_action", "_entry", "_found", "_valid")

    def __init__(
        self,
        actions: Collection[str],
        by_action: Mapping[str, ActionDecision],
        valid: Callable[[], Validity] | None = None,
    ) -> None:
        self._actions = actions
        self._by_action = by_action
        """It may be lazy: an action is decided when it is first read. Its `items` and `values` are of all actions."""
        self._entry: str | None = None
        self._valid = valid
        self._found: Validity | None = None

    def __reduce__(self) -> tuple[type[Decision], tuple[tuple[str, ...], dict[str, ActionDecision]]]:
        return Decision, (tuple(self), dict(self))  # in full: a lazy mapping cannot decide in another process

    def permits(self, action: str) -> bool:
        """Returns true if the action is allowed or required. Raises `CaseError` if the vocabulary lacks it."""
        return self[action].permitted

    def __getitem__(self, action: str) -> ActionDecision:
        try:
            return self._by_action[action]
        except (KeyError, TypeError):
            raise CaseError([unknown_name(None, action, self._actions, "action")]) from None

    def __contains__(self, action: object) -> bool:
        return action in self._actions

    def __iter__(self) -> Iterator[str]:
        return iter(self._actions)

    def __len__(self) -> int:
        return len(self._actions)

    # Views of a dictionary take a fraction of the time of views of a mapping.

    def items(self) -> ItemsView[str, ActionDecision]:
        return self._by_action.items()

    def values(self) -> ValuesView[ActionDecision]:
        return self._by_action.values()

    def __repr__(self) -> str:
        permitted = [action for action, decision in self.items() if decision.permitted]
        return f"<Decision: permits {', '.join(permitted) or 'nothing'}>"

    @property
    def valid_until(self) -> datetime.datetime | None:
        """The first moment at which the decision on any action changes by itself, as the clock, the time of day and
        everything else that [time moves](language/time.md) go on; None if it does not change within ten years. If facts
        are `held`, it is no later than the next midnight where the borrower lives.

        It is computed when it is read. Raises `CaseError` for a decision without its moment.
        """
        return self.validity.until

    @property
    def held(self) -> tuple[str, ...]:
        """The facts on which the decision rests and which nothing moves: nobody knows whether they are the same
        tomorrow. Raises `CaseError` for a decision without its moment."""
        return self.validity.held

    @property
    def validity(self) -> Validity:
        """`valid_until` and `held`. Raises `CaseError` for a decision without its moment."""
        if self._valid is None:
            raise CaseError([fault("at", "decided-without-moment")])
        if self._found is None:
            self._found = self._valid()
        return self._found

    def at_moment(self, validity: Callable[[], Validity]) -> Decision:
        """The same decision, which can find out how long it is valid."""
        return Decision(self._actions, self._by_action, validity)

    @property
    def entry(self) -> str:
        """The `decisions` object of a record, as JSON. It is kept, as many cases have one decision."""
        if self._entry is None:
            self._entry = json.dumps(
                {action: decided.as_entry() for action, decided in self.items()}, ensure_ascii=False
            )
        return self._entry

    def as_json(self) -> dict[str, object]:
        """The `decisions` object that `forbear decide` prints."""
        return {action: decision.as_json() for action, decision in self.items()}

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        """Lets pydantic, and so FastAPI, serialise a decision as `as_json` does and read it from that."""
        from pydantic_core import core_schema as schemas  # imported late: only users of pydantic have it

        field, texts = schemas.typed_dict_field, schemas.list_schema(schemas.str_schema())
        of_action = schemas.typed_dict_schema(
            {
                "verdict": field(schemas.literal_schema([verdict.value for verdict in Verdict])),
                "permitted": field(schemas.bool_schema(strict=True)),
                "rules": field(texts),
                "because": field(texts),
                "source": field(texts),
                "unknown": field(texts, required=False),
                "along": field(schemas.dict_schema(schemas.str_schema(), texts), required=False),
            }
        )
        document = schemas.dict_schema(schemas.str_schema(), of_action)
        read = schemas.no_info_after_validator_function(_from_json, document)
        return schemas.json_or_python_schema(
            read,
            schemas.union_schema([schemas.is_instance_schema(cls), read]),
            serialization=schemas.plain_serializer_function_ser_schema(cls.as_json, return_schema=document),
        )


def verdict_text(verdict: Verdict, along: Iterable[Along]) -> str:
    """Returns a verdict with the actions that must accompany it: `allowed with opt_out_notice`."""
    companions = ", ".join(companion.action for companion in along)
    word = verdict_word(verdict)
    return f"{word} with {companions}" if companions else word


def _from_json(document: Mapping[str, Any]) -> Decision:
    """The decision of a document that has the form of `as_json`. Raises `ValueError` if it contradicts itself."""
    by_action = {}
    for action, decided in document.items():
        parts = [tuple(decided.get(part, ())) for part in ("rules", "because", "source", "unknown")]
        along = tuple([Along(name, tuple(rules)) for name, rules in decided.get("along", {}).items()])
        by_action[action] = ActionDecision(Verdict(decided["verdict"]), *parts)._replace(along=along)
        if by_action[action].permitted is not decided["permitted"]:
            raise ValueError(f"`{action}` is {decided['verdict']}, and `permitted` says otherwise")
    return Decision(by_action, by_action)
