"""The audit record: one line of JSON a decision, written before anybody learns the answer.

What the vocabulary marks `private` is hidden: in the place of its value stands `{"private": null}`, or with a key a
keyed hash, by which whoever has the key can show that a value is the one that was decided on.
"""

from __future__ import annotations

import datetime
import hashlib
import hmac
import json
import os
import secrets
import stat
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from forbear.kernel import FactSpec, Wrong, read_on, read_value
from forbear.policy.derived import Event
from forbear.policy.reading import fact_spec
from forbear.policy.typed import TypedPolicy
from forbear.runtime.decision import Decision
from forbear.vocabulary.facts import Fact
from forbear.vocabulary.values import value_text

try:
    import fcntl
except ImportError:  # Windows has other locks; there, one process writes a file
    fcntl = None  # type: ignore[assignment]

HIDDEN = "private"
SHORTEST_KEY = 16

Hide = Callable[[str, Fact, object], object]
"""What stands in a record for a value: by the name of its fact (or event and attribute), its type and the value."""


class RecordError(Exception):
    """A record that cannot be written. The decision was not given to anybody."""


class Record:
    """A file to which decisions are added, a line each. Threads and processes may add to one file at once.

    A line is handed to the operating system whole, before the decision is returned; where there is no room for all of
    it, none of it stays. `key`, at least 16 bytes, hashes private values; without it they are left out.

    Raises `RecordError` where the file cannot be opened.
    """

    def __init__(self, path: str | Path, key: bytes | None = None) -> None:
        if key is not None and len(key) < SHORTEST_KEY:
            raise RecordError(f"a key of a record has at least {SHORTEST_KEY} bytes, and this one has {len(key)}")
        self.path = str(path)
        self._key = key
        self._lock = threading.Lock()
        try:
            self._descriptor: int | None = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            _end_line(self._descriptor, path)
        except (OSError, ValueError) as error:
            raise self._failed(error) from None

    def add(
        self, policy: TypedPolicy, digest: str, case: Mapping[str, object], on: object, at: object, decision: Decision
    ) -> None:
        """Adds a decision. Raises `RecordError` where it cannot be written."""
        salt = None if self._key is None else secrets.token_hex(16)
        hide = _left_out if self._key is None or salt is None else _hashed(self._key, salt)
        document = recorded(policy, digest, case, on, at, decision, hide)
        if salt is not None:
            document["salt"] = salt
        line = json.dumps(document, ensure_ascii=False, default=_plain) + "\n"
        self._write(line.encode("utf-8", "backslashreplace"))

    def _write(self, line: bytes) -> None:
        with self._lock:
            if self._descriptor is None:
                raise RecordError(f"the record {self.path!r} is closed")
            try:
                _append(self._descriptor, line)
            except OSError as error:
                raise self._failed(error) from None

    def _failed(self, error: Exception) -> RecordError:
        reason = getattr(error, "strerror", None) or "it is no path"
        return RecordError(f"the record {self.path!r} cannot be written: {reason.lower()}")

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _append(descriptor: int, line: bytes) -> None:
    """Writes a line at the end of a file, all of it or nothing. Raises `OSError`."""
    with _locked(descriptor):
        end = os.fstat(descriptor).st_size
        written = os.write(descriptor, line)
        try:
            while written < len(line):
                written += os.write(descriptor, line[written:])
        except OSError:
            with suppress(OSError):
                os.ftruncate(descriptor, end)
            raise


def _end_line(descriptor: int, path: str | Path) -> None:
    """Ends the last line of a file where a crash has cut it off, so that the next one is not lost with it."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        return
    with _locked(descriptor), suppress(PermissionError), open(path, "rb") as file:
        if file.seek(0, os.SEEK_END):
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                os.write(descriptor, b"\n")


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """No other process adds to the file meanwhile."""
    locked = False
    if fcntl is not None:
        with suppress(OSError):  # what is no file, such as a pipe, may have no locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            locked = True
    try:
        yield
    finally:
        if locked:
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def recorded(
    policy: TypedPolicy,
    digest: str,
    case: Mapping[str, object],
    on: object,
    at: object,
    decision: Decision,
    hide: Hide,
) -> dict[str, object]:
    """The document of a decision, its private values hidden."""
    about = {"name": policy.name, "digest": digest}
    if policy.version is not None:
        about["version"] = policy.version
    document: dict[str, object] = {
        "recorded": datetime.datetime.now(datetime.UTC).isoformat(timespec="milliseconds"),
        "policy": about,
    }
    if on is not None:
        document["on"] = datetime.date.fromordinal(read_on(on)).isoformat()
    if at is not None:
        document["at"] = at
    document["case"] = {name: _of_case(policy, name, value, hide) for name, value in case.items()}
    document["decisions"] = {
        action: {"verdict": its.verdict.value, "rules": its.rules, **({"unknown": its.unknown} if its.unknown else {})}
        for action, its in decision.items()
    }
    return document


def _of_case(policy: TypedPolicy, name: str, value: object, hide: Hide) -> object:
    fact = policy.facts.get(name)
    if fact is not None:
        return hide(name, fact, value) if fact.private else value
    if name == "history" and isinstance(value, Sequence):
        return [_of_event(policy.events.get(event["event"]), event, hide) for event in value]
    return value


def _of_event(event: Event | None, given: Mapping[str, object], hide: Hide) -> object:
    attributes = {} if event is None else event.attributes
    return {
        name: hide(f"{given['event']}.{name}", attributes[name], value)
        if name in attributes and attributes[name].private
        else value
        for name, value in given.items()
    }


def _left_out(name: str, fact: Fact, value: object) -> object:
    return {HIDDEN: None}


def _hashed(key: bytes, salt: str) -> Hide:
    def hide(name: str, fact: Fact, value: object) -> object:
        text = f"{salt} {name} {_written(fact, fact_spec(fact), value)}"
        return {HIDDEN: "hmac-sha256:" + hmac.new(key, text.encode("utf-8"), hashlib.sha256).hexdigest()}

    return hide


def _written(fact: Fact, spec: FactSpec, value: object) -> str:
    """A value as the language writes it, so that 12.5 and "12.50" are the same."""
    try:
        on_grid = read_value(spec, value)
    except Wrong:  # a value that was decided on can be read
        raise AssertionError(value) from None
    return ("none" if fact.or_none else "unknown") if on_grid is None else value_text(fact, on_grid)


def _plain(value: object) -> object:
    """What JSON has no form of: dates, times and moments, decimals, integers of other libraries."""
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    index = getattr(value, "__index__", None)
    return str(value) if index is None else int(index())
