"""The data recorded of a decision, and the protocol for whatever keeps it: a file, a database, a queue.

A policy makes a `RecordEntry` of each answer, and hands it to the sink before it returns the answer. An entry holds the
case with its private values hidden.
"""

from __future__ import annotations

import datetime
import hmac
import json
import math
import operator
import secrets
import time
import weakref
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, Final, Protocol

from attrs import field, frozen

from forbear.deciding.decision import Decision
from forbear.kernel.cases import (
    CaseError,
    FactSpec,
    Fault,
    InPart,
    Value,
    Wrong,
    as_dict,
    in_part_text,
    is_scalar,
    own,
    read_in_part,
    read_on,
    read_value,
    shown,
)
from forbear.kernel.history.moments import remember
from forbear.language.model.derived import known_in_part
from forbear.language.model.facts import Fact
from forbear.language.model.held import MayBeHeld, may_be_held
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import HIDDEN, quoted, value_text
from forbear.semantics.kernel_specs import fact_spec
from forbear.version import __version__

# A case with its private values hidden: each is replaced by `{"private": ...}`.
#
# Without a key the replacement is null, and for the id of an event a number, the same for equal ids. With a key it is a
# keyed hash. Whoever has the key can prove with it that a given value was the one decided on.


@frozen
class Hide:
    """Functions that make the replacement of a private value, and of a private id of an event.

    `value` takes the name of the fact (or of event and attribute), the fact and the value; `id` a name and the id.
    """

    value: Callable[[str, Fact, object], object]
    id: Callable[[str, object], object]


HideCase = Callable[[], Hide]
"""Makes the functions for one case, if something in it is to be hidden."""


def left_out() -> Hide:
    """Hides the values of one case, without a key."""
    numbers: dict[object, int] = {}
    return Hide(
        lambda name, fact, value: {HIDDEN: None},
        lambda name, value: {HIDDEN: numbers.setdefault(_id_text(value), len(numbers) + 1)},
    )


def hashed(key: bytes, salt: str) -> Hide:
    """Hides the values of one case by their keyed hashes. `salt` is the case's own."""

    def hash_of(name: str, text: str) -> object:
        digest = hmac.digest(key, f"{salt} {name} {text}".encode(), "sha256").hex()
        return {HIDDEN: f"hmac-sha256:{digest}"}

    return Hide(
        lambda name, fact, value: hash_of(name, _written(name, fact, fact_spec(fact)._replace(cuts=()), value)),
        lambda name, value: hash_of(name, _id_text(value)),
    )


def shown_case(policy: TypedPolicy, case: Mapping[str, object], hide_case: HideCase = left_out) -> Mapping[str, object]:
    """Returns a case with its private values hidden, by `left_out` unless given otherwise. Entries that are not facts
    are shown, so a case with errors needs `shown_any`.
    """
    private = policy.private_names
    if private.isdisjoint(case):
        return case
    showing = _Showing(policy, hide_case())
    return {name: showing.of_case(name, value) if name in private else value for name, value in case.items()}


def _written(name: str, fact: Fact, spec: FactSpec, value: object) -> str:
    """A value as the language writes it, so that 12.5 and "12.50" have the same hash."""
    try:
        on_grid = _read(spec, value)
    except Wrong:  # neither a case that was decided nor `shown_any` asks for such a value
        raise AssertionError(name) from None
    if isinstance(on_grid, InPart):
        return in_part_text(spec, on_grid)
    return ("none" if fact.or_none else "unknown") if on_grid is None else value_text(fact, on_grid)


def _read(spec: FactSpec, value: object) -> Value:
    """A value on its grid, or a number that is known in part. Raises `Wrong`."""
    if spec.cuts is not None and isinstance(value, (InPart, Mapping)):
        return read_in_part(spec, value)
    return read_value(spec, value)


def _id_text(value: object) -> str:
    return quoted(value) if isinstance(value, str) else str(value)


# Cases in JSON, also those that are none: whatever was given, with its private values hidden.
#
# A case that was refused may hold anything, and `permits` does not read the facts that it does not need. So of such a
# case only what the vocabulary knows is shown: a value by another name is hidden, for the name may be that of a private
# fact, misspelt.


UNREADABLE = "unreadable"
"""The key of an object in place of a value that JSON cannot express. No fact can be read from such an object."""
_MOST_DIGITS = 40


def shown_any(policy: TypedPolicy, case: object, hide_case: HideCase) -> dict[str, object] | None:
    """Returns a case with its private values hidden; None if it is not a mapping. Never raises an exception."""
    facts = as_dict(case)
    if facts is None:
        return None
    showing = _Showing(policy, hide_case())
    return {_name(name): showing.of_case(name, value) for name, value in facts.items()}


def plain(value: object) -> object:
    """Returns the JSON form of a value, of a case without errors, that JSON lacks: any mapping or sequence, dates,
    times and moments, decimals, values of NumPy. A decimal is written as a case may give it: in digits, without an
    exponent.
    """
    if not is_scalar(type(value)):
        if isinstance(value, Mapping):
            return as_dict(value)
        if isinstance(value, Sequence):
            return list(value)
        value = own(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text if len(text) < _MOST_DIGITS else f"{value.normalize():f}"  # no number of a case has more digits
    if isinstance(value, bool):
        return value
    index = getattr(value, "__index__", None)
    return str(value) if index is None else int(index())


def shown_value(raw: object) -> object:
    """Returns any value as JSON. A value that JSON cannot express becomes `{"unreadable": TEXT}`."""
    try:
        value = own(raw)
        if value is None or isinstance(value, (bool, str)) or (isinstance(value, float) and math.isfinite(value)):
            return value
        if isinstance(value, datetime.tzinfo):
            return str(value)
        if isinstance(value, Decimal):
            if value.is_finite() and abs(value.adjusted()) < _MOST_DIGITS:
                return plain(value)
        elif isinstance(value, (datetime.date, datetime.time)):
            return value.isoformat()
        elif abs(number := operator.index(value)) < 10**_MOST_DIGITS:  # type: ignore[arg-type]  # of NumPy and the like
            return number
    except Exception:  # a foreign class may raise anything
        pass
    return {UNREADABLE: shown(raw)}


class _Showing:
    """Shows entries of one case."""

    def __init__(self, policy: TypedPolicy, hide: Hide) -> None:
        self._policy = policy
        self._hide = hide
        self._specs: dict[str, FactSpec] = {}
        self._in_part = known_in_part(policy.derived)

    def of_case(self, name: object, value: object) -> object:
        if not isinstance(name, str):
            return {HIDDEN: None}
        fact = self._policy.facts.get(name)
        if fact is not None:
            return self._of_fact(name, fact, value)
        listed = _listed(value)
        if name in ("zone", "history_from"):
            return shown_value(value) if listed is None else [shown_value(item) for item in listed]
        if name != "history" or not self._policy.events or listed is None:
            return {HIDDEN: None}
        return [self._of_event(event) for event in listed]

    def _of_fact(self, name: str, fact: Fact, value: object) -> object:
        spec = self._specs.get(name)
        if spec is None:
            spec = self._specs[name] = fact_spec(fact)._replace(cuts=() if name in self._in_part else None)
        try:
            _read(spec, value)
        except Wrong:
            if fact.private:
                return {HIDDEN: None}
            # Only what is in JSON as it is stays: a text that stands for something else might be read as a value.
            in_json = type(value) in (bool, int, float, str, type(None))
            return shown_value(value) if in_json else {UNREADABLE: shown(value)}
        return self._hide.value(name, fact, value) if fact.private else value

    def _of_event(self, event: object) -> object:
        attributes = as_dict(event)
        name = None if attributes is None else own(attributes.get("event"))
        if attributes is None or not isinstance(name, str) or name not in self._policy.events:
            return {HIDDEN: None}
        return {_name(key): self._of_attribute(name, key, value) for key, value in attributes.items()}

    def _of_attribute(self, of: str, name: object, value: object) -> object:
        event = self._policy.events[of]
        if not isinstance(name, str):
            return {HIDDEN: None}
        if name in ("event", "at"):
            return shown_value(value)
        if name == "id":
            identity = shown_value(value)
            if not event.private_id or identity is None:
                return identity
            return {HIDDEN: None} if isinstance(identity, dict) else self._hide.id(f"{of}.id", identity)
        attribute = event.attributes.get(name)
        return {HIDDEN: None} if attribute is None else self._of_fact(f"{of}.{name}", attribute, value)


def _name(name: object) -> str:
    return name if isinstance(name, str) else shown(name)


def _listed(value: object) -> list[object] | None:
    """The items of any sequence but a text; None for what is none."""
    try:
        return None if isinstance(value, (str, bytes)) or not isinstance(value, Sequence) else list(value)
    except Exception:  # a foreign class may raise anything
        return None


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
    """The caller's names for an entry: the account (`key`), and the id of the request."""

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
    """The record of one answer of a policy: a decision, or the refusal of the case.

    `text` and `as_json` return it as JSON, with the private values of the case hidden.
    """

    recorded: datetime.datetime
    """The time at which it was made, in UTC, to the millisecond."""
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
        """The digest of the policy; None if no version of a book could decide."""
        return self.asked.digest

    @property
    def version(self) -> str | None:
        """The version of the policy, if it has one; None if no version of a book could decide."""
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
        """`Decision.held` of a decision on all actions at a moment, without private facts, as it would show whether one
        of these is none."""
        asked = self.asked
        if self.decision is None or self.action is not None or asked.at is None or not isinstance(asked.case, Mapping):
            return []
        facts = asked.policy.facts
        return [name for name in _may_be_held(asked.policy).given_in(asked.case) if not facts[name].private]

    @property
    def kind(self) -> str:
        """A description in words."""
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
        """Returns the entry as a JSON document; the argument is that of `text`."""
        document: dict[str, Any] = json.loads(self.text(secret))
        return document

    def _case(self, hide_case: HideCase) -> object:
        policy, case = self.asked.policy, self.asked.case
        if self.decision is None or self.action is not None:
            return shown_any(policy, case, hide_case)
        return shown_case(policy, case, hide_case)  # type: ignore[arg-type]  # a case that was decided is a mapping


class Sink(Protocol):
    """An object that keeps the entries of a record: a file (`forbear.Record`), a database, a queue."""

    def add(self, entry: RecordEntry, /) -> None:
        """Keeps an entry, and returns when it is kept.

        A policy calls it once an answer, in the thread that asked, before it returns the answer, and holds no lock:
        several threads may call it at once. If it raises an exception, the caller gets a `RecordError` instead of an
        answer; a `RecordError` is passed on as it is. A refused case is an entry too (`is_refused`); a sink may ignore
        it.
        """


def recorded(sink: Sink, names: Names, asked: Asked, decide: Callable[[object, object, object], Decision]) -> Decision:
    """Returns the decision that `decide` makes, after the sink has kept it.

    Raises `CaseError` for a refused case, also after the sink has kept it, and `RecordError` if the sink fails.
    """
    try:
        decision = decide(asked.case, asked.on, asked.at)
    except CaseError as error:
        record(sink, names, asked, error)
        raise
    record(sink, names, asked, decision)
    return decision


def record(sink: Sink, names: Names, asked: Asked, answer: Decision | CaseError) -> None:
    """Hands the entry of an answer that was just made to a sink. Raises `RecordError` if that fails."""
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
    """Returns which facts of a policy a case may hold still (kept between calls). A digest would not do as the key: it
    leaves out how time moves a fact.
    """
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
    """Returns the JSON with which an entry names the policy, which many entries share."""
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
