"""What is recorded of a decision, and the protocol of what keeps it: a file, a database, a queue.

A policy makes a `RecordEntry` of each answer, and hands it to the sink before it returns the answer. An entry gives
the case with its private values hidden (`hiding.py`).
"""

from __future__ import annotations

import datetime
import json
import secrets
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, Final, Protocol

from attrs import field, frozen

from forbear.deciding.decision import Decision
from forbear.deciding.records.any_case import plain, shown_any, shown_value
from forbear.deciding.records.hiding import HideCase, hashed, left_out, shown_case
from forbear.kernel.cases import CaseError, Fault, read_on
from forbear.kernel.history.moments import remember
from forbear.language.model.held import MayBeHeld, may_be_held
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.version import __version__

LONGEST_NAME = 1_000
"""Characters of a key, or of the id of a request."""
FORMAT: Final = "forbear-record/1"
"""The format of entries. It changes when a reader of this one would misread an entry."""
_encode = json.JSONEncoder(ensure_ascii=False, default=plain).encode
_WRITTEN = f'"format": "{FORMAT}", "forbear": "{__version__}"'


class RecordError(Exception):
    """A record cannot be opened, read or written. A decision that could not be recorded was not returned."""


@frozen
class Asked:
    """A question to a policy, as it was given: a case with its day or moment. `action` is that of `permits`."""

    policy: TypedPolicy = field(repr=lambda policy: policy.name)
    digest: str | None
    action: str | None
    case: object = field(repr=False)
    on: object = field(repr=False)
    at: object = field(repr=False)


@frozen
class Names:
    """How the caller names an entry: by the account (`key`), and by the id of the request."""

    key: str | None
    request: str | None

    @classmethod
    def of(cls, key: object, request: object) -> Names:
        """Raises `TypeError` or `ValueError` for what cannot be a name."""
        if key is None and request is None:
            return NAMELESS
        return cls(_name_of("key", key), _name_of("request", request))


NAMELESS: Final = Names(None, None)


@frozen(eq=False)
class RecordEntry:
    """What is to be recorded of one answer of a policy: a decision, or that the case was refused.

    `text` and `as_json` give it in JSON, the private values of the case hidden.
    """

    recorded: datetime.datetime
    """When it was made, in UTC, to the millisecond."""
    names: Names
    asked: Asked
    """For Forbear's own use: the case with its private values."""
    decision: Decision | None
    """The decision, of `permits` that on its action alone; None for a case that was refused."""
    faults: Sequence[Fault]
    """The errors of a case that was refused."""

    @property
    def policy(self) -> str:
        """The name of the policy."""
        return self.asked.policy.name

    @property
    def digest(self) -> str | None:
        """The digest of the policy; None where no version of a book could decide."""
        return self.asked.digest

    @property
    def version(self) -> str | None:
        """The version of the policy, if it has one; None where no version of a book could decide."""
        return None if self.digest is None else self.asked.policy.version

    @property
    def key(self) -> str | None:
        """The account, as the caller named it."""
        return self.names.key

    @property
    def request(self) -> str | None:
        """The id of the request, as the caller named it."""
        return self.names.request

    @property
    def action(self) -> str | None:
        """The action that `permits` was asked about; None for `decide`."""
        return self.asked.action

    @property
    def held(self) -> list[str]:
        """`Decision.held` of a decision on all actions at a moment, but for private facts: it would tell whether one of
        these is none."""
        asked = self.asked
        if self.decision is None or self.action is not None or asked.at is None or not isinstance(asked.case, Mapping):
            return []
        facts = asked.policy.facts
        return [name for name in _may_be_held(asked.policy).given_in(asked.case) if not facts[name].private]

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
        hide_case = left_out if secret is None or salt is None else partial(hashed, secret, salt)
        asked = self.asked
        names = "" if self.names is NAMELESS else _members(request=self.request, key=self.key)
        day = "" if asked.on is None and asked.at is None else _members(on=_day(asked.on), at=shown_value(asked.at))
        action = "" if asked.action is None else _members(permits=asked.action)
        end = "" if salt is None else f', "salt": "{salt}"'
        if self.decision is None:
            end = f', "faults": {_encode([fault.as_json() for fault in self.faults])}{end}'
        else:
            held = f', "held": {_encode(its)}' if (its := self.held) else ""
            end = f', "decisions": {self.decision.entry}{held}{end}'
        text = (
            f'{{"recorded": "{_iso(self.recorded)}", {_WRITTEN}, {names}'
            f'"policy": {_policy(self.policy, self.digest, self.version)}, {day}{action}'
            f'"case": {_encode(self._case(hide_case))}{end}}}'
        )
        return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()  # half a character too

    def as_json(self, secret: bytes | None = None) -> dict[str, Any]:
        """The entry as a JSON document; the argument is that of `text`."""
        document: dict[str, Any] = json.loads(self.text(secret))
        return document

    def _case(self, hide_case: HideCase) -> object:
        policy, case = self.asked.policy, self.asked.case
        if self.decision is None or self.action is not None:
            return shown_any(policy, case, hide_case)
        return shown_case(policy, case, hide_case)  # type: ignore[arg-type]  # a case that was decided is a mapping


class Sink(Protocol):
    """What keeps the entries of a record. `forbear.Record`, a file, is one; a database or a queue may be another."""

    def add(self, entry: RecordEntry, /) -> None:
        """Keeps an entry, and returns when it is kept.

        A policy calls it once an answer, in the thread that asked, before it returns the answer, and holds no lock:
        several threads may be in it at once. If it raises an exception, there is no answer, but a `RecordError`; one
        that is a `RecordError` itself is passed on as it is. A case that was refused is an entry too (`is_refused`);
        a sink may pass over it.
        """


def recorded(sink: Sink, names: Names, asked: Asked, decide: Callable[[object, object, object], Decision]) -> Decision:
    """The decision that `decide` makes, after it is in the sink.

    Raises `CaseError` for a case that is refused, also after that is there, and `RecordError` where that fails.
    """
    try:
        decision = decide(asked.case, asked.on, asked.at)
    except CaseError as error:
        record(sink, names, asked, error)
        raise
    record(sink, names, asked, decision)
    return decision


def record(sink: Sink, names: Names, asked: Asked, answer: Decision | CaseError) -> None:
    """Hands the entry of an answer that was just made to a sink. Raises `RecordError` where that fails."""
    decision, faults = (None, answer.faults) if isinstance(answer, CaseError) else (answer, ())
    try:
        sink.add(RecordEntry(_moment(time.time_ns() // 1_000_000), names, asked, decision, faults))
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


@lru_cache(1)
def _moment(milliseconds: int) -> datetime.datetime:
    """The moment of a clock. Many entries of a batch have one."""
    return datetime.datetime.fromtimestamp(milliseconds / 1_000, datetime.UTC)


def _may_be_held(policy: TypedPolicy) -> MayBeHeld:
    """What cases of a policy may hold. A digest would not do as the key: it leaves out how time moves a fact."""
    of, found = _HELD.get(id(policy), (None, None))
    if found is None or of is None or of() is not policy:
        found = may_be_held(policy, facts_read(policy))
        remember(_HELD, id(policy), (weakref.ref(policy), found), _MOST_HELD)
    return found


_HELD: dict[int, tuple[weakref.ref[TypedPolicy], MayBeHeld]] = {}
_MOST_HELD = 256


@lru_cache(64)
def _iso(moment: datetime.datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


@lru_cache(256)
def _policy(name: str, digest: str | None, version: str | None) -> str:
    """How an entry names the policy. It has many entries."""
    about = {"name": name, "digest": digest, "version": version}
    return _encode({what: value for what, value in about.items() if value is not None})


def _members(**values: object) -> str:
    """The members of an object that are given, each with a comma after it."""
    return "".join([f'"{name}": {_encode(value)}, ' for name, value in values.items() if value is not None])


def _day(on: object) -> object:
    if on is None:
        return None
    try:
        return datetime.date.fromordinal(read_on(on)).isoformat()
    except CaseError:
        return shown_value(on)
