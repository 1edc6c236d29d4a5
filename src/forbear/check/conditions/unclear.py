"""Conditions that can be read, and are often meant otherwise: each warning shows both ways to write it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from forbear.base.source import Span
from forbear.check.scope import Scope
from forbear.language.model.comparisons import Compare, OneOf
from forbear.language.model.conditions import Condition
from forbear.language.syntax.ast import conditions

_OPENED = re.compile(r"\((?:\s|#[^\n]*\n)*\Z")
_CLOSED = re.compile(r"(?:\s|#[^\n]*\n)*\)")
_FAR = 200


def report_unclear(node: conditions.Or, scope: Scope) -> None:
    """For `a or b and c` without brackets."""
    if any(isinstance(part, conditions.And) and not _in_brackets(part, scope) for part in node.parts):
        closer_and = " or ".join(
            f"({_text(part, scope)})" if isinstance(part, conditions.And) and not _in_brackets(part, scope) else text
            for part, text in ((part, _text(part, scope)) for part in node.parts)
        )
        _report(
            node.span,
            "`and` and `or` are joined without brackets: `and` binds closer",
            closer_and,
            " and ".join(" or ".join(run) if len(run) == 1 else f"({' or '.join(run)})" for run in _runs(node, scope)),
            scope,
        )


def report_unclear_permission(node: conditions.Condition, scope: Scope) -> None:
    """For `not a or b` in a condition that permits: it holds for each `b`, so that more is permitted than it seems."""
    for joined in _alternatives(node):
        for part, after in zip(joined.parts, joined.parts[1:], strict=False):
            if (
                isinstance(part, conditions.Not)
                and not isinstance(after, (conditions.Not, conditions.And))
                and not _in_brackets(part, scope)
            ):
                first, second = _text(part.part, scope), _text(after, scope)
                _report(
                    (part.span[0], after.span[1]),
                    f"`not` is for `{first}` alone: where `{second}` is so, this holds whatever `{first}` is",
                    f"(not {first}) or {second}",
                    f"not ({first} or {second})",
                    scope,
                )


def report_always(node: conditions.Or, parts: Sequence[Condition], scope: Scope) -> None:
    """For `state is not "CA" or state is not "NV"`, which is so of every state."""
    left_out: dict[str, set[object]] = {}
    for part in parts:
        match part:
            case Compare(fact, "!=", value):
                values: set[object] = {value}
            case OneOf(fact, grids, True):
                values = set(grids)
            case _:
                continue
        if fact in left_out and not left_out[fact] & values:
            scope.report_at(
                node.span,
                code="decided-comparison",
                message=f"this is always true: no value of `{fact}` is excluded by both",
                help=f"join the two with `and`, or write `{fact} is not one of ...`, if none of the values may be",
            )
            return
        left_out[fact] = left_out[fact] & values if fact in left_out else values


def _report(span: Span, message: str, as_read: str, otherwise: str, scope: Scope) -> None:
    scope.report_at(
        span,
        code="unclear-condition",
        message=message,
        help=f"write `{as_read}`, as it is read, or `{otherwise}`",
    )


def _runs(node: conditions.Or, scope: Scope) -> Iterator[list[str]]:
    """The parts as they were joined if `or` bound closer: those of each run are joined with `or`."""
    run: list[str] = []
    for part in node.parts:
        if isinstance(part, conditions.And) and not _in_brackets(part, scope):
            first, *between, last = [_text(inner, scope) for inner in part.parts]
            yield [*run, first]
            yield from ([text] for text in between)
            run = [last]
        else:
            run.append(_text(part, scope))
    yield run


def _alternatives(node: conditions.Condition) -> Iterator[conditions.Or]:
    if isinstance(node, conditions.Or):
        yield node
    if isinstance(node, (conditions.Or, conditions.And)):
        for part in node.parts:
            yield from _alternatives(part)


def _text(node: conditions.Condition, scope: Scope) -> str:
    """A part of a condition as it is written, with its brackets."""
    text = " ".join(scope.text(node.span).split())
    joined = isinstance(node, (conditions.And, conditions.Or))
    return f"({text})" if joined and _in_brackets(node, scope) else text


def _in_brackets(node: conditions.Condition, scope: Scope) -> bool:
    text, (start, end) = scope.source.text, node.span
    return bool(_OPENED.search(text, max(0, start - _FAR), start) and _CLOSED.match(text, end))
