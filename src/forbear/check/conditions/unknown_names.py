"""Reports names that are neither facts nor definitions, with what they may be instead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from attrs import evolve

from forbear.base.diagnostic import replacement
from forbear.check.scope import Scope
from forbear.kernel.history.moments import WEEKDAYS
from forbear.language.model.derived import Event
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import did_you_mean
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name, Term

_FAR = 100
_MORE, _LESS = {"is": ">=", "=": ">=", "is not": "<", "!=": "<"}, {"is": "<=", "=": "<=", "is not": ">", "!=": ">"}
_SIGNS = {
    **dict.fromkeys(["more", "greater", "higher", "later", "above", "over"], _MORE),
    **dict.fromkeys(["less", "fewer", "lower", "earlier", "below", "under"], _LESS),
}
"""`is 3 or more` is written with a sign, and so is `is not 3 or more`."""

_DENIED: Mapping[str, Literal["is", "is not"]] = {"is": "is not", "=": "is not", "is not": "is", "!=": "is"}


def report_unknown_attribute(name: Name, event: Event, scope: Scope) -> None:
    scope.report_unknown(name, "unknown-name.attribute", event.attributes, event=event.name)


def report_unknown_fact(name: Name, scope: Scope, what: str = "fact", *, definitions: bool = False) -> None:
    if scope.words.of_event is not None:
        report_unknown_attribute(name, scope.words.of_event, scope)
        return
    names = [*scope.words.facts, *([*scope.words.definitions, "always"] if definitions else ())]
    if name.text.removesuffix("s") in WEEKDAYS:
        day = name.text.removesuffix("s")
        scope.report_unknown(name, "unknown-name.weekday", what=what, day=day)
        return
    if name.text in scope.words.actions:
        scope.report_unknown(name, "unknown-name.action")
        return
    meant = did_you_mean(name.text, names)
    compared = scope.words.facts.get(meant.meant) if definitions and meant is not None else None
    if compared is not None and compared.kind.storage is not Storage.FLAG:
        # Which value is meant is not known: `disputed` may be any of those of `dispute` but one.
        values = compared.names if compared.words else ()
        scope.report_unknown(name, "unknown-name.compared", what=what, fact=compared.name, values=[*values])
        return
    variant = "today" if name.text == "today" else "undeclared" if scope.words.declares_itself else "fact"
    scope.report_unknown(name, f"unknown-name.{variant}", names, what=what)


def report_unknown_condition(name: Name, joined: Sequence[nodes.Condition], at: int, scope: Scope) -> None:
    """Reports the name in `contact_source is referee or declared`: a value, or a word such as `more`, used like a
    condition.

    `joined` are the conditions that it is joined with, and `at` is its own position among them. Several such values are
    reported at the first one.
    """
    first, compared = _compared_before(joined, at)
    fact = None if compared is None else scope.words.facts.get(_subject(compared))
    if compared is not None and fact is not None:
        if name.text in fact.words:
            if not _values(joined[first:at], fact):
                values = _values(joined[at:], fact)
                place = scope.place((compared.span[0], values[-1].span[1]))
                fix = replacement(place, _one_of(compared, values, scope))
                meant = fix.edits[0].text
                of_value = diagnosis(
                    "unknown-name.value", place, fix=fix, unknown=name.text, fact=fact.name, meant=meant
                )
                scope.report(of_value)
            return
        signs = _SIGNS.get(name.text, {}) if fact.ordered and first == at else {}
        if isinstance(compared, nodes.Comparison) and compared.operator in signs:
            span = compared.span[0], name.span[1]
            meant = f"{fact.name} {signs[compared.operator]} {scope.text(compared.right.span)}"
            fix = replacement(scope.place(span), meant)
            scope.report_at(span, "unknown-name.sign", unknown=name.text, meant=meant, fix=fix)
            return
    if owners := [owner.name for owner in scope.words.facts.values() if name.text in owner.words]:
        each = [f"{owner} is {name.text}" for owner in owners]
        scope.report_unknown(name, "unknown-name.value-alone", facts=owners, meant=each)
    else:
        report_unknown_fact(name, scope, "fact or definition", definitions=True)


def _compared_before(joined: Sequence[nodes.Condition], at: int) -> tuple[int, nodes.Comparison | nodes.OneOf | None]:
    """The comparison that a name follows, and where the names begin that follow it without another one between.

    It is looked for among the hundred conditions before.
    """
    first = at
    while first > max(0, at - _FAR) and isinstance(joined[first - 1], nodes.NameAlone):
        first -= 1
    before = joined[first - 1] if first else None
    last = before.parts[-1] if isinstance(before, nodes.And) else before
    if isinstance(last, nodes.Not) and isinstance(last.part, nodes.Comparison) and last.part.operator in _DENIED:
        return first, evolve(last.part, operator=_DENIED[last.part.operator], span=last.span)
    return first, last if isinstance(last, (nodes.Comparison, nodes.OneOf)) else None


def _subject(compared: nodes.Comparison | nodes.OneOf) -> str:
    """Returns the name on the left of a comparison; empty if there is none."""
    left = compared.fact if isinstance(compared, nodes.OneOf) else compared.left
    return left.text if isinstance(left, Name) else ""


def _values(parts: Sequence[nodes.Condition], fact: Fact) -> list[Name]:
    """The values of a fact among names that are used like conditions, up to the first other condition."""
    values = []
    for part in parts:
        if not isinstance(part, nodes.NameAlone):
            break
        if part.name.text in fact.words:
            values.append(part.name)
    return values


def _one_of(compared: nodes.Comparison | nodes.OneOf, more: Sequence[Name], scope: Scope) -> str:
    first: Sequence[Term]
    if isinstance(compared, nodes.OneOf):
        first, negated = compared.values, compared.negated
    else:
        first, negated = (compared.right,), compared.operator in ("is not", "!=")
    values = ", ".join(scope.text(value.span) for value in (*first, *more))
    return f"{_subject(compared)} is {'not ' if negated else ''}one of {values}"
