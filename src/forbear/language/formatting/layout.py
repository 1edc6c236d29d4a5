"""Lays out the words of one statement in lines, in the canonical layout.

A statement begins in column 1. After its head, each clause has a line of its own, indented by two columns. A line that
is too long is broken where the words bind loosest: before `then` and `when`, before `or`, before `and`, and last after
a comma. It continues two columns further in.

Comments stay between the same words. A comment after a word on its line stays there; a comment on a line of its own
keeps a line of its own, above the next word. Either ends the line. Line breaks depend only on words and comments, so
formatting a formatted text changes nothing.

A row of a table is a line, however long.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set

from attrs import evolve, frozen

from forbear.language.formatting.rows import row_lines
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Statement
from forbear.language.syntax.words import Word

WIDTH = 120
INDENT = 2

_HEAD_CLAUSES = frozenset({"version", "source", "currency", "in", "omits"})
_HEAD_WORDS = frozenset({"APPLIES", "SUBJECT", "READ", "REVIEWED", "LANGUAGE", "WEEKEND", "HOLIDAYS", "WORKING"})
"""The terminals of the grammar that begin a clause of a head, but may be names elsewhere."""
_RULE_CLAUSES = frozenset({"unless", "overrides", "in", "because", "source"})
_NO_SPACE_BEFORE = frozenset({",", ":", ")", "%"})
_NO_SPACE_AFTER = frozenset({"(", "-"})

_LOOSE_WORDS: Mapping[type, tuple[str, ...]] = {
    nodes.Rule: ("then", "when"),
    nodes.Ensure: ("when", "on"),
    nodes.DerivedFact: ("where",),
    nodes.Accept: ("when", "because", "until"),
}
_DESCRIBED = (
    nodes.Fact,
    nodes.DerivedFact,
    nodes.Event,
    nodes.Action,
    nodes.Define,
    nodes.Setting,
)
_CLAUSE = -1
"""The level of breaks before the window of a derived fact, the condition on its events, and its description."""
_LOOSEST = 0
_LIST = 1
"""The level of breaks between texts, each of which has a line of its own if they do not fit on one."""
_COMMA = 1_000
_ANYWHERE = 1_001


@frozen
class Piece:
    """A word with the comments on the lines above it, and the comment after it on its line."""

    word: Word
    above: tuple[str, ...] = ()
    trailing: str | None = None
    apart: bool = False
    """Whether a space follows a minus, because it is not the sign of a number: `balance - USD 100`."""


@frozen
class Break:
    """A place where a line may end: before the piece of that number. The lowest level binds loosest."""

    before: int
    level: int


def statement_lines(node: Statement, pieces: Sequence[Piece], indent: int) -> Iterator[str]:
    """The lines of a statement whose first line is indented by `indent` columns."""
    for clause in _clauses(node, pieces if isinstance(node, nodes.Example) else list(_with_minuses(pieces))):
        if clause[0].word.kind == "ROW":
            yield from row_lines(clause, INDENT, _joined)
        else:
            yield from _fitted(clause, indent, indent + INDENT, list(_breaks(node, clause)))
        indent = INDENT


def _with_minuses(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Yields the pieces of a statement that is not an example: a minus after a name subtracts an amount."""
    before = ""
    for piece in pieces:
        yield evolve(piece, apart=True) if piece.word.kind == "MINUS" and before == "NAME" else piece
        before = piece.word.kind


def _clauses(node: Statement, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """Yields the clauses of a statement, each of which has a line of its own if it fits, and the rows of a table."""
    if isinstance(node, nodes.Table):
        at = [number for number, piece in enumerate(pieces) if piece.word.kind in ("ROW", "ROW_END")]
        yield pieces[: at[0]]
        yield pieces[at[0] : at[-1] + 1]
        pieces = pieces[at[-1] + 1 :]
        if not pieces:
            return
    words = _clause_words(node)
    body = node.body[0] if isinstance(node, nodes.Rule) else None
    moment = node.on.span[0] if isinstance(node, nodes.Example) and node.on is not None else None
    start = 0
    for number in range(1, len(pieces)):
        word = pieces[number].word
        # `on` begins a clause of an example if the day of the decision follows.
        is_moment = number + 1 < len(pieces) and pieces[number + 1].word.span[0] == moment
        if word.text in words or word.kind in _HEAD_WORDS or word.span[0] == body or is_moment:
            yield pieces[start:number]
            start = number
    yield pieces[start:]


def _clause_words(node: Statement) -> frozenset[str]:
    match node:
        case nodes.PolicyHead() | nodes.VocabularyHead() | nodes.Uses():
            return _HEAD_CLAUSES
        case nodes.Rule():
            return _RULE_CLAUSES
        case nodes.Table():
            return _RULE_CLAUSES | {"when"}
        case nodes.Example():
            return frozenset({"given", "expect"})
        case nodes.Event():
            return frozenset({"has"})
        case nodes.Ladder():
            return frozenset({"rising"})
        case _:
            return frozenset()


def _breaks(node: Statement, pieces: Sequence[Piece]) -> Iterator[Break]:
    """The places where a clause may be broken, in order."""
    depth = spans = 0
    comma = _LIST if pieces[0].word.kind in ("OMITS", "READ") else _COMMA
    window = node.window.span[0] if isinstance(node, nodes.DerivedFact) and node.window is not None else None
    loosest = _LOOSEST if window is None else _CLAUSE
    for number, piece in enumerate(pieces):
        text = piece.word.text
        if piece.word.span[0] == window:
            yield Break(number, _CLAUSE)
            loosest = _LOOSEST  # the condition after `since last` binds closer
            spans += text == "between"
        elif text == "between":
            spans += 1
        elif text == "and" and spans:
            spans -= 1  # the `and` of `between a and b`
        elif text in _LOOSE_WORDS.get(type(node), ()) and piece.word.kind != "ON_DAY":
            yield Break(number, loosest)
        elif text in ("or", "and"):
            yield Break(number, 1 + 2 * depth + (text == "and"))
        elif text == "with" and isinstance(node, nodes.Rule):
            yield Break(number, _COMMA - 1)
        elif text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == ",":
            yield Break(number + 1, comma)
        elif isinstance(node, _DESCRIBED) and _begins_description(pieces, number):
            yield Break(number, _LOOSEST if window is None else _CLAUSE)


def _begins_description(pieces: Sequence[Piece], number: int) -> bool:
    """Returns true if a description begins there, or the text for when the description is false."""
    kinds = [piece.word.kind for piece in pieces[number : number + 2]]
    return (
        kinds[0] == "NOT_SO"
        or kinds == ["STRING", "NOT_SO"]
        or (kinds == ["STRING"] and pieces[number - 1].word.text != ":")
    )


def _fitted(pieces: Sequence[Piece], indent: int, hang: int, breaks: Sequence[Break]) -> Iterator[str]:
    """The pieces on one line if they fit and no comment ends it; otherwise broken where they bind loosest.

    The first line is indented by `indent` columns, the others by `hang`; parts that bind closer are indented further.
    """
    forced = [number for number in range(1, len(pieces)) if pieces[number].above or pieces[number - 1].trailing]
    text = _joined(pieces)
    if not forced and (not breaks or indent + len(text) <= WIDTH):
        yield from (" " * indent + comment for comment in pieces[0].above)
        yield " " * indent + text + (f"  {pieces[-1].trailing}" if pieces[-1].trailing else "")
        return
    level = min((place.level for place in breaks), default=_ANYWHERE)
    cuts = [place.before for place in breaks if place.level == level]
    if level == _COMMA:
        cuts = list(_filled(pieces, indent, hang, cuts, frozenset(forced)))
    starts = [0, *(cuts or forced)]
    places = [place.before for place in breaks]
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        within = breaks[bisect_right(places, start) : bisect_left(places, end)]
        inner = [Break(place.before - start, place.level) for place in within]
        if start == 0 and level <= _LOOSEST:
            yield from _fitted(pieces[:end], indent, hang, inner)
        else:
            yield from _fitted(pieces[start:end], hang if start else indent, hang + INDENT, inner)


def _filled(pieces: Sequence[Piece], indent: int, hang: int, commas: Sequence[int], forced: Set[int]) -> Iterator[int]:
    """The places after commas where a line must end, if each line holds as much as it can."""
    start = 0
    for place, following in zip(commas, [*commas[1:], len(pieces)], strict=True):
        width = (hang if start else indent) + len(_joined(pieces[start:following]))
        if width > WIDTH or place in forced:
            yield place
            start = place


def _joined(pieces: Sequence[Piece]) -> str:
    parts: list[str] = []
    apart = False
    for piece in pieces:
        word = piece.word.text
        if parts and word not in _NO_SPACE_BEFORE and (parts[-1] not in _NO_SPACE_AFTER or apart):
            parts.append(" ")
        parts.append(word)
        apart = piece.apart
    return "".join(parts)
