"""One function for all rules of a policy: a case in, a number out that says of each rule whether its condition holds.

The number has a bit for each rule whose condition certainly holds, above these a bit for each rule that is open (it
reads an optional fact, and is neither certain nor out), above these a bit for each optional fact that is unknown. It
is all that a decision depends on, so decisions are remembered by it.
"""

from __future__ import annotations

import ast
from collections.abc import Callable

from attrs import frozen

from forbear import kernel
from forbear.predicates import reading
from forbear.predicates.expressions import expression
from forbear.predicates.specs import Specs, mask_of

CHUNK = 60
"""Rules that share one variable, so that its bits stay one machine word."""


@frozen
class Layout:
    """Where the bits of a mask stand: `open_rules` and `unknown` in the order of their bits."""

    rules: int
    open_rules: tuple[int, ...]
    unknown: tuple[str, ...]

    def read(self, mask: int) -> tuple[int, int, frozenset[str]]:
        """The rules that hold certainly, those that hold possibly, and the unknown facts."""
        certain = mask & ((1 << self.rules) - 1)
        above = mask >> self.rules
        if not above:
            return certain, certain, frozenset()
        opened = mask_of([self.open_rules[bit] for bit in kernel.bits(above & ((1 << len(self.open_rules)) - 1))])
        unknown = frozenset([self.unknown[bit] for bit in kernel.bits(above >> len(self.open_rules))])
        return certain, certain | opened, unknown

    def in_force(self, rules: int) -> int:
        """What to keep of a mask where only some rules are in force."""
        opened = mask_of([bit for bit, rule in enumerate(self.open_rules) if rules >> rule & 1])
        unknown = (1 << len(self.unknown)) - 1
        return rules | opened << self.rules | unknown << self.rules + len(self.open_rules)


def layout(tables: Specs) -> Layout:
    return Layout(
        len(tables.rules),
        tuple(number for number, rule in enumerate(tables.rules) if rule.facts),
        tuple(name for name in tables.needed if tables.policy.facts[name].optional),
    )


def of_values(tables: Specs) -> Callable[..., int]:
    """The function that takes the values of the facts, in the order of `needed`."""
    return reading.of_values(tables.needed, _mask_body(tables), _CONTEXT)


def of_case(tables: Specs, *, whole_case: bool) -> Callable[[object], int | None]:
    """The function that takes a case as it is given, and answers None to what is not plain and right."""
    return reading.of_case(tables, _mask_body(tables), _CONTEXT, whole_case=whole_case)


def _mask_body(tables: Specs) -> list[ast.stmt]:
    """Statements that set the bits and return them."""
    names = reading.apart(tables.needed)
    where = layout(tables)
    open_place = {number: where.rules + place for place, number in enumerate(where.open_rules)}
    width = where.rules + len(where.open_rules) + len(where.unknown)
    chunks = max(1, -(-width // CHUNK))
    variable = names.__getitem__
    body = reading.statements(*[f"m{chunk} = 0" for chunk in range(chunks)])
    for number, guards in enumerate(tables.lowered.guards):
        otherwise: list[ast.stmt] = []
        if number in open_place:
            otherwise.append(ast.If(expression(guards.possible, variable), [_set_bit(open_place[number])], []))
        body.append(ast.If(expression(guards.certain, variable), [_set_bit(number)], otherwise))
    for place, name in enumerate(where.unknown):
        unknown = ast.Compare(ast.Name(names[name], ast.Load()), [ast.Is()], [ast.Constant(None)])
        body.append(ast.If(unknown, [_set_bit(where.rules + len(where.open_rules) + place)], []))
    joined = "m0" if chunks == 1 else f"join([{', '.join(f'm{chunk}' for chunk in range(chunks))}])"
    return [*body, *reading.statements(f"return {joined}")]


def _set_bit(number: int) -> ast.stmt:
    chunk, bit = divmod(number, CHUNK)
    return ast.AugAssign(ast.Name(f"m{chunk}", ast.Store()), ast.BitOr(), ast.Constant(1 << bit))


def _join(chunks: list[int]) -> int:
    """The chunks of a mask as one number."""
    mask = 0
    for chunk in reversed(chunks):
        mask = mask << CHUNK | chunk
    return mask


_CONTEXT: reading.Context = {"join": _join}
