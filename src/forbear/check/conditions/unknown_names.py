"""What to say of a name that is no fact and no definition: what it may be instead."""

from __future__ import annotations

from collections.abc import Sequence

from forbear.check.scope import Scope
from forbear.kernel.history.moments import WEEKDAYS
from forbear.language.model.derived import Event
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.names import SEE_ALL, did_you_mean, listed
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Name, Term

_FAR = 100
_SIGNS = {
    **dict.fromkeys(["more", "greater", "higher", "later", "above", "over"], ">="),
    **dict.fromkeys(["less", "fewer", "lower", "earlier", "below", "under"], "<="),
}
"""`3 or more` is written with a sign."""


def report_unknown_attribute(name: Name, event: Event, scope: Scope) -> None:
    scope.report_unknown(
        name,
        f"`{event.name}` has no `{name.text}`",
        did_you_mean(name.text, event.attributes)
        or (f"it has {listed(event.attributes)}" if event.attributes else "it has no attributes"),
    )


def report_unknown_fact(name: Name, scope: Scope, what: str = "fact", *, definitions: bool = False) -> None:
    if scope.words.of_event is not None:
        report_unknown_attribute(name, scope.words.of_event, scope)
        return
    names = [*scope.words.facts, *([*scope.words.definitions, "always"] if definitions else ())]
    if scope.words.declares_itself:
        otherwise = "declare it with `fact`, or add `uses collections` for the standard vocabulary"
    else:
        otherwise = f"declare it with `fact`, or {SEE_ALL}"
    if name.text == "today":
        otherwise = "declare the day of the decision: `fact today date of decision`"
    if name.text.removesuffix("s") in WEEKDAYS:
        day = name.text.removesuffix("s")
        scope.report_unknown(
            name,
            f"there is no {what} `{name.text}`",
            f"write `weekday is {day}`, and declare `fact weekday weekday of decision`",
        )
        return
    if name.text in scope.words.actions:
        scope.report_unknown(
            name,
            f"`{name.text}` is an action, and a condition reads facts",
            f"write `require ACTION with {name.text}` if it must accompany ACTION; that it was done is an event,"
            " which a fact counts",
        )
        return
    meant = did_you_mean(name.text, names)
    compared = scope.words.facts.get(meant.meant) if definitions and meant is not None else None
    if compared is not None and compared.kind.storage is not Storage.FLAG:
        # Which value is meant is not known: `disputed` may be any of those of `dispute` but one.
        meant = None
        values = f" with one of {listed(compared.names)}" if compared.words else " a value"
        otherwise = f"if the fact `{compared.name}` is meant, compare it{values}"
    scope.report_unknown(name, f"there is no {what} `{name.text}`", meant or otherwise)


def report_unknown_condition(name: Name, joined: Sequence[nodes.Condition], at: int, scope: Scope) -> None:
    """For `contact_source is referee or declared`: a value, or a word such as `more`, that is used like a condition.

    `joined` are the conditions that it is joined with, itself `at` that place of them. Several such values are
    reported at the first one.
    """
    first, compared = _compared_before(joined, at)
    fact = None if compared is None else scope.words.facts.get(_subject(compared))
    if compared is not None and fact is not None:
        if name.text in fact.words:
            if not _values(joined[first:at], fact):
                values = _values(joined[at:], fact)
                scope.report_unknown(
                    name,
                    _no_condition(name, fact.name),
                    f"write `{_one_of(compared, values, scope)}`",
                    span=(compared.span[0], values[-1].span[1]),
                )
            return
        if isinstance(compared, nodes.Comparison) and fact.ordered and name.text in _SIGNS:
            value = scope.text(compared.right.span)
            scope.report_unknown(
                name, f"`or {name.text}` is written with a sign", f"write `{fact.name} {_SIGNS[name.text]} {value}`"
            )
            return
    owner = next(
        (fact_of_value for fact_of_value in scope.words.facts.values() if name.text in fact_of_value.words), None
    )
    if owner is not None:
        scope.report_unknown(name, _no_condition(name, owner.name), f"write `{owner.name} is {name.text}`")
    else:
        report_unknown_fact(name, scope, "fact or definition", definitions=True)


def _no_condition(value: Name, fact: str) -> str:
    return f"`{value.text}` is a value of `{fact}`, so it is no condition alone"


def _compared_before(joined: Sequence[nodes.Condition], at: int) -> tuple[int, nodes.Comparison | nodes.OneOf | None]:
    """The comparison that a name follows, and where the names begin that follow it without another one between.

    It is looked for among the hundred conditions before.
    """
    first = at
    while first > max(0, at - _FAR) and isinstance(joined[first - 1], nodes.NameAlone):
        first -= 1
    before = joined[first - 1] if first else None
    last = before.parts[-1] if isinstance(before, nodes.And) else before
    return first, last if isinstance(last, (nodes.Comparison, nodes.OneOf)) else None


def _subject(compared: nodes.Comparison | nodes.OneOf) -> str:
    """The name on the left of a comparison; empty where there is none."""
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
