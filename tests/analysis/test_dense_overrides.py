"""Rules of which each overrides all later ones that oppose it: what their number costs, in time of this process."""

from __future__ import annotations

import time
from typing import Any

import pytest

import forbear
from forbear.analysis.comparison.conformance import conformance
from forbear.language.model.conditions import Condition
from forbear.semantics import meaning


def dense(name: str, number: int, condition: str, actions: str) -> forbear.Policy:
    """Rules that allow and forbid in turn; in the condition, `{day}` and `{n}` differ from rule to rule."""
    rules = []
    for n in range(number):
        opposed = ", ".join(f"r{later}" for later in range(n + 1, number, 2))
        its = condition.format(day=n * 37 % number + 1, n=n * 53 % number)
        clause = f" overrides {opposed}" if opposed else ""
        rules.append(f"rule r{n}: {its} then {'forbid' if n % 2 else 'allow'} {actions}{clause}")
    return forbear.loads(f"policy {name}\n" + "\n".join(rules))


def test_deciding_looks_at_each_rule_once(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = dense("house", 100, "after {day} days", "sms").typed
    asked: list[Condition] = []
    truth = meaning.truth

    def counted(condition: Condition, *rest: Any) -> bool | None:
        asked.append(condition)
        return truth(condition, *rest)

    monkeypatch.setattr(meaning, "truth", counted)
    decided = meaning.decide_action(policy, "sms", {"days_overdue": 500}, None)
    assert len(asked) == 100
    assert decided.rules == tuple(f"r{n}" for n in range(0, 100, 2))


def test_conform_judges_actions_that_the_same_rules_decide_at_once() -> None:
    bounds = dense("bounds", 120, "from day {day} to day 200 and unreachable <= {n}", "everything").typed
    begun = time.process_time()
    found = conformance(dense("house", 120, "always", "everything").typed, [bounds])
    assert time.process_time() - begun < 10
    by_action = {action: [one for one in found.violations if one.action == action] for action in bounds.actions}
    first, *others = by_action.values()
    assert first
    for its in others:
        assert [(one.standard_rule, one.witness) for one in its] == [(one.standard_rule, one.witness) for one in first]
