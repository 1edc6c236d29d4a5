"""A policy as a stand-alone Python module: typed predicates, one a rule, and `decide`.

The module is the kernel, word for word, then the policy's tables and predicates, built as a syntax tree. Before its
text is given away, the tree is run and held against the reference interpreter at the values where the policy may
change its mind: a bug in the compiler refuses to compile instead of writing a module that lies.
"""

from __future__ import annotations

import ast
import datetime
import random
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import cast

from forbear import kernel
from forbear.kernel import GridValue
from forbear.policy import meaning
from forbear.policy.conditions import atoms
from forbear.policy.to_text import digest
from forbear.policy.typed import Rule, TypedPolicy
from forbear.predicates.expressions import certainly, possibly
from forbear.predicates.mask import variables
from forbear.predicates.specs import Specs, optional_facts, specs
from forbear.space.boundaries import telling_values
from forbear.version import __version__
from forbear.vocabulary.facts import Fact, Kind
from forbear.vocabulary.values import value_json

CHECKED_CASES = 400
CHECKED_TRUTHS = 200_000


class CompilerBug(Exception):
    """What was compiled does not decide as the reference interpreter does: nothing was written."""


def compile_module(policy: TypedPolicy) -> str:
    """The text of the module. The same policy gives the same text. Raises `CompilerBug`."""
    tables = specs(policy)
    _head, support = _kernel_text()
    generated = ast.fix_missing_locations(ast.Module(list(_statements(policy, tables)), []))
    blocks = [_text(statement) for statement in generated.body]
    text = f"{_docstring(policy)}\n{support}\n\n# The policy\n\n" + "\n\n".join(blocks) + "\n"
    tree = ast.parse(text)
    expected = ast.parse(support).body + generated.body
    if ast.dump(ast.Module(tree.body[1:], [])) != ast.dump(ast.Module(expected, [])):
        raise CompilerBug("the text of the module does not read as the tree that it was written from")
    _check(policy, tables, tree)
    return text


def _kernel_text() -> tuple[str, str]:
    """The kernel's docstring, and the rest of its text."""
    text = Path(kernel.__file__).read_text(encoding="utf-8")
    start = text.index("from __future__")
    return text[:start], text[start:].rstrip() + "\n"


def _text(statement: ast.stmt) -> str:
    """A statement's text; a table has a line for each entry."""
    if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.value, (ast.Dict, ast.Tuple)):
        return ast.unparse(statement)
    value = statement.value
    if isinstance(value, ast.Dict):
        keys = [f"{ast.unparse(key)}: " for key in value.keys if key is not None]
        lines = [key + ast.unparse(entry) for key, entry in zip(keys, value.values, strict=True)]
        opening, closing = "{}"
    else:
        lines = [ast.unparse(entry) for entry in value.elts]
        opening, closing = "()"
    entries = "".join(f"    {line},\n" for line in lines)
    return f"{ast.unparse(statement.target)}: {ast.unparse(statement.annotation)} = {opening}\n{entries}{closing}"


def _docstring(policy: TypedPolicy) -> str:
    title = f": {policy.title}" if policy.title else ""
    lines = [
        f"Decides policy `{policy.name}`{title}",
        "",
        f"Compiled by Forbear {__version__}; do not edit. It needs the standard library and nothing else.",
        "`decide(case, on=None)` gives each action's verdict with the rules behind it, and raises `CaseError`.",
        "Predicates take facts as whole numbers on their grids: sums and decimals in steps, days as ordinals, times in",
        "seconds, ordered names by place.",
        "",
        f"Digest: {digest(policy)}",
    ]
    return ast.unparse(ast.fix_missing_locations(ast.Module([ast.Expr(ast.Constant("\n".join(lines) + "\n"))], [])))


# The tree


def _statements(policy: TypedPolicy, tables: Specs) -> Iterator[ast.stmt]:
    yield from ast.parse("import functools\nfrom typing import Any").body
    yield _constant("POLICY", "Final", ast.Constant(policy.name))
    yield _constant("VERSION", "Final[str | None]", ast.Constant(policy.version))
    yield _constant("DIGEST", "Final", ast.Constant(digest(policy)))
    dates = ast.Tuple([ast.Constant(value) for value in (policy.dated, policy.since, policy.until)], ast.Load())
    yield _constant("DATES", "Final[tuple[bool, int | None, int | None]]", dates)
    yield _constant("FACTS", "Final[Mapping[str, FactSpec]]", _table(tables.facts))
    yield _constant("NEEDED", "Final[tuple[str, ...]]", _literal(tables.needed))
    yield _constant("RULES", "Final[tuple[RuleSpec, ...]]", _literal(tables.rules))
    yield _constant("ACTIONS", "Final[Mapping[str, ActionSpec]]", _table(tables.actions))
    names = predicate_names(policy)
    optional = optional_facts(policy)
    for rule, name, reads_optional in zip(policy.rules, names, optional, strict=True):
        yield _predicate(rule, name, policy.facts, bool(reads_optional))
    yield _truths(policy, names)
    yield from ast.parse(_DECIDE).body


_DECIDE = '''
@functools.lru_cache(maxsize=10_000)
def settled(certain: int, possible: int, unknown: frozenset[str]) -> dict[str, ActionDecision]:
    return settle_all(ACTIONS, RULES, certain, possible, unknown)


@functools.lru_cache(maxsize=1_000)
def in_force_on(day: int | None) -> int:
    return in_force(RULES, day)


def decide(case: Mapping[str, object], on: datetime.date | str | None = None) -> dict[str, dict[str, object]]:
    """The verdict on each action, with the deciding rules, their reasons and sources. Raises `CaseError`."""
    day = decision_day(POLICY, *DATES, on)
    values = read_case(FACTS, NEEDED, case)
    unknown = frozenset([name for name in NEEDED if values[name] is None and FACTS[name].absent == "unknown"])
    certain, possible = truth_masks(truths(values))
    kept = in_force_on(day)
    decisions = settled(certain & kept, possible & kept, unknown)
    return {name: decision.as_json() for name, decision in decisions.items()}
'''


def predicate_names(policy: TypedPolicy) -> list[str]:
    """The function of each rule: `rule_` and its name; a rule without one is called by its line."""
    names: list[str] = []
    for rule in policy.rules:
        name = f"rule_{rule.name}" if rule.named else "unnamed_" + rule.name.partition(":")[2].replace(":", "_")
        names.append(name)
    return names


def _annotation(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _constant(name: str, annotation: str, value: ast.expr) -> ast.stmt:
    return ast.AnnAssign(ast.Name(name, ast.Store()), _annotation(annotation), value, 1)


def _table(table: Mapping[str, object]) -> ast.expr:
    return ast.Dict([ast.Constant(key) for key in table], [_literal(value) for value in table.values()])


def _literal(value: object) -> ast.expr:
    """A value of the tables as an expression that makes it."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return ast.Call(ast.Name(type(value).__name__, ast.Load()), [_literal(part) for part in value], [])
    if isinstance(value, tuple):
        return ast.Tuple([_literal(part) for part in value], ast.Load())
    if isinstance(value, Fraction):
        return ast.Call(ast.Name("Fraction", ast.Load()), [_literal(value.numerator), _literal(value.denominator)], [])
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    assert value is None or isinstance(value, (bool, int, str)), value
    return ast.Constant(value)


def _predicate(rule: Rule, name: str, facts: Mapping[str, Fact], reads_optional: bool) -> ast.stmt:
    """A function of the facts that a rule reads. It gives None where the condition is unknown."""
    read = _facts_of(rule, facts)
    names = variables(read)
    parameters = [ast.arg(names[fact], _annotation(_type(facts[fact]))) for fact in read]
    certain = certainly(rule.condition, facts, names.__getitem__)
    body: list[ast.stmt] = [ast.Expr(ast.Constant(rule.place.text.replace("\r\n", "\n")))]
    if reads_optional:
        uncertain = possibly(rule.condition, facts, names.__getitem__)
        body.append(ast.If(certain, [ast.Return(ast.Constant(True))], []))
        body.append(ast.Return(ast.IfExp(uncertain, ast.Constant(None), ast.Constant(False))))
    else:
        body.append(ast.Return(certain))
    returns = _annotation("bool | None" if reads_optional else "bool")
    arguments = ast.arguments([], parameters, None, [], [], None, [])
    return ast.FunctionDef(name, arguments, body, [], returns)


def _facts_of(rule: Rule, facts: Mapping[str, Fact]) -> list[str]:
    read = {atom.fact for atom in atoms(rule.condition)}
    return [name for name in facts if name in read] if read else []


def _type(fact: Fact) -> str:
    plain = {Kind.FLAG: "bool", Kind.CHOICE: "str", Kind.TEXT: "str"}.get(fact.kind, "int")
    return f"{plain} | None" if fact.optional or fact.or_none else plain


def _truths(policy: TypedPolicy, names: list[str]) -> ast.stmt:
    """The function that asks each predicate about a case that was read."""
    calls: list[ast.expr] = []
    for rule, name in zip(policy.rules, names, strict=True):
        arguments: list[ast.expr] = [
            ast.Subscript(ast.Name("values", ast.Load()), ast.Constant(fact), ast.Load())
            for fact in _facts_of(rule, policy.facts)
        ]
        calls.append(ast.Call(ast.Name(name, ast.Load()), arguments, []))
    function = ast.parse(
        "def truths(values: Mapping[str, Any]) -> list[bool | None]:\n"
        "    'Whether the condition of each rule holds of a case on its grids, in file order.'"
    ).body[0]
    assert isinstance(function, ast.FunctionDef)
    function.body.append(ast.Return(ast.List(calls, ast.Load())))
    return function


# The check


def _check(policy: TypedPolicy, tables: Specs, tree: ast.Module) -> None:
    """Holds the compiled tree against the reference interpreter on cases at and around every threshold."""
    namespace: dict[str, object] = {"__name__": "forbear_compiled"}
    exec(compile(tree, "<compiled policy>", "exec"), namespace)
    truths = cast(Callable[[Mapping[str, GridValue]], list[bool | None]], namespace["truths"])
    decide = cast(Callable[..., dict[str, dict[str, object]]], namespace["decide"])
    telling = telling_values(policy, tables.needed)
    generator = random.Random(0)
    days = _days(policy)
    longest = max((len(values) for values in telling.values()), default=1)
    rounds = max(3, min(max(longest, CHECKED_CASES), CHECKED_TRUTHS // max(1, len(policy.rules))))
    for number in range(rounds):
        # Each fact runs through its telling values, at a pace of its own.
        case = {
            name: values[number % len(values)]
            if number < longest and generator.random() < 0.5
            else generator.choice(values)
            for name, values in telling.items()
        }
        holds = [meaning.truth(rule.condition, policy.facts, case) for rule in policy.rules]
        if truths(case) != holds:
            wrong = next(n for n, (a, b) in enumerate(zip(truths(case), holds, strict=True)) if a is not b)
            raise CompilerBug(f"the predicate of rule `{policy.rules[wrong].name}` is wrong for {case}")
        if number * len(policy.rules) * len(policy.actions) < CHECKED_TRUTHS:
            day = generator.choice(days)
            written = {name: value_json(policy.facts[name], value) for name, value in case.items()}
            decided = {name: its.as_json() for name, its in meaning.decide(policy, case, day).items()}
            on = None if day is None else datetime.date.fromordinal(day)
            if decide(written, on) != decided:
                raise CompilerBug(f"the decision is wrong for {written} on {on}")


def _days(policy: TypedPolicy) -> list[int | None]:
    """Days at and around each date of the policy and its rules, on which it is in force."""
    if not policy.dated:
        return [None]
    dates = {date for rule in policy.rules for date in (rule.since, rule.until) if date is not None}
    dates |= {date for date in (policy.since, policy.until) if date is not None}
    near = {day for date in dates for day in (date - 1, date, date + 1)}
    first = policy.since if policy.since is not None else datetime.date.min.toordinal()
    last = policy.until if policy.until is not None else datetime.date.max.toordinal()
    return [day for day in sorted(near) if first <= day <= last]
