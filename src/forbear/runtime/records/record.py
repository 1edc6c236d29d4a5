"""The audit record: a line of JSON for each decision, written before the decision is returned.

What the vocabulary marks `private` is hidden (`hiding.py`), and each line is linked to the one before it (`chain.py`).
"""

from __future__ import annotations

import datetime
import json
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from forbear.kernel import as_dict, read_on
from forbear.model.policy import TypedPolicy
from forbear.runtime.decision import Decision
from forbear.runtime.records.appending import Appender, Closed
from forbear.runtime.records.chain import chained
from forbear.runtime.records.hiding import Hide, hashed, left_out, shown_case

SHORTEST_KEY = 16
LONGEST_LINE = 128 * 1024 * 1024
"""Bytes of a decision in a record. `replay` reads no longer one."""


class RecordError(Exception):
    """A record cannot be opened, read or written. A decision that could not be recorded was not returned."""


class Record:
    """A file to which decisions are appended, a line each. Threads and processes may share it, forked ones too.

    A line is handed to the operating system whole, before the decision is returned. Where there is no room for all of
    it, none of it stays. Each line is linked to the line before it (`runtime/records/chain.py`). `key`, at least 16
    bytes, seals the lines and hashes private values; without it there are no seals, and private values are left out.

    Raises `RecordError` where the key is too short, or the file cannot be opened.
    """

    def __init__(self, path: str | Path, key: bytes | None = None) -> None:
        if key is not None and len(key) < SHORTEST_KEY:
            raise RecordError(f"a key of a record has at least {SHORTEST_KEY} bytes, and this one has {len(key)}")
        self.path = str(path)
        self._key = key
        with self._failing():
            self._file = Appender(path)

    def add(
        self, policy: TypedPolicy, digest: str, case: Mapping[str, object], on: object, at: object, decision: Decision
    ) -> None:
        """Appends a decision. Raises `RecordError` where it cannot be written."""
        salt = None if self._key is None else secrets.token_hex(16)
        hide = left_out() if self._key is None or salt is None else hashed(self._key, salt)
        document = recorded(policy, digest, case, on, at, decision, hide)
        if salt is not None:
            document["salt"] = salt
        text = json.dumps(document, ensure_ascii=False, default=_plain).removesuffix("}")
        encoded = text.encode("utf-8", "backslashreplace")
        if len(encoded) > LONGEST_LINE - 1024:  # the links that follow it have less
            most = LONGEST_LINE // 1024 // 1024
            raise RecordError(f"the decision has more than {most} MB, so that nobody could read it again")
        with self._failing():
            self._file.append(lambda before: chained(encoded, before, self._key))

    @property
    def anchor(self) -> str | None:
        """The digest of the last line, whichever process wrote it; None where there is no line.

        Kept elsewhere, it shows later whether lines were cut off, or the record was rewritten. Raises `RecordError`
        where the record is closed or cannot be read.
        """
        with self._failing():
            return self._file.last()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except Closed:
            raise RecordError(f"the record {self.path!r} is closed") from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it is no path"
            raise RecordError(f"the record {self.path!r} cannot be written: {reason.lower()}") from None

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def __enter__(self) -> Record:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a record cannot be copied or pickled: open it in each process, by its path")


def recorded(
    policy: TypedPolicy,
    digest: str,
    case: Mapping[str, object],
    on: object,
    at: object,
    decision: Decision,
    hide: Hide,
) -> dict[str, object]:
    """The document of a decision, its private values hidden by `hide`."""
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
    document["case"] = shown_case(policy, case, hide)
    document["decisions"] = {
        action: {
            "verdict": decided.verdict.value,
            "rules": decided.rules,
            **({"unknown": decided.unknown} if decided.unknown else {}),
        }
        for action, decided in decision.items()
    }
    return document


def _plain(value: object) -> object:
    """What JSON has no form of: any mapping or sequence, dates, times and moments, decimals, integers of other
    libraries. A decimal is written as a case may give it: in digits, without an exponent."""
    if isinstance(value, Mapping):
        return as_dict(value)
    if isinstance(value, Sequence):
        return list(value)
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text if len(text) < 40 else f"{value.normalize():f}"  # a text of more digits is no number of a case
    index = getattr(value, "__index__", None)
    return str(value) if index is None else int(index())
