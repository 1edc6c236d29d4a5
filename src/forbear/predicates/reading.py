"""The reading of a plain case in Python code of its own: what each policy's function begins with.

It reads the case itself, and answers None to anything that is not plain and right; whoever asks then reads it with
care (`kernel.read_case`), which finds every fault. What the function goes on with is up to whoever asks for it: see
`mask.py`, and the cells of `space/cells.py`.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import linecache
import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from forbear import kernel
from forbear.model.facts import NUMERIC, Fact, Kind
from forbear.model.policy import TypedPolicy
from forbear.predicates.specs import Specs

Context = dict[str, object]
"""What the code of a function uses, by name."""


def variables(names: Sequence[str]) -> dict[str, str]:
    """A variable of Python for each fact: its name, unless that means something there, or is of several words."""
    chosen: dict[str, str] = {}
    for name in names:
        variable = name.replace(" ", "_")
        while keyword.iskeyword(variable) or hasattr(builtins, variable) or variable in chosen.values():
            variable += "_"
        chosen[name] = variable
    return chosen


def apart(names: Sequence[str]) -> dict[str, str]:
    """A variable for each fact that ends in `_`, so that none is one of ours, such as `m0` or `case`."""
    return {name: f"{name}_" for name in names}


def of_case(tables: Specs, body: Sequence[ast.stmt], used: Context, *, whole_case: bool) -> Callable[[object], Any]:
    """The function that takes a case as it is given, and goes on with `body`.

    With `whole_case` it checks all that the case holds. Else it looks at the facts that the rules read, and at the
    names of the others where one of these facts is absent: it may be there under a name that is misspelt.
    """
    policy = tables.policy
    names = apart(tables.needed)
    context: Context = {**used, "read_value": kernel.read_value, "known": tables.facts.keys()}
    reading: list[ast.stmt] = statements("if type(case) is not dict: return None", "absent = 0")
    for name in tables.needed:
        reading += _reading(policy.facts[name], names[name], tables, context)
    if whole_case:
        context["check_others"] = _others(policy, tables)
        reading += statements(f"if len(case) != {len(tables.needed)} - absent: check_others(case)")
    elif any(policy.facts[name].optional for name in tables.needed):
        reading += statements("if absent and not case.keys() <= known: return None")
    guarded = ast.Try(
        reading,
        [ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, statements("return None"))],
        [],
        [],
    )
    return compiled("of_case", ["case"], [guarded, *body], context)


def of_values(needed: Sequence[str], body: Sequence[ast.stmt], used: Context) -> Callable[..., Any]:
    """The function that takes the values of the facts, in the order of `needed`, and goes on with `body`."""
    return compiled("of_values", list(apart(needed).values()), body, used)


def _others(policy: TypedPolicy, tables: Specs) -> Callable[[Mapping[str, object]], None]:
    """Checks the facts that a case gives and no rule reads. Plain values are looked at here, others with care."""
    facts = tables.facts
    others = [fact for fact in policy.facts.values() if fact.name not in tables.needed]
    flags = frozenset([fact.name for fact in others if fact.kind is Kind.FLAG])
    names = {fact.name: frozenset(fact.names) for fact in others if fact.names}
    whole = {
        fact.name: range(int(-(-fact.low * fact.step // 1)), int(fact.high * fact.step // 1) + 1)
        for fact in others
        if fact.kind in NUMERIC and fact.step.numerator == 1
    }
    needed = frozenset(tables.needed)

    def check_others(case: Mapping[str, object]) -> None:
        for name, raw in case.items():
            if name in needed:
                continue
            kind = type(raw)
            if kind is int:
                plain = name in whole and raw in whole[name]
            elif kind is bool:
                plain = name in flags
            else:
                plain = kind is str and name in names and raw in names[name]
            if not plain:
                kernel.read_value(facts[name], raw)

    return check_others


def _reading(fact: Fact, variable: str, tables: Specs, context: Context) -> list[ast.stmt]:
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
        check = [f"if type({v}) is not str or not {v}.isascii(): return None"]
    elif fact.kind is Kind.CHOICE and not fact.or_none:
        context[f"names_of_{v}"] = frozenset(fact.names)
        check = [f"if type({v}) is not str or {v} not in names_of_{v}: return None"]
    elif fact.kind is Kind.ORDER and not fact.or_none:
        context[f"places_of_{v}"] = {name: place for place, name in enumerate(fact.names)}
        check = [f"if type({v}) is not str: return None", f"{v} = places_of_{v}[{v}]"]
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
        return statements(*first, *check)
    known = ast.If(
        ast.Compare(ast.Name(v, ast.Load()), [ast.IsNot()], [ast.Constant(None)]),
        statements(*check),
        statements(f'absent += "{fact.name}" not in case'),
    )
    return [*statements(*first), known]


def statements(*lines: str) -> list[ast.stmt]:
    """Statements of ours, never of a rule file: of its words only names reach this."""
    return ast.parse("\n".join(lines)).body


def compiled(name: str, parameters: Sequence[str], body: Sequence[ast.stmt], context: Context) -> Callable[..., Any]:
    """A function of Python. Its text is in `linecache` as long as the function lives, so that a debugger steps through
    it and a traceback shows its lines."""
    definition = function(name, [ast.arg(parameter) for parameter in parameters], body)
    text = ast.unparse(ast.fix_missing_locations(ast.Module([definition], [])))
    file = f"<forbear {name} {next(_NUMBERS)}>"
    namespace = dict(context)
    exec(compile(text, file, "exec"), namespace)
    made = cast(Callable[..., Any], namespace[name])
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    weakref.finalize(made, linecache.cache.pop, file, None).atexit = False
    return made


_NUMBERS = itertools.count(1)


def function(
    name: str, parameters: Sequence[ast.arg], body: Sequence[ast.stmt], returns: ast.expr | None = None
) -> ast.FunctionDef:
    """The definition of a function. It starts from one that is read, since later Pythons give the node more fields."""
    definition = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.args.args, definition.body, definition.returns = list(parameters), list(body), returns
    return definition
