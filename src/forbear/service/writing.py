"""Answers as JSON, the same documents as the command line prints.

Many cases have one decision, and a policy keeps those that it has made. So the JSON of a decision is kept as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Final

import msgspec
from attrs import define, field, frozen
from msgspec import UNSET, UnsetType

from forbear.base.characters import escaped
from forbear.deciding.decision import Decision
from forbear.kernel.cases import in_digits
from forbear.language.model.values import HIDDEN
from forbear.library.answering import Answer
from forbear.library.policy import Policy

NOTHING_TOLD: Final[Mapping[Told, int]] = MappingProxyType({})
KEPT: Final = 2_000
"""Decisions whose JSON is kept, of one policy."""

_ENCODER = msgspec.json.Encoder()


def encode(document: object) -> bytes:
    """A document as JSON. Characters that could deceive who reads it are escaped."""
    content = _ENCODER.encode(document)
    if b"E-" in content:  # hardly ever
        content = _ENCODER.encode(_in_digits(document))
    return content if content.isascii() else escaped(content.decode()).encode()


def _in_digits(document: object) -> object:
    """A document whose decimals are texts without exponents, as a case has them. msgspec writes 0.0000001 as 1E-7."""
    match document:
        case Decimal():
            return in_digits(document)
        case Mapping():
            return {name: _in_digits(value) for name, value in document.items()}
        case list() | tuple():
            return [_in_digits(value) for value in document]
        case _Plain():
            return msgspec.structs.replace(document, case=_in_digits(document.case))
        case _:
            return document


@frozen(eq=False)
class Told:
    """A decision in JSON, and what it says: pairs of action and verdict."""

    policy: Policy
    decision: Decision
    json: msgspec.Raw
    verdicts: Sequence[tuple[str, str]]


class _Plain(msgspec.Struct, gc=False):
    """The document of an answer that has no day or moment. A dictionary would take twice the time."""

    request: str | UnsetType
    key: str | UnsetType
    policy: msgspec.Raw
    case: Mapping[str, object]
    decisions: msgspec.Raw


def _shown(case: Mapping[str, object], private: frozenset[str]) -> Mapping[str, object]:
    """Returns a case of values that are shown as they are, except for the private ones, which are hidden."""
    if private.isdisjoint(case):
        return case
    return {name: {HIDDEN: None} if name in private else value for name, value in case.items()}


@define(eq=False)
class Writer:
    """Writes the answers of one policy, or of the versions of one. Threads may share it."""

    _told: dict[int, Told] = field(factory=dict)
    """The decisions that are kept, by their identity."""
    _named: dict[int, tuple[Policy, msgspec.Raw, frozenset[str]]] = field(factory=dict)
    """The names of a version in answers, and its private facts: by the identity of the policy, which is kept."""

    def add(self, policy: Policy) -> None:
        """Prepares for the answers of a version."""
        self._named[id(policy)] = policy, msgspec.Raw(encode(policy.about)), policy.typed.private_names

    def answer(self, answer: Answer) -> tuple[object, Told | None]:
        """The document of an answer, and the decision in it."""
        names, request, policy, action, decision, _, _ = answer
        if decision is None:
            return answer.document, None
        assert policy is not None
        assert request is not None
        case, on, at = request
        told = self._told.get(id(decision)) or self._tell(policy, decision, keep=at is None)
        if action is not None or on is not None or at is not None or "history" in case:
            return {**answer.head, "case": answer.shown, "decisions": told.json}, told
        _, named, private = self._named[id(policy)]
        return _Plain(names.request or UNSET, names.key or UNSET, named, _shown(case, private), told.json), told

    def _tell(self, policy: Policy, decision: Decision, *, keep: bool) -> Told:
        """Writes a decision, and keeps it unless it is one of a moment, which is never given again."""
        verdicts = [(action, decided.verdict.value) for action, decided in decision.items()]
        told = Told(policy, decision, msgspec.Raw(encode(decision.as_json())), verdicts)
        if keep:
            if len(self._told) >= KEPT:
                self._told = {}
            self._told[id(decision)] = told
        return told


@frozen
class Reply:
    """A response to send."""

    status: int
    body: bytes
    kind: bytes = b"application/json"
    digest: str | None = None
    """That of the policy that answered."""
    headers: Sequence[tuple[bytes, bytes]] = ()
    told: Mapping[Told, int] = NOTHING_TOLD
    """The decisions in it and how often each occurs, which are counted when they are recorded."""
    refused: int = 0
    """The number of refused cases in it."""
