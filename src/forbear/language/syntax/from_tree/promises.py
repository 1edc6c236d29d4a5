"""Tree to examples, ensures and accepts."""

from __future__ import annotations

from typing import cast

from lark import Token

from forbear.base.source import Span
from forbear.language.syntax.from_tree.parts import Nodes, Reader, condition_of, name_of, names_of, span_of
from forbear.language.syntax.nodes import (
    Accept,
    Actions,
    Conforms,
    Ensure,
    Example,
    ExpectationWord,
    Expected,
    Given,
    GivenEvent,
    Literal,
    Text,
    Value,
)
from forbear.language.syntax.tree import Tree


def example(tree: Tree, read: Reader) -> Example:
    title, *rest = cast(Nodes, tree.children)
    given: list[Given | GivenEvent] = []
    expected = []
    on: Value | None = None
    at: Literal | None = None
    for child in rest:
        if child is None:
            continue
        if child.data == "given":
            given.append(_given(child, read))
        elif child.data == "given_event":
            given.append(_given_event(child, read))
        elif child.data == "decision":
            on, at = read.date(child.children[0]), read.time(child.children[1])
        else:
            expected.append(_expected(child.children, span_of(child), read))
    return Example(cast(Text, read.text(title)), tuple(given), on, at, tuple(expected), span=span_of(tree))


def _given(tree: Tree, read: Reader) -> Given:
    name, value = cast(Nodes, tree.children)
    return Given(name_of(name), read.special_or_value(value), span=span_of(tree))


def _given_event(tree: Tree, read: Reader) -> GivenEvent:
    number, name, on, at, *attributes = cast(Nodes, tree.children)
    return GivenEvent(
        None if number is None else read.count(number),
        name_of(name),
        cast(Value, read.date(on)),
        read.time(at),
        tuple([_given(attribute, read) for attribute in attributes]),
        span=span_of(tree),
    )


def ensure(tree: Tree, read: Reader) -> Ensure:
    any_of, actions, negated, word, with_, when, on = cast(Nodes, tree.children)
    end = word.end_pos if with_ is None else span_of(with_)[1]
    expected = _expected((actions, negated, word, with_), (span_of(actions)[0], end), read)
    return Ensure(
        any_of is not None,
        expected,
        None if when is None else condition_of(when.children[0], read),
        read.date(on),
        span=span_of(tree),
    )


def _expected(children: Nodes, span: Span, read: Reader) -> Expected:
    actions, negated, word, with_ = children
    if negated is not None and word.type not in ("ALLOWED", "UNSAID"):
        read.report(
            "syntax",
            f"`not {word}` is not an expectation",
            (negated.start_pos, word.end_pos),
            "write `allowed`, `not allowed`, `forbidden`, `required`, `unsaid` or `not unsaid`",
        )
        negated = None
    text = str(word) if negated is None else f"not {word}"
    companions = None if with_ is None else Actions(names_of(with_.children), (), span=span_of(with_))
    if companions is not None and text not in ("allowed", "required"):
        read.report(
            "syntax",
            f"nothing accompanies an action that is {text}",
            span_of(with_),
            "take it out: only `allowed` and `required` may have a `with`",
        )
        companions = None
    return Expected(read.actions(actions), cast(ExpectationWord, text), span=span, companions=companions)


def conforms(tree: Tree, read: Reader) -> Conforms:
    (standard,) = cast(Nodes, tree.children)
    return Conforms(cast(Text, read.text(standard)), span=span_of(tree))


def accept(tree: Tree, read: Reader) -> Accept:
    code, *rest = cast(Nodes, tree.children)
    names = [child for child in rest if isinstance(child, Token)]
    clauses = read.clauses([child for child in rest if not isinstance(child, Token)])
    because = read.clause_text(clauses, "because")
    if because is None:
        read.report("bad-accept", "an `accept` needs a reason", span_of(tree), 'add `because "why this is meant"`')
    elif not because.text.strip():
        read.report(
            "bad-accept",
            "this accept gives no reason: the text after `because` is blank",
            because.span,
            "say why the finding is meant, for whoever asks a year from now",
        )
    return Accept(
        name_of(code),
        names_of(names),
        condition_of(clauses["when"].children[0], read) if "when" in clauses else None,
        because or Text("", span=span_of(tree)),
        read.date(clauses["until"].children[0]) if "until" in clauses else None,
        span=span_of(tree),
    )
