"""What makes the lines of a record one chain: each carries the digest of the line before it, and its own.

A line ends in `"before"`, the digest of the line before (null in the first), and `"digest"`, the SHA-256 of the line up
to there; with a key also in `"seal"`, the HMAC of the digest. So what is deleted, moved, repeated or altered shows in
the lines that are left. What is cut off at the end, or written anew as a whole, shows by an anchor alone: a digest that
is kept elsewhere. Who has no key cannot write a line that its seal fits.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator

from attrs import frozen

_NO_SEAL = "the line carries no seal: who has the key did not write it"
LONGEST_END = 300
"""So many bytes at the end of a line have all that links it."""
_DIGEST = "sha256:[0-9a-f]{64}"
_END = re.compile(
    rf', "before": (?:null|"({_DIGEST})"), "digest": "({_DIGEST})"(?:, "seal": "(hmac-{_DIGEST})")?}}\Z'.encode()
)


def chained(text: bytes, before: str | None, key: bytes | None) -> tuple[bytes, str]:
    """The line of a document, with its digest. The document is an object in JSON without its last brace."""
    linked = text + (b', "before": null' if before is None else f', "before": "{before}"'.encode())
    digest = "sha256:" + hashlib.sha256(linked).hexdigest()
    seal = "" if key is None else f', "seal": "{_seal(key, digest)}"'
    return linked + f', "digest": "{digest}"{seal}}}\n'.encode(), digest


def _seal(key: bytes, digest: str) -> str:
    return "hmac-sha256:" + hmac.digest(key, f"line {digest}".encode(), "sha256").hex()


@frozen
class Link:
    """What a line says of itself: the digest of the line before it, its own, and its seal."""

    before: str | None
    digest: str
    seal: str | None


def link_of(line: bytes) -> Link | None:
    """The link at the end of a line, or of the end of one; None where it has none."""
    found = _END.search(line.rstrip(b"\r\n"))
    if found is None:
        return None
    before, digest, seal = (None if part is None else part.decode() for part in found.groups())
    assert digest is not None
    return Link(before, digest, seal)


def _fits(line: bytes, digest: str) -> bool:
    """Whether a digest is that of the line which says so."""
    text = line[: line.rindex(b', "digest": "')]
    return hashlib.sha256(text).hexdigest() == digest.removeprefix("sha256:")


class Chain:
    """Looks at the lines of a record, or of several that follow each other, and says where their chain breaks."""

    def __init__(self, key: bytes | None = None, anchors: Iterable[str] = ()) -> None:
        self._key = key
        self._anchors = dict.fromkeys(anchors)
        self.linked = 0
        """How many lines carry a link."""
        self.without = 0
        """How many came before the first of these."""
        self.sealed = 0
        """How many carry a seal."""
        self.last: str | None = None
        """The digest of the last line: the anchor of the record."""
        self.missing = set(self._anchors)
        """The anchors that are still to come."""

    def breaks(self, line: bytes, is_record: bool) -> Iterator[str]:
        """What is wrong with the chain at the next line, which is one of a record or something else."""
        link = link_of(line)
        if link is None:
            if self.linked:
                if is_record:
                    yield "the line carries no digest, and lines before it do"
                return
            self.without += 1
            if is_record and self._key is not None:
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
