"""Tree to examples, ensures and accepts."""

from __future__ import annotations

from typing import cast

from lark import Token, Tree

from forbear.source import Span
from forbear.syntax.ast.parts import Literal, Text, Value
from forbear.syntax.ast.promises import Accept, Conforms, Ensure, Example, ExpectationWord, Expected, Given, GivenEvent
from forbear.syntax.from_tree.conditions import condition_of
from forbear.syntax.from_tree.parts import (
    Nodes,
    Notes,
    actions_of,
    clause_text,
    clauses_of,
    count_of,
    date_of,
    name_of,
    names_of,
    span_of,
    special_or_value,
    text_of,
    time_of,
)


def example(tree: Tree[Token], notes: Notes) -> Example:
    title, *rest = cast(Nodes, tree.children)
    given: list[Given | GivenEvent] = []
    expected = []
    on: Value | None = None
    at: Literal | None = None
    for child in rest:
        if child is None:
            continue
        if child.data == "given":
            given.append(_given(child, notes))
        elif child.data == "given_event":
            given.append(_given_event(child, notes))
        elif child.data == "decision":
            on, at = date_of(child.children[0], notes), _time(child.children[1], notes)
        else:
            expected.append(_expected(child.children, span_of(child), notes))
    return Example(cast(Text, text_of(title, notes)), tuple(given), on, at, tuple(expected), span_of(tree))


def _given(tree: Tree[Token], notes: Notes) -> Given:
    name, value = cast(Nodes, tree.children)
    return Given(name_of(name), special_or_value(value, notes), span_of(tree))


def _given_event(tree: Tree[Token], notes: Notes) -> GivenEvent:
    number, name, on, at, *attributes = cast(Nodes, tree.children)
    return GivenEvent(
        None if number is None else count_of(number, notes),
        name_of(name),
        cast(Value, date_of(on, notes)),
        _time(at, notes),
        tuple([_given(attribute, notes) for attribute in attributes]),
        span_of(tree),
    )


def _time(token: Token | None, notes: Notes) -> Literal | None:
    return None if token is None else time_of(token, notes)


def ensure(tree: Tree[Token], notes: Notes) -> Ensure:
    any_of, actions, negated, word, when, on = cast(Nodes, tree.children)
    expected = _expected((actions, negated, word), (span_of(actions)[0], word.end_pos), notes)
    return Ensure(
        any_of is not None,
        expected,
        None if when is None else condition_of(when.children[0], notes),
        date_of(on, notes),
        span_of(tree),
    )


def _expected(children: Nodes, span: Span, notes: Notes) -> Expected:
    actions, negated, word = children
    if negated is not None and word.type not in ("ALLOWED", "UNSAID"):
        notes.report(
            "syntax",
            f"`not {word}` is not an expectation",
            (negated.start_pos, word.end_pos),
            "write `allowed`, `not allowed`, `forbidden`, `required`, `unsaid` or `not unsaid`",
        )
        negated = None
    text = str(word) if negated is None else f"not {word}"
    return Expected(actions_of(actions, notes), cast(ExpectationWord, text), span)


def conforms(tree: Tree[Token], notes: Notes) -> Conforms:
    (standard,) = cast(Nodes, tree.children)
    return Conforms(cast(Text, text_of(standard, notes)), span_of(tree))


def accept(tree: Tree[Token], notes: Notes) -> Accept:
    code, *rest = cast(Nodes, tree.children)
    names = [child for child in rest if isinstance(child, Token)]
    clauses = clauses_of([child for child in rest if not isinstance(child, Token)], notes)
    because = clause_text(clauses, "because", notes)
    if because is None:
        notes.report("bad-accept", "an `accept` needs a reason", span_of(tree), 'add `because "why this is meant"`')
    elif not because.text.strip():
        notes.report(
            "bad-accept",
            "this accept gives no reason: the text after `because` is blank",
            because.span,
            "say why the finding is meant, for whoever asks a year from now",
        )
    return Accept(
        name_of(code),
        names_of(names),
        condition_of(clauses["when"].children[0], notes) if "when" in clauses else None,
        because or Text("", span_of(tree)),
        date_of(clauses["until"].children[0], notes) if "until" in clauses else None,
        span_of(tree),
    )
