"""A file to which threads and processes append lines concurrently, each linked to the line before it.

A writer holds the lock of the file, and links its line to the last line of that moment. After a file was moved or
deleted, the next line begins a new file at the path, and is linked to the last line of the old one. After a file was
truncated, the next line is linked to the last line that this process wrote, so that the truncation shows.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from weakref import WeakSet

from attrs import frozen

from forbear.base.logs import LOG

# The chain of a record's lines: each has the digest of the line before it, and its own.
#
# A line ends in `"before"`, the digest of the line before (null in the first), and `"digest"`, the SHA-256 of the line
# up to there; with a key also in `"seal"`, the HMAC of the digest. So the remaining lines show that lines were deleted,
# moved, repeated or altered. Only an anchor, a digest that is kept elsewhere, shows that lines were cut off at the end,
# or that the record was rewritten as a whole. Without the key nobody can write a line with a valid seal.


_NO_SEAL = "the line carries no seal: who has the key did not write it"
LONGEST_END = 300
"""The number of bytes at the end of a line that always suffice to read its link."""
_DIGEST = "sha256:[0-9a-f]{64}"
_END = re.compile(
    rf', "before": (?:null|"({_DIGEST})"), "digest": "({_DIGEST})"(?:, "seal": "(hmac-{_DIGEST})")?}}\Z'.encode()
)


def chained(text: bytes, before: str | None, key: bytes | None) -> tuple[bytes, str]:
    """The line of a document, and its digest. `text` is a JSON object without its closing brace."""
    link = ', "before": null' if before is None else f', "before": "{before}"'
    linked = hashlib.sha256(text)
    linked.update(link.encode())
    digest = "sha256:" + linked.hexdigest()
    seal = "" if key is None else f', "seal": "{_seal(key, digest)}"'
    return text + f'{link}, "digest": "{digest}"{seal}}}\n'.encode(), digest


def _seal(key: bytes, digest: str) -> str:
    return "hmac-sha256:" + hmac.digest(key, f"line {digest}".encode(), "sha256").hex()


@frozen
class Link:
    """The end of a line: the digest of the line before it, its own digest, and its seal."""

    before: str | None
    digest: str
    seal: str | None


def link_of(line: bytes) -> Link | None:
    """The link of a line, or of the last bytes of one; None where it has none."""
    match = _END.search(line.rstrip(b"\r\n"))
    if match is None:
        return None
    before, digest, seal = (None if part is None else part.decode() for part in match.groups())
    assert digest is not None
    return Link(before, digest, seal)


def _fits(line: bytes, digest: str) -> bool:
    """Returns true if the digest in a line is that of its text."""
    text = line[: line.rindex(b', "digest": "')]
    return hashlib.sha256(text).hexdigest() == digest.removeprefix("sha256:")


class Chain:
    """Reads the lines of a record, or of several records in order, and reports where their chain breaks."""

    def __init__(self, key: bytes | None = None, anchors: Iterable[str] = ()) -> None:
        self._key = key
        self._anchors = dict.fromkeys(anchors)
        self.linked = 0
        """How many lines have a link."""
        self.without = 0
        """How many lines came before the first line with a link."""
        self.sealed = 0
        """How many lines have a seal."""
        self.last: str | None = None
        """The digest of the last line: the anchor of the record."""
        self.missing = set(self._anchors)
        """The anchors that no line has had so far."""

    def breaks(self, line: bytes, is_record: Callable[[bytes], bool]) -> Iterator[str]:
        """The errors of the chain at the next line. `is_record` says whether a line is a record of a decision."""
        link = link_of(line)
        if link is None:
            if self.linked:
                if is_record(line):
                    yield "the line carries no digest, and lines before it do"
                return
            self.without += 1
            if self._key is not None and is_record(line):
                yield _NO_SEAL
            return
        yield from self._misplaced(link)
        if not _fits(line, link.digest):
            yield "the line was altered: its digest is not that of its text"
        else:
            self.missing.discard(link.digest)
        if self._key is not None:
            if link.seal is None:
                yield _NO_SEAL
            elif not hmac.compare_digest(link.seal, _seal(self._key, link.digest)):
                yield "the seal of the line is not of this key"
        self.linked += 1
        self.sealed += link.seal is not None
        self.last = link.digest

    def _misplaced(self, link: Link) -> Iterator[str]:
        if link.before == self.last:
            return
        if not self.linked:
            assert link.before is not None
            if link.before in self._anchors:
                self.missing.discard(link.before)
            else:
                yield f"lines are missing before it, or a file that comes before this one: it follows {link.before}"
        elif link.digest == self.last:
            yield "the line is there twice"
        elif link.before is None:
            yield "a chain of its own begins here: it does not follow the line before it"
        else:
            yield "the line does not follow the one before it: lines are missing, moved, repeated or altered here"


try:
    import fcntl
except ImportError:  # on Windows, which has other locks, only one process may write a file
    fcntl = None  # type: ignore[assignment]

_CHUNK = 1 << 16

Make = Callable[[str | None], tuple[bytes, str]]
"""Makes a line, or several, from the digest of the previous line; returns them with the digest of the last."""


class Closed(Exception):
    """The file is closed."""


class Appender:
    """An open file. Raises `OSError` where it cannot be opened or written, `ValueError` where the path is invalid.

    A `durable` one is on the disk when `append` returns, and not only handed to the operating system. It ends a line
    that was cut off when it is opened, the others when they append.
    """

    def __init__(self, path: str | Path, *, durable: bool = False) -> None:
        self._path = os.path.abspath(path)  # the working folder may change
        self._durable = durable
        self._lock = threading.Lock()
        self._inherited = False
        """Whether the descriptor is that of a parent process, which shares its lock."""
        self._last: str | None = None
        """The digest of the last known line; if that is in this file, the next two are its end, and its last bytes."""
        self._end = 0
        self._written = b""
        self._descriptor: int | None = self._fresh()
        if durable:
            self._end_line(self._descriptor)
        _OPEN.add(self)

    def _end_line(self, descriptor: int) -> None:
        """Ends a line that was cut off by a crash, so that whoever reads the file meets no half line at its end."""
        with _locked(descriptor):
            if self._previous(descriptor, os.fstat(descriptor))[1]:
                os.write(descriptor, b"\n")
                os.fsync(descriptor)

    def append(self, make: Make) -> None:
        """Appends what is made, all of it or nothing."""
        with self._lock:
            self._append(self._own(), make)

    def _append(self, descriptor: int, make: Make) -> None:
        with ExitStack() as leaving, _locked(descriptor):
            status = os.fstat(descriptor)
            if self._in_place(status):
                self._add(descriptor, status, make)
                return
            fresh = self._fresh()
            self._last, self._end = self._previous(descriptor, status)[0], 0
            self._descriptor = fresh
            leaving.callback(os.close, descriptor)
            LOG.info("the record %r was moved or deleted: a new file goes on with its chain", self._path)
            self._append(fresh, make)  # the old file stays locked, so that no other process appends to it meanwhile

    def last(self) -> str | None:
        """The digest of the last line; None if there is no line."""
        with self._lock:
            descriptor = self._own()
            with _locked(descriptor):
                return self._previous(descriptor, os.fstat(descriptor))[0]

    def close(self) -> None:
        """Closes the file."""
        with self._lock:
            if self._descriptor is not None:
                os.close(self._descriptor)
                self._descriptor = None

    def forked(self) -> None:
        """Called in a forked process: the parent shares the lock of the descriptor, and a thread may have held ours."""
        self._lock = threading.Lock()
        self._inherited = True

    def _fresh(self) -> int:
        """The descriptor of the file that is at the path now, or of a new one."""
        descriptor = _opened(self._path)
        if self._durable and os.name == "posix":
            folder = os.open(os.path.dirname(self._path), os.O_RDONLY)  # which keeps the name of a new file
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        return descriptor

    def _own(self) -> int:
        """The descriptor of this process."""
        if self._descriptor is None:
            raise Closed
        if self._inherited:
            fresh = self._fresh()
            status = os.fstat(self._descriptor)
            if not _is_same(os.fstat(fresh), status):
                self._last, self._end = self._previous(self._descriptor, status)[0], 0
            os.close(self._descriptor)
            self._descriptor, self._inherited = fresh, False
        return self._descriptor

    def _in_place(self, opened: os.stat_result) -> bool:
        """Returns true if the path still leads to the open file."""
        if not stat.S_ISREG(opened.st_mode):
            return True
        try:
            return _is_same(opened, os.stat(self._path))
        except FileNotFoundError:
            return False

    def _previous(self, descriptor: int, status: os.stat_result) -> tuple[str | None, bool]:
        """The digest to which the next line is linked, and whether the last line lacks its line break."""
        size = status.st_size
        if size == self._end or not stat.S_ISREG(status.st_mode):
            return self._last, False
        tail = _read(descriptor, min(LONGEST_END, size), max(size - LONGEST_END, 0))
        unfinished = tail != b"" and not tail.endswith(b"\n")
        start = self._end - len(self._written)
        if self._end and _read(descriptor, len(self._written), start) != self._written:
            return self._last, unfinished
        link = link_of(tail)
        return (_last_linked(descriptor, size) if link is None else link.digest), unfinished

    def _add(self, descriptor: int, status: os.stat_result, make: Make) -> None:
        before, unfinished = self._previous(descriptor, status)
        line, digest = make(before)
        content = b"\n" + line if unfinished else line  # after a crash the last line may be cut off: begin a new line
        try:
            written = os.write(descriptor, content)
            while written < len(content):
                written += os.write(descriptor, content[written:])
            if self._durable and stat.S_ISREG(status.st_mode):
                os.fsync(descriptor)
        except BaseException:
            with suppress(OSError):
                os.ftruncate(descriptor, status.st_size)
            raise
        self._last, self._end, self._written = digest, status.st_size + len(content), line[-LONGEST_END:]


_OPEN: WeakSet[Appender] = WeakSet()


def _after_fork() -> None:
    for appender in _OPEN:
        appender.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _opened(path: str) -> int:
    """The descriptor of a file that is appended to, and whose end is read; a pipe or device is only written."""
    try:
        readable = stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        readable = True
    return os.open(path, (os.O_RDWR if readable else os.O_WRONLY) | os.O_APPEND | os.O_CREAT, 0o600)


def _is_same(left: os.stat_result, right: os.stat_result) -> bool:
    return (left.st_dev, left.st_ino) == (right.st_dev, right.st_ino)


def _read(descriptor: int, length: int, start: int) -> bytes:
    if sys.platform != "win32":
        return os.pread(descriptor, length, start)
    os.lseek(descriptor, start, os.SEEK_SET)
    return os.read(descriptor, length)


def _last_linked(descriptor: int, size: int) -> str | None:
    """The digest of the last line that has one. Only lines that were cut off may come after it."""
    for line in _backwards(descriptor, size):
        link = link_of(line)
        if link is not None:
            return link.digest
        if _is_whole(line):
            return None  # a record from before lines were linked
    return None


def _is_whole(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _backwards(descriptor: int, end: int) -> Iterator[bytes]:
    """The lines of a file, from the last to the first."""
    rest = b""
    while end:
        start = max(end - _CHUNK, 0)
        rest, *lines = (_read(descriptor, end - start, start) + rest).split(b"\n")
        yield from reversed(lines)
        end = start
    yield rest


@contextmanager
def _locked(descriptor: int) -> Iterator[None]:
    """Locks the file against appends by other processes, if it has locks."""
    if fcntl is None:
        yield
        return
    with suppress(OSError):  # a pipe or device may have no locks
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield
    finally:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)
