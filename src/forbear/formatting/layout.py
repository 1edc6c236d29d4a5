"""Words of one statement to lines: the canonical layout.

A statement begins in column 1. Behind its head each clause has a line of its own, two columns in. A line that is too
long is broken at the loosest place that it has, before `then` and `when`, before `or`, before `and`, and at last
behind a comma, and goes on two columns further in.

Comments stay between the words between which they stand. One that followed a word on its line still does; one that
stood on a line of its own still does, above the word that comes next. Either way a line ends there. Where lines end
depends on nothing but words and comments, so that what was laid out once stays as it is.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set

from attrs import frozen

from forbear.syntax import ast
from forbear.syntax.words import Word

WIDTH = 120
INDENT = 2

_HEAD_CLAUSES = frozenset({"version", "source", "currency", "in"})
_HEAD_WORDS = frozenset({"APPLIES", "SUBJECT"})
"""Those of the clauses of a head whose first word may be a name elsewhere, as they are called in the grammar."""
_RULE_CLAUSES = frozenset({"unless", "overrides", "in", "because", "source"})
_NO_SPACE_BEFORE = frozenset({",", ":", ")", "%"})
_NO_SPACE_BEHIND = frozenset({"(", "-"})

_LOOSE_WORDS: Mapping[type, tuple[str, ...]] = {
    ast.Rule: ("then", "when"),
    ast.Ensure: ("when", "on"),
    ast.DerivedFact: ("where",),
    ast.Accept: ("when", "because", "until"),
}
_DESCRIBED = (ast.Fact, ast.DerivedFact, ast.Event, ast.Action, ast.Define, ast.Setting)
_CLAUSE = -1
"""Before the window of a derived fact, the condition on its events, and its description."""
_LOOSEST = 0
_COMMA = 1_000
_ANYWHERE = 1_001


@frozen
class Piece:
    """A word with the comments on the lines above it, and the one behind it on its line."""

    word: Word
    above: tuple[str, ...] = ()
    behind: str | None = None


@frozen
class Break:
    """A place where a line may end: before the piece of that number. Places of the lowest level bind loosest."""

    before: int
    level: int


def statement_lines(node: ast.Statement, pieces: Sequence[Piece], indent: int) -> Iterator[str]:
    """The lines of a statement whose first line stands `indent` columns in."""
    for clause in _clauses(node, pieces):
        yield from _fitted(clause, indent, indent + INDENT, list(_breaks(node, clause)))
        indent = INDENT


def _clauses(node: ast.Statement, pieces: Sequence[Piece]) -> Iterator[Sequence[Piece]]:
    """What has a line of its own where it is not too long."""
    words = _clause_words(node)
    body = node.body[0] if isinstance(node, ast.Rule) else None
    moment = node.on.span[0] if isinstance(node, ast.Example) and node.on is not None else None
    start = 0
    for number in range(1, len(pieces)):
        word = pieces[number].word
        # `on` begins a clause of an example where the day of its decision stands behind it.
        is_moment = number + 1 < len(pieces) and pieces[number + 1].word.span[0] == moment
        if word.text in words or word.kind in _HEAD_WORDS or word.span[0] == body or is_moment:
            yield pieces[start:number]
            start = number
    yield pieces[start:]


def _clause_words(node: ast.Statement) -> frozenset[str]:
    match node:
        case ast.PolicyHead() | ast.VocabularyHead() | ast.Uses():
            return _HEAD_CLAUSES
        case ast.Rule():
            return _RULE_CLAUSES
        case ast.Example():
            return frozenset({"given", "expect"})
        case ast.Event():
            return frozenset({"has"})
        case ast.Ladder():
            return frozenset({"rising"})
        case _:
            return frozenset()


def _breaks(node: ast.Statement, pieces: Sequence[Piece]) -> Iterator[Break]:
    """Where the words of a clause may be broken, from its first word to its last."""
    depth = spans = 0
    window = node.window.span[0] if isinstance(node, ast.DerivedFact) and node.window is not None else None
    loosest = _LOOSEST if window is None else _CLAUSE
    for number, piece in enumerate(pieces):
        text = piece.word.text
        if piece.word.span[0] == window:
            yield Break(number, _CLAUSE)
            loosest = _LOOSEST  # the condition behind `since last` binds closer
        elif text == "between":
            spans += 1
        elif text == "and" and spans:
            spans -= 1  # the `and` of `between a and b`
        elif text in _LOOSE_WORDS.get(type(node), ()) and piece.word.kind != "ON_DAY":
            yield Break(number, loosest)
        elif text in ("or", "and"):
            yield Break(number, 1 + 2 * depth + (text == "and"))
        elif text == "(":
            depth += 1
        elif text == ")":
            depth -= 1
        elif text == ",":
            yield Break(number + 1, _COMMA)
        elif piece.word.kind == "STRING" and number == len(pieces) - 1 and isinstance(node, _DESCRIBED):
            yield Break(number, _LOOSEST if window is None else _CLAUSE)


def _fitted(pieces: Sequence[Piece], indent: int, hang: int, breaks: Sequence[Break]) -> Iterator[str]:
    """The pieces on one line; where they are too long for it or a comment ends it, broken where they bind loosest.

    The first line stands `indent` columns in, those after it `hang`; what binds closer stands further in.
    """
    forced = [number for number in range(1, len(pieces)) if pieces[number].above or pieces[number - 1].behind]
    text = _joined(pieces)
    if not forced and (not breaks or indent + len(text) <= WIDTH):
        yield from (" " * indent + comment for comment in pieces[0].above)
        yield " " * indent + text + (f"  {pieces[-1].behind}" if pieces[-1].behind else "")
        return
    level = min((one.level for one in breaks), default=_ANYWHERE)
    cuts = [one.before for one in breaks if one.level == level]
    if level == _COMMA:
        cuts = list(_filled(pieces, indent, hang, cuts, frozenset(forced)))
    starts = [0, *(cuts or forced)]
    places = [one.before for one in breaks]
    for start, end in zip(starts, [*starts[1:], len(pieces)], strict=True):
        within = breaks[bisect_right(places, start) : bisect_left(places, end)]
        inner = [Break(one.before - start, one.level) for one in within]
        if start == 0 and level <= _LOOSEST:
            yield from _fitted(pieces[:end], indent, hang, inner)
        else:
            yield from _fitted(pieces[start:end], hang if start else indent, hang + INDENT, inner)


def _filled(pieces: Sequence[Piece], indent: int, hang: int, commas: Sequence[int], forced: Set[int]) -> Iterator[int]:
    """Those of the places behind commas where a line must end, if each line holds as much as it can."""
    start = 0
    for place, following in zip(commas, [*commas[1:], len(pieces)], strict=True):
        width = (hang if start else indent) + len(_joined(pieces[start:following]))
        if width > WIDTH or place in forced:
            yield place
            start = place


def _joined(pieces: Sequence[Piece]) -> str:
    text = ""
    for number, piece in enumerate(pieces):
        word = piece.word.text
        if number and word not in _NO_SPACE_BEFORE and pieces[number - 1].word.text not in _NO_SPACE_BEHIND:
            text += " "
        text += word
    return text
