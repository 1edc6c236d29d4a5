"""One function for all rules of a policy, from a case to a mask: which conditions hold.

From the lowest bit up, the mask has a bit for each rule whose condition certainly holds, a bit for each rule that reads
an optional fact and whose condition is unknown, and a bit for each optional fact that is unknown. A decision depends on
nothing else, so decisions are memoised by the mask.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from attrs import frozen

from forbear import kernel
from forbear.predicates import reading
from forbear.predicates.expressions import expression
from forbear.predicates.specs import Specs, mask_of


@frozen
class Layout:
    """What the bits of a mask mean. Bits of `rules` rules come first, then those of `open_rules`, then of `unknown`."""

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
        tuple(name for name in tables.needed if tables.policy.facts[name].optional),
    )


def of_values(tables: Specs) -> Callable[..., int]:
    """The function from the values of the facts, in the order of `needed`, to the mask."""
    return reading.of_values(tables.needed, _mask_body(tables), {})


def of_case(tables: Specs, *, whole_case: bool) -> Callable[[object], int | None]:
    """The function from a case as given to the mask; None where the case is not fit for the fast path."""
    return reading.of_case(tables, _mask_body(tables), {}, whole_case=whole_case)


def _mask_body(tables: Specs) -> list[ast.stmt]:
    """Statements that compute the mask and return it."""
    names = reading.apart(tables.needed)
    bits = layout(tables)
    open_bits = {number: bits.rules + place for place, number in enumerate(bits.open_rules)}
    variable = names.__getitem__
    body = reading.statements("mask = 0")
    for number, guards in enumerate(tables.lowered.guards):
        otherwise: list[ast.stmt] = []
        if number in open_bits:
            otherwise.append(ast.If(expression(guards.possible, variable), [_set_bit(open_bits[number])], []))
        body.append(ast.If(expression(guards.certain, variable), [_set_bit(number)], otherwise))
    for place, name in enumerate(bits.unknown):
        unknown = ast.Compare(ast.Name(names[name], ast.Load()), [ast.Is()], [ast.Constant(None)])
        body.append(ast.If(unknown, [_set_bit(bits.rules + len(bits.open_rules) + place)], []))
    return [*body, *reading.statements("return mask")]


def _set_bit(number: int) -> ast.stmt:
    # As a shift: Python reads no decimal number of more than 4,300 digits, and the text would grow with their square.
    bit = ast.BinOp(ast.Constant(1), ast.LShift(), ast.Constant(number))
    return ast.AugAssign(ast.Name("mask", ast.Store()), ast.BitOr(), bit)
