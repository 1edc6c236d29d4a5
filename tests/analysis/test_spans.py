"""The spans of a chart, held against the reference interpreter: a rule decides there, and nowhere else."""

from __future__ import annotations

import datetime
import itertools
import random
from pathlib import Path

import pytest
import small
import strategies
from attrs import evolve
from hypothesis import given, settings
from strategies import examples

import forbear
from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.analysis.spans import Span, on_day, spans, to_the_day
from forbear.kernel.cases import GridValue, Verdict
from forbear.language.model.conditions import Condition
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.semantics import meaning
from forbear.semantics.to_text import condition_text, fact_text


def condition_of(text: str, policy: TypedPolicy, source: str) -> Condition:
    """A condition of a span, parsed again with the policy's vocabulary."""
    action = next(iter(policy.actions))
    again = forbear.loads(f"{source}\nrule parsed_again: {text} then allow {action}\n").typed
    return next(rule.condition for rule in again.rules if rule.name == "parsed_again")


def lies_in(span: Span, condition: Condition, analysis: Analysis, case: dict[str, GridValue], day: int | None) -> bool:
    """Whether a span says that its rule decides in a case."""
    policy = analysis.policy
    date = None if day is None else datetime.date.fromordinal(day)
    if date is not None and ((span.since and date < span.since) or (span.until and span.until < date)):
        return False
    clock = clock_axis(analysis)
    cell = 0 if clock is None else analysis.space.cells.axes[clock].cell_of(case[clock])
    if not any(first <= cell <= last for first, last in span.runs):
        return False
    holds = meaning.truth(condition, policy.facts, case)
    rule = policy.rules[span.rule]
    in_own_words = span.condition == condition_text(rule.condition, policy.facts)
    refuses = span.verdict is Verdict.FORBIDDEN  # read as a rule is: what is not known does not permit
    return holds is True or (holds is None and refuses and in_own_words)


def decides_as_reported(policy: TypedPolicy, source: str, cases: int, seed: int) -> None:
    """Holds the spans of a policy against its decisions; a rule behind `source` is read with its vocabulary."""
    analysis = analyse(policy)
    starts = analysis.space.cells.starts  # days before the law that is over a policy are in no span
    days = [day for day in strategies.boundary_days_of(policy) if day is None or (starts and starts[0] <= day)] or [
        None
    ]
    for action in policy.actions:
        row = spans(analysis, action, 1_000)
        if row.left_out:
            continue
        conditions = [condition_of(span.condition, policy, source) for span in row.spans]
        for number, case in enumerate(strategies.boundary_cases(policy, seed, cases)):
            day = days[number % len(days)]
            decision = meaning.decide_action(policy, action, case, day)
            active = meaning.active_rules(policy, action, case, day)
            refused = meaning.duties_blocked(policy, action, case, day)
            deciding = set()
            for span, condition in zip(row.spans, conditions, strict=True):
                interrupting = [other for other in span.unless if counts_as_active(policy, action, active, other)]
                blocking = [other for other in span.blocked if other in refused and refused[other].holds is not False]
                if lies_in(span, condition, analysis, case, day) and not interrupting and not blocking:
                    deciding.add(policy.rules[span.rule].name)
            # A rule that asks for a companion that is forbidden refuses as a `never` would, and has no span for that.
            asking = {
                name
                for name in decision.rules
                if decision.verdict is Verdict.FORBIDDEN and not refuses(policy, action, name)
            }
            assert deciding == set(decision.rules) - asking, (action, case, day, row.spans)


def refuses(policy: TypedPolicy, action: str, name: str) -> bool:
    """Whether a rule of some name forbids an action by its own effect."""
    return any(rule.name == name and rule.effects.get(action) in (Effect.FORBID, Effect.NEVER) for rule in policy.rules)


def counts_as_active(policy: TypedPolicy, action: str, active: dict[int, bool | None], number: int) -> bool:
    """Whether a rule is active, certainly or possibly as its effect requires."""
    effect = policy.rules[number].effects[action]
    certainly = effect.permits or effect is Effect.EXEMPT  # what exempts sets aside a `never`
    return active[number] is True if certainly else active[number] is not False


@settings(max_examples=examples(120))
@given(strategies.policies(), strategies.seeds())
def test_a_rule_decides_where_a_span_says_so_and_nowhere_else(policy: strategies.Policy, seed: int) -> None:
    # `applies` would hold of a rule that is read again, too.
    source = strategies.text_of(evolve(policy, applies=None))
    decides_as_reported(forbear.loads(strategies.text_of(policy)).typed, source, 25, seed)


ASKING = {
    "a duty": ("rule base: allow a when late > 1\nrule asks: require b with a when asked", [], ["asks"]),
    "an unknown duty": ("rule base: allow a when late > 1\nrule asks: require b with a when perhaps", [], ["asks"]),
    "a duty of what is refused": (
        "rule base: forbid a when late > 1\nrule asks: require b with a when asked",
        [],
        ["asks"],
    ),
    "a never, which is stronger": ("rule base: never a when late > 1\nrule asks: require b with a", [], []),
    "a duty that is met there": ("rule base: allow a when late < 1\nrule asks: require b with a when asked", [], []),
    "the rule itself": ("rule base: allow a with b when asked", [], ["base"]),
    "a weaker rule": (
        "rule base: require a when late > 1\nrule asks: allow a with b when asked",
        [],
        ["asks"],
    ),
    "an overriding rule": (
        "rule base: forbid a when late > 1\nrule asks: allow a with b when asked overrides base",
        ["asks"],
        ["asks"],
    ),
    "a duty of a duty": (
        "rule base: allow a when late > 1\nrule asks: require c with a when asked\nrule too: require b with c",
        [],
        ["asks"],
    ),
}
"""How a rule asks for `b` to go along with `a`, where `b` is forbidden at times; and what ends the spans of `base`."""


@pytest.mark.parametrize("how", ASKING)
def test_a_rule_that_asks_for_what_is_forbidden_ends_a_span_and_no_other_case_does(how: str) -> None:
    rules, unless, blocked = ASKING[how]
    source = "fact late days clock\nfact asked yes/no\nfact perhaps yes/no optional\naction a, b, c\n"
    policy = forbear.loads(f"{source}{rules}\nrule hold: forbid b when late > 5\n").typed
    decides_as_reported(policy, source, 60, 1)
    names = [rule.name for rule in policy.rules]
    its = [span for span in spans(analyse(policy), "a", 10).spans if names[span.rule] == "base"]
    assert its
    assert {names[number] for span in its for number in span.unless} == {*unless}
    assert {names[number] for span in its for number in span.blocked} == {*blocked}


def test_rules_of_standards_too(tmp_path: Path) -> None:
    exempted = 0
    for seed in range(examples(60)):
        policy = small.loaded(small.under_standards(seed, 1 + seed % 2), tmp_path)
        if policy is not None:
            vocabulary = "\n".join(
                [f"fact {fact.name} {fact_text(fact, policy.typed)}" for fact in policy.typed.facts.values()]
                + [f"action {action}" for action in policy.typed.actions]
            )
            decides_as_reported(policy.typed, vocabulary, 25, seed)
            exempted += any(Effect.EXEMPT in rule.effects.values() for rule in policy.typed.rules)
    assert exempted


def test_the_ladder_of_the_article() -> None:
    analysis = analyse(forbear.load("pack:huabei/redesigned").typed)
    (asks, apart) = spans(analysis, "contact_related", 10).spans
    rules = analysis.policy.rules
    assert (rules[asks.rule].name, asks.condition, asks.runs) == ("ask_related_person", "unreachable >= 3", ((3, 3),))
    assert [rules[number].name for number in asks.unless] == ["keep_payment_data_apart"]
    assert apart.condition == "contact_source is shipping_record or contact_source is unknown"
    assert apart.runs == ((0, 3),)


@pytest.mark.parametrize(
    ("condition", "first", "last"),
    [
        ("late > grace + 3", 4, None),
        ("late > grace + 3 and grace >= 5", 9, None),
        ("late >= grace - 2 and grace between 7 and 8", 5, None),
        ("late < grace + 3", 0, 22),
        ("grace < late and not (grace between 0 and 4)", 6, None),
        ("late = grace + 2 and grace <= 6", 2, 8),
        ("grace + 3 <= late and late < 9", 3, 8),
        ("late > grace + 3 and grace > other + 2", 7, None),
        ("late > grace + 3 and late < other", 4, 11),
        ("late >= 50% of grace and grace >= other + 5 and other >= 4", 5, None),
        ("grace <= 20% of late and other >= 3 and other < grace", 20, None),
    ],
)
def test_a_span_begins_and_ends_on_the_day_a_relation_does(condition: str, first: int, last: int | None) -> None:
    text = (
        "fact late days clock\nfact grace days between 0 and 20\nfact other days between 0 and 12\naction a\n"
        f"rule r: allow a when {condition}\n"
    )
    analysis = to_the_day(analyse(forbear.loads(text).typed))
    axis = analysis.space.cells.axes["late"]
    [span] = spans(analysis, "a", 10).spans
    assert axis.first[span.runs[0][0]] == first
    assert axis.last(span.runs[-1][1]) == (axis.fact.high if last is None else last)


def test_each_run_of_a_span_begins_on_the_day_a_relation_does() -> None:
    """The days before the second one are none of it, however near the first one is."""
    text = (
        "fact late days clock\nfact grace days between 1 and 20\naction a\n"
        "rule r: allow a when late > grace and late is not between 4 and 9\n"
        "rule hold: forbid a when late >= 10 and grace < 12 overrides all\n"
    )
    analysis = to_the_day(analyse(forbear.loads(text).typed))
    axis = analysis.space.cells.axes["late"]
    runs = [run for span in spans(analysis, "a", 10).spans if span.rule == 0 for run in span.runs]
    assert [(axis.first[first], axis.last(last)) for first, last in runs] == [(2, 3), (13, axis.fact.high)]


CHAINED = (
    *("late > grace + 1", "late >= other - 2", "grace > other + 1", "other >= grace + 2", "late < other + 4"),
    *("grace >= 2", "not (late = other)", "late >= 50% of grace", "late between grace and other"),
)


def test_the_days_of_spans_are_those_on_which_a_rule_decides_in_some_case() -> None:
    moved = 0
    for seed in range(examples(16)):
        chosen = random.Random(f"days {seed}")
        conditions = [" and ".join(chosen.sample(CHAINED, chosen.choice((1, 2, 3)))) for _ in range(2)]
        conditions[0] += " and late >= grace"
        policy = forbear.loads(
            "fact late days clock between 0 and 9\nfact grace days between 0 and 5\nfact other days between 0 and 6\n"
            f"action a\nrule permit: allow a when {conditions[0]}\nrule refuse: forbid a when {conditions[1]}\n"
        ).typed
        days: dict[str, set[int]] = {"permit": set(), "refuse": set()}
        for late, grace, other in itertools.product(range(10), range(6), range(7)):
            case = {"late": late, "grace": grace, "other": other}
            for name in meaning.decide_action(policy, "a", case, None).rules:
                days[name].add(late)
        analysis = to_the_day(analyse(policy))
        axis = analysis.space.cells.axes["late"]
        moved += len(axis.first) > len(analyse(policy).space.cells.axes["late"].first)
        for number, name in enumerate(days):
            runs = [run for span in spans(analysis, "a", 100).spans if span.rule == number for run in span.runs]
            ends = [(int(axis.first[first] or 0), int(axis.last(last) or 0)) for first, last in runs]
            said = {day for first, last in ends for day in range(first, last + 1)}
            assert {day for run in ends for day in run} <= days[name] <= said, (seed, conditions, name)
    assert moved > 4


DATED = """
policy p
rule a: after 3 days then allow sms
rule b: forbid sms when unreachable > 2 in force from 2015-06-01 until 2015-08-31
rule c: forbid sms when after 9 days overrides a in force from 2015-08-01
"""


@pytest.mark.parametrize(("day", "rules"), [("2015-05-31", "a"), ("2015-07-01", "ab"), ("2015-10-01", "ac")])
def test_the_spans_of_a_day(day: str, rules: str) -> None:
    analysis = on_day(analyse(forbear.loads(DATED).typed), datetime.date.fromisoformat(day).toordinal())
    found = spans(analysis, "sms", 10).spans
    assert "".join(analysis.policy.rules[span.rule].name for span in found) == rules
    assert all(span.since is span.until is None for span in found)


def test_the_spans_of_all_days_name_theirs() -> None:
    analysis = analyse(forbear.loads(DATED).typed)
    reported = [
        (analysis.policy.rules[span.rule].name, span.since, span.until) for span in spans(analysis, "sms", 10).spans
    ]
    assert ("b", datetime.date(2015, 6, 1), datetime.date(2015, 8, 31)) in reported
    assert ("c", datetime.date(2015, 8, 1), None) in reported


def test_what_was_not_looked_at_is_counted() -> None:
    source = "policy p\n" + "".join(f"rule r{n}: from day {n} to day {n} then allow sms\n" for n in range(20))
    row = spans(analyse(forbear.loads(source).typed), "sms", 5)
    assert (len(row.spans), row.left_out) == (5, 15)
