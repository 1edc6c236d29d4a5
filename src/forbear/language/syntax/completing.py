"""Finds what fits at a place of a text, from the parser's own tables: the words, and the kinds of names."""

from __future__ import annotations

from attrs import frozen
from lark import Token
from lark.exceptions import UnexpectedInput
from lark.parsers.lalr_interactive_parser import InteractiveParser

from forbear.language.syntax.from_tree.parts import BASES
from forbear.language.syntax.grammar import declaring, fitting, keywords, state_at, tokens
from forbear.language.syntax.parser import statement_before


@frozen
class Fitting:
    """What fits: the words, sorted; whether a name does, and the rules of the grammar that such a name would end.

    `declares` is whether the name would be a new one, `compared` is the name at the other side of a comparison that has
    begun, and `given` whether it is one of a case.
    """

    words: tuple[str, ...]
    name: bool
    origins: frozenset[str]
    declares: bool
    compared: str | None
    given: bool


def fitting_at(text: str, offset: int) -> Fitting | None:
    """Returns what fits at an offset; None if the part before it in its statement cannot be read."""
    start = statement_before(text, offset)
    try:
        before = list(tokens(text, start, offset))
        if before and (before[-1].end_pos or 0) > offset:
            return None  # inside of a text in quotation marks
        state = state_at(text, start, offset)
    except UnexpectedInput:
        return None
    fits = fitting(state)
    words = tuple(sorted({keywords()[terminal] for terminal in fits if terminal in keywords()}))
    if "CODE" in fits and before[-1].type == "STRING":
        words += BASES
    last = str(before[-1]) if before else ""
    in_given = (
        next((str(token) for token in reversed(before) if token.type in ("GIVEN", "EXPECT", "WHEN")), "") == "given"
    )
    return Fitting(words, "NAME" in fits, _origins(state), last in declaring(), _compared(before), in_given)


def _origins(state: InteractiveParser) -> frozenset[str]:
    """The rules of the grammar that a name here would complete."""
    after = state.copy()  # type: ignore[no-untyped-call]
    try:
        after.feed_token(Token("NAME", "x"))
    except UnexpectedInput:
        return frozenset()
    parser = after.parser_state
    row = parser.parse_conf.parse_table.states[parser.position]
    return frozenset([str(rule.origin.name) for _, rule in row.values() if hasattr(rule, "origin")])


def _compared(before: list[Token]) -> str | None:
    """The name before the operator, or before the value of a case, that ends what was said."""
    at = len(before) - 1
    while at >= 0 and before[at].type in _OPERATORS:
        at -= 1
    return str(before[at]) if at >= 0 and before[at].type == "NAME" else None


_OPERATORS = frozenset({"COMPARE", "LESS", "IS", "NOT", "BETWEEN", "ONE", "OF", "PLUS", "MINUS"})
