"""Reads records for commands: their lines, and whether these are an unbroken chain."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Self

import click
from attrs import asdict, frozen

from forbear.cli.support.failing import fail, wrong_use
from forbear.cli.support.options import option
from forbear.cli.support.printing import print_text
from forbear.cli.support.reading import lines_of, read_bytes, read_each_once
from forbear.deciding.records.chain import Chain, link_of
from forbear.deciding.records.record import LONGEST_LINE, SHORTEST_KEY
from forbear.deciding.records.replay import is_record
from forbear.deciding.records.sink import FORMAT
from forbear.kernel.cases import CaseError
from forbear.kernel.strict_json import read_json
from forbear.language.model.names import counted
from forbear.library.book import Book
from forbear.library.policy import Policy

_FORMAT = re.compile(rb'\{"recorded": "[^"]*", "format": "(forbear-record/[0-9]{1,9})"')
_LINES, _BYTES = 200, 1 << 20
"""A piece of a record has at most so many lines, and about so many bytes."""


def _anchors(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> tuple[str, ...]:
    for value in values:
        if not re.fullmatch("sha256:[0-9a-f]{64}", value):
            raise click.BadParameter(f"{value!r} is not a digest of a line, as `forbear anchor` prints it", ctx, param)
    return values


anchors_option = option(
    "A digest that `forbear anchor` printed earlier: the record must have that line.",
    "DIGEST",
    "--anchor",
    multiple=True,
    callback=_anchors,
)
sealed_option = option("The key in FILE must have sealed every line.", "FILE", "--record-key")


class RawLine(NamedTuple):
    """A line of a record, with its place."""

    file: str
    number: int
    content: bytes


@frozen
class RecordLine:
    """A line of a record that was read."""

    file: str
    number: int
    document: Any
    """The JSON document; None if the line is not a record of a decision."""
    unread: str
    """The kind of a line without a document."""

    @classmethod
    def of(cls, line: RawLine) -> Self:
        document = _document(line.content)
        if document is not None:
            return cls(line.file, line.number, document, "")
        written = _FORMAT.match(line.content)
        if written and written[1] != FORMAT.encode():
            unread = f"has the format `{written[1].decode()}`, which this version of Forbear does not read"
        elif line.content.startswith(b'{"recorded": "') and link_of(line.content) is None:
            unread = "is cut off, as a crash or a full disk leaves it"
        else:
            unread = "is no record of a decision"
        return cls(line.file, line.number, None, unread)

    def is_of(self, key: str | None, request: str | None) -> bool:
        """Returns true if it has this key and this id of a request; None matches any."""
        named = {} if self.document is None else self.document
        return (key is None or named.get("key") == key) and (request is None or named.get("request") == request)


@frozen
class Break:
    """A place where a chain breaks, and the reason."""

    file: str
    line: int
    reason: str


class Records:
    """The lines of consecutive files and, once these have been read, the state of their chain."""

    def __init__(self, files: Sequence[str], key_path: str | None, anchors: Sequence[str], *further_paths: str) -> None:
        """Ends the command with 2 if the key cannot be read or is too short, or if two paths are the same stream."""
        read_each_once(*further_paths, *files, *([key_path] if key_path else ()))
        key = None if key_path is None else read_bytes(key_path)
        if key is not None and len(key) < SHORTEST_KEY:
            wrong_use(f"a key of a record has at least {SHORTEST_KEY} bytes, and this one has {len(key)}")
        self._files = files
        self._has_key = key is not None
        self._anchors = anchors
        self.chain = Chain(key, anchors)
        self.breaks: list[Break] = []

    def lines(self) -> Iterator[RawLine]:
        """The lines, in order. When a line is given, `breaks` has the breaks up to it."""
        for file in self._files:
            for number, line in enumerate(lines_of(file, LONGEST_LINE), 1):
                for reason in self.chain.breaks(line, lambda line: _document(line) is not None):
                    self.breaks.append(Break(file, number, reason))
                yield RawLine(file, number, line)

    def pieces(self) -> Iterator[list[RawLine]]:
        """The lines, some at a time."""
        piece: list[RawLine] = []
        size = 0
        for line in self.lines():
            piece.append(line)
            size += len(line.content)
            if len(piece) == _LINES or size > _BYTES:
                yield piece
                piece, size = [], 0
        yield piece

    @property
    def is_whole(self) -> bool:
        """Whether the chain is unbroken and has all anchors."""
        return not self.breaks and not self.chain.missing

    def where(self, file: str, number: int) -> str:
        """The place of a line, in words."""
        return f"line {number}" if len(self._files) == 1 else f"{file}: line {number}"

    def as_json(self) -> dict[str, object]:
        chain = self.chain
        return {
            "lines": chain.linked,
            "without": chain.without,
            "sealed": chain.sealed,
            "anchor": chain.last,
            "breaks": [asdict(broken) for broken in self.breaks],
            "missing_anchors": [anchor for anchor in self._anchors if anchor in chain.missing],
        }

    def print_breaks(self, limit: int | None = None) -> None:
        """Prints the breaks of the chain, and the anchors that it lacks."""
        for broken in self.breaks[:limit]:
            print_text(f"{self.where(broken.file, broken.line)}: {broken.reason}")
        for anchor in self._anchors:
            if anchor in self.chain.missing:
                print_text(f"no line is the anchor {anchor}: lines were cut off, or the record was written anew")

    def print_summary(self) -> None:
        """Prints what is known of the chain, and what is not known."""
        chain = self.chain
        if chain.without and not chain.linked:
            print_text("the record carries no chain: what was deleted or altered in it does not show")
            return
        if chain.without:
            print_text(
                f"the first {counted(chain.without, 'line')} carry no chain: what was deleted there does not show"
            )
        if chain.linked:
            state = f"broken in {counted(len(self.breaks), 'place')}" if self.breaks else "unbroken"
            print_text(f"a chain of {counted(chain.linked, 'line')}, {state}; its end is {chain.last}")
        if chain.sealed and not self._has_key:
            print_text(f"{counted(chain.sealed, 'line')} sealed by a key: --record-key checks that")
        if not self._anchors:
            print_text("without an --anchor, lines that were cut off at the end do not show")


def by_another(found: Mapping[str, Policy | Book], entry: Mapping[str, Any]) -> str | None:
    """Returns the error that an entry was decided by a policy whose name none of the found ones has; None if one has
    it.
    """
    name = entry["policy"]["name"]
    if name in found:
        return None
    here = f"this is `{next(iter(found))}`" if len(found) == 1 else "the folder holds none of that name"
    return f"policy `{name}` decided it, and {here}"


def one_line(file: str, policy: str, request: str | None, number: int | None) -> RecordLine:
    """Returns the line of a record with this number, or of this request.

    Ends the command with 1 if there is no such line, if there are several, or if the line was altered.
    """
    records = Records((file,), None, (), policy)
    lines = [
        line
        for line in map(RecordLine.of, records.lines())
        if (number is None or line.number == number) and (request is None or line.is_of(None, request))
    ]
    what = " ".join([*([str(number)] if number else []), *([f"of request {request!r}"] if request else [])])
    if len(lines) != 1:
        which = ", ".join(str(line.number) for line in lines[:10])
        fail(
            f"several lines are of that request: name one by its number, --line {which}"
            if lines
            else f"{file!r} has no line {what}"
        )
    altered = [broken.reason for broken in records.breaks if broken.line == lines[0].number]
    if altered:
        fail(f"line {lines[0].number}: {altered[0]}")
    if lines[0].document is None:
        fail(f"line {lines[0].number} {lines[0].unread}")
    return lines[0]


def _document(line: bytes) -> Any:
    try:
        document: Any = read_json(line, longest=LONGEST_LINE)
    except CaseError:
        return None
    return document if is_record(document) else None
