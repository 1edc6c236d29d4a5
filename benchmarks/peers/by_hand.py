"""The rules as Python of `if`s, as somebody would write them by hand: nothing is validated."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from workload import ACTIONS

from peers.rules import FACTS, AtLeast, Between, Case, Comparison, Is, Rule

Answer = dict[str, tuple[str, list[str]]]


def decide(given: list[Rule], *, texts: bool = False) -> Callable[[Case], Answer]:
    """The verdict on each action, with the names of the rules that gave it.

    A sum is compared as it is. Where they are `texts`, a `Decimal` is made of it first.
    """
    lines = ["def decide(case):", *_reading()]
    if texts:
        lines.append("    overdue_amount = Decimal(overdue_amount)")
    lines += [f"    {action}_allow = []; {action}_forbid = []" for action in ACTIONS]
    for rule in given:
        effect = "forbid" if rule.forbids else "allow"
        lines.append(f"    if {_condition(rule)}:")
        lines += [f"        {action}_{effect}.append({rule.name!r})" for action in rule.actions]
    lines.append("    return {")
    for action in ACTIONS:
        lines.append(f"        {action!r}: ('forbidden', {action}_forbid) if {action}_forbid else")
        lines.append(f"            ('allowed', {action}_allow) if {action}_allow else ('unsaid', {action}_allow),")
    decide: Callable[[Case], Answer] = _compiled([*lines, "    }"], "decide")
    return decide


def permits(given: list[Rule], action: str, *, texts: bool = False) -> Callable[[Case], bool]:
    """Whether one action is permitted: what forbids it is asked first.

    Of a sum that is a text, where they are `texts`, a `Decimal` is made only if some rule on the action reads it.
    """
    about = [rule for rule in given if action in rule.actions]
    lines = ["def permits(case):", *_reading()]
    if texts and any(comparison.fact == "overdue_amount" for rule in about for comparison in rule.comparisons):
        lines.append("    overdue_amount = Decimal(overdue_amount)")
    for rule in sorted(about, key=lambda rule: not rule.forbids):
        lines += [f"    if {_condition(rule)}:", f"        return {not rule.forbids}"]
    permits: Callable[[Case], bool] = _compiled([*lines, "    return False"], "permits")
    return permits


def _reading() -> list[str]:
    return [f"    {fact} = case[{fact!r}]" for fact in FACTS]


def _condition(rule: Rule) -> str:
    return " and ".join(_comparison(comparison) for comparison in rule.comparisons)


def _comparison(comparison: Comparison) -> str:
    match comparison:
        case Between(fact, low, high):
            return f"{low} <= {fact} <= {high}"
        case AtLeast(fact, low):
            return f"{fact} >= {low}"
        case Is(fact, bool(value)):
            return fact if value else f"not {fact}"
        case Is(fact, value):
            return f"{fact} == {value!r}"


def _compiled(lines: list[str], name: str) -> Any:
    namespace: dict[str, Any] = {"Decimal": Decimal}
    exec(compile("\n".join(lines), "<by hand>", "exec"), namespace)
    return namespace[name]
