"""What is recorded of a decision, and the protocol of what keeps it: a file, a database, a queue.

A policy makes a `RecordEntry` of each answer, and hands it to the sink before it returns the answer. An entry gives
the case with its private values hidden (`hiding.py`).
"""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from attrs import field, frozen

from forbear.kernel import CaseError, Fault, read_on
from forbear.model.policy import TypedPolicy
from forbear.runtime.decision import Decision
from forbear.runtime.records.any_case import plain, shown_any, shown_value
from forbear.runtime.records.hiding import Hide, hashed, left_out, shown_case

LONGEST_NAME = 1_000
"""Characters of a key, or of the id of a request."""


class RecordError(Exception):
    """A record cannot be opened, read or written. A decision that could not be recorded was not returned."""


@frozen
class Asked:
    """A question to a policy, as it was given: a case with its day or moment. `action` is that of `permits`."""

    policy: TypedPolicy
    digest: str | None
    action: str | None
    case: object
    on: object
    at: object


@frozen
class Names:
    """How the caller names an entry: by the account (`key`), and by the id of the request."""

    key: str | None
    request: str | None

    @classmethod
    def of(cls, key: object, request: object) -> Names:
        """Raises `TypeError` or `ValueError` for what cannot be a name."""
        return cls(_name_of("key", key), _name_of("request", request))


@frozen(eq=False)
class RecordEntry:
    """What is to be recorded of one answer of a policy: a decision, or that the case was refused.

    `text` and `as_json` give it in JSON, the private values of the case hidden.
    """

    recorded: datetime.datetime
    """When it was made, in UTC."""
    policy: str
    """The name of the policy."""
    digest: str | None
    """Its digest; None where no version of a book could decide."""
    version: str | None
    key: str | None
    """The account, as the caller named it."""
    request: str | None
    """The id of the request, as the caller named it."""
    action: str | None
    """The action that `permits` was asked about; None for `decide`."""
    decision: Decision | None
    """The decision, of `permits` that on its action alone; None for a case that was refused."""
    faults: Sequence[Fault]
    """The errors of a case that was refused."""
    asked: Asked = field(repr=False)
    """For Forbear's own use: the case with its private values."""

    @property
    def kind(self) -> str:
        """What it is, in words."""
        if self.is_refused:
            return "a refused case"
        return "a decision" if self.action is None else f"a decision on {self.action}"

    @property
    def is_refused(self) -> bool:
        """Whether the case was refused."""
        return self.decision is None

    def text(self, secret: bytes | None = None) -> str:
        """The entry as a JSON object in one line, without the line break.

        Private values are left out; with a `secret`, of at least 16 bytes, their keyed hashes replace them. Every
        call with one takes another salt.
        """
        salt = None if secret is None else secrets.token_hex(16)
        text = json.dumps(self._document(secret, salt), ensure_ascii=False, default=plain)
        if self.decision is not None:
            text = f'{text[:-1]}, "decisions": {self.decision.entry}}}'
        if salt is not None:
            text = f'{text[:-1]}, "salt": "{salt}"}}'
        return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()  # half a character too

    def as_json(self, secret: bytes | None = None) -> dict[str, Any]:
        """The entry as a JSON document; the argument is that of `text`."""
        document: dict[str, Any] = json.loads(self.text(secret))
        return document

    def _document(self, secret: bytes | None, salt: str | None) -> dict[str, object]:
        """All of it but the decisions and the salt, which come last."""
        hide = left_out() if secret is None or salt is None else hashed(secret, salt)
        about = {"name": self.policy, "digest": self.digest, "version": self.version}
        document: dict[str, object] = {
            "recorded": self.recorded.isoformat(timespec="milliseconds"),
            **_given({"request": self.request, "key": self.key}),
            "policy": _given(about),
            **_given({"on": _day(self.asked.on), "at": shown_value(self.asked.at), "permits": self.action}),
            "case": self._case(hide),
        }
        if self.decision is None:
            document["faults"] = [{"fact": fault.fact, "message": fault.message} for fault in self.faults]
        return document

    def _case(self, hide: Hide) -> object:
        policy, case = self.asked.policy, self.asked.case
        if self.decision is None or self.action is not None:
            return shown_any(policy, case, hide)
        return shown_case(policy, case, hide)  # type: ignore[arg-type]  # a case that was decided is a mapping


class Sink(Protocol):
    """What keeps the entries of a record. `forbear.Record`, a file, is one; a database or a queue may be another."""

    def add(self, entry: RecordEntry, /) -> None:
        """Keeps an entry, and returns when it is kept.

        A policy calls it once an answer, in the thread that asked, before it returns the answer, and holds no lock:
        several threads may be in it at once. If it raises an exception, there is no answer, but a `RecordError`; one
        that is a `RecordError` itself is passed on as it is. A case that was refused is an entry too (`is_refused`);
        a sink may pass over it.
        """


def entry(names: Names, asked: Asked, answer: Decision | CaseError) -> RecordEntry:
    """The entry of an answer that was just given."""
    policy = asked.policy
    decision, faults = (None, answer.faults) if isinstance(answer, CaseError) else (answer, ())
    return RecordEntry(
        recorded=datetime.datetime.now(datetime.UTC),
        policy=policy.name,
        digest=asked.digest,
        version=None if asked.digest is None else policy.version,
        key=names.key,
        request=names.request,
        action=asked.action,
        decision=decision,
        faults=faults,
        asked=asked,
    )


def recorded(sink: Sink, names: Names, asked: Asked, decide: Callable[[object, object, object], Decision]) -> Decision:
    """The decision that `decide` makes, after it is in the sink.

    Raises `CaseError` for a case that is refused, also after that is there, and `RecordError` where that fails.
    """
    try:
        decision = decide(asked.case, asked.on, asked.at)
    except CaseError as error:
        _add(sink, entry(names, asked, error))
        raise
    _add(sink, entry(names, asked, decision))
    return decision


def _add(sink: Sink, entry: RecordEntry) -> None:
    try:
        sink.add(entry)
    except RecordError:
        raise
    except Exception as error:
        raise RecordError(f"the record was not written: {type(error).__name__}: {error}") from error


def _name_of(what: str, value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        raise TypeError(f"`{what}` needs a text or a whole number, not a {type(value).__name__}")
    text = str(value)
    if not text or len(text) > LONGEST_NAME:
        size = "is empty" if not text else f"has {len(text):,} characters"
        raise ValueError(f"`{what}` {size}, and it needs 1 to {LONGEST_NAME:,}")
    return text


def _given(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _day(on: object) -> object:
    if on is None:
        return None
    try:
        return datetime.date.fromordinal(read_on(on)).isoformat()
    except CaseError:
        return shown_value(on)
