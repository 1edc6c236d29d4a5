"""What to say of a name that is no fact and no definition: what it may be instead."""

from __future__ import annotations

from collections.abc import Sequence

from forbear.diagnostic import Diagnostic
from forbear.policy.names import SEE_ALL, did_you_mean, listed
from forbear.policy.values_from_ast import Report
from forbear.policy.vocabulary_from_ast import Vocabulary
from forbear.source import Place, Source
from forbear.syntax import ast

_SIGNS = {
    **dict.fromkeys(["more", "greater", "higher", "later", "above", "over"], ">="),
    **dict.fromkeys(["less", "fewer", "lower", "earlier", "below", "under"], "<="),
}
"""`3 or more` is said with a sign."""


def unknown_fact(
    name: ast.Name, vocabulary: Vocabulary, source: Source, what: str, *, definitions: bool = False
) -> Diagnostic:
    if vocabulary.of_event is not None:
        attributes = [one for one in vocabulary.facts if one.isidentifier()]  # those with `this` are no names
        return Diagnostic(
            code="unknown-name",
            message=f"`{vocabulary.of_event}` has no `{name.text}`",
            place=Place(source, name.span),
            help=did_you_mean(name.text, attributes) or f"it has {listed(attributes)}",
        )
    names = [*vocabulary.facts, *([*vocabulary.definitions, "always"] if definitions else ())]
    if vocabulary.declares_itself:
        otherwise = "declare it with `fact`, or add `uses collections` for the standard vocabulary"
    else:
        otherwise = f"declare it with `fact`, or {SEE_ALL}"
    return Diagnostic(
        code="unknown-name",
        message=f"there is no {what} `{name.text}`",
        place=Place(source, name.span),
        help=did_you_mean(name.text, names) or otherwise,
    )


def report_unknown_condition(
    name: ast.Name, beside: Sequence[ast.Condition], vocabulary: Vocabulary, source: Source, report: Report
) -> None:
    """For `contact_source is referee or declared`: a value, or a word such as `more`, that stands like a condition.

    `beside` are the conditions that it is joined with. Several such values are told at the first one.
    """
    place = Place(source, name.span)
    compared, names = _compared_before(name, beside)
    fact = None if compared is None else vocabulary.facts.get(compared.fact.text)
    if compared is not None and fact is not None:
        values = [one for one in names if one.text in fact.names]
        if any(one is name for one in values):
            if values[0] is name:
                report(_value_alone(name.text, fact.name, place, _one_of(compared, values, source)))
            return
        if isinstance(compared, ast.Comparison) and fact.ordered and name.text in _SIGNS:
            value = source.text[slice(*compared.value.span)]
            report(
                Diagnostic(
                    code="unknown-name",
                    message=f"`or {name.text}` is said with a sign",
                    place=place,
                    help=f"write `{fact.name} {_SIGNS[name.text]} {value}`",
                )
            )
            return
    owner = next((one for one in vocabulary.facts.values() if name.text in one.names), None)
    if owner is not None:
        report(_value_alone(name.text, owner.name, place, f"{owner.name} is {name.text}"))
    else:
        report(unknown_fact(name, vocabulary, source, "fact or definition", definitions=True))


def _value_alone(value: str, fact: str, place: Place, instead: str) -> Diagnostic:
    return Diagnostic(
        code="unknown-name",
        message=f"`{value}` is a value of `{fact}`, so it is no condition alone",
        place=place,
        help=f"write `{instead}`",
    )


def _compared_before(
    name: ast.Name, beside: Sequence[ast.Condition]
) -> tuple[ast.Comparison | ast.OneOf | None, list[ast.Name]]:
    """The comparison that a name follows, and all names that follow it without another one between."""
    compared: ast.Comparison | ast.OneOf | None = None
    names: list[ast.Name] = []
    for part in beside:
        if isinstance(part, ast.NameAlone):
            names.append(part.name)
        elif any(one is name for one in names):
            break
        else:
            last = part.parts[-1] if isinstance(part, ast.And) else part
            compared = last if isinstance(last, (ast.Comparison, ast.OneOf)) else None
            names = []
    return compared, names


def _one_of(compared: ast.Comparison | ast.OneOf, more: Sequence[ast.Name], source: Source) -> str:
    if isinstance(compared, ast.OneOf):
        first, negated = compared.values, compared.negated
    else:
        first, negated = (compared.value,), compared.operator in ("is not", "!=")
    values = ", ".join(source.text[slice(*value.span)] for value in (*first, *more))
    return f"{compared.fact.text} is {'not ' if negated else ''}one of {values}"
