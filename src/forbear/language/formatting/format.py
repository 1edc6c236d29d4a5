"""Formats a rule file in the canonical layout: `format_text`, from text to text.

Only the syntax must be right. The meaning never changes: the formatted text is parsed again, and its words, statements
and comments are compared with those of the original.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attrs import evolve, frozen

from forbear.base.diagnostic import Diagnostic, Fix, TextEdit
from forbear.base.source import Source
from forbear.language.formatting.layout import INDENT, Piece, statement_lines
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Module, Statement
from forbear.language.syntax.parser import parse
from forbear.language.syntax.words import Comment, Word, comments_of, words_of

_OF_ONE_KIND = ((nodes.Ensure, nodes.Conforms), (nodes.Fact, nodes.DerivedFact))


@frozen
class Formatted:
    """The text in the canonical layout; None if it has syntax errors, which are in `diagnostics`."""

    text: str | None
    diagnostics: tuple[Diagnostic, ...] = ()


class FormatterBug(Exception):
    """The formatter would have changed the meaning of a file. Nothing was written."""


def format_text(source: Source) -> Formatted:
    """Formats a rule file. Line ends stay those of its first line. Raises `FormatterBug`."""
    module, diagnostics = parse(source)
    if not module.complete:
        return Formatted(None, diagnostics)
    line_end = "\r\n" if source.text.partition("\n")[0].endswith("\r") else "\n"
    words, comments = words_of(source.text), comments_of(source.text)
    text = "\n".join(_file_lines(*_blocks(module, words, comments))) + "\n"
    again, _ = parse(Source(source.name, text))
    if again.statements != module.statements or words_of(text) != words or comments_of(text) != comments:
        raise FormatterBug(f"`{source.name}` would have changed its meaning")
    return Formatted(text.replace("\n", line_end))


@frozen
class _Remark:
    """A comment on a line of its own between two statements."""

    text: str
    indented: bool
    """Whether it is indented more than the statement below, and so belongs to the statement above."""
    gap: bool
    """Whether an empty line comes before it."""

    def line(self, indent: int) -> str:
        return " " * (indent + (INDENT if self.indented else 0)) + self.text


@frozen
class _Block:
    """A statement with the comments above it. `gap` says whether an empty line comes directly before the statement."""

    node: Statement
    pieces: list[Piece]
    remarks: list[_Remark]
    gap: bool


def _file_lines(blocks: Iterable[_Block], rest: Iterable[_Remark]) -> list[str]:
    lines: list[str] = []

    def gap(wanted: bool) -> None:
        if wanted and lines:
            lines.append("")

    before: Statement | None = None
    for block in blocks:
        in_head = before is not None and _continues_head(before, block.node)
        needed = before is not None and not in_head and _stand_apart(before, block.node)
        indent = INDENT if in_head else 0
        for remark in block.remarks:
            gap(not in_head and (remark.gap or (needed and not remark.indented)))
            needed = needed and remark.indented
            lines.append(remark.line(indent))
        gap(not in_head and (block.gap or needed))
        lines.extend(statement_lines(block.node, block.pieces, indent))
        before = block.node
    for remark in rest:
        gap(remark.gap)
        lines.append(remark.line(0))
    return lines


def _blocks(module: Module, words: Sequence[Word], comments: Sequence[Comment]) -> tuple[list[_Block], list[_Remark]]:
    """Each statement with its words and comments, and the comments after the last statement."""
    source = module.source
    beginnings = {node.span[0]: node for node in module.statements}
    blocks: list[_Block] = []
    waiting: list[tuple[Comment, bool]] = []  # comments on lines of their own, and whether an empty line is above

    def remarks(column: int) -> list[_Remark]:
        """The waiting comments, above a statement that begins in a column."""
        return [
            _Remark(comment.text, source.position(comment.span[0]).column > column, gap) for comment, gap in waiting
        ]

    items: list[Word | Comment] = [*words, *comments]
    items.sort(key=lambda item: item.span)
    before: Word | Comment | None = None
    for item in items:
        line_ends = source.text.count("\n", before.span[1] if before else 0, item.span[0])
        if isinstance(item, Comment):
            if isinstance(before, Word) and not line_ends:
                pieces = blocks[-1].pieces
                pieces[-1] = evolve(pieces[-1], trailing=item.text)
            else:
                waiting.append((item, line_ends > 1))
        else:
            node = beginnings.get(item.span[0])
            if node is None:
                blocks[-1].pieces.append(Piece(item, above=tuple([comment.text for comment, _ in waiting])))
            else:
                above = remarks(source.position(item.span[0]).column)
                blocks.append(_Block(node, [Piece(item)], above, line_ends > 1))
            waiting = []
        before = item
    return blocks, remarks(1)


def _continues_head(before: Statement, node: Statement) -> bool:
    """Returns true if a `uses` belongs to the head above it."""
    return isinstance(node, nodes.Uses) and isinstance(before, (nodes.PolicyHead, nodes.VocabularyHead, nodes.Uses))


def _stand_apart(before: Statement, node: Statement) -> bool:
    """Returns true if there must be an empty line between two statements."""
    alike = type(before) is type(node) or any(
        isinstance(before, kinds) and isinstance(node, kinds) for kinds in _OF_ONE_KIND
    )
    return not alike or any(
        isinstance(statement, (nodes.Example, nodes.Event, nodes.Table))
        or (isinstance(statement, nodes.Rule) and statement.name is not None)
        for statement in (before, node)
    )


# Fixes of diagnostics, written into the text of a file.


def with_fixes(source: Source, fixes: Iterable[Fix]) -> tuple[str, int]:
    """Returns the text of a file with as many of the fixes as do not overlap, preferring the first of two that do; and
    how many.

    A fix of another file is left out.
    """
    edits: list[TextEdit] = []
    written: list[tuple[int, int]] = []
    number = 0
    for fix in fixes:
        spans = [edit.place.span for edit in fix.edits]
        if any(edit.place.source.name != source.name for edit in fix.edits):
            continue
        if any(start <= end_ and start_ <= end for start, end in spans for start_, end_ in written):
            continue
        written += spans
        edits += fix.edits
        number += 1
    text = source.written
    for edit in sorted(edits, key=lambda edit: edit.place.span, reverse=True):
        start, end = edit.place.span
        text = text[:start] + edit.text + text[end:]
    return text, number
