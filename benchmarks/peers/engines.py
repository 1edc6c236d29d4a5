"""One case, by the engines of others: each decides the same rules, and answers as the rules by hand do.

An engine that evaluates conditions says which rules hold, in one evaluation; from these the verdicts are made here.
None of them reads a `Decimal`, or compares a text as a number, so a sum of these forms is made what the engine has: a
float, or, for Cedar, a decimal of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workload import ACTIONS

from peers.by_hand import Answer
from peers.rules import AtLeast, Between, Case, Comparison, Is, Rule

Decide = Callable[[Case], Answer]
SUM = "overdue_amount"


def of_floats(decide: Decide) -> Decide:
    """Decides cases whose sums are a `Decimal` or a text as those with a float."""
    return lambda case: decide({**case, SUM: float(case[SUM])})  # type: ignore[arg-type]


def datalogic(given: list[Rule]) -> Decide:
    """JSONLogic, in Rust."""
    import datalogic_py

    compiled = datalogic_py.Engine().compile([{"and": [_logic(one) for one in rule.comparisons]} for rule in given])
    return lambda case: _answer(given, compiled.evaluate(case))


def _logic(comparison: Comparison) -> object:
    match comparison:
        case Between(fact, low, high):
            return {"<=": [low, {"var": fact}, high]}
        case AtLeast(fact, low):
            return {">=": [{"var": fact}, low]}
        case Is(fact, bool(value)):
            return {"var": fact} if value else {"!": {"var": fact}}
        case Is(fact, value):
            return {"==": [{"var": fact}, value]}


def cel(given: list[Rule]) -> Decide:
    """Common Expression Language, in Rust."""
    import cel as engine

    text = ", ".join(" && ".join(_expression(one, "") for one in rule.comparisons) for rule in given)
    program = engine.compile(f"[{text}]")
    return lambda case: _answer(given, program.execute(case))


def _expression(comparison: Comparison, of: str) -> str:
    match comparison:
        case Between(fact, low, high):
            return f"{of}{fact} >= {low} && {of}{fact} <= {high}"
        case AtLeast(fact, low):
            return f"{of}{fact} >= {low}"
        case Is(fact, bool(value)):
            return f"{of}{fact}" if value else f"!{of}{fact}"
        case Is(fact, value):
            return f'{of}{fact} == "{value}"'


def zen(given: list[Rule]) -> Decide:
    """The expressions of GoRules' ZEN, in Rust."""
    import zen as engine

    text = ", ".join(" && ".join(_expression(one, "") for one in rule.comparisons) for rule in given)
    program = engine.compile_expression(f"[{text}]".replace("&&", "and").replace("!", "not "))
    return lambda case: _answer(given, program.evaluate(case))


def cedar(given: list[Rule], *, cents: bool = False) -> Decide:
    """Cedar, in Rust: one batch of a request an action. With `cents`, sums are decimals of its own."""
    import cedarpy

    comparison = _decimal_of_cedar if cents else _expression

    lines = []
    for rule in given:
        effect = "forbid" if rule.forbids else "permit"
        actions = ", ".join(f'Action::"{action}"' for action in rule.actions)
        condition = " && ".join(comparison(one, "context.") for one in rule.comparisons)
        lines.append(f"{effect}(principal, action in [{actions}], resource) when {{ {condition} }};")
    policies = cedarpy.PolicySet.from_str("\n".join(lines))
    entities = cedarpy.Entities.from_json_str("[]")
    names = {f"policy{number}": rule.name for number, rule in enumerate(given)}
    order = {rule.name: number for number, rule in enumerate(given)}

    def decide(case: Case) -> Answer:
        if cents:
            case = {**case, SUM: {"__extn": {"fn": "decimal", "arg": str(case[SUM])}}}
        requests = [
            {"principal": 'User::"it"', "action": f'Action::"{action}"', "resource": 'Debt::"it"', "context": case}
            for action in ACTIONS
        ]
        found: Answer = {}
        for action, result in zip(ACTIONS, cedarpy.is_authorized_batch(requests, policies, entities), strict=True):
            rules = sorted([names[reason] for reason in result.diagnostics.reasons], key=order.__getitem__)
            permitted = result.decision is cedarpy.Decision.Allow
            found[action] = ("allowed" if permitted else "forbidden" if rules else "unsaid", rules)
        return found

    return decide


def _decimal_of_cedar(comparison: Comparison, of: str) -> str:
    match comparison:
        case Between(fact, low, high) if fact == SUM:
            value = f"{of}{fact}"
            least, most = (f'decimal("{bound}.0")' for bound in (low, high))
            return f"{value}.greaterThanOrEqual({least}) && {value}.lessThanOrEqual({most})"
        case _:
            return _expression(comparison, of)


def rego(given: list[Rule]) -> Decide:
    """Rego, the language of OPA, by its C++ implementation."""
    import regopy

    interpreter = regopy.Interpreter()
    lines = ["package rules"]
    for number, rule in enumerate(given):
        lines.append(f"holding contains {number} if {{")
        lines += [f"  {part}" for one in rule.comparisons for part in _conditions_of_rego(one)]
        lines.append("}")
    interpreter.add_module("rules", "\n".join(lines))

    def decide(case: Case) -> Answer:
        interpreter.set_input(case)
        (expression,) = interpreter.query("data.rules.holding").results[0].expressions
        truths = [False] * len(given)
        for number in expression:
            truths[number] = True
        return _answer(given, truths)

    return decide


def _conditions_of_rego(comparison: Comparison) -> Iterable[str]:
    match comparison:
        case Is(fact, bool(value)):
            yield f"input.{fact} == {str(value).lower()}"
        case _:
            yield from _expression(comparison, "input.").split(" && ")


def _answer(given: list[Rule], truths: Iterable[object]) -> Answer:
    """From which rules hold to verdicts, as quickly as Python does it."""
    allow: dict[str, list[str]] = {}
    forbid: dict[str, list[str]] = {}
    for rule, holds in zip(given, truths, strict=True):
        if holds:
            for action in rule.actions:
                (forbid if rule.forbids else allow).setdefault(action, []).append(rule.name)
    return {
        action: ("forbidden", forbid[action])
        if action in forbid
        else ("allowed", allow[action])
        if action in allow
        else ("unsaid", [])
        for action in ACTIONS
    }
