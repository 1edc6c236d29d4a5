"""Conditions that people read in more than one way: each is shown in both, and both are ways out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from forbear.base.diagnostic import Fix, TextEdit
from forbear.base.source import Place, Span
from forbear.check.scope import Scope
from forbear.language.formatting.format import with_fixes
from forbear.language.model.comparisons import Between, Compare, Comparison, OneOf, holds_for_none, merged, ranges
from forbear.language.model.conditions import Condition
from forbear.language.model.facts import Fact
from forbear.language.model.names import Worded
from forbear.language.syntax import nodes

_COMMENTS = re.compile(r'("(?:[^"\\\n]|\\.)*")|#[^\n]*')


def report_unclear(node: nodes.Or, scope: Scope) -> None:
    """Reports `a or b and c`, which is an error, and `not a or b` and `not a or not b`, each without brackets."""
    loose = [part for part in node.parts if isinstance(part, nodes.And) and not part.bracketed]
    if loose:
        span = _whole(node.parts[0], scope)[0], _whole(node.parts[-1], scope)[1]
        runs = [(run[0].span[0], run[-1].span[1]) for run in _runs(node) if len(run) > 1]
        scope.report_at(
            span,
            "missing-brackets.read-two-ways",
            **_either(span, _in_brackets([part.span for part in loose]), _in_brackets(runs), scope),
        )
    for part, after in zip(node.parts, node.parts[1:], strict=False):
        if not isinstance(part, nodes.Not) or part.bracketed or _is_joined(part.part):
            continue
        span, start = (part.span[0], _whole(after, scope)[1]), part.part.span[0]
        if isinstance(after, nodes.Not):
            first, second = _whole(part.part, scope), _whole(after.part, scope)
            gap = (first[1], second[0])
            if not after.bracketed and not _is_joined(after.part) and scope.source.text[slice(*gap)].split() == _OR_NOT:
                around = _in_brackets([(first[0], second[1])])
                scope.report_at(
                    span,
                    "unclear-condition.unless-both",
                    one=_text(first, (), scope),
                    other=_text(second, (), scope),
                    **_either(span, [*around, (gap, " and ")], [*around, (gap, " or ")], scope),
                )
        elif after not in loose:
            scope.report_at(
                span,
                "unclear-condition.not-alone",
                alone=_text(part.part.span, (), scope),
                other=_text(after.span, (), scope),
                **_either(span, _in_brackets([part.span]), _in_brackets([(start, span[1])]), scope),
            )


_OR_NOT = ["or", "not"]
_Edits = Iterable[tuple[Span, str]]


def report_always(node: nodes.Or, parts: Sequence[Condition], scope: Scope) -> None:
    """Reports `state is not "CA" or state is not "NV"`, which is true for every state, and the same with numbers."""
    compared: dict[str, list[Comparison]] = {}
    for part in parts:
        if isinstance(part, Compare | Between | OneOf):
            compared.setdefault(part.fact, []).append(part)
    for name, comparisons in compared.items():
        fact, excluding = scope.words.facts[name], all(map(holds_for_none, comparisons))
        if len(comparisons) > 1 and _are_met_by_all(fact, comparisons):
            variant = "excluded-by-none" if excluding else "each-known-value" if fact.optional else "each-value"
            scope.report_at(node.span, f"decided-comparison.{variant}", always=always(fact), fact=name)
            return


def always(fact: Fact) -> Worded:
    """Returns when a comparison is true that every value of its fact meets."""
    words = f"true whenever `{fact.name}` is known" if fact.optional else "always true"
    return Worded(words, "known" if fact.optional else "always")


def _are_met_by_all(fact: Fact, comparisons: Sequence[Comparison]) -> bool:
    """Returns true if each value that a fact may have, and none, meets one of some comparisons."""
    excluding = [one for one in comparisons if holds_for_none(one)]
    if fact.or_none and not excluding:
        return False
    if fact.ordered:
        return merged(sorted(part for one in comparisons for part in ranges(one, fact)), fact) == [
            (fact.low, fact.high)
        ]
    named = set().union(*[_named(one) for one in comparisons if one not in excluding])
    if not excluding:
        return bool(fact.names) and named >= set(fact.names)
    return set.intersection(*[_named(one) for one in excluding]) <= named


def _named(one: Comparison) -> set[object]:
    return {one.value} if isinstance(one, Compare) else set(one.values) if isinstance(one, OneOf) else set()


def _either(span: Span, edits: _Edits, others: _Edits, scope: Scope) -> dict[str, Any]:
    """A span with the ones and with the other edits, for the help, and both as choices."""
    first, second = (_text(span, one, scope) for one in (edits, others))
    return {"first": first, "second": second, "choices": (_fix(edits, first, scope), _fix(others, second, scope))}


def _fix(edits: _Edits, text: str, scope: Scope) -> Fix:
    return Fix(f"write `{text}`", tuple([TextEdit(Place(scope.source, span), text) for span, text in edits]))


def _in_brackets(spans: Iterable[Span]) -> list[tuple[Span, str]]:
    return [edit for start, end in spans for edit in (((start, start), "("), ((end, end), ")"))]


def _runs(node: nodes.Or) -> Iterator[list[nodes.Condition]]:
    """Yields the parts as they would be joined if `or` bound closer: those of each run are joined with `or`."""
    run: list[nodes.Condition] = []
    for part in node.parts:
        if isinstance(part, nodes.And) and not part.bracketed:
            yield [*run, part.parts[0]]
            run = [part.parts[-1]]
        else:
            run.append(part)
    yield run


def _whole(part: nodes.Condition, scope: Scope) -> Span:
    """The span of a part of an `or`, with its brackets."""
    text, (start, end) = scope.source.text, part.span
    before, after = text[:start].rstrip(), text[end:].lstrip()
    while before.endswith("(") and after.startswith(")"):
        start, end = len(before) - 1, len(text) - len(after) + 1
        before, after = text[:start].rstrip(), text[end:].lstrip()
    return start, end


def _is_joined(node: nodes.Condition) -> bool:
    return isinstance(node, nodes.And | nodes.Or)


def _text(span: Span, edits: _Edits, scope: Scope) -> str:
    """Returns the text of a span after some edits in it, on one line and without comments."""
    text = with_fixes(scope.source, [_fix(edits, "", scope)])[0]
    end = span[1] + len(text) - len(scope.source.written)
    return " ".join(_COMMENTS.sub(r"\1", text[span[0] : end]).split())
