"""Witnesses are plain: near the thresholds that matter, and all else usual, or as mild as it may be."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from checking import typed

import forbear
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.cases import case_text

FACTS = """\
policy house
fact late days clock
fact misses count usually 2
fact score number
fact delta percent
fact depth number between -10 and 10
fact seen_on date
fact born date or none
fact vip yes/no
fact hardship one of plain, asked, agreed usually asked
action sms, call, visit
ladder pressure: sms, call, visit rising with late, score
"""


def find(text: str, code: str) -> Diagnostic:
    [found] = [one for one in findings(typed(FACTS + text)).diagnostics if one.code == code]
    return found


def cases(found: Diagnostic) -> list[Mapping[str, object]]:
    assert found.witness is not None
    return list(found.witnesses) or [found.witness]


READ = "rule other: score > 9 and delta > 9% and depth > 9 and seen_on > 2020-05-05 and born > 2020-05-05 and vip "
READ += "and misses > 5 and hardship is agreed then forbid visit\n"


@pytest.mark.parametrize(
    ("condition", "case"),
    [
        ("always", {"score": 0, "delta": 0, "depth": -10, "seen_on": "2020-05-05", "born": "2020-05-05"}),
        ("always", {"vip": False, "misses": 2, "hardship": "asked"}),
        ("score > 12", {"score": "12.01"}),
        ("score < -12", {"score": "-12.01"}),
        ("score between -40 and -30 or score between 70 and 90", {"score": -30}),
        ("score < 5", {"score": 0}),
        ("score != 0", {"score": "0.01"}),
        ("delta <= -7%", {"delta": -7}),
        ("depth > 3", {"depth": "3.01"}),
        ("seen_on >= 2021-01-01", {"seen_on": "2021-01-01"}),
        ("born is not none", {"born": "2020-05-05"}),
        ("misses <= 1", {"misses": 0}),
        ("misses >= 4", {"misses": 4}),
        ("hardship is not asked", {"hardship": "plain"}),
    ],
)
def test_a_fact_has_its_usual_value_or_the_mildest(condition: str, case: dict[str, object]) -> None:
    text = READ + f"rule first: {condition} then allow sms\nensure sms not allowed\n"
    [witness] = cases(find(text, "failed-ensure"))
    assert {name: witness[name] if isinstance(case[name], int) else str(witness[name]) for name in case} == case


def test_a_date_without_a_threshold_is_no_end_of_the_calendar() -> None:
    [witness] = cases(find("rule first: born is not none then allow sms\nensure sms not allowed\n", "failed-ensure"))
    assert witness["born"] == "2000-01-01"


HOLE = """\
rule early: within 13 days then allow call
rule odd: on day 20 and misses >= 7 and vip and score > 100 then allow call
rule later: after 30 days then allow call
rule latest: after 300 days and misses < 1 then forbid call
"""


def test_a_hole_is_shown_at_its_edges_in_a_case_that_is_usual_otherwise() -> None:
    shown = cases(find(HOLE, "hole"))
    assert shown == [{"late": late, "misses": 2, "score": 0, "vip": False} for late in (13, 14, 31)]


@pytest.mark.parametrize("order", ["abc", "cba", "bca"])
def test_the_order_of_rules_does_not_make_a_witness_odd(order: str) -> None:
    rules = {
        "a": "rule odd: vip and misses >= 7 and hardship is agreed then allow call\n",
        "b": "rule plain_one: after 60 days then allow call\n",
        "c": "rule odder: score > 5000 and vip then allow call\n",
    }
    text = "".join(rules[one] for one in order) + "ensure call not allowed\n"
    [witness] = cases(find(text, "failed-ensure"))
    assert witness == {"late": 61, "misses": 2, "score": 0, "vip": False, "hardship": "asked"}


def test_a_pair_meets_in_the_minimal_one_of_its_cases() -> None:
    text = "rule first: misses > 6 or hardship is agreed or late > 3 then allow call\n"
    text += "rule second: forbid call when always\n"
    [witness] = cases(find(text, "contradiction"))
    assert witness == {"late": 4, "misses": 2, "hardship": "asked"}


def test_pressure_falls_between_values_next_to_each_other() -> None:
    low, high = cases(find("rule first: score between -80 and -20 then allow call\n", "falling-pressure"))
    assert (low["score"], str(high["score"])) == (-20, "-19.99")


def test_a_skipped_rung_is_shown_for_all_milder_ones_at_once_where_that_may_be() -> None:
    rule = "rule three: after 9 days then allow visit\n"
    text = "rule first: vip and score < 3 then allow sms\nrule two: misses > 4 then allow call\n"
    both = [one for one in findings(typed(FACTS + text + rule)).diagnostics if one.actions == ("visit",)]
    [found] = [one for one in both if one.code == "skipped-rung"]
    assert found.skips == ("sms", "call")
    assert cases(found) == [{"late": 10, "misses": 2, "score": 0, "vip": False}]
    assert found.message == (
        "`visit` is permitted on day 10, and in this case the milder `sms`, `call` are neither permitted nor "
        "forbidden on any day up to then"
    )
    assert "as `first`, `two` do in other cases" in found.help
    text = (
        "rule first: vip then allow sms\nrule two: not vip then allow call\nrule three: after 9 days then allow visit\n"
    )
    both = [one for one in findings(typed(FACTS + text)).diagnostics if one.actions == ("visit",)]
    [found] = [one for one in both if one.code == "skipped-rung"]
    assert found.skips == ("sms", "call")
    assert found.message.endswith(
        "the milder `sms` is neither permitted nor forbidden on any day up to then; in other cases so is `call`"
    )


def test_a_rung_on_two_ladders_is_reported_with_both() -> None:
    text = "ladder channel: call, visit\nrule first: after 3 days then allow visit\n"
    text += "rule two: after 9 days then allow call, sms\n"
    found = [one for one in findings(typed(FACTS + text)).diagnostics if one.actions == ("visit",)]
    [skipped] = [one for one in found if one.code == "skipped-rung"]
    assert skipped.skips == ("sms", "call")
    assert "the milder `sms`, `call` of ladder `pressure` are neither" in skipped.message
    with_letter = FACTS.replace("action sms", "action letter, sms") + text.replace(
        "channel: call", "channel: letter, call"
    )
    with_letter += "rule three: after 9 days then allow letter\n"
    [skipped] = [
        one
        for one in findings(typed(with_letter)).diagnostics
        if one.actions == ("visit",) and one.code == "skipped-rung"
    ]
    assert (
        "the milder `sms`, `call` of ladder `pressure`, or `letter` of ladder `channel` are neither" in skipped.message
    )


PROMISES = """\
policy promises
fact late days clock
fact now date
fact promised date or none usually none
fact owed money USD
fact limit_of_account money USD usually USD 2000
action call, letter
rule ring: after 3 days and owed > 10% of limit_of_account then allow call
rule write: after 3 days then allow letter
rule hold: never call when promised + 3 days >= now{}
"""


def test_cases_of_compared_facts_are_plain_and_their_dates_are_no_ends_of_the_calendar() -> None:
    """A promise is made where it has to be, about the year 2000, and nowhere else."""
    old, new = PROMISES.format(" unless late > 9"), PROMISES.format("")
    held = "now 2000-01-01, promised 2000-01-01"
    account = "owed USD 200.01"  # of the usual limit
    assert plain(old, new, "call") == f"late 10, {held}, {account}"
    assert plain(new, new.replace("after 3 days and", "after 2 days and"), "call") == f"late 3, {account}"
    assert plain(new, new.replace("after 3 days then", "after 2 days then"), "letter") == "late 3"


def plain(old: str, new: str, action: str) -> str:
    """The first case that tells a change of an action."""
    before, after = forbear.loads(old), forbear.loads(new)
    case = next(one.case for one in forbear.diff(before, after).consequences if one.action == action)
    return case_text(case, after.typed.facts)
