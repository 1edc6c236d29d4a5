"""The record of a service: each answer is on the disk before it is sent.

A separate thread writes the waiting answers as one group and synchronises it once, so that it costs little under load.
If that fails, no answer of the group is sent.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from forbear.base.logs import LOG
from forbear.deciding.records.record import Record
from forbear.deciding.records.sink import RecordEntry, RecordError

MOST_TOGETHER: Final = 1_000
"""Requests whose entries are written together."""
DISTRUSTED: Final = 5.0
"""Seconds for which the service is not ready after a failure. Nothing else than another answer shows whether the record
can be written again."""


class Collecting(threading.local):
    """The sink of the policies: it keeps the entries of a thread until they are taken, to be recorded together."""

    def __init__(self) -> None:
        self._entries: list[RecordEntry] = []

    def add(self, entry: RecordEntry, /) -> None:
        """Keeps an entry."""
        self._entries.append(entry)

    def take(self) -> Sequence[RecordEntry]:
        """The entries since the last call."""
        entries, self._entries = self._entries, []
        return entries


class Recorder:
    """Writes entries to a record, in a thread. Used by one event loop alone."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._waiting: list[tuple[Sequence[RecordEntry], asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, "forbear-record")
        self.entries = 0
        """How many entries were written."""
        self.groups = 0
        """In how many groups."""
        self.failures = 0
        """How many groups could not be written."""
        self._failed: tuple[float, str] | None = None

    @property
    def problem(self) -> str | None:
        """Why the record could not be written a moment ago; None where it could, or where that was longer ago."""
        if self._failed is None or time.monotonic() - self._failed[0] > DISTRUSTED:
            return None
        return self._failed[1]

    async def keep(self, entries: Sequence[RecordEntry]) -> None:
        """Returns when the entries are on the disk. Raises `RecordError` where they are not."""
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((entries, written))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        await written

    async def stop(self) -> None:
        """Writes what waits, and closes the record."""
        if self._writing is not None:
            await self._writing
        self._record.close()

    async def _write(self) -> None:
        """Writes what waits, and what comes meanwhile."""
        while self._waiting:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            error: RecordError | None = None
            number = 0
            try:
                entries = [entry for its_entries, _ in group for entry in its_entries]
                number = await asyncio.get_running_loop().run_in_executor(self._thread, self._record.add_all, entries)
            except RecordError as failed:
                error = failed
            except Exception as failed:  # no answer may be sent, whatever it is
                error = RecordError(f"the record was not written: {type(failed).__name__}")
            self._count(number, error)
            for _, written in group:
                if written.done():  # the waiting caller has gone
                    continue
                if error is None:
                    written.set_result(None)
                else:
                    written.set_exception(RecordError(*error.args))
        self._writing = None

    def _count(self, number: int, error: RecordError | None) -> None:
        if error is None:
            self.groups += number > 0
            self.entries += number
            self._failed = None
        else:
            if self._failed is None:
                LOG.error("%s", error)
            self.failures += 1
            self._failed = (time.monotonic(), str(error))
