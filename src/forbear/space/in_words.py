"""Writes a box of cases as a condition of the language, as an author would.

The condition certainly holds for the cases in the box, and for no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from math import lcm
from typing import TypeAlias, cast

from forbear.language.model.comparisons import MIRRORED, Between, Compare, Comparison, OneOf, Operator, Ranges, merged
from forbear.language.model.conditions import Condition, IsKnown, IsNone
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related, Term, unit
from forbear.language.model.values import value_text
from forbear.semantics.to_text import condition_text
from forbear.space.axes import Axis, Space
from forbear.space.regions import Box
from forbear.space.relations.forms import Form, Limit


def box_text(box: Box, space: Space) -> str:
    """The condition, without days; `always` for the empty box."""
    return box_texts([box], space)[0]


def box_texts(boxes: Iterable[Box], space: Space) -> list[str]:
    """Those of several boxes, as they may be joined with `or`."""
    alternatives = [_alternatives(box, space) for box in boxes]
    alone = sum(map(len, alternatives)) == 1
    return [" or ".join([_all_of(words, alone) for words in of_box]) for of_box in alternatives]


def conjuncts(box: Box, space: Space) -> list[str]:
    """Conditions that all hold in exactly the cases of a box, as they may be joined with `and`."""
    facts = {name: axis.fact for name, axis in space.axes.items()}
    parts = [_axis_text(space.axes[name], box[name]) for name in space.axes if name in box]
    parts += [form_text(form, box[name], facts) for name, form in space.forms.items() if name in box]
    return [text for part in parts for text in (part[0] if len(part) == 1 else [f"({_either(part)})"])]


def _alternatives(box: Box, space: Space) -> list[Conjuncts]:
    """Conditions of which at least one holds in exactly the cases of a box."""
    if len(box) == 1:
        [(name, mask)] = box.items()
        if name in space.axes:
            return _axis_text(space.axes[name], mask)
        if name in space.forms:
            return form_text(space.forms[name], mask, {name: axis.fact for name, axis in space.axes.items()})
    return [conjuncts(box, space) or ["always"]]


def _either(alternatives: Iterable[Conjuncts]) -> str:
    return " or ".join([_all_of(words, alone=False) for words in alternatives])


def _all_of(words: Conjuncts, alone: bool) -> str:
    text = " and ".join(words)
    return text if alone or len(words) == 1 else f"({text})"


def _axis_text(axis: Axis, mask: int) -> list[Conjuncts]:
    """Conditions of which at least one holds in exactly the cells of the mask."""
    fact = axis.fact
    known = mask & axis.known
    absent = bool(mask & ~axis.known)
    if not known:
        return [[_text(_is_absent(fact, True), fact)]]
    if known == axis.known:
        # A box with all known cells of a fact does not leave it free: the fact may be absent.
        return [[_text(_is_absent(fact, False), fact)]]
    if fact.clock:
        alternatives = [_clock_text(fact, low, high) for low, high in _runs(axis, known)]
    else:
        alternatives = [_text(part, fact) for part in _including(axis, known)]
    excluding = _excluding(axis, axis.known & ~known)
    outside = None if excluding is None else _text(excluding, fact)
    if outside is not None and (not alternatives or _is_plainer(outside, " or ".join(alternatives), axis, known)):
        if absent == fact.or_none:  # `is not` is true of none, and unknown of unknown
            return [[outside]]
        if not absent:
            return [[outside, _text(_is_absent(fact, False), fact)]]
        alternatives = [outside]
    return [[text] for text in alternatives] + ([[_text(_is_absent(fact, True), fact)]] if absent else [])


def _text(condition: Condition, fact: Fact) -> str:
    return condition_text(condition, {fact.name: fact})


def _is_absent(fact: Fact, yes: bool) -> Condition:
    return IsKnown(fact.name, yes) if fact.optional else IsNone(fact.name, not yes)


def _is_plainer(outside: str, inside: str, axis: Axis, known: int) -> bool:
    """Returns true if naming the excluded values is plainer than naming the included ones, because its text is shorter.
    But a single name is named, and a time without seconds is preferred to one with them.
    """
    if not axis.fact.ordered and known.bit_count() == 1:
        return False
    if axis.fact.kind.storage is Storage.TIME and outside.count(":") != inside.count(":"):
        return outside.count(":") < inside.count(":")
    return len(outside) < len(inside)


def _including(axis: Axis, known: int) -> list[Comparison]:
    """Known cells as conditions of which one holds; empty for a text whose cell of all other texts is among them."""
    fact = axis.fact
    if not fact.ordered:
        among = _among(axis, known, negated=False)
        return [] if among is None else [among]
    runs = _runs(axis, known)
    if fact.kind.storage is Storage.TIME and len(runs) == 2 and (runs[0][0], runs[1][1]) == (fact.low, fact.high):
        return [Between(fact.name, runs[1][0], runs[0][1], False)]
    return [_run(fact, low, high) for low, high in runs]


def _excluding(axis: Axis, left_out: int) -> Comparison | None:
    """Returns one condition for all known cells except these; None if there is no short one."""
    fact = axis.fact
    if not fact.ordered:
        return None if fact.kind.storage is Storage.FLAG else _among(axis, left_out, negated=True)
    runs = _runs(axis, left_out)
    low, high = runs[0]
    if fact.kind.storage is Storage.TIME and len(runs) == 2 and (low, runs[1][1]) == (fact.low, fact.high):
        return Between(fact.name, runs[1][0], high, True)
    if len(runs) > 1 or low == fact.low or high == fact.high:
        return None
    return Compare(fact.name, "!=", low) if low == high else Between(fact.name, low, high, True)


def _among(axis: Axis, cells: int, *, negated: bool) -> Comparison | None:
    """Returns the condition that a value is in some cells, or in none of them; None if all other texts are among
    them.
    """
    values = [value for cell, value in enumerate(axis.first) if cells >> cell & 1 and value is not None]
    if axis.fact.kind.storage is Storage.TEXT and values[-1] == axis.first[-1]:
        return None
    if len(values) == 1:
        return Compare(axis.fact.name, "!=" if negated else "=", values[0])
    return OneOf(axis.fact.name, tuple(values), negated)


def _runs(axis: Axis, known: int) -> Ranges:
    """The ranges of values that contiguous cells form, as first and last value."""
    cells = [(first, axis.last(cell)) for cell, first in enumerate(axis.first) if known >> cell & 1]
    return merged(cast(Ranges, cells), axis.fact)


def _run(fact: Fact, low: int, high: int) -> Comparison:
    if low == high:
        return Compare(fact.name, "=", low)
    if fact.low < low <= high < fact.high:
        return Between(fact.name, low, high, False)
    if high == fact.high:
        return _shorter(fact, Compare(fact.name, ">=", low), Compare(fact.name, ">", low - 1))
    return _shorter(fact, Compare(fact.name, "<=", high), Compare(fact.name, "<", high + 1))


def _shorter(fact: Fact, closed: Compare, opened: Compare) -> Compare:
    """The comparison with the shorter value, which the author wrote: `> CNY 1000`, not `>= CNY 1000.01`."""
    whole = fact.step.denominator == 1 and fact.kind.storage is not Storage.TIME
    return closed if whole or len(value_text(fact, closed.value)) <= len(value_text(fact, opened.value)) else opened


def _clock_text(fact: Fact, low: int, high: int) -> str:
    first, last = value_text(fact, low), value_text(fact, high)
    if low == high:
        return f"on day {first}"
    if high == fact.high:
        before = value_text(fact, low - 1)
        return f"after {before} {'day' if before == '1' else 'days'}"
    if low == fact.low:
        return f"within {last} {'day' if last == '1' else 'days'}"
    return f"from day {first} to day {last}"


# Writes cells of a form as conditions of the language, as an author would.


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
    strict: dict[Operator, tuple[Operator, int]] = {"<=": ("<", value + 1), ">=": (">", value - 1)}
    ways = [
        (_is_between_steps(related, facts), condition_text(related, facts))
        for comparison in [(operator, value), *([strict[operator]] if operator in strict else [])]
        for related in _ways(form, *comparison, facts)
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
    """Comparisons that say it, of which the shortest is the best: with what is taken off on the other side, with one
    fact whole where that can be, and with the percentage last of one fact."""
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
        in_shares = [any(share != 1 for _, share in side) for side in sides]
        if (-len(sides[1]), in_shares[1]) < (-len(sides[0]), in_shares[0]):
            sides, more, comparison, in_shares = sides[::-1], -more, MIRRORED[operator], in_shares[::-1]
        amount_first = len(parts) == 2 and in_shares == [False, True]  # beside the fact that is whole
        if not amount_first:
            yield Related(Term(sides[0]), comparison, Term(sides[1], more))
        if more < 0 or amount_first:
            yield Related(Term(sides[0], -more), comparison, Term(sides[1]))


def _finite(number: Fraction) -> bool:
    """Returns true if a number has finitely many decimals."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1
