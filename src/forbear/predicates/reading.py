"""The fast path of reading a case: Python code that is compiled for each policy.

A compiled function reads cases of plain values without errors, and returns None for any other. The caller then takes
the slow path (`kernel.read_case`), which finds every error. The function ends in statements of its caller's: see
`mask.py`, and `space/lookup/cells.py`.
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
from forbear.model.facts import Fact
from forbear.model.kinds import Storage
from forbear.model.policy import TypedPolicy
from forbear.predicates.specs import Specs

Context = dict[str, object]
"""The names that the code of a function uses, with their values."""


def variables(names: Sequence[str]) -> dict[str, str]:
    """A Python variable for each fact: its name, with `_` for spaces, and `_` added to keywords and builtins."""
    chosen: dict[str, str] = {}
    for name in names:
        variable = name.replace(" ", "_")
        while keyword.iskeyword(variable) or hasattr(builtins, variable) or variable in chosen.values():
            variable += "_"
        chosen[name] = variable
    return chosen


def apart(names: Sequence[str]) -> dict[str, str]:
    """A variable for each fact. It ends in `_`, unlike the variables of our own code, such as `mask` or `case`."""
    return {name: f"{name}_" for name in names}


def of_case(tables: Specs, body: Sequence[ast.stmt], used: Context, *, whole_case: bool) -> Callable[[object], Any]:
    """The function that reads a case as given, and goes on with `body`, which uses the names of `used`.

    It returns None where the case is not fit for the fast path. With `whole_case` it checks all of the case. Without,
    it checks the facts that the rules read, and the names of the others where one of these is absent: it may be there
    under a misspelt name.
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
    """The function of the values of the facts, in the order of `needed`, that goes on with `body`."""
    return compiled("of_values", list(apart(needed).values()), body, used)


def _others(policy: TypedPolicy, tables: Specs) -> Callable[[Mapping[str, object]], None]:
    """A function that checks the facts that a case has and no rule reads. It raises for any error.

    Plain values are checked here, all others by the kernel.
    """
    facts = tables.facts
    others = [fact for fact in policy.facts.values() if fact.name not in tables.needed]
    flags = frozenset([fact.name for fact in others if fact.kind.storage is Storage.FLAG])
    names = {fact.name: frozenset(fact.names) for fact in others if fact.names}
    whole = {
        fact.name: range(int(-(-fact.low * fact.step // 1)), int(fact.high * fact.step // 1) + 1)
        for fact in others
        if fact.kind.numeric and fact.step.numerator == 1
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
    """Statements that read a plain value of a fact. They raise, or return None, for any other."""
    v = variable
    read = f'case["{fact.name}"]'
    if fact.optional:
        first = [f'{v} = case.get("{fact.name}")']
    else:
        first = [f"{v} = {read}"]
    kind = fact.kind
    if kind.storage is Storage.FLAG:
        check = [f"if {v} is not True and {v} is not False: return None"]
    elif kind.storage is Storage.TEXT and not fact.or_none:
        check = [f"if type({v}) is not str or not {v}.isascii(): return None"]
    elif kind.named and not fact.ordered and not fact.or_none:
        context[f"names_of_{v}"] = frozenset(fact.names)
        check = [f"if type({v}) is not str or {v} not in names_of_{v}: return None"]
    elif kind.named and not fact.or_none:
        context[f"places_of_{v}"] = {name: place for place, name in enumerate(fact.names)}
        check = [f"if type({v}) is not str: return None", f"{v} = places_of_{v}[{v}]"]
    elif kind.numeric and fact.step.numerator == 1 and not fact.or_none:
        grid = fact.step.denominator
        context[f"spec_of_{v}"] = tables.facts[fact.name]
        check = [
            f"{v} = {v}{f' * {grid}' if grid > 1 else ''} if type({v}) is int else read_value(spec_of_{v}, {v})",
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
    """Parses statements of our own. Of the words of a rule file only names reach them."""
    return ast.parse("\n".join(lines)).body


def compiled(name: str, parameters: Sequence[str], body: Sequence[ast.stmt], context: Context) -> Callable[..., Any]:
    """Compiles a function that uses the names of `context`.

    Its text is in `linecache` as long as the function lives, so that a debugger steps through it and a traceback shows
    its lines.
    """
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
    """The definition of a function. It is made from a parsed one, since later Pythons give the node more fields."""
    definition = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.args.args, definition.body, definition.returns = list(parameters), list(body), returns
    return definition
