"""One case, by the engines of others: each decides the same rules, and answers as the rules by hand do.

An engine that evaluates conditions says which rules hold, in one evaluation; from these the verdicts are made here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from workload import ACTIONS

from peers.by_hand import Answer
from peers.rules import AtLeast, Between, Case, Comparison, Is, Rule

Decide = Callable[[Case], Answer]


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


def cedar(given: list[Rule]) -> Decide:
    """Cedar, in Rust: one batch of a request an action."""
    import cedarpy

    lines = []
    for rule in given:
        effect = "forbid" if rule.forbids else "permit"
        actions = ", ".join(f'Action::"{action}"' for action in rule.actions)
        condition = " && ".join(_expression(one, "context.") for one in rule.comparisons)
        lines.append(f"{effect}(principal, action in [{actions}], resource) when {{ {condition} }};")
    policies = cedarpy.PolicySet.from_str("\n".join(lines))
    entities = cedarpy.Entities.from_json_str("[]")
    names = {f"policy{number}": rule.name for number, rule in enumerate(given)}
    order = {rule.name: number for number, rule in enumerate(given)}

    def decide(case: Case) -> Answer:
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
