"""The record of a service: each answer is on the disk before it is sent.

A separate thread writes the waiting answers as one group and synchronises it once, so that it costs little under load.
If that fails, no answer of the group is sent.
"""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from attrs import frozen

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


@frozen(eq=False)
class _Waiting:
    entries: Sequence[RecordEntry]
    written: asyncio.Future[None]


class Recorder:
    """Writes entries to a record, in a thread. Used by one event loop alone."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="forbear-record", daemon=True)
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

    def start(self) -> None:
        """Starts the thread."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def keep(self, entries: Sequence[RecordEntry]) -> None:
        """Returns when the entries are on the disk. Raises `RecordError` where they are not."""
        waiting = _Waiting(entries, self._loop.create_future())
        self._queue.put(waiting)
        await waiting.written

    async def stop(self) -> None:
        """Writes what waits, and closes the record."""
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        self._record.close()

    def _write(self) -> None:
        while (first := self._queue.get()) is not None:
            group, last = [first], False
            with suppress(queue.Empty):
                while len(group) < MOST_TOGETHER and not last:
                    following = self._queue.get_nowait()
                    if following is None:
                        last = True
                    else:
                        group.append(following)
            error: RecordError | None = None
            number = 0
            try:
                number = self._record.add_all([entry for waiting in group for entry in waiting.entries])
            except RecordError as failed:
                error = failed
            except Exception as failed:  # no answer may be sent, whatever it is
                error = RecordError(f"the record was not written: {type(failed).__name__}")
            self._loop.call_soon_threadsafe(self._written, group, number, error)
            if last:
                return

    def _written(self, group: Sequence[_Waiting], number: int, error: RecordError | None) -> None:
        if error is None:
            self.groups += number > 0
            self.entries += number
            self._failed = None
        else:
            if self._failed is None:
                LOG.error("%s", error)
            self.failures += 1
            self._failed = (time.monotonic(), str(error))
        for waiting in group:
            if waiting.written.done():  # the waiting caller has gone
                continue
            if error is None:
                waiting.written.set_result(None)
            else:
                waiting.written.set_exception(RecordError(*error.args))
