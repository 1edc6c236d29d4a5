"""One cause, one finding: what is told of it once, and the findings that are folded below."""

from __future__ import annotations

import pytest

import forbear
from forbear.base.diagnostic import Diagnostic

MATRIX = """\
fact late days clock
fact risk one of low < medium < high
action sms, call
table matrix
  | rule | risk   | late     | sms   | call  |
  | a    | low    | under 30 | allow |       |
  | b    | low    | over 29  | allow | allow |
  | c    | medium | under 15 | allow |       |
  | d    | high   | any      | allow | allow |
"""
EXAMPLES = """\
example "one": given late 20, risk medium expect sms allowed, call allowed
example "two": given late 21, risk medium expect sms allowed, call allowed
example "three": given late 22, risk medium expect call allowed
"""


def told(text: str) -> list[Diagnostic]:
    """The errors and warnings of a policy, one of each cause."""
    return [one for one in forbear.loads(text).validate() if one.severity.value != "note"]


def test_a_missing_row_is_one_finding() -> None:
    [found] = told(MATRIX + EXAMPLES)
    assert found.code == "failed-example"
    assert [(one.code, *one.actions) for one in found.also] == [
        ("failed-example", one) for one in ("call", "sms", "call", "call")
    ]
    [gap] = told(f"{MATRIX}  complete\n{EXAMPLES}")
    assert gap.code == "table-gap"
    assert len(gap.also) == 5


@pytest.mark.parametrize(
    ("heads", "effects", "speaks_of_sms"),
    [
        ("call", "forbid", False),
        ("everything except sms", "forbid", False),
        ("call | sms", "forbid | ", True),
        ("call | remote", "forbid | ", True),
        ("then", "forbid call", True),
    ],
)
def test_a_missing_row_loses_only_what_its_table_speaks_of(heads: str, effects: str, speaks_of_sms: bool) -> None:
    """Day 5 is in no row, and no rule permits sms on it."""
    found = told(f"""\
fact late days clock
action sms, call, letter
group remote is sms, letter
rule remind: from day 1 to day 4 then allow sms
rule again: after 6 days then allow sms
table calls
  | late | {heads} |
  | < 4  | {effects} |
  | > 5  | {effects} |
  complete
""")
    codes = {one.code: [also.code for also in one.also] for one in found}
    assert codes == ({"table-gap": ["hole"]} if speaks_of_sms else {"table-gap": [], "hole": []})


def test_examples_that_one_rule_fails_are_one_finding() -> None:
    """Two rules that were never meant, each with its examples; a third example fails by the lack of a rule."""
    text = """\
rule remind: after 3 days then allow sms, letter
rule first: never sms when deceased
rule second: never letter when bankruptcy
example "a": given days_overdue 4, deceased yes expect sms allowed
example "b": given days_overdue 5, deceased yes expect sms allowed
example "c": given days_overdue 4, bankruptcy yes expect letter allowed
example "d": given days_overdue 5, bankruptcy yes expect letter allowed
example "e": given days_overdue 4 expect visit allowed
"""
    found = [one for one in told(text) if one.code == "failed-example"]
    assert [(one.rules, [also.rules for also in one.also]) for one in found] == [
        (("first",), [("first",)]),
        (("second",), [("second",)]),
        ((), []),
    ]


def test_a_duty_that_is_gone_is_one_finding() -> None:
    examples = "".join(
        f'example "{day}": given days_overdue {day} expect sms, email allowed with opt_out_notice\n'
        for day in range(4, 9)
    )
    found = [
        one for one in told(f"rule r: after 3 days then allow sms, email\n{examples}") if one.code == "failed-example"
    ]
    assert [len(one.also) for one in found] == [9]


def test_a_comparison_in_a_definition_and_the_rules_that_it_kills_are_one_finding() -> None:
    text = """\
define odd is unreachable >= 0
define even is not odd
define soon is within 50 days
rule a: after 60 days and even and soon then allow visit
rule b: after 70 days and not odd then allow letter
rule c: after 80 days and soon then allow email
"""
    found = told(text)
    assert [(one.code, [also.rules for also in one.also]) for one in found] == [
        ("decided-comparison", [("a",), ("b",)]),
        ("dead-rule", []),
    ]


def test_the_rules_that_a_safeguard_blocks_are_one_finding() -> None:
    rules = "".join(f"rule r{day}: require letter when on day {day}\n" for day in range(5))
    [found] = [one for one in told(f"{rules}rule quiet: never letter\n") if one.code == "blocked-duty"]
    assert sum(one.code == "blocked-duty" for one in found.also) == 4


def test_the_safeguards_that_block_one_duty_are_one_finding() -> None:
    """Two duties that one safeguard blocks too stay apart: each is a thing to mend."""
    facts = ("deceased", "bankruptcy", "cease_requested")
    safeguards = "".join(f"rule s{number}: never letter when {fact}\n" for number, fact in enumerate(facts))
    duties = "rule d0: require letter when vulnerable\nrule d1: require letter when first_contact_made\n"
    found = [one for one in told(safeguards + duties) if one.code == "blocked-duty"]
    assert [(one.rules, [also.rules for also in one.also]) for one in found] == [
        (("s0", duty), [("s1", duty), ("s2", duty)]) for duty in ("d0", "d1")
    ]


def test_a_safeguard_that_blocks_more_duties_than_safeguards_block_each_is_the_cause() -> None:
    safeguards = "rule s0: never letter when deceased\nrule s1: never letter when bankruptcy\n"
    duties = "".join(f"rule d{day}: require letter when on day {day}\n" for day in range(3))
    found = [one for one in told(safeguards + duties) if one.code == "blocked-duty"]
    assert [(one.rules, [also.rules for also in one.also]) for one in found] == [
        ((safeguard, "d0"), [(safeguard, "d1"), (safeguard, "d2")]) for safeguard in ("s0", "s1")
    ]
