"""Comparisons of terms as written to typed ones: of facts with each other, or of one fact with a value that is then
solved for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from attrs import evolve, field, frozen

from forbear.base.diagnostic import replacement
from forbear.base.source import Span
from forbear.check.conditions.unknown_names import report_unknown_fact
from forbear.check.conditions.values import (
    LITERALS,
    described,
    has_currency,
    is_in_groups,
    kind_words,
    literal_words,
    report_hours,
)
from forbear.check.scope import Scope
from forbear.language.model.comparisons import MIRRORED, Operator
from forbear.language.model.conditions import And, Condition, Not, Or, solved
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import HOURS, Storage
from forbear.language.model.relations import Related, Term, related, unit
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, LiteralKind, Name, Part, Share, Sum, Value


@frozen
class _Side:
    """One side of a comparison: parts of facts and an amount, or a value."""

    span: Span = field(eq=False)
    parts: tuple[tuple[Fact, Fraction], ...] = ()
    offset: Fraction = Fraction(0)
    value: Value | None = None
    """The value as written, if the side has no fact."""


def is_of_one_fact(left: nodes.Term, bounds: tuple[nodes.Term, ...], scope: Scope) -> bool:
    """Returns true if a fact is compared with values, as in most comparisons. Then the fact alone decides what these
    mean.
    """
    facts = scope.words.facts
    return (
        isinstance(left, Name)
        and left.text not in scope.words.settings
        and all(isinstance(term, (Literal, Name)) for term in bounds)
        and (
            left.text not in facts
            or not any(isinstance(term, Name) and _is_fact(term, facts[left.text], scope) for term in bounds)
        )
    )


def _is_fact(name: Name, compared: Fact, scope: Scope) -> bool:
    return name.text in scope.words.facts and name.text not in compared.words


def compared_terms(
    left: nodes.Term, operator: Operator, right: nodes.Term, span: Span, scope: Scope
) -> Condition | None:
    """The condition of a comparison of terms, or None and a diagnostic."""
    sides = _sides((left, right), span, scope)
    return None if sides is None else _compared(sides[0], operator, sides[1], span, scope)


def between_terms(node: nodes.Between, scope: Scope) -> Condition | None:
    """The condition of `TERM between TERM and TERM` or `from TERM until TERM`: the comparisons with the two ends."""
    span = node.span
    sides = _sides((node.term, node.low, node.high), span, scope)
    if sides is None:
        return None
    middle, first, last = sides
    ends = (
        _compared(first, "<=", middle, span, scope),
        _compared(middle, "<" if node.half_open else "<=", last, span, scope),
    )
    if ends[0] is None or ends[1] is None:
        return None
    within: Condition = And((ends[0], ends[1]))
    fact = next(fact for side in sides for fact, _ in side.parts)
    if fact.kind.storage is Storage.TIME:
        # With the later end first a span of times goes over midnight. Which end is the later one, the case says.
        in_order = _compared(first, "<" if node.half_open else "<=", last, span, scope)
        over_midnight = _compared(last, "<", first, span, scope)
        if in_order is None or over_midnight is None:
            return None
        within = Or((And((in_order, *ends)), And((over_midnight, Or(ends)))))  # type: ignore[arg-type]
    return Not(within) if node.negated else within


def _sides(terms: tuple[nodes.Term, ...], span: Span, scope: Scope) -> list[_Side] | None:
    """The sides of a comparison, all of one type and one currency, and of one fact at least."""
    sides = [_side(term, scope) for term in terms]
    typed = [side for side in sides if side is not None]
    if len(typed) < len(terms):
        return None
    of_facts = [(side, fact) for side in typed for fact, _ in side.parts]
    if not of_facts:
        scope.report_at(span, "wrong-type.values")
        return None
    first = of_facts[0][1]
    if not first.ordered:
        of_others = of_facts[1:] if first.kind.storage is not Storage.FLAG else []
        flags = [fact for _, fact in of_others if fact.kind.storage is Storage.FLAG]
        scope.report_at(span, "not-ordered.facts", **described(first), flag=next((flag.name for flag in flags), None))
        return None
    if len(of_facts) > 1 and scope.words.of_event is not None:
        scope.report_at(span, "wrong-type.two-attributes")
        return None
    converted = [side if side.parts else _valued(side, first, scope) for side in typed]
    alike = [_is_alike(side.parts[0][0], side.span, first, scope) for side in typed if side.parts]
    return cast(list[_Side], converted) if all(alike) and None not in converted else None


def _side(term: nodes.Term, scope: Scope) -> _Side | None:
    match term:
        case Literal():
            return None if term.kind == "bad" else _Side(term.span, value=term)
        case Name():
            if term.text in scope.words.facts:
                return _Side(term.span, ((scope.words.facts[term.text], Fraction(1)),))
            if term.text in scope.words.settings or any(term.text in fact.words for fact in scope.words.facts.values()):
                return _Side(term.span, value=term)
            report_unknown_fact(term, scope, "fact or setting")
            return None
        case Share():
            part = _share(term, scope)
            return None if part is None else _Side(term.span, (part,))
        case Sum():
            return _sum(term, scope)


def _share(term: Share, scope: Scope) -> tuple[Fact, Fraction] | None:
    fact, share = _fact(term.fact, scope), _percentage(term.percent, term.fact, scope)
    if fact is None or share is None:
        return None
    if not fact.kind.numeric:
        scope.report_at(term.fact.span, "wrong-type.no-percentage", **described(fact))
        return None
    if not share:
        scope.report_at(term.span, "out-of-range.nothing-of")
        return None
    return fact, share / 100


def _sum(term: Sum, scope: Scope) -> _Side | None:
    """The facts of a sum, which are of one type and one currency, and the amounts, which are of that too."""
    parts: list[tuple[Fact, Fraction]] = []
    amounts: list[tuple[Part, Value]] = []
    for part in term.parts:
        summand = part.term
        if isinstance(summand, Share) or (isinstance(summand, Name) and summand.text in scope.words.facts):
            of_fact = (
                _share(summand, scope) if isinstance(summand, Share) else (scope.words.facts[summand.text], Fraction(1))
            )
            if of_fact is None or not _may_be_added(of_fact[0], part, parts, scope):
                return None
            parts.append((of_fact[0], of_fact[1] if part.sign == "+" else -of_fact[1]))
        elif isinstance(summand, Name) and summand.text not in scope.words.settings:
            report_unknown_fact(summand, scope, "fact or setting")
            return None
        else:
            amounts.append((part, summand))
    if not parts:
        assert isinstance(term.parts[0].term, Name)
        report_unknown_fact(term.parts[0].term, scope)
        return None
    added = [_added(parts[0][0], part, value, scope) for part, value in amounts]
    if None in added:
        return None
    return _Side(term.span, tuple(parts), sum(cast(list[Fraction], added), Fraction(0)))


def _may_be_added(fact: Fact, part: Part, before: Sequence[tuple[Fact, Fraction]], scope: Scope) -> bool:
    if fact.kind.storage is not Storage.DATE and not fact.kind.numeric:
        scope.report_at(part.term.span, "wrong-type.no-number", **described(fact))
        return False
    if before and fact.kind.storage is Storage.DATE:
        scope.report_at(part.term.span, "wrong-type.date-added", **described(fact), other=before[0][0].name)
        return False
    if part.days:
        scope.report_at(part.span, "wrong-type.fact-of-days", fact=fact.name, sign=part.sign)
        return False
    return not before or _is_alike(fact, part.term.span, before[0][0], scope, "parts-of-sum")


def _added(fact: Fact, part: Part, value: Value, scope: Scope) -> Fraction | None:
    """An amount that is added to a fact, below 0 if it is taken off it."""
    is_date = fact.kind.storage is Storage.DATE
    if is_date != part.days:
        scope.report_at(
            value.span,
            "wrong-type.days-missing" if is_date else "wrong-type.days-added",
            **described(fact),
            sign=part.sign,
            amount=scope.text(value.span),
            fix=replacement(scope.place(value.span), f"{scope.text(value.span)} days") if is_date else None,
        )
        return None
    kind: LiteralKind | None = "number" if is_date else fact.kind.literal
    assert kind is not None
    amount = _amount(value, kind, fact, scope)
    if amount is None:
        return None
    if is_date and amount.denominator != 1:
        scope.report_at(value.span, "off-grid.days", number=scope.text(value.span))
        return None
    return amount if part.sign == "+" else -amount


_PARTS = {"half": "50%", "quarter": "25%"}
"""Parts of a fact, as they are spoken."""


def _fact(name: Name, scope: Scope) -> Fact | None:
    fact = scope.words.facts.get(name.text)
    if fact is None:
        report_unknown_fact(name, scope)
    elif fact.kind is HOURS:
        report_hours(fact, name.span, scope)
        return None
    return fact


def _literal(value: Value, scope: Scope) -> Literal | None:
    if isinstance(value, Literal):
        return value
    setting = scope.words.settings.get(value.text)
    if setting is None:
        report_unknown_fact(value, scope, "setting")
        return None
    return setting.value


def _percentage(value: Value, fact: Name, scope: Scope) -> Fraction | None:
    percent = _PARTS.get(value.text) if isinstance(value, Name) else None
    if isinstance(value, Name) and percent and value.text not in scope.words.settings:
        span, meant = (value.span[0], fact.span[1]), f"{percent} of {fact.text}"
        fix = replacement(scope.place(span), meant)
        scope.report_at(span, "unknown-name.percentage", part=value.text, percent=percent, fact=fact.text, fix=fix)
        return None
    return _amount(value, "percent", None, scope)


def _amount(value: Value, kind: LiteralKind, fact: Fact | None, scope: Scope) -> Fraction | None:
    """A number, a percentage or a sum, as written or as a setting; a sum in the currency of `fact`."""
    literal = _literal(value, scope)
    if literal is None or literal.kind == "bad":
        return None
    if literal.kind != kind:
        scope.report_at(
            value.span,
            "wrong-type.needed",
            needed=literal_words(kind),
            written=literal_words(literal.kind),
            form=LITERALS[kind][1],
            example=_as_needed(kind, literal, fact),
        )
        return None
    if fact is not None and fact.kind.currency and not has_currency(literal, value.span, fact, scope):
        return None
    if is_in_groups(value, literal, scope, fact if fact is not None and fact.kind.numeric else None):
        return None
    return Fraction(cast(Decimal, literal.value))


def _as_needed(kind: LiteralKind, literal: Literal, fact: Fact | None) -> str:
    """Returns the likely meaning of a literal of another kind, with its number; or an example."""
    match kind, literal.kind:
        case "percent", "number":
            return f"{literal.value}%"
        case "money", "percent":
            return f"{literal.value}% of FACT"
        case "money", "number" if fact is not None and fact.currency:
            return f"{fact.currency} {literal.value}"
        case _:
            return LITERALS[kind][2]


def _valued(side: _Side, fact: Fact, scope: Scope) -> _Side | None:
    """A side that is a value, in the unit of the fact's type."""
    value = side.value
    assert value is not None
    if isinstance(value, Name) and value.text in fact.words:
        return evolve(side, offset=Fraction(fact.words[value.text]))
    literal = _literal(value, scope)
    if literal is None or literal.kind == "bad":
        return None
    if literal.kind != fact.kind.literal:
        scope.report_at(side.span, "wrong-type.side", **described(fact), written=literal_words(literal.kind))
        return None
    if fact.kind.currency and not has_currency(literal, side.span, fact, scope):
        return None
    if isinstance(literal.value, Decimal) and is_in_groups(value, literal, scope, fact):
        return None
    number = literal.value.toordinal() if isinstance(literal.value, date) else literal.value
    return evolve(side, offset=Fraction(cast(int, number)))


def _is_alike(fact: Fact, span: Span, first: Fact, scope: Scope, variant: str = "two-types") -> bool:
    if fact.kind is not first.kind or fact.names != first.names:
        scope.report_at(
            span, f"wrong-type.{variant}", **described(fact), other=first.name, kind_of_other=kind_words(first)
        )
        return False
    if fact.currency != first.currency:
        scope.report_at(
            span,
            "wrong-currency.facts",
            first=first.name,
            second=fact.name,
            of_first=first.currency or "no currency",
            of_second=fact.currency or "none",
        )
        return False
    return True


def _compared(left: _Side, operator: Operator, right: _Side, span: Span, scope: Scope) -> Condition | None:
    """Returns the comparison of two sides of the same kind: of one fact with the value on its grid at which they are
    equal, or of several facts as written. A part that is on both sides is moved to one.
    """
    signed = [(fact, sign * share, sign) for sign, side in ((1, left), (-1, right)) for fact, share in side.parts]
    facts = {fact.name: fact for fact, _, _ in signed}
    if not facts:
        return None
    shares = dict.fromkeys(facts, Fraction(0))
    for fact, share, _ in signed:
        shares[fact.name] += share
    for name, share in shares.items():
        if not share:
            scope.report_at(span, f"wrong-type.{'itself' if len(shares) == 1 else 'no-difference'}", fact=name)
            return None
    more = right.offset - left.offset
    if len(shares) == 1:
        [(name, share)] = shares.items()
        return solved(facts[name], operator if share > 0 else MIRRORED[operator], more / share / unit(facts[name]))
    on = {name: {sign for fact, _, sign in signed if fact.name == name} for name in facts}
    of_left, of_right = (
        sorted(
            [
                (name, sign * share)
                for name, share in shares.items()
                if on[name] == {sign} or (len(on[name]) > 1 and sign * share > 0)
            ],
            key=lambda part: part[1] < 0,
        )
        for sign in (1, -1)
    )
    if any(side and side[0][1] < 0 for side in (of_left, of_right)):
        return related(shares, operator, more)
    if not of_left:
        return Related(Term(tuple(of_right), right.offset), MIRRORED[operator], Term((), left.offset))
    return Related(Term(tuple(of_left), left.offset), operator, Term(tuple(of_right), right.offset))
