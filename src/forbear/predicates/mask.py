"""One function for all rules of a policy: a case in, a number out that says of each rule whether its condition holds.

The number has a bit for each rule whose condition certainly holds, above these a bit for each rule that is open (it
reads an optional fact, and is neither certain nor out), above these a bit for each optional fact that is unknown. It
is all that a decision depends on, so decisions are remembered by it.

`quick` reads the case itself, and answers None to anything that is not plain and right; whoever asks then reads it
with care (`kernel.read_case`), which finds every fault, and goes on with `of_values`.
"""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from attrs import frozen

from forbear import kernel
from forbear.policy.typed import TypedPolicy
from forbear.predicates.expressions import certainly, possibly
from forbear.predicates.specs import Specs, mask_of, optional_facts
from forbear.vocabulary.facts import NUMERIC, Fact, Kind

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


def layout(policy: TypedPolicy, needed: Sequence[str]) -> Layout:
    return Layout(
        len(policy.rules),
        tuple(number for number, facts in enumerate(optional_facts(policy)) if facts),
        tuple(name for name in needed if policy.facts[name].optional),
    )


def variables(names: Sequence[str]) -> dict[str, str]:
    """A variable of Python for each fact: its name, unless that means something there, or is of several words."""
    chosen: dict[str, str] = {}
    for name in names:
        variable = name.replace(" ", "_")
        while keyword.iskeyword(variable) or hasattr(builtins, variable) or variable in chosen.values():
            variable += "_"
        chosen[name] = variable
    return chosen


def _apart(names: Sequence[str]) -> dict[str, str]:
    """A variable for each fact that ends in `_`, so that none is one of ours, such as `m0` or `case`."""
    return {name: f"{name}_" for name in names}


def of_values(policy: TypedPolicy, needed: Sequence[str]) -> Callable[..., int]:
    """The function that takes the values of the facts, in the order of `needed`."""
    names = _apart(needed)
    function = _function("mask_of_values", list(names.values()), _mask_body(policy, needed, names))
    return cast(Callable[..., int], _compiled(function, {}))


def quick(policy: TypedPolicy, tables: Specs, *, whole_case: bool) -> Callable[[object], int | None]:
    """The function that takes a case as it is given.

    With `whole_case` it checks all that the case holds. Else it looks at the facts that the rules read, and at the
    names of the others where one of these facts is absent: it may be there under a name that is misspelt.
    """
    names = _apart(tables.needed)
    context: dict[str, object] = {"read_value": kernel.read_value, "known": tables.facts.keys()}
    reading: list[ast.stmt] = _statements("if type(case) is not dict: return None", "absent = 0")
    for name in tables.needed:
        reading += _reading(policy.facts[name], names[name], tables, context)
    if whole_case:
        context["check_others"] = _others(tables)
        reading += _statements(f"if len(case) != {len(tables.needed)} - absent: check_others(case)")
    else:
        reading += _statements("if absent and not case.keys() <= known: return None")
    guarded = ast.Try(
        reading,
        [ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, _statements("return None"))],
        [],
        [],
    )
    function = _function("quick_mask", ["case"], [guarded, *_mask_body(policy, tables.needed, names)])
    return cast(Callable[[object], int | None], _compiled(function, context))


def _others(tables: Specs) -> Callable[[Mapping[str, object]], None]:
    """Checks the facts that a case gives and no rule reads."""
    facts, needed = tables.facts, frozenset(tables.needed)

    def check_others(case: Mapping[str, object]) -> None:
        for name, raw in case.items():
            if name not in needed:
                kernel.read_value(facts[name], raw)

    return check_others


def _reading(fact: Fact, variable: str, tables: Specs, context: dict[str, object]) -> list[ast.stmt]:
    """Statements that read a plain value of a fact; they raise, or return None, where it is anything else."""
    v = variable
    read = f'case["{fact.name}"]'
    if fact.optional:
        first = [f'{v} = case.get("{fact.name}")']
    else:
        first = [f"{v} = {read}"]
    if fact.kind is Kind.FLAG:
        check = [f"if {v} is not True and {v} is not False: return None"]
    elif fact.kind is Kind.TEXT and not fact.or_none:
        check = [f"if type({v}) is not str: return None"]
    elif fact.kind is Kind.CHOICE and not fact.or_none:
        context[f"names_of_{v}"] = frozenset(fact.names)
        check = [f"if {v} not in names_of_{v}: return None"]
    elif fact.kind is Kind.ORDER and not fact.or_none:
        context[f"places_of_{v}"] = {name: place for place, name in enumerate(fact.names)}
        check = [f"{v} = places_of_{v}[{v}]"]
    elif fact.kind in NUMERIC and fact.step.numerator == 1 and not fact.or_none:
        grid = fact.step.denominator
        if grid == 1:
            check = [f"if type({v}) is not int or not {fact.low} <= {v} <= {fact.high}: return None"]
        else:
            context[f"spec_of_{v}"] = tables.facts[fact.name]
            check = [
                f"{v} = {v} * {grid} if type({v}) is int else read_value(spec_of_{v}, {v})",
                f"if not {fact.low} <= {v} <= {fact.high}: return None",
            ]
    else:
        context[f"spec_of_{v}"] = tables.facts[fact.name]
        check = [f"{v} = read_value(spec_of_{v}, {v})"]
    if not fact.optional:
        return _statements(*first, *check)
    known = ast.If(
        ast.Compare(ast.Name(v, ast.Load()), [ast.IsNot()], [ast.Constant(None)]),
        _statements(*check),
        _statements(f'absent += "{fact.name}" not in case'),
    )
    return [*_statements(*first), known]


def _mask_body(policy: TypedPolicy, needed: Sequence[str], names: Mapping[str, str]) -> list[ast.stmt]:
    """Statements that set the bits and return them."""
    where = layout(policy, needed)
    open_place = {number: where.rules + place for place, number in enumerate(where.open_rules)}
    width = where.rules + len(where.open_rules) + len(where.unknown)
    chunks = max(1, -(-width // CHUNK))
    variable = names.__getitem__
    body = _statements(*[f"m{chunk} = 0" for chunk in range(chunks)])
    for number, rule in enumerate(policy.rules):
        otherwise: list[ast.stmt] = []
        if number in open_place:
            otherwise.append(
                ast.If(possibly(rule.condition, policy.facts, variable), [_set_bit(open_place[number])], [])
            )
        certain = certainly(rule.condition, policy.facts, variable)
        body.append(ast.If(certain, [_set_bit(number)], otherwise))
    for place, name in enumerate(where.unknown):
        unknown = ast.Compare(ast.Name(names[name], ast.Load()), [ast.Is()], [ast.Constant(None)])
        body.append(ast.If(unknown, [_set_bit(where.rules + len(where.open_rules) + place)], []))
    joined = "m0" if chunks == 1 else f"join([{', '.join(f'm{chunk}' for chunk in range(chunks))}])"
    return [*body, *_statements(f"return {joined}")]


def _set_bit(number: int) -> ast.stmt:
    chunk, bit = divmod(number, CHUNK)
    return ast.AugAssign(ast.Name(f"m{chunk}", ast.Store()), ast.BitOr(), ast.Constant(1 << bit))


def _join(chunks: list[int]) -> int:
    """The chunks of a mask as one number."""
    mask = 0
    for chunk in reversed(chunks):
        mask = mask << CHUNK | chunk
    return mask


def _statements(*lines: str) -> list[ast.stmt]:
    """Statements of ours, never of a rule file: of its words only names reach this."""
    return ast.parse("\n".join(lines)).body


def _function(name: str, parameters: list[str], body: list[ast.stmt]) -> ast.FunctionDef:
    arguments = ast.arguments([], [ast.arg(parameter) for parameter in parameters], None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, [], None)


def _compiled(function: ast.FunctionDef, context: dict[str, object]) -> Any:
    module = ast.fix_missing_locations(ast.Module([function], []))
    namespace: dict[str, object] = {"join": _join, **context}
    exec(compile(module, f"<forbear {function.name}>", "exec"), namespace)
    return namespace[function.name]
