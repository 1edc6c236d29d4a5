"""Writes a policy as a stand-alone Python module: typed predicates, one per rule, and `decide`.

The module is a copy of the kernel, followed by the policy's tables and predicates, built as a syntax tree. Before the
text is returned, the tree is run and checked against the oracle at the boundary values of the policy. So a bug in the
compiler is an error, and not a wrong module.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from textwrap import indent
from types import ModuleType
from typing import Any, Final

from forbear.kernel import cases as kernel
from forbear.kernel.cases import Verdict
from forbear.kernel.history import counting, events, moments, readings
from forbear.kernel.history.counting import Selection, never_counted
from forbear.kernel.history.readings import HistorySpec
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.to_text import digest
from forbear.space.predicates.expressions import Several, expression
from forbear.space.predicates.reading import function, variables
from forbear.space.predicates.specs import Specs, specs
from forbear.targets.python import late
from forbear.targets.python.check import CompilerBug, check_module
from forbear.targets.python.predicates import ANCHOR, EVENTS, Predicate, event_predicates, rule_predicates
from forbear.targets.python.types import module_types
from forbear.version import __version__

_OF_HISTORIES: Final = (moments, counting, events, readings)
"""The files that read histories, each after those that it imports."""
_NO_DEFAULT: Final = object()


def compile_module(policy: TypedPolicy) -> str:
    """The text of the module. The same policy gives the same text. Raises `CompilerBug`."""
    tables = specs(policy)
    support = _support(policy)
    generated = ast.fix_missing_locations(ast.Module(list(_statements(policy, tables)), []))
    blocks = [_text(statement) for statement in generated.body]
    text = f"# ruff: noqa\n{_docstring(policy)}\n{support}\n\n# The policy\n\n" + "\n\n".join(blocks) + "\n"
    tree = ast.parse(text)
    expected = ast.parse(support).body + generated.body
    if not _same(tree.body[1:], expected):
        raise CompilerBug("the text of the module does not read as the tree that it was written from")
    check_module(policy, tables, tree)
    return text


def _same(statements: list[ast.stmt], expected: list[ast.stmt]) -> bool:
    return len(statements) == len(expected) and all(
        map(operator.eq, map(ast.dump, statements), map(ast.dump, expected))
    )


def _support(policy: TypedPolicy) -> str:
    """Returns the beginning of every module: the kernel and, if the vocabulary has events, the reading of histories.

    Their imports are visible only to type checkers; `late.py` replaces them.
    """
    parts = [_parts(module) for module in [kernel, *(_OF_HISTORIES if tells_history(policy) else ())]]
    own = [line for lines, _ in parts for line in lines if not line.startswith("from forbear")]
    imports = dict.fromkeys([*own, "from functools import lru_cache"])
    for_types = indent("\n".join(imports), "    ")
    stand_ins = indent(_parts(late)[1], "    ", lambda line: line.strip() != "")
    head = "from __future__ import annotations\n\nTYPE_CHECKING = False\n"
    return f"{head}if TYPE_CHECKING:\n{for_types}\nelse:\n{stand_ins}\n\n" + "\n\n".join(text for _, text in parts)


def _parts(module: ModuleType) -> tuple[list[str], str]:
    """The imports of a module, but for those from the future, and the text that follows them."""
    assert module.__file__ is not None
    text = Path(module.__file__).read_text(encoding="utf-8")
    imports = [statement for statement in ast.parse(text).body if isinstance(statement, (ast.Import, ast.ImportFrom))]
    rest = text.splitlines(keepends=True)[imports[-1].end_lineno :]
    return [ast.unparse(statement) for statement in imports[1:]], "".join(rest).strip() + "\n"


def _text(statement: ast.stmt) -> str:
    """The text of a statement. A table, and the fields of a type, have a line for each entry."""
    match statement:
        case ast.AnnAssign(value=ast.Dict() | ast.Tuple() as value):
            before, after = f"{ast.unparse(statement.target)}: {ast.unparse(statement.annotation)} = ", ""
        case ast.Assign([ast.Name(name)], ast.Call(ast.Name(maker), [title, ast.Dict() as value])):
            before, after = f"{name} = {maker}({ast.unparse(title)}, ", ")"
        case ast.If(test, body, orelse):
            parts = [indent("\n".join(map(_text, part)), "    ") for part in (body, orelse)]
            return f"if {ast.unparse(test)}:\n{parts[0]}\nelse:\n{parts[1]}"
        case _:
            return ast.unparse(statement)
    if isinstance(value, ast.Dict):
        keys = [f"{ast.unparse(key)}: " for key in value.keys if key is not None]
        lines = [key + ast.unparse(entry) for key, entry in zip(keys, value.values, strict=True)]
        opening, closing = "{}"
    else:
        lines = [ast.unparse(entry) for entry in value.elts]
        opening, closing = "()"
    entries = "".join(f"    {line},\n" for line in lines)
    return f"{before}{opening}\n{entries}{closing}{after}"


def _docstring(policy: TypedPolicy) -> str:
    title = f": {policy.title}" if policy.title else ""
    lines = [
        f"Decides policy `{policy.name}`{title}",
        "",
        f"Compiled by Forbear {__version__}; do not edit. It needs Python 3.11 or later, and nothing but its standard",
        f"library. `{_signature(policy)}` gives each action's verdict with the rules behind it, and raises",
        "`CaseError`. For type checkers, `Case` is what it takes, `Decision` what it gives, `Action` an action.",
        "Predicates take facts as whole numbers on their grids: sums and decimals in steps, days as ordinals, times in",
        "seconds, ordered names by place.",
        "",
        f"Digest: {digest(policy)}",
    ]
    return ast.unparse(ast.fix_missing_locations(ast.Module([ast.Expr(ast.Constant("\n".join(lines) + "\n"))], [])))


def _signature(policy: TypedPolicy) -> str:
    return "decide(case, on=None, at=None)" if tells_history(policy) else "decide(case, on=None)"


def tells_history(policy: TypedPolicy) -> bool:
    """Returns true if a case may hold more than facts: events, or the moment of the decision."""
    return bool(policy.events or policy.derived)


# The tree


def _statements(policy: TypedPolicy, tables: Specs) -> Iterator[ast.stmt]:
    yield module_types(policy, history=tells_history(policy))
    yield _constant("POLICY", "Final", ast.Constant(policy.name))
    yield _constant("VERSION", "Final[str | None]", ast.Constant(policy.version))
    yield _constant("DIGEST", "Final", ast.Constant(digest(policy)))
    dates = ast.Tuple([ast.Constant(value) for value in (policy.dated, policy.since, policy.until)], ast.Load())
    yield _constant("DATES", "Final[tuple[bool, int | None, int | None]]", dates)
    yield _constant("FACTS", "Final[Mapping[str, FactSpec]]", _table(tables.facts))
    yield _constant("NEEDED", "Final[tuple[str, ...]]", _literal(tables.needed))
    yield _constant("RULES", "Final[tuple[RuleSpec, ...]]", _literal(tables.rules))
    yield _constant("ACTIONS", "Final[Mapping[str, ActionSpec]]", _table(tables.actions))
    companions = tables.lowered.companions
    if companions:
        yield _constant("COMPANIONS", "Final[Mapping[str, tuple[tuple[str, str], ...]]]", _table(companions))
    predicates = rule_predicates(tables.lowered)
    yield from map(_function, predicates)
    yield _truths(predicates)
    if tells_history(policy):
        yield from map(_function, event_predicates(policy, tables.history))
        uncounted = _uncounted(tables.history)
        if uncounted:
            yield _constant("UNCOUNTED", "Final", _dict(uncounted))
        yield _constant("HISTORY", "Final", _history(tables.history))
        yield from ast.parse((_SETTLED_ALONG if companions else _SETTLED) + _DECISIONS + _DECIDE_HISTORY).body
    else:
        yield from ast.parse((_SETTLED_ALONG if companions else _SETTLED) + _DECISIONS + _DECIDE).body


_SETTLED = """
@lru_cache(maxsize=10_000)
def settled(certain: int, possible: int, unknown: frozenset[str]) -> dict[str, ActionDecision]:
    return decide_actions(ACTIONS, RULES, certain, possible, unknown)
"""

_SETTLED_ALONG = """
@lru_cache(maxsize=10_000)
def settled(certain: int, possible: int, unknown: frozenset[str]) -> dict[str, ActionDecision]:
    found = decide_actions(ACTIONS, RULES, certain, possible, unknown)
    pairs = {pair for of_action in COMPANIONS.values() for _, pair in of_action}
    return {name: with_along(found, COMPANIONS, name) for name in ACTIONS if name not in pairs}
"""

_DECISIONS = """
@lru_cache(maxsize=1_000)
def in_force_on(day: int | None) -> int:
    return in_force(RULES, day)


def decisions(case: object, on: object) -> dict[str, ActionDecision]:
    day = decision_day(POLICY, *DATES, on)
    values = read_case(FACTS, NEEDED, case)
    unknown = frozenset([name for name in NEEDED if is_unknown(FACTS[name], values[name])])
    certain, possible = truth_masks(truths(values))
    kept = in_force_on(day)
    return settled(certain & kept, possible & kept, unknown)
"""

_DECIDE = '''
def decide(case: Case, on: Day | None = None) -> Decision:
    """The verdict on each action, with the deciding rules, their reasons and sources. Raises `CaseError`."""
    answer: dict[Any, Any] = {name: decision.as_json() for name, decision in decisions(case, on).items()}
    return answer
'''

_DECIDE_HISTORY = '''
def decide(case: Case, on: Day | None = None, at: Moment | None = None) -> Decision:
    """The verdict on each action, with the deciding rules, their reasons and sources. Raises `CaseError`.

    A case with a history of events needs the moment of the decision, `at`, in place of its day.
    """
    if has_history(HISTORY, case, on, at):
        read = readings_or_all_errors(HISTORY, case, on, at, lambda facts: read_case(FACTS, NEEDED, facts))
        of_zones = [decisions(of_zone.case, on if of_zone.day is None else of_zone.day) for of_zone in read]
        found = {name: strictest([decided[name] for decided in of_zones]) for name in of_zones[0]}
    else:
        found = decisions(case, on)
    answer: dict[Any, Any] = {name: decision.as_json() for name, decision in found.items()}
    return answer
'''


def _annotation(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _constant(name: str, annotation: str, value: ast.expr) -> ast.stmt:
    return ast.AnnAssign(ast.Name(name, ast.Store()), _annotation(annotation), value, 1)


def _table(table: Mapping[str, object]) -> ast.expr:
    return _dict({key: _literal(value) for key, value in table.items()})


def _dict(entries: Mapping[str, ast.expr]) -> ast.expr:
    return ast.Dict([ast.Constant(key) for key in entries], list(entries.values()))


def _literal(value: object) -> ast.expr:
    """An expression that evaluates to a value of the tables."""
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return _call(type(value).__name__, *[_literal(part) for part in _given(value)])
    if isinstance(value, Verdict):
        return ast.Attribute(ast.Name("Verdict", ast.Load()), value.name, ast.Load())
    if isinstance(value, tuple):
        return ast.Tuple([_literal(part) for part in value], ast.Load())
    if isinstance(value, dict):
        return _table(value)
    if isinstance(value, int) and not isinstance(value, bool) and value < 0:
        return ast.UnaryOp(ast.USub(), ast.Constant(-value))
    assert value is None or isinstance(value, (bool, int, str)), value
    return ast.Constant(value)


def _given(spec: Any) -> list[Any]:
    """The values of a named tuple up to the last that is not the default of its field."""
    given = list(spec)
    while given and spec._field_defaults.get(spec._fields[len(given) - 1], _NO_DEFAULT) == given[-1]:
        given.pop()
    return given


def _function(predicate: Predicate) -> ast.stmt:
    """A function of facts. It returns None where the condition is unknown."""
    facts = predicate.facts
    in_part = {fact: facts[fact] for fact in predicate.parameters if fact in predicate.in_part}
    names = variables(predicate.parameters)
    parameters = [
        ast.arg(names[fact], _annotation(_type(facts[fact]) + (" | InPart" if fact in in_part else "")))
        for fact in predicate.parameters
    ]
    guards = predicate.guards
    certain = expression(guards.certain, names.__getitem__, Several(in_part, any_of_them=False))
    body: list[ast.stmt] = [ast.Expr(ast.Constant(predicate.text))]
    may_be_unknown = guards.possible is not guards.certain or bool(in_part)
    if may_be_unknown:
        uncertain = expression(guards.possible, names.__getitem__, Several(in_part, any_of_them=True))
        body.append(ast.If(certain, [ast.Return(ast.Constant(True))], []))
        body.append(ast.Return(ast.IfExp(uncertain, ast.Constant(None), ast.Constant(False))))
    else:
        body.append(ast.Return(certain))
    returns = _annotation("bool | None" if may_be_unknown else "bool")
    return function(predicate.name, parameters, body, returns)


def _type(fact: Fact) -> str:
    plain = "int" if fact.ordered else "bool" if fact.kind.storage is Storage.FLAG else "str"
    return f"{plain} | None" if fact.optional or fact.or_none else plain


def _truths(predicates: Iterable[Predicate]) -> ast.stmt:
    """The function that calls the predicate of each rule."""
    calls: list[ast.expr] = []
    for predicate in predicates:
        arguments = [
            ast.Subscript(ast.Name("values", ast.Load()), ast.Constant(fact), ast.Load())
            for fact in predicate.parameters
        ]
        calls.append(_call(predicate.name, *arguments))
    docstring = "Whether the condition of each rule holds of a case on its grids, in file order."
    body = [ast.Expr(ast.Constant(docstring)), ast.Return(ast.List(calls, ast.Load()))]
    values = ast.arg("values", _annotation("Mapping[str, Any]"))
    return function("truths", [values], body, _annotation("list[bool | None]"))


# Histories


def _uncounted(tables: HistorySpec) -> dict[str, ast.expr]:
    """The selections of facts that are not counted, by event: there are many, and these are made once."""
    return {
        selection.event: _call("Selection", ast.Constant(selection.event), ast.Name("never_counted", ast.Load()))
        for spec in tables.derived
        for selection in (spec.events, spec.anchor)
        if selection is not None and selection.where is never_counted
    }


def _history(tables: HistorySpec) -> ast.expr:
    prefixes = {"events": EVENTS, "anchor": ANCHOR}
    derived = [
        _call(
            "DerivedSpec",
            *[
                _selection(part, prefixes[field] + spec.name) if field in prefixes else _literal(part)
                for field, part in zip(spec._fields, _given(spec), strict=False)
            ],
        )
        for spec in tables.derived
    ]
    needed = _call("frozenset", _literal(tuple(sorted(tables.needed))))
    return _call(
        "HistorySpec", ast.Name("FACTS", ast.Load()), _table(tables.events), ast.Tuple(derived, ast.Load()), needed
    )


def _selection(selection: Selection | None, function: str) -> ast.expr:
    if selection is None:
        return ast.Constant(None)
    event = ast.Constant(selection.event)
    if selection.where is never_counted:
        return ast.Subscript(ast.Name("UNCOUNTED", ast.Load()), event, ast.Load())
    return _call("Selection", event, ast.Name(function, ast.Load()))


def _call(function: str, *arguments: ast.expr) -> ast.expr:
    return ast.Call(ast.Name(function, ast.Load()), list(arguments), [])
