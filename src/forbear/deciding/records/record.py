"""The audit record in a file: a line of JSON for each entry, linked to the line before it (`chain.py`)."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from forbear.base.logs import LOG
from forbear.deciding.records.chain import Appender, Closed, chained
from forbear.deciding.records.sink import RecordEntry, RecordError

SHORTEST_KEY = 16
LONGEST_LINE = 128 * 1024 * 1024
"""Bytes of a decision in a record. `replay` reads no longer one."""


class Record:
    """A file to which decisions are appended, one line each. Threads and processes, including forked ones, may share
    it.

    A line is handed to the operating system whole, before the decision is returned. If there is no room for all of it,
    none of it is written. Each line is linked to the previous one (`deciding/records/chain.py`). `key`, at least 16
    bytes, seals the lines and hashes private values; without it there are no seals, and private values are left out.
    With `refused`, each refused case has a line too, with its errors. With `durable`, a line is on the disk before the
    decision is returned, so that it survives a loss of power too.

    Raises `RecordError` if the key is too short, or the file cannot be opened.
    """

    def __init__(
        self, path: str | Path, key: bytes | None = None, *, refused: bool = False, durable: bool = False
    ) -> None:
        if key is not None and len(key) < SHORTEST_KEY:
            raise RecordError(f"a key of a record has at least {SHORTEST_KEY} bytes, and this one has {len(key)}")
        self.path = str(path)
        self._key = key
        self._refused = refused
        with self._failing():
            self._file = Appender(path, durable=durable)
        LOG.info("opened the record %r", self.path)

    def add(self, entry: RecordEntry, /) -> None:
        """Appends an entry. Raises `RecordError` if it cannot be written."""
        self.add_all([entry])

    def add_all(self, entries: Iterable[RecordEntry], /) -> int:
        """Appends entries together, all of them or none, and returns how many lines these are. Raises `RecordError`
        if they cannot be written."""
        entries = [entry for entry in entries if self._refused or not entry.is_refused]
        if not entries:
            return 0
        encoded = [entry.text(self._key).removesuffix("}").encode() for entry in entries]
        if max(map(len, encoded)) > LONGEST_LINE - 1024:  # the links that follow it have less
            most = LONGEST_LINE // 1024 // 1024
            raise RecordError(f"the decision has more than {most} MB, so that nobody could read it again")
        with self._failing():
            self._file.append(partial(self._lines, encoded))
        for entry in entries if LOG.isEnabledFor(logging.DEBUG) else ():
            LOG.debug("added %s by policy %s to the record %r", entry.kind, entry.policy, self.path)
        return len(entries)

    def _lines(self, encoded: Iterable[bytes], before: str | None) -> tuple[bytes, str]:
        lines = []
        for text in encoded:
            line, before = chained(text, before, self._key)
            lines.append(line)
        assert before is not None
        return b"".join(lines), before

    @property
    def anchor(self) -> str | None:
        """The digest of the last line, whichever process wrote it; None if there is no line.

        Kept elsewhere, it shows later whether lines were cut off, or the record was rewritten. Raises `RecordError` if
        the record is closed or cannot be read.
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
            reason = getattr(error, "strerror", None) or "it is not a path"
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
