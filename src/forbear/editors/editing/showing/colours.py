"""The kind of each word of a text, for editors that colour by meaning: a name by its declaration."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen

from forbear.base.source import Span
from forbear.editors.editing.looking import Names
from forbear.editors.editing.reading import Reading
from forbear.language.syntax import nodes
from forbear.language.syntax.grammar import keywords
from forbear.language.syntax.naming import DONE, EVENTS, KNOWN, RULES, Occurrence
from forbear.language.syntax.words import comments_of, words_of

KINDS = (
    "keyword",
    "comment",
    "string",
    "number",
    "operator",
    "rule",
    "action",
    "group",
    "fact",
    "value",
    "setting",
    "define",
    "event",
    "calendar",
)
"""The kinds of words."""
_LITERALS = {
    "STRING": "string",
    **dict.fromkeys(("NUMBER", "DATE", "TIME", "CURRENCY", "FIRST_NUMBER", "FIRST_CURRENCY", "FIRST_DATE"), "number"),
    **dict.fromkeys(("FIRST_TIME",), "number"),
    **dict.fromkeys(("COMPARE", "LESS", "PLUS", "MINUS", "BAR", "ROW", "ROW_END"), "operator"),
}
_SPACES = {RULES: "rule", EVENTS: "event"}


@frozen
class Colour:
    """A word, its kind (one of `KINDS`), and whether it is declared there."""

    span: Span
    kind: str
    declares: bool = False


def colours(reading: Reading, within: Span | None = None) -> list[Colour]:
    """Returns the words of a text, or those that touch a span of it, in its order. Undeclared names are left out."""
    if reading.module is None:
        return []
    names = Names.of(reading)
    by_span = {occurrence.span: occurrence for occurrence in names.every if occurrence.source is reading.source}
    start, end = within or (0, len(reading.text))
    line = reading.text.rfind("\n", 0, start) + 1  # no word goes beyond its line
    last = reading.text.find("\n", end)
    every = _colours(reading.text[line : None if last < 0 else last], line, by_span, names)
    return sorted(
        [colour for colour in every if colour.span[0] < end and start < colour.span[1]], key=lambda colour: colour.span
    )


def kind_of(space: str, where: Occurrence) -> str:
    """Returns the kind of a declared name of a space: one of `KINDS`."""
    node = where.statement
    if space in _SPACES:
        return _SPACES[space]
    if space == DONE:
        return "action" if isinstance(node, nodes.Action) else "group"
    if space != KNOWN:
        return "calendar" if isinstance(node, nodes.Calendar) else "fact"
    if isinstance(node, nodes.Setting):
        return "setting"
    if isinstance(node, nodes.Define):
        return "define"
    return "value" if isinstance(node, nodes.Fact) and where.span != node.name.span else "fact"


def _colours(text: str, at: int, by_span: dict[Span, Occurrence], names: Names) -> Iterator[Colour]:
    """The words of lines that begin at an offset."""
    for comment in comments_of(text):
        start = comment.span[0] + at
        yield Colour((start, start + len(comment.text)), "comment")
    words = keywords()
    before = ""
    for word in words_of(text):
        span = (word.span[0] + at, word.span[1] + at)
        occurrence = by_span.get(span)
        meant = () if occurrence is None else names.meant(occurrence)
        if occurrence is not None and meant:
            yield Colour(span, kind_of(meant[0][0], names.known[meant[0]]), occurrence.declares)
        elif word.kind in _LITERALS:
            yield Colour(span, _LITERALS[word.kind])
        elif (word.kind in words and word.text[:1].isalpha()) or before == "NOT_SO":
            yield Colour(span, "keyword")
        before = word.kind
