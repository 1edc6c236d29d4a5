"""The mutation score: equivalent mutants are those of a brute force, and each suggested example notices its mutants."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest
import small
from attrs import evolve
from night import NIGHTLY
from test_comparison import cases

import forbear
from forbear.analysis.comparison.difference import difference
from forbear.analysis.findings.promises.failed_example import meets, try_examples
from forbear.analysis.mutation.mutants import Mutant, mutants
from forbear.analysis.mutation.score import idle_examples, mutation_score
from forbear.language.model.facts import Absent
from forbear.language.model.policy import Example, Expectation, Expected, TypedPolicy, facts_read
from forbear.report.examples import rule_examples, unnoticed_examples
from forbear.report.mutation import score_lines, slip_text
from forbear.semantics import meaning
from forbear.space.boundaries import boundary_days, boundary_values

HOUSE = """\
policy house
rule remind: after 3 days then allow sms
rule call: after 13 days and unreachable < 9 then allow phone_call
rule lost: forbid phone_call when unreachable > 3 overrides all
"""


def slips(text: str) -> list[tuple[str, str]]:
    """Each slip by its rule, in words."""
    return [(one.rule.name if one.rule else "", slip_text(one)) for one in mutants(forbear.loads(text).typed)]


def test_the_slips_of_a_rule() -> None:
    assert slips(HOUSE)[6:] == [
        ("call", "without the rule `call`"),
        ("call", "without its condition"),
        ("call", "without `days_overdue > 13`"),
        ("call", "`days_overdue > 13` as `days_overdue <= 13`"),
        ("call", "`days_overdue > 13` as `days_overdue > 12`"),
        ("call", "`days_overdue > 13` as `days_overdue > 14`"),
        ("call", "without `unreachable < 9`"),
        ("call", "`unreachable < 9` as `unreachable >= 9`"),
        ("call", "`unreachable < 9` as `unreachable < 8`"),
        ("call", "`unreachable < 9` as `unreachable < 10`"),
        ("call", "`allow` as `forbid`"),
        ("lost", "without the rule `lost`"),
        ("lost", "without its condition"),
        ("lost", "`unreachable > 3` as `unreachable <= 3`"),
        ("lost", "`unreachable > 3` as `unreachable > 2`"),
        ("lost", "`unreachable > 3` as `unreachable > 4`"),
        ("lost", "`forbid` as `allow`"),
        ("lost", "without `overrides call`"),
    ]


@pytest.mark.parametrize(
    ("rule", "slip"),
    [
        ("after 9 days then require letter", "`require` as `allow`"),
        ("never visit when local_time < 08:00", "`local_time < 08:00` as `local_time < 07:59`"),
        ("allow sms, letter when segment is one of a, b", "without `sms`"),
        ("allow sms, letter when segment is one of a, b", "`segment is one of a, b` as `segment is one of b`"),
        ("allow sms when paid is none", "`paid is none` as `paid is not none`"),
        ("allow sms when paid > CNY 10.50", "`paid > CNY 10.50` as `paid > CNY 10.51`"),
        ("always then allow sms in force from 2026-01-01", "`2026-01-01` as `2025-12-31`"),
        ("always then allow sms overrides other", "without `overrides other`"),
        ("allow sms when not (vip or late > 3)", "without `vip`"),
    ],
)
def test_a_slip_of_each_kind(rule: str, slip: str) -> None:
    head = """\
fact late days clock
fact segment one of a, b, c
fact vip yes/no
fact paid money CNY in steps of CNY 0.01 or none
fact local_time time
action sms, letter, visit
rule other: forbid sms when vip
"""
    assert ("r", slip) in slips(f"{head}rule r: {rule}\n")


def test_what_applies_to_all_rules_slips_once() -> None:
    text = (
        "policy p applies when after 5 days\nrule a: always then allow sms\nrule b: allow letter when unreachable > 3\n"
    )
    assert ("", "`days_overdue > 5` as `days_overdue > 6`") in slips(text)
    assert [slip for rule, slip in slips(text) if rule == "a"] == ["without the rule `a`", "`allow` as `forbid`"]


@pytest.mark.parametrize("seed", range(400 if NIGHTLY else 5))
def test_exactly_the_mutants_without_effect_are_equivalent(seed: int) -> None:
    policy = forbear.loads(small.small_policy(seed)).typed.with_promises()
    score = mutation_score(policy)
    assert score.undecided == ()
    assert score.noticed == 0
    unchanged = [mutant for mutant in mutants(policy) if _same_verdicts(policy, mutant)]
    assert [(one.rule, one.slip) for one in score.equivalent] == [(one.rule, one.slip) for one in unchanged]
    text = small.small_policy(seed) + "".join(unnoticed_examples(score))
    examples = forbear.loads(text).typed.examples[-len(score.unnoticed) :] if score.unnoticed else ()
    for unnoticed, example in zip(score.unnoticed, examples, strict=True):
        for mutant in unnoticed.mutants:
            [outcome] = try_examples(evolve(mutant.policy, examples=(example,)))
            assert outcome.failures, (example.title, slip_text(mutant))


def _same_verdicts(policy: TypedPolicy, mutant: Mutant) -> bool:
    return all(
        case.old[action].word == case.new[action].word
        for case in cases(policy, mutant.policy)
        for action in policy.actions
    )


def test_what_examples_and_ensures_notice_is_counted() -> None:
    all_slips = mutation_score(forbear.loads(HOUSE).typed)
    assert (all_slips.noticed, all_slips.percent) == (0, 0.0)
    with_example = HOUSE + 'example "day 4": given days_overdue 4 expect sms allowed\n'
    score = mutation_score(forbear.loads(with_example).typed)
    assert score.noticed == 4  # the rule, the comparison negated, the threshold above, the effect
    assert score.counted == all_slips.counted
    with_ensure = with_example + "ensure sms not allowed when within 3 days\n"
    score = mutation_score(forbear.loads(with_ensure).typed)
    assert score.noticed == 6
    assert not any(one.rule and one.rule.name == "remind" for each in score.unnoticed for one in each.mutants)


def test_an_example_that_notices_nothing_is_idle() -> None:
    text = HOUSE + 'example "no letter": given days_overdue 4 expect letter not allowed\n'
    policy = forbear.loads(text).typed
    assert [example.title for example in mutation_score(policy).idle] == ["no letter"]
    assert [example.title for example in idle_examples(policy)] == ["no letter"]


@pytest.mark.parametrize("make", [small.small_policy, small.dutiful_policy])
@pytest.mark.parametrize("seed", range(200 if NIGHTLY else 4))
def test_idle_are_those_that_fail_on_no_mutant(seed: int, make: Callable[[int], str]) -> None:
    """Of drawn policies with drawn examples that hold, of any expectation."""
    policy = forbear.loads(make(seed)).typed
    generator = random.Random(seed)
    drawn = [_held(policy, generator, f"drawn {nth}") for nth in range(12)]
    policy = policy.with_promises(examples=tuple(drawn))
    assert not any(outcome.failures for outcome in try_examples(policy))
    failed = {
        outcome.example.title
        for mutant in mutants(policy)
        for outcome in try_examples(mutant.policy)
        if outcome.failures
    }
    assert failed
    idle = [example for example in policy.examples if example.title not in failed]
    assert list(idle_examples(policy)) == idle


def _held(policy: TypedPolicy, generator: random.Random, title: str) -> Example:
    """An example of a case of boundary values, with something that holds of one or two actions."""
    values = boundary_values(policy, facts_read(policy))
    case = {name: generator.choice(values[name]) for name in values}
    day = generator.choice([day for day in boundary_days(policy) if day is not None] or [None])
    expected = []
    for action in generator.sample(list(policy.actions), 2):
        verdict = meaning.decide_action(policy, action, case, day).verdict
        fitting = [expectation for expectation in Expectation if meets(verdict, expectation)]
        expected.append(Expected((action,), generator.choice(fitting), policy.place))
    given = {name: Absent.UNKNOWN if value is None else value for name, value in case.items()}
    return Example(title, given, day, tuple(expected), policy.place)


def test_the_rules_of_a_standard_do_not_slip() -> None:
    text = 'policy p subject to "pack:regulation/us-fdcpa"\nrule a: after 3 days then allow sms\n'
    typed_policy = forbear.loads(text).typed
    assert {one.rule.name for one in mutants(typed_policy) if one.rule} == {"a"}


def test_a_rule_that_decides_in_no_case_has_no_example() -> None:
    policy = forbear.loads(HOUSE + "rule dead: never letter when after 5 days and before day 3\n").typed
    assert rule_examples(policy, ["dead"]) == ""
    assert 'example "remind: decides"' in rule_examples(policy, ["remind"])


WINDOWS = """\
policy house
uses collections
event payment
event letter_sent
fact paid count of payment in last 6 months
fact announced any letter_sent at least 7 days ago
rule call: never phone_call when paid > 0
rule visit: announced then allow visit
rule seven: limit sms to 7 by calls_in_7_days
"""
AT_THE_ENDS = """
example "the first day": given days_overdue 0, payment on 2025-09-03 on 2026-03-02 expect phone_call forbidden
example "the day before": given days_overdue 0, payment on 2025-09-02 on 2026-03-02 expect phone_call unsaid
example "a letter, a week ago": given days_overdue 0, letter_sent on 2026-02-23 on 2026-03-02 expect visit allowed
example "less": given days_overdue 0, letter_sent on 2026-02-24 on 2026-03-02 expect visit unsaid
"""
INSIDE = """
example "paid": given days_overdue 0, payment on 2026-01-03 on 2026-03-02 expect phone_call forbidden
example "a letter, two weeks ago": given days_overdue 0, letter_sent on 2026-02-16 on 2026-03-02 expect visit allowed
"""


@pytest.mark.parametrize(
    ("examples", "left"),
    [
        (AT_THE_ENDS, []),
        (
            INSIDE,
            [
                ("paid", "`in last 6 months` as `in last 5 months`"),
                ("paid", "`in last 6 months` as `in last 7 months`"),
                ("announced", "`at least 7 days ago` as `at least 6 days ago`"),
                ("announced", "`at least 7 days ago` as `at least 8 days ago`"),
            ],
        ),
    ],
)
def test_a_window_of_the_house_slips_and_an_event_at_its_end_notices(
    examples: str, left: list[tuple[str, str]]
) -> None:
    """That of `calls_in_7_days` belongs to the bundled vocabulary."""
    policy = forbear.loads(WINDOWS + examples).typed
    score = mutation_score(policy)
    assert [(mutant.fact.name, slip_text(mutant)) for mutant in score.windows if mutant.fact] == left
    assert left or score.idle == ()
    assert idle_examples(policy) == score.idle
    without = mutation_score(evolve(policy, examples=()))
    assert len(without.windows) == 4
    assert without.counted == score.counted
    lines = list(score_lines("house", score, [""] * len(score.unnoticed)))
    assert sum("in the fact `" in line for line in lines) == len(left)


def test_a_slip_in_what_rows_share_is_one_for_all_rows() -> None:
    text = (
        'policy house\n  applies when state is "NY"\n'
        "table early\n  | days_overdue | sms   |\n  | 9 to 13      | allow |\n  | over 13      | never |\n"
        "  when deceased\n  unless bankruptcy\nrule call: after 13 days then allow phone_call\n"
    )
    policy = forbear.loads(text).typed
    shared = [(one.table.name if one.table else None, slip_text(one)) for one in mutants(policy) if one.rule is None]
    assert shared == [
        ("early", "without `deceased`"),
        ("early", "`deceased` as `not deceased`"),
        ("early", "without `not bankruptcy`"),
        ("early", "`bankruptcy` as `not bankruptcy`"),
        (None, "without its condition"),
        (None, '`state is "NY"` as `state is not "NY"`'),
    ]
    of_rows = [slip_text(one) for one in mutants(policy) if one.rule and one.rule.name.startswith("early")]
    assert not [slip for slip in of_rows if "deceased" in slip or "bankruptcy" in slip]
    without = next(one for one in mutants(policy) if one.table)
    assert {policy.rules[number].name for number in without.rules} == {"early.1", "early.2"}
    score = mutation_score(policy)
    assert any("share: without" in line for line in score_lines("house", score, [""] * len(score.unnoticed)))


def test_a_slip_in_a_row_is_one_in_the_row_otherwise_too() -> None:
    """And an edit of a row is one of it. By itself, `otherwise` is left out or does something else."""
    text = (
        "table early\n  | days_overdue | deceased | sms   |\n  | 9 to 13      | no       | allow |\n"
        "  | 14           | any      |       |\n  | otherwise    |          | never |\n"
    )
    policy, moved, without = (
        forbear.loads(one).typed for one in (text, text.replace("9 to", "8 to"), re.sub(".*9 to.*\n", "", text))
    )
    of_row = {slip_text(one): one.policy.rules[-1] for one in mutants(policy) if one.rule is policy.rules[0]}
    assert of_row["`days_overdue between 9 and 13` as `days_overdue between 8 and 13`"].condition == (
        moved.rules[-1].condition
    )
    assert of_row["without the rule `early.1`"].condition == without.rules[-1].condition
    assert of_row["`allow` as `forbid`"].condition == policy.rules[-1].condition
    of_last = [slip_text(one) for one in mutants(policy) if one.rule is policy.rules[-1]]
    assert of_last == ["without the rule `early.3`", "`never` as `allow`"]
    assert [(edit.name, edit.rules) for edit in difference(policy, moved).edits] == [
        ("early.1", ("early.1", "early.3"))
    ]
