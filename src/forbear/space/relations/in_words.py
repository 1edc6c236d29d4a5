"""From cells of a form to conditions of the language, as an author would write them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import TypeAlias

from forbear.language.model.comparisons import MIRRORED, Operator
from forbear.language.model.facts import Fact
from forbear.language.model.relations import Related, Term, unit
from forbear.semantics.to_text import condition_text
from forbear.space.relations.forms import Form, Limit

Facts = Mapping[str, Fact]
Conjuncts: TypeAlias = list[str]
"""Conditions that all hold."""


def form_text(form: Form, mask: int, facts: Facts) -> list[Conjuncts]:
    """Conditions of which at least one holds in exactly the cells of a mask."""
    known = mask & form.known
    if known == form.known:
        return [_present(form), *_absent(form, mask)]
    unequal = _unequal(form, mask, facts)
    if unequal is not None:
        return [[unequal], *_absent(form, mask & ~form.none)]
    return [_range(form, low, high, facts) for low, high in form.ranges(known)] + _absent(form, mask)


def _unequal(form: Form, mask: int, facts: Facts) -> str | None:
    """The condition that two facts are unequal, which is true of none too; None where the mask says something else."""
    out = form.known & ~mask
    if not out or out & (out - 1) or mask & form.none != form.none:
        return None
    [(low, high)] = form.ranges(out)
    return None if low is None or low != high else _compared(form, "!=", low, facts)


def _absent(form: Form, mask: int) -> list[Conjuncts]:
    """Conditions for the cells of unknown and none that are in a mask."""
    conditions = [[f"{name} is unknown"] for name in dict.fromkeys(form.optional) if mask & form.unknown]
    for name in dict.fromkeys(form.or_none) if mask & form.none else ():
        known = [f"{name_of_fact} is known" for name_of_fact in form.optional]
        conditions.append([f"{name} is none", *known])
    return conditions


def _present(form: Form) -> Conjuncts:
    return [*[f"{name} is known" for name in form.optional], *[f"{name} is not none" for name in form.or_none]]


def _range(form: Form, low: Limit, high: Limit, facts: Facts) -> Conjuncts:
    if low is not None and low == high:
        return [_compared(form, "=", low, facts)]
    parts = [] if low is None else [_compared(form, ">=", low, facts)]
    return parts + ([] if high is None else [_compared(form, "<=", high, facts)])


def _compared(form: Form, operator: Operator, value: int, facts: Facts) -> str:
    """That the value of a form is at least, at most, or is, a number."""
    ways = [
        (_is_between_steps(related, facts), condition_text(related, facts))
        for related in _ways(form, operator, value, facts)
    ]
    return min(ways, key=lambda way: (way[0], way[1].count(" + ") + 2 * way[1].count(" - "), len(way[1])))[1]


def _is_between_steps(related: Related, facts: Facts) -> bool:
    """Whether a whole fact is compared with another and an amount of which its steps are no divisor."""
    terms = (related.left, related.right)
    whole = all(term.share == 1 for term in terms)
    return whole and any((term.offset / unit(facts[term.fact])).denominator != 1 for term in terms)


def _ways(form: Form, operator: Operator, value: int, facts: Facts) -> Iterator[Related]:
    """Comparisons that say it, of which the shortest is the best."""
    (x, y), (times, factor) = form.facts, form.factors
    first, second = Fraction(times) / unit(facts[x]), Fraction(-factor) / unit(facts[y])
    strict: dict[Operator, tuple[Operator, int]] = {"<=": ("<", value + 1), ">=": (">", value - 1)}
    for comparison, least in ((operator, value), *([strict[operator]] if operator in strict else [])):
        if first == second:
            yield from _with(Term(x), comparison, Term(y), least / first, facts)
            continue
        ratio = second / first
        ways = [
            (Term(x, 1 / ratio), Term(y), least / second) if second > 0 else None,
            (Term(x), Term(y, ratio), least / first),
        ]
        # The factors have no divisor in common, so the number has an end in decimals if the share has one.
        said = [way for way in ways if way and all(_finite(term.share) for term in way[:2])]
        for left, right, more in said:
            yield from _with(left, comparison, right, more, facts)
        if not said and not least:
            shares = ratio.denominator, ratio.numerator
            scale = Fraction(1, 10 ** len(str(max(shares))))
            yield Related(Term(x, shares[0] * scale), comparison, Term(y, shares[1] * scale))


def _with(left: Term, operator: Operator, right: Term, more: Fraction, facts: Facts) -> Iterator[Related]:
    """The comparison of one term with another and `more`, which is written with a term that is a whole fact."""
    if right.share == 1 and (left.share != 1 or not more or (more / unit(facts[right.fact])).denominator == 1):
        yield _sorted(left, operator, Term(right.fact, offset=more), facts)
    elif right.share != 1 or (more / unit(facts[left.fact])).denominator == 1:
        yield _sorted(Term(left.fact, offset=-more), operator, right, facts)
    else:
        yield _sorted(left, operator, Term(right.fact, offset=more), facts)
    if right.share == left.share == 1 and more < 0 and (more / unit(facts[left.fact])).denominator == 1:
        yield _sorted(Term(left.fact, offset=-more), operator, right, facts)


def _sorted(left: Term, operator: Operator, right: Term, facts: Facts) -> Related:
    """The comparison with a percentage last, and else with the facts in their order."""
    order = [*facts]
    first, second = ((term.share != 1, order.index(term.fact)) for term in (left, right))
    return Related(right, MIRRORED[operator], left) if first > second else Related(left, operator, right)


def _finite(number: Fraction) -> bool:
    """Whether a number has an end in decimals."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
