"""Compiles one function for all rules of a policy that maps a case to a mask of the conditions that hold.

From the lowest bit up, the mask has a bit for each rule whose condition certainly holds; a bit for each rule whose
condition is unknown, among those that read a fact that may be unknown; and a bit for each such fact that is unknown. A
decision depends on nothing else, so decisions are memoised by the mask.
"""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any

from attrs import frozen

from forbear.kernel import cases as kernel
from forbear.kernel.cases import InPart
from forbear.space.masks import mask_of
from forbear.space.predicates import reading
from forbear.space.predicates.expressions import Several, expression
from forbear.space.predicates.specs import Specs


@frozen
class Layout:
    """The meaning of the bits of a mask. Bits of `rules` rules come first, then those of `open_rules`, then of
    `unknown`.
    """

    rules: int
    open_rules: tuple[int, ...]
    unknown: tuple[str, ...]

    def read(self, mask: int) -> tuple[int, int, frozenset[str]]:
        """The bits of the rules that certainly hold, the bits of those that possibly hold, and the unknown facts."""
        certain = mask & ((1 << self.rules) - 1)
        above = mask >> self.rules
        if not above:
            return certain, certain, frozenset()
        opened = mask_of([self.open_rules[bit] for bit in kernel.bits(above & ((1 << len(self.open_rules)) - 1))])
        unknown = frozenset([self.unknown[bit] for bit in kernel.bits(above >> len(self.open_rules))])
        return certain, certain | opened, unknown

    def in_force(self, rules: int) -> int:
        """The bits to keep of a mask where only these rules are in force."""
        opened = mask_of([bit for bit, rule in enumerate(self.open_rules) if rules >> rule & 1])
        unknown = (1 << len(self.unknown)) - 1
        return rules | opened << self.rules | unknown << self.rules + len(self.open_rules)


def layout(tables: Specs) -> Layout:
    """The layout of a policy's masks."""
    return Layout(
        len(tables.rules),
        tuple(number for number, rule in enumerate(tables.rules) if rule.facts),
        tuple(name for name in tables.needed if _may_be_unknown(tables, name)),
    )


def _may_be_unknown(tables: Specs, name: str) -> bool:
    spec = tables.facts[name]
    return spec.absent == "unknown" or (spec.absent == "none" and spec.cuts is not None)


def of_values(tables: Specs) -> Callable[..., int]:
    """The function from the values of the facts, in the order of `needed`, to the mask. Some may be known in part."""
    return reading.of_values(tables.needed, _mask_body(tables, in_part=True), "mask", {"InPart": InPart})


def of_case(tables: Specs, answer: Callable[[int], Any] | None = None, *, whole: bool) -> Callable[[object], Any]:
    """The function from a case as given to the `answer` of its mask, or to the mask; None where the case is not fit for
    the fast path."""
    return reading.of_case(tables, _mask_body(tables, in_part=False), "mask", {}, answer, whole=whole)


def _mask_body(tables: Specs, *, in_part: bool) -> list[ast.stmt]:
    """Statements that compute the mask. With `in_part`, numbers may be known in part."""
    names = reading.apart(tables.needed)
    bits = layout(tables)
    open_bits = {number: bits.rules + place for place, number in enumerate(bits.open_rules)}
    variable = names.__getitem__
    facts = {name: tables.policy.facts[name] for name in tables.needed if tables.facts[name].cuts is not None}
    of_all, of_some = (Several(facts if in_part else {}, any_of_them=any_of_them) for any_of_them in (False, True))
    body = reading.statements("mask = 0")
    for number, guards in enumerate(tables.lowered.guards):
        otherwise: list[ast.stmt] = []
        if number in open_bits and (in_part or guards.possible is not guards.certain):
            possible = expression(guards.possible, variable, of_some)
            otherwise.append(ast.If(possible, [_set_bit(open_bits[number])], []))
        body.append(ast.If(expression(guards.certain, variable, of_all), [_set_bit(number)], otherwise))
    for place, name in enumerate(bits.unknown):
        tests = [f"{names[name]} is None"] if tables.facts[name].absent == "unknown" else []
        tests += [f"type({names[name]}) is InPart"] if in_part and name in facts else []
        if tests:
            [unknown] = reading.statements(f"if {' or '.join(tests)}: pass")
            assert isinstance(unknown, ast.If)
            unknown.body = [_set_bit(bits.rules + len(bits.open_rules) + place)]
            body.append(unknown)
    return body


def _set_bit(number: int) -> ast.stmt:
    # As a shift: Python reads no decimal number of more than 4,300 digits, and the text would grow with their square.
    # It is added, since no bit is set twice and CPython adds faster than it sets bits.
    bit = ast.BinOp(ast.Constant(1), ast.LShift(), ast.Constant(number))
    return ast.AugAssign(ast.Name("mask", ast.Store()), ast.Add(), bit)
