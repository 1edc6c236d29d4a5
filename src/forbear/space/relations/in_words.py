"""Writes cells of a form as conditions of the language, as an author would."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from math import lcm
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
    """Returns conditions for the cells of unknown and none that are in a mask."""
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
    """Returns true if whole facts are compared with each other and with an amount that is no multiple of their
    steps.
    """
    terms = (related.left, related.right)
    whole = all(share == 1 for term in terms for _, share in term.parts)
    return whole and any((term.offset / unit(facts[name])).denominator != 1 for term in terms for name, _ in term.parts)


def _ways(form: Form, operator: Operator, value: int, facts: Facts) -> Iterator[Related]:
    """Comparisons that say it, of which the shortest is the best."""
    strict: dict[Operator, tuple[Operator, int]] = {"<=": ("<", value + 1), ">=": (">", value - 1)}
    comparisons = [(operator, value), *([strict[operator]] if operator in strict else [])]
    if len(form.facts) > 2 or form.factors[1] > 0:
        for comparison, least in comparisons:
            yield from _of_sum(form, comparison, least, facts)
        return
    (x, y), (times, factor) = form.facts, form.factors
    first, second = Fraction(times) / unit(facts[x]), Fraction(-factor) / unit(facts[y])
    for comparison, least in comparisons:
        if first == second:
            yield from _with(Term.of(x), comparison, Term.of(y), least / first, facts)
            continue
        ratio = second / first
        ways = [
            (Term.of(x, 1 / ratio), Term.of(y), least / second),
            (Term.of(x), Term.of(y, ratio), least / first),
        ]
        # The factors have no divisor in common, so the number has an end in decimals if the share has one.
        said = [way for way in ways if all(_finite(term.parts[0][1]) for term in way[:2])]
        for left, right, more in said:
            yield from _with(left, comparison, right, more, facts)
        if not said:
            yield from _of_sum(form, comparison, least, facts)


def _of_sum(form: Form, operator: Operator, value: int, facts: Facts) -> Iterator[Related]:
    """Comparisons of sums: with what is taken off on the other side, and with one fact whole where that can be."""
    shares = [(name, Fraction(factor) / unit(facts[name])) for name, factor in form.terms]
    order = [*facts]
    shares.sort(key=lambda part: order.index(part[0]))
    whole = [1 / abs(share) for _, share in shares]
    finite = [
        scale for scale in whole if all(_finite(number * scale) for number in (Fraction(value), *dict(shares).values()))
    ]
    shared = lcm(*[share.denominator for _, share in shares])
    tenth = Fraction(shared, 10 ** len(str(max(abs(share * shared) for _, share in shares))))
    for scale in dict.fromkeys(finite or [tenth]):
        parts = [(name, share * scale) for name, share in shares]
        sides = [tuple([(name, abs(share)) for name, share in parts if share * sign > 0]) for sign in (1, -1)]
        more, comparison = value * scale, operator
        if len(sides[1]) > len(sides[0]):
            sides, more, comparison = sides[::-1], -more, MIRRORED[operator]
        yield Related(Term(sides[0]), comparison, Term(sides[1], more))
        if more < 0:
            yield Related(Term(sides[0], -more), comparison, Term(sides[1]))


def _with(left: Term, operator: Operator, right: Term, more: Fraction, facts: Facts) -> Iterator[Related]:
    """The comparison of one term with another and `more`, which is written with a term that is a whole fact."""
    (x, first), (y, second) = left.parts[0], right.parts[0]
    if second == 1 and (first != 1 or not more or (more / unit(facts[y])).denominator == 1):
        yield _sorted(left, operator, Term.of(y, offset=more), facts)
    elif second != 1 or (more / unit(facts[x])).denominator == 1:
        yield _sorted(Term.of(x, offset=-more), operator, right, facts)
    else:
        yield _sorted(left, operator, Term.of(y, offset=more), facts)
    if second == first == 1 and more < 0 and (more / unit(facts[x])).denominator == 1:
        yield _sorted(Term.of(x, offset=-more), operator, right, facts)


def _sorted(left: Term, operator: Operator, right: Term, facts: Facts) -> Related:
    """The comparison with a percentage last, and else with the facts in their order."""
    order = [*facts]
    first, second = ((share != 1, order.index(name)) for [(name, share)] in (left.parts, right.parts))
    return Related(right, MIRRORED[operator], left) if first > second else Related(left, operator, right)


def _finite(number: Fraction) -> bool:
    """Returns true if a number has finitely many decimals."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
