"""Something that an author may have written for them, and how it is written into a text without spoiling its layout."""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Source
from forbear.editors.editing.edits import Edit, applied, edits_between
from forbear.editors.editing.reading import Reading
from forbear.language.formatting.format import FormatterBug, format_text
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Statement


@frozen
class Action:
    """An edit that an author may choose, and the diagnostic that it mends, if any.

    A `safe` one changes no verdict of the policy. A `preferred` one is probably what was meant, and not one of several
    alternatives. Among those a `careful` one permits nothing more.
    """

    title: str
    edits: tuple[Edit, ...]
    diagnostic: Diagnostic | None = None
    safe: bool = False
    preferred: bool = True
    careful: bool = False


def within(reading: Reading, node: Statement, edits: Iterable[Edit]) -> tuple[Edit, ...]:
    """Edits of one statement, which is laid out afterwards if it was before."""
    (start, end), text = node.span, reading.text
    before = text[start:end].replace("\r\n", "\n")
    # A statement may have line ends of two characters, so edits are placed before these are taken out.
    moved = [Edit((edit.span[0] - start, edit.span[1] - start), edit.text) for edit in edits]
    after = applied(text[start:end], moved).replace("\r\n", "\n")
    if (start == 0 or text[start - 1] == "\n") and _laid_out(before) == before:
        after = _laid_out(after) or after
    after = after.replace("\n", _line_end(reading))
    smaller_edits = edits_between(text[start:end], after)
    return tuple([Edit((edit.span[0] + start, edit.span[1] + start), edit.text) for edit in smaller_edits])


def at_the_end(reading: Reading, statement: str) -> tuple[Edit, ...]:
    """Returns the edit that adds a statement after the last one, on a line of its own, separated from it unless both
    are of one kind.
    """
    statements = () if reading.module is None else reading.module.statements
    text = (_laid_out(statement) or statement).rstrip("\n")
    if not statements:
        return (Edit((len(reading.text), len(reading.text)), f"\n{text}\n"),)
    end = reading.text.find("\n", statements[-1].span[1])
    last = reading.text[slice(*statements[-1].span)].partition(" ")[0]
    gap = "" if last == text.partition(" ")[0] and last == "accept" else "\n"
    line_end = _line_end(reading)
    if end < 0:
        return (Edit((len(reading.text), len(reading.text)), f"\n{gap}{text}\n".replace("\n", line_end)),)
    return (Edit((end + 1, end + 1), f"{gap}{text}\n".replace("\n", line_end)),)


def without(reading: Reading, node: Statement) -> tuple[Edit, ...]:
    """A statement is taken out, with the empty lines before it, and its own unless something else is on them."""
    (start, end), text = node.span, reading.text
    if text[end:].partition("\n")[0].strip():
        return (Edit((start, end), ""),)
    before = len(text[:start].rstrip())
    return (Edit((before, end if before else len(text) - len(text[end:].lstrip())), ""),)


def in_the_head(reading: Reading, clause: str) -> tuple[Edit, ...]:
    """Returns the edit that adds a `uses`, after the existing ones, after the head, or else at the beginning."""
    statements = () if reading.module is None else reading.module.statements
    kinds = (nodes.Uses, nodes.PolicyHead, nodes.VocabularyHead)
    last = next((node for node in reversed(statements) if isinstance(node, kinds)), None)
    line_end = _line_end(reading)
    if last is None:
        return (Edit((0, 0), f"{clause}{line_end * 2}"),)
    end = reading.text.find("\n", last.span[1])
    headed = isinstance(last, nodes.PolicyHead | nodes.VocabularyHead) or reading.text[: last.span[0]].endswith("\n  ")
    text = ("  " if headed else "") + clause
    if end < 0:
        return (Edit((len(reading.text), len(reading.text)), f"{line_end}{text}{line_end}"),)
    return (Edit((end + 1, end + 1), f"{text}{line_end}"),)


def _laid_out(statement: str) -> str | None:
    """A statement in the canonical layout; None if it cannot be read."""
    try:
        text = format_text(Source("statement", statement + "\n")).text
    except FormatterBug:
        return None
    return None if text is None else text.rstrip("\n")


def _line_end(reading: Reading) -> str:
    return "\r\n" if reading.text.partition("\n")[0].endswith("\r") else "\n"
