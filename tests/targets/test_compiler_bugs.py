"""Bugs of the compiler, made on purpose: each is noticed before a module is given away."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping

import pytest

import forbear
from forbear.kernel.cases import GridValue
from forbear.language.model import comparisons
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import And, Condition, Or
from forbear.language.model.facts import Fact, Grid
from forbear.semantics import meaning
from forbear.semantics.lowered import from_conditions
from forbear.semantics.lowered.guards import Absence, Guard, Range
from forbear.space.predicates import expressions
from forbear.targets.deciding_cases import Steps, deciding_cases
from forbear.targets.python import module
from forbear.targets.python.check import CompilerBug
from forbear.targets.python.module import compile_module

POLICY = """\
fact late days clock
fact calls count
fact owed money CNY
fact score number optional
fact promised date or none
fact hour time
fact risk one of low < high
fact origin one of declared, referee
fact debt text
event contact
  has medium one of call, sms
  has score count optional
  has debt text
fact dials count of contact where medium is call and debt is this debt and score > 3 in last 7 days
fact missed count of contact where medium is call since last contact where medium is sms
fact quiet days since last contact
action call, sms, visit
rule a: late > 60 and calls >= 3 and owed < CNY 1000 and not (risk is high or origin is declared) then allow call
rule b: never sms when hour is not between 21:00 and 08:00 and (score <= 3 or promised != 2015-01-02)
rule c: never visit when dials >= 7 or promised is none or score is unknown
rule d: never call when missed > 2 or quiet <= 6
"""


def test_without_a_bug_it_compiles() -> None:
    assert compile_module(forbear.loads(POLICY).typed)


@pytest.mark.parametrize(
    ("operator", "wrong"),
    [
        ("<", lambda value: (None, value)),
        ("<=", lambda value: (None, value - 1)),
        (">", lambda value: (value, None)),
        (">=", lambda value: (value + 1, None)),
        (">", lambda value: (None, value)),
    ],
)
def test_a_wrong_order(monkeypatch: pytest.MonkeyPatch, operator: str, wrong: Callable[[int], Range]) -> None:
    monkeypatch.setitem(from_conditions._OPEN, operator, wrong)
    with pytest.raises(CompilerBug, match=r"the predicate `(rule_|events_of_)"):
        compile_module(forbear.loads(POLICY).typed)


def test_a_lost_negation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(comparisons.NEGATED, "<", "<")
    with pytest.raises(CompilerBug):
        compile_module(forbear.loads(POLICY + "rule e: not (late < 5) then allow visit").typed)


def test_an_inequality_taken_for_an_equality(monkeypatch: pytest.MonkeyPatch) -> None:
    right = from_conditions._among

    def wrong(fact: str, values: tuple[Grid, ...], inside: bool, absent: Absence) -> Guard:
        return right(fact, values, True, absent)

    monkeypatch.setattr(from_conditions, "_among", wrong)
    with pytest.raises(CompilerBug, match="the predicate `rule_"):
        compile_module(forbear.loads(POLICY).typed)


def test_a_threshold_off_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    right = expressions._constant

    def wrong(value: object) -> ast.expr:
        return right(60 if value == 61 else value)  # type: ignore[arg-type]

    monkeypatch.setattr(expressions, "_constant", wrong)
    with pytest.raises(CompilerBug, match="rule_a"):
        compile_module(forbear.loads(POLICY).typed)


def test_the_unknown_taken_for_certain(monkeypatch: pytest.MonkeyPatch) -> None:
    right = from_conditions.lower

    def wrong(condition: Condition, facts: Mapping[str, Fact], *, when_unknown: bool) -> Guard:
        return right(condition, facts, when_unknown=True)

    monkeypatch.setattr(from_conditions, "lower", wrong)
    with pytest.raises(CompilerBug):
        compile_module(forbear.loads(POLICY).typed)


@pytest.mark.parametrize(
    "change", [("'week'", "'days'"), ("dials', 'count'", "dials', 'any'"), ("'days', 7", "'days', 8")]
)
def test_a_wrong_table_of_derived_facts(monkeypatch: pytest.MonkeyPatch, change: tuple[str, str]) -> None:
    right: Callable[..., ast.expr] = module._history

    def wrong(*tables: object) -> ast.expr:
        text = ast.unparse(right(*tables))
        assert change[0] in text
        return ast.parse(text.replace(*change), mode="eval").body

    monkeypatch.setattr(module, "_history", wrong)
    text = POLICY.replace("in last 7 days", "this week") if "week" in change[0] else POLICY
    with pytest.raises(CompilerBug, match="the decision is wrong"):
        compile_module(forbear.loads(text).typed)


def deciding(condition: Condition) -> list[dict[str, GridValue]]:
    return [dict(case) for case in deciding_cases(condition, forbear.loads(POLICY).typed.facts, Steps(10_000))]


def test_each_comparison_decides_in_its_cases() -> None:
    condition = Or((And((Compare("late", ">", 60), Compare("calls", ">=", 3))), Compare("owed", "<", 100)))
    facts = forbear.loads(POLICY).typed.facts
    cases = deciding(condition)
    for fact, threshold in (("late", 61), ("calls", 3), ("owed", 100)):
        truths = {case[fact]: meaning.truth(condition, facts, case) for case in cases if others_stay(case, fact, cases)}
        assert truths[threshold - 1] is not truths[threshold], fact


def others_stay(case: dict[str, GridValue], fact: str, cases: list[dict[str, GridValue]]) -> bool:
    """Whether there is a case that differs in this fact alone."""
    return any(other != case and {**other, fact: case[fact]} == case for other in cases)


def test_where_the_steps_run_out_there_are_fewer_cases() -> None:
    wide = And(tuple([Compare("calls", "!=", number) for number in range(5_000)]))
    assert list(deciding_cases(wide, forbear.loads(POLICY).typed.facts, Steps(100))) == []
