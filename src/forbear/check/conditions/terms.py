"""Comparisons of terms as written to typed ones: of two facts, or of one fact with a value that is then solved for."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from attrs import evolve, field

from forbear.base.frozen import frozen
from forbear.base.source import Span
from forbear.check.conditions.unknown_names import report_unknown_fact
from forbear.check.conditions.values import LITERALS, describe, has_currency, report_hours
from forbear.check.scope import Scope
from forbear.language.model.comparisons import MIRRORED, Operator
from forbear.language.model.conditions import And, Condition, Not, Or, solved
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import HOURS, Storage
from forbear.language.model.relations import Related, Term, unit
from forbear.language.syntax import nodes
from forbear.language.syntax.nodes import Literal, LiteralKind, Name, Share, Shift, Value


@frozen
class _Side:
    """One side of a comparison: a term of a fact, or a value (`fact` is None)."""

    fact: Fact | None
    span: Span = field(eq=False)
    share: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    value: Value | None = None
    """What is written, where it is no term of a fact."""

    @property
    def term(self) -> Term:
        assert self.fact is not None
        return Term(self.fact.name, self.share, self.offset)


def is_of_one_fact(left: nodes.Term, bounds: tuple[nodes.Term, ...], scope: Scope) -> bool:
    """Whether a fact is compared with values, as most are. Then the fact alone decides what these mean."""
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
    fact = next(side.fact for side in sides if side.fact is not None)
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
    of_facts = [side for side in typed if side.fact is not None]
    if not of_facts:
        scope.report_at(
            span,
            code="wrong-type",
            message="this compares values with each other, and the same is true in every case",
            help="compare a fact with a value, or with another fact",
        )
        return None
    first = of_facts[0].fact
    assert first is not None
    if not first.ordered:
        of_others = of_facts[1:] if first.kind.storage is not Storage.FLAG else []
        flags = [side.fact for side in of_others if side.fact is not None and side.fact.kind.storage is Storage.FLAG]
        scope.report_at(
            span,
            code="not-ordered",
            message=f"{describe(first)}, and only facts with an order are compared with each other",
            help=f"`{flags[0].name}` is yes or no, and a condition by itself"
            if flags
            else "declare the outcome of comparing them as a fact of its own, of the type `yes/no`",
        )
        return None
    if len(of_facts) > 1 and scope.words.of_event is not None:
        scope.report_at(
            span,
            code="wrong-type",
            message="two attributes of an event are not compared with each other",
            help="compare it with a value, or with a fact of the case: `debt is this debt`, `paid > this due`",
        )
        return None
    converted = [side if side.fact is not None else _valued(side, first, scope) for side in typed]
    alike = [_is_alike(side, first, scope) for side in of_facts[1:]]
    return cast(list[_Side], converted) if all(alike) and None not in converted else None


def _side(term: nodes.Term, scope: Scope) -> _Side | None:
    match term:
        case Literal():
            return None if term.kind == "bad" else _Side(None, term.span, value=term)
        case Name():
            if term.text in scope.words.facts:
                return _Side(scope.words.facts[term.text], term.span)
            if term.text in scope.words.settings or any(term.text in fact.words for fact in scope.words.facts.values()):
                return _Side(None, term.span, value=term)
            report_unknown_fact(term, scope, "fact or setting")
            return None
        case Share(percent=percent, fact=name):
            fact, share = _fact(name, scope), _percentage(percent, name, scope)
            if fact is None or share is None:
                return None
            if not fact.kind.numeric:
                _report_no_number(fact, name.span, "no percentage is taken of that", scope)
                return None
            if not share:
                scope.report_at(
                    term.span,
                    code="out-of-range",
                    message="0% of a fact is 0 in every case",
                    help="compare with 0, or with another percentage",
                )
                return None
            return _Side(fact, term.span, share=share / 100)
        case Shift(fact=name):
            fact = _fact(name, scope)
            return None if fact is None else _shifted(fact, term, scope)


def _shifted(fact: Fact, term: Shift, scope: Scope) -> _Side | None:
    is_date = fact.kind.storage is Storage.DATE
    if not is_date and not fact.kind.numeric:
        _report_no_number(fact, term.fact.span, "nothing is added to that", scope)
        return None
    if isinstance(term.amount, Name) and term.amount.text in scope.words.facts:
        scope.report_at(
            term.amount.span,
            code="wrong-type",
            message=f"`{term.amount.text}` is a fact, and what is added to one is an amount or a setting",
            help="declare what the two come to as a fact of its own"
            + (
                f"; a difference with a limit is written as `{fact.name} > {term.amount.text} + "
                f"{'3 days' if is_date else 'AMOUNT'}`"
                if term.sign == "-"
                else ""
            ),
        )
        return None
    if is_date != term.days:
        scope.report_at(
            term.amount.span,
            code="wrong-type",
            message=f"{describe(fact)}, and "
            + ("days are added to it" if is_date else "what is added to it is of its own type"),
            help="write "
            + (
                f"`{fact.name} {term.sign} {scope.text(term.amount.span)} days`"
                if is_date
                else f"`{fact.name} {term.sign} {scope.text(term.amount.span)}`"
            ),
        )
        return None
    kind: LiteralKind | None = "number" if is_date else fact.kind.literal
    assert kind is not None
    amount = _amount(term.amount, kind, fact, LITERALS[kind][2], scope)
    if amount is None:
        return None
    if is_date and amount.denominator != 1:
        scope.report_at(
            term.amount.span,
            code="off-grid",
            message=f"a date goes in whole days, so {scope.text(term.amount.span)} days are not added to it",
            help="write a whole number of days",
        )
        return None
    return _Side(fact, term.span, offset=amount if term.sign == "+" else -amount)


_PARTS = {"half": "50%", "quarter": "25%", "third": "33.33%"}
"""Parts of a fact, as they are spoken."""


def _report_no_number(fact: Fact, span: Span, consequence: str, scope: Scope) -> None:
    scope.report_at(
        span,
        code="wrong-type",
        message=f"{describe(fact)}, and {consequence}",
        help="a percentage or an amount goes with a fact that is a number of something; days go with a date",
    )


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
        message = f"`{value.text}` is written as a percentage"
        scope.report_at(value.span, code="unknown-name", message=message, help=f"write `{percent} of {fact.text}`")
        return None
    return _amount(value, "percent", None, "10%", scope)


def _amount(value: Value, kind: LiteralKind, fact: Fact | None, example: str, scope: Scope) -> Fraction | None:
    """A number, a percentage or a sum, as written or as a setting; a sum in the currency of `fact`."""
    literal = _literal(value, scope)
    if literal is None or literal.kind == "bad":
        return None
    if literal.kind != kind:
        needed = LITERALS[kind]
        scope.report_at(
            value.span,
            code="wrong-type",
            message=f"{needed[0]} is needed here, and this is {LITERALS[literal.kind][0]}",
            help=f"write {needed[1]}, as in `{example}`",
        )
        return None
    if fact is not None and fact.kind.currency and not has_currency(literal, value.span, fact, scope):
        return None
    return Fraction(cast(Decimal, literal.value))


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
        scope.report_at(
            side.span,
            code="wrong-type",
            message=f"{describe(fact)}, and this is {LITERALS[literal.kind][0]}",
            help="both sides of a comparison have one type",
        )
        return None
    if fact.kind.currency and not has_currency(literal, side.span, fact, scope):
        return None
    number = literal.value.toordinal() if isinstance(literal.value, date) else literal.value
    return evolve(side, offset=Fraction(cast(int, number)))


def _is_alike(side: _Side, first: Fact, scope: Scope) -> bool:
    fact = side.fact
    assert fact is not None
    if fact.kind is not first.kind or fact.names != first.names:
        scope.report_at(
            side.span,
            code="wrong-type",
            message=f"{describe(first)}, and {describe(fact)}",
            help="both sides of a comparison have one type",
        )
        return False
    if fact.currency != first.currency:
        scope.report_at(
            side.span,
            code="wrong-currency",
            message=f"`{first.name}` is in {first.currency or 'no currency'}, and `{fact.name}` in "
            f"{fact.currency or 'none'}",
            help="compare sums in one currency; nothing is converted",
        )
        return False
    return True


def _compared(left: _Side, operator: Operator, right: _Side, span: Span, scope: Scope) -> Condition | None:
    """A comparison of two sides that are alike."""
    if left.fact is None or right.fact is None or left.fact == right.fact:
        return _of_one_fact(left, operator, right, span, scope)
    return Related(left.term, operator, right.term)


def _of_one_fact(left: _Side, operator: Operator, right: _Side, span: Span, scope: Scope) -> Condition | None:
    """The comparison of a fact with the value on its grid at which the two sides are equal."""
    fact = left.fact or right.fact
    if fact is None:
        return None
    share = (left.share if left.fact else Fraction(0)) - (right.share if right.fact else Fraction(0))
    if not share:
        scope.report_at(
            span,
            code="wrong-type",
            message=f"this compares `{fact.name}` with itself, and the same is true in every case",
            help="compare it with a value, or with another fact",
        )
        return None
    equal = (right.offset - left.offset) / share / unit(fact)
    return solved(fact, operator if share > 0 else MIRRORED[operator], equal)
