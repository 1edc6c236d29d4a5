"""The chain of a record's lines: each has the digest of the line before it, and its own.

A line ends in `"before"`, the digest of the line before (null in the first), and `"digest"`, the SHA-256 of the line up
to there; with a key also in `"seal"`, the HMAC of the digest. So the remaining lines show that lines were deleted,
moved, repeated or altered. Only an anchor, a digest that is kept elsewhere, shows that lines were cut off at the end,
or that the record was rewritten as a whole. Without the key nobody can write a line with a valid seal.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Iterator

from attrs import frozen

_NO_SEAL = "the line carries no seal: who has the key did not write it"
LONGEST_END = 300
"""How many bytes at the end of a line are enough to read its link."""
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
    """Whether the digest in a line is that of its text."""
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
