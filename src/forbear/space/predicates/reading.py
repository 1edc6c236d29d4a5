"""The fast path of reading a case: Python code that is compiled for each policy.

A compiled function reads cases of plain values without errors, and returns None for any other. The caller then takes
the slow path (`kernel.read_case`), which finds every error. The function goes on with statements of its caller's: see
`mask.py`, and `deciding/deciders/methods.py`.
"""

from __future__ import annotations

import ast
import builtins
import itertools
import keyword
import linecache
import re
import weakref
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast

from forbear.kernel import cases as kernel
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import TEXT, Storage
from forbear.space.predicates import decimals
from forbear.space.predicates.specs import Specs

FEW = 20
"""Up to so many facts that no rule reads are read by compiled code, which looks for each of them. Of more it would take
longer than a loop over the case, and be compiled for as long as a first decision takes."""

Context = dict[str, object]
"""The names that the code of a function uses, with their values."""


def variables(names: Sequence[str]) -> dict[str, str]:
    """A Python variable for each fact: its name, `_` for spaces and signs, and `_` added to keywords and builtins."""
    chosen: dict[str, str] = {}
    for name in names:
        variable = re.sub(r"\W+", "_", name)
        while keyword.iskeyword(variable) or hasattr(builtins, variable) or variable in chosen.values():
            variable += "_"
        chosen[name] = variable
    return chosen


def apart(names: Sequence[str]) -> dict[str, str]:
    """A variable for each fact."""
    return {name: _variable(name) for name in names}


def _variable(name: str) -> str:
    """Returns the variable of a fact. It ends in `_`, unlike those of our own code, such as `mask` or `case`."""
    return f"{name}_"


def of_case(
    tables: Specs,
    body: Sequence[ast.stmt],
    key: str,
    used: Context,
    answer: Callable[[Any], Any] | None = None,
    *,
    whole: bool,
) -> Callable[[object], Any]:
    """Returns the function that reads a case as given, continues with `body`, and returns the `answer` to the
    expression `key`, or its value if there is no `answer`. The body and the key use the names of `used`.

    The function returns None if the case is not fit for the fast path. With `whole` it checks the whole case. Without,
    it checks the facts that the rules read; if one of these is absent, also the names of the others, because it may be
    there under a misspelt name.
    """
    policy = tables.policy
    needed = tables.needed
    context: Context = {**used, "known": tables.facts.keys(), "answer": answer}
    optional = any(policy.facts[name].optional for name in needed)
    reading: list[ast.stmt] = statements("if type(case) is not dict: return None", *["absent = 0"] * optional)
    for name in needed:
        fact = policy.facts[name]
        absent = statements(f'absent += "{name}" not in case') if fact.optional else []
        reading += [*statements(_value(fact)), *_known(fact, _checks(fact, tables, context), absent)]
    if whole:
        reading += _others(f"{len(needed)}{' - absent' * optional}", tables, context)
    elif optional:
        reading += statements("if absent and not case.keys() <= known: return None")
    reading += _of_one_day(tables, context, whole=whole)
    guarded = ast.Try(
        reading,
        [ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, statements("return None"))],
        [],
        [],
    )
    end = statements(f"return {key}" if answer is None else f"return answer({key})")
    return compiled("of_case", ["case"], [guarded, *body, *end], context)


def _of_one_day(tables: Specs, context: Context, *, whole: bool) -> list[ast.stmt]:
    """Statements that return None of a case that gives the day of the decision and what may be of another day: another
    date, a day of the week that is not that day's, or what no compiled code looks at, as a date with its age; and of a
    case in which one alone of these two is none or unknown."""
    history, facts = tables.history, tables.policy.facts
    about = {spec.name: spec for spec in history.derived if spec.name in history.by_date}
    about = {name: spec for name, spec in about.items() if whole or name in tables.needed}
    halves = [
        f"if ({_variable(name)} is None) != ({_variable(of)} is None): return None"
        if {name, of} <= set(tables.needed)
        else f'if "{name}" in case and "{of}" in case: return None'
        for name, of in [(spec.name, spec.of or "") for spec in history.of_absent if spec.name in about]
    ]
    plain = [
        name
        for name, spec in about.items()
        if name in tables.needed and spec.measure in ("date", "weekday") and not facts[name].optional
    ]
    rest = frozenset([spec.of or name for name, spec in about.items() if name not in plain])
    day = next((name for name in plain if about[name].measure == "date"), None)
    if day is None and rest.isdisjoint(history.dates):
        return statements(*halves)
    context["of_a_day"] = rest
    if day is None:  # but it may be given, and no rule reads it; days of the week that rules read are given too
        return statements(*halves, f"if len(of_a_day.intersection(case)) > {0 if plain else 1}: return None")
    its = {"date": _variable(day), "weekday": f"({_variable(day)} + 6) % 7"}
    lines = [f"if {_variable(name)} != {its[about[name].measure]}: return None" for name in plain if name != day]
    return statements(*halves, *lines, *["if not of_a_day.isdisjoint(case): return None"] * bool(rest))


def of_values(needed: Sequence[str], body: Sequence[ast.stmt], key: str, used: Context) -> Callable[..., Any]:
    """The function of the values of the facts, in the order of `needed`, that goes on with `body` and returns a key."""
    return compiled("of_values", list(apart(needed).values()), [*body, *statements(f"return {key}")], used)


def _others(read: str, tables: Specs, context: Context) -> list[ast.stmt]:
    """Returns statements that check the facts of a case that no rule reads, and that it has no other entries. They
    raise, or return None, if it has, or if one of these facts is not plain. `read` is an expression for the facts read.
    """
    unread = [fact for fact in tables.policy.facts.values() if fact.name not in tables.needed]
    if len(unread) > FEW:
        context["others"] = _of_many(unread, tables)
        return statements(f"if len(case) != {read} and len(case) != {read} + others(case): return None")
    [checking] = statements(f"if len(case) != {read}: count = {read}")
    assert isinstance(checking, ast.If)
    for fact in unread:
        [counting] = statements(f'if "{fact.name}" in case: count += 1')
        assert isinstance(counting, ast.If)
        counting.body += [*statements(_value(fact)), *_known(fact, _checks(fact, tables, context), [])]
        checking.body.append(counting)
    checking.body += statements("if len(case) != count: return None")
    return [checking]


def _of_many(unread: Sequence[Fact], tables: Specs) -> Callable[[Mapping[str, object]], int]:
    """Returns a function that counts the facts of a case among the many that no rule reads, of which cases have few. It
    raises if one of them is not plain: plain values are checked here, all others by the kernel.
    """
    facts = tables.facts
    flags = frozenset([fact.name for fact in unread if fact.kind.storage is Storage.FLAG])
    names = {fact.name: frozenset(fact.names) for fact in unread if fact.names}
    numbers = [fact for fact in unread if fact.kind.numeric and fact.step.numerator == 1]
    whole = {
        fact.name: range(-(-fact.low // fact.step.denominator), fact.high // fact.step.denominator + 1)
        for fact in numbers
    }
    decimal = {fact.name: (decimals.places_of(fact), fact.low, fact.high) for fact in numbers}
    needed = frozenset(tables.needed)

    def others(case: Mapping[str, object]) -> int:
        count = 0
        for name, raw in case.items():
            if name in needed:
                continue
            count += 1
            kind = type(raw)
            if kind is int:
                plain = name in whole and raw in whole[name]
            elif kind is bool:
                plain = name in flags
            elif name in decimal:
                places, low, high = decimal[name]
                steps = _steps(places)(raw) if places else None
                plain = steps is not None and low <= steps <= high
            else:
                plain = kind is str and name in names and raw in names[name]
            if not plain:
                kernel.read_value(facts[name], raw)
        return count

    return others


@cache
def _steps(places: int) -> Callable[[object], int | None]:
    """The function that makes steps of so many decimal places of a plain value. Of others it makes None, or raises."""
    context: Context = {}
    lines = decimals.reading("value", places, "None", context)
    return compiled("steps", ["value"], statements(*lines, "return value"), context)


def _value(fact: Fact) -> str:
    """The statement that takes the value of a fact from a case."""
    variable = _variable(fact.name)
    return f'{variable} = case.get("{fact.name}")' if fact.optional else f'{variable} = case["{fact.name}"]'


def _known(fact: Fact, checks: list[ast.stmt], otherwise: list[ast.stmt]) -> list[ast.stmt]:
    """The statements for a known value of a fact, and those for an unknown one."""
    if not fact.optional:
        return checks
    known = ast.Compare(ast.Name(_variable(fact.name), ast.Load()), [ast.IsNot()], [ast.Constant(None)])
    return [ast.If(known, checks, otherwise)]


def _checks(fact: Fact, tables: Specs, context: Context) -> list[ast.stmt]:
    """Statements that put a plain value of a fact on its grid. They raise, or return None, for any other."""
    v = _variable(fact.name)
    kind = fact.kind
    if kind.storage is Storage.FLAG:
        return statements(f"if type({v}) is not bool: return None")
    if kind is TEXT and not fact.or_none:
        return statements(f"if type({v}) is not str or not {v}.isascii(): return None")
    if kind.named and not fact.ordered and not fact.or_none:
        context[f"names_of_{v}"] = frozenset(fact.names)
        return statements(f"if type({v}) is not str or {v} not in names_of_{v}: return None")
    if kind.named and not fact.or_none:
        context[f"places_of_{v}"] = fact.places
        return statements(f"if type({v}) is not str: return None", f"{v} = places_of_{v}[{v}]")
    context["read_value"] = kernel.read_value
    context[f"spec_of_{v}"] = tables.facts[fact.name]
    read = f"read_value(spec_of_{v}, {v})"
    if not kind.numeric or fact.step.numerator != 1 or fact.or_none:
        return statements(f"{v} = {read}")
    places, grid = decimals.places_of(fact), fact.step.denominator
    if places:
        steps = decimals.reading(v, places, read, context)
    else:
        steps = [f"if type({v}) is not int: {v} = {read}", *[f"else: {v} *= {grid}"] * (grid > 1)]
    return statements(*steps, f"if {v} < {fact.low} or {v} > {fact.high}: return None")


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
    compiled_function = cast(Callable[..., Any], namespace[name])
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)
    weakref.finalize(compiled_function, linecache.cache.pop, file, None).atexit = False
    return compiled_function


_NUMBERS = itertools.count(1)


def function(
    name: str, parameters: Sequence[ast.arg], body: Sequence[ast.stmt], returns: ast.expr | None = None
) -> ast.FunctionDef:
    """The definition of a function. It is made from a parsed one, since later Pythons give the node more fields."""
    definition = ast.parse(f"def {name}(): pass").body[0]
    assert isinstance(definition, ast.FunctionDef)
    definition.args.args, definition.body, definition.returns = list(parameters), list(body), returns
    return definition
