"""`accept`: what it covers is listed with its reason and no longer counts; what it does not cover is reported."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from checking import each, totals, typed
from checking import found as checked
from invoking import forbear, write

import forbear as library
from forbear.analysis.findings.registry import CODES as FOUND
from forbear.analysis.run import Findings, findings
from forbear.base.diagnostic import CODES as CHECKED
from forbear.base.diagnostic import Code, Diagnostic

CODES: dict[str, Code] = {code: code for code in (*FOUND, *CHECKED.values())}
FACTS = """\
policy house
fact late days clock between 0 and 100
fact misses count between 0 and 9 usually 0
fact vip yes/no usually no
action sms, call, visit, letter
group spoken is call, visit
ladder pressure: sms, call, visit rising with late, misses
"""
CLASH = "rule first: after 3 days then allow call\nrule second: forbid call when misses >= 2\n"
HOLE = "rule early: within 13 days then allow call\nrule later: after 14 days then allow call\n"


def find(text: str, *, on: str | None = None, limit: int | None = None) -> Findings:
    today = None if on is None else datetime.date.fromisoformat(on)
    policy = typed(FACTS + text)
    return findings(policy, checked(FACTS + text), limit=limit, today=today, asked=["overlap"])


def of(result: Findings, code: str) -> list[Diagnostic]:
    return [one for one in result.diagnostics if one.code == code]


def witness_of(diagnostic: Diagnostic) -> Mapping[str, object]:
    assert diagnostic.witness is not None
    return diagnostic.witness


# Each code by its names

NAMED = {
    "contradiction": (CLASH, "first, second"),
    "blocked-duty": (
        "rule first: after 3 days then require call\nrule second: never call when misses >= 2\n",
        "first, second",
    ),
    "dead-rule": ("rule first: after 3 days and within 2 days then allow call\n", "first"),
    "duplicate": (
        "rule first: after 3 days then allow call\nrule second: from day 4 then allow call\n",
        "first, second",
    ),
    "subsumed": (
        "rule first: after 3 days then allow call\nrule second: after 9 days then allow call\n",
        "first, second",
    ),
    "overlap": (
        "rule first: after 3 days then allow call\nrule second: within 9 days then allow call\n",
        "first, second",
    ),
    "masked-rule": ("rule first: after 3 days then allow call\nrule second: never call\n", "first"),
    "hole": (HOLE, "call"),
    "skipped-rung": ("rule first: after 3 days then allow call\nrule second: after 9 days then allow sms\n", "call"),
    "falling-pressure": ("rule first: from day 3 to day 9 then allow call\n", "pressure, late"),
    "no-floor": ("rule first: within 9 days then allow call\n", "call"),
    "unguarded": ("rule first: after 3 days then allow call, sms\n", "sms, call"),
    "decided-comparison": ("rule first: misses >= 0 then allow call\n", "first"),
}


@pytest.mark.parametrize("code", NAMED)
def test_an_accepted_finding_is_listed_with_its_reason_and_does_not_count(code: str) -> None:
    text, names = NAMED[code]
    plain = find(text)
    assert totals(plain)[code] == 1
    result = find(text + f'accept {code} of {names} because "meant: \\"so\\""\n')
    assert [one.accepted for one in of(result, code)] == ['meant: "so"']
    assert totals(result) == {other: number for other, number in totals(plain).items() if other != code}
    [reported], [before] = of(result, code), of(plain, code)
    assert (reported.message, reported.rules, reported.actions, reported.witness) == (
        before.message,
        before.rules,
        before.actions,
        before.witness,
    )


@pytest.mark.parametrize("code", [code for code, (_, names) in NAMED.items() if "," in names])
def test_names_stand_in_any_order(code: str) -> None:
    text, names = NAMED[code]
    backwards = ", ".join(reversed(names.split(", ")))
    result = find(text + f'accept {code} of {backwards} because "meant"\n')
    assert code not in totals(result)
    assert "stale-accept" not in totals(result)


@pytest.mark.parametrize("code", [code for code in NAMED if CODES[code].of_pair])
def test_other_names_than_exactly_these_are_stale(code: str) -> None:
    text, names = NAMED[code]
    other = "rule zero: never letter\n"
    for wrong in (f"{names}, zero", "zero", names.split(", ")[0]):
        result = find(text + other + f'accept {code} of {wrong} because "meant"\n')
        assert totals(result).get(code) == 1, wrong
        assert totals(result).get("stale-accept") == 1, wrong
        [stale] = of(result, "stale-accept")
        assert stale.place.text.startswith(f"accept {code} of {wrong}")


@pytest.mark.parametrize("code", [code for code in NAMED if not CODES[code].of_pair])
def test_each_of_several_names_is_accepted_for_itself(code: str) -> None:
    text, names = NAMED[code]
    other = "rule zero: never letter\n"
    for written, stale in ((f"{names}, zero", 1), (f"zero, {names}, letter", 2)):
        result = find(text + other + f'accept {code} of {written} because "meant"\n')
        assert code not in totals(result), written
        assert totals(result).get("stale-accept") == stale, written
        first = of(result, "stale-accept")[0]
        assert first.message.startswith(f"`zero` here covers nothing: there is no `{code}` of `zero`")
        assert first.place.text == "zero"


def test_the_unused_names_of_one_accept_are_one_finding_and_those_of_two_are_two() -> None:
    accept = 'accept hole of sms, letter because "meant"\n'
    [one] = of(find(HOLE + accept).by_cause(), "stale-accept")
    assert [each.names for each in (one, *one.also)] == [("sms",), ("letter",)]
    some = of(find(HOLE + accept.replace("sms", "call, sms")).by_cause(), "stale-accept")
    assert [[each.names for each in (it, *it.also)] for it in some] == [[("sms",), ("letter",)]]
    two = of(find(HOLE + 2 * accept).by_cause(), "stale-accept")
    assert [len(it.also) for it in two] == [1, 1]


def test_an_accept_of_a_group_is_of_each_of_its_actions() -> None:
    text = HOLE + HOLE.replace("call", "visit").replace("early", "soon").replace("later", "late_visit")
    text = text.replace("after 14 days", "after 20 days")
    assert totals(find(text))["hole"] == 2
    result = find(text + 'accept hole of spoken because "meant"\n')
    assert [one.accepted for one in of(result, "hole")] == ["meant", "meant"]
    assert not totals(result).keys() & {"hole", "stale-accept"}
    only_call = find(HOLE + 'accept hole of spoken because "meant"\n')
    assert not totals(only_call).keys() & {"hole", "stale-accept"}


def test_an_accept_of_a_group_that_matches_nothing_is_stale_once() -> None:
    [stale] = of(find(CLASH + 'accept hole of spoken because "meant"\n'), "stale-accept")
    assert stale.message == "this accept covers nothing: there is no `hole` of `spoken`, and none of its actions"
    gone = find(HOLE + 'accept hole of spoken because "meant" until 2015-09-22\n', on="2015-09-23")
    assert totals(gone)["stale-accept"] == 1


def test_an_accept_of_some_actions_leaves_the_others() -> None:
    text = "rule first: after 3 days then allow call, sms, letter\n"
    assert of(find(text), "unguarded")[0].actions == ("sms", "call", "letter")
    result = find(text + 'accept unguarded of sms because "meant"\n')
    assert [(one.actions, one.accepted) for one in of(result, "unguarded")] == [
        (("sms",), "meant"),
        (("call", "letter"), None),
    ]


@pytest.mark.parametrize("code", [code for code in NAMED if code not in ("dead-rule", "decided-comparison")])
def test_when_everywhere_covers_all(code: str) -> None:
    text, names = NAMED[code]
    result = find(text + f'accept {code} of {names} when misses <= 5 or misses > 5 because "meant"\n')
    assert not totals(result).keys() & {code, "stale-accept"}
    assert [one.accepted for one in of(result, code)] == ["meant"]


@pytest.mark.parametrize("code", [code for code in NAMED if code not in ("dead-rule", "decided-comparison")])
def test_when_nowhere_is_stale_and_covers_nothing(code: str) -> None:
    text, names = NAMED[code]
    result = find(text + f'accept {code} of {names} when misses <= 5 and misses > 5 because "meant"\n')
    assert totals(result)[code] == 1
    assert totals(result)["stale-accept"] == (1 if CODES[code].of_pair else len(names.split(", ")))


# `when`


@pytest.mark.parametrize("code", [code for code in NAMED if code not in ("dead-rule", "decided-comparison")])
def test_outside_of_when_the_search_goes_on(code: str) -> None:
    """All of these can be found with any number of misses but the clash and the duty, which begin at two."""
    text, names = NAMED[code]
    result = find(text + f'accept {code} of {names} when misses <= 5 because "meant up to there"\n')
    assert totals(result)[code] == 1
    assert "stale-accept" not in totals(result)
    [reported] = of(result, code)
    assert reported.accepted is None
    for witness in reported.witnesses or (witness_of(reported),):
        misses = witness["misses"]
        assert isinstance(misses, int)
        assert misses > 5


@pytest.mark.parametrize(
    ("text", "accept"),
    [
        (CLASH, "contradiction of first, second when misses >= 2"),
        (CLASH, "contradiction of first, second when after 3 days"),
        (HOLE, "hole of call when on day 14"),
        ("rule first: from day 3 to day 9 then allow call\n", "falling-pressure of pressure, late when within 9 days"),
        ("rule first: within 9 days then allow call\n", "no-floor of call when on day 0"),
        ("rule first: within 9 days then allow call\n", "unguarded of call when within 20 days"),
        (
            "rule first: after 3 days and misses > 4 then allow call\nrule second: never call when misses > 3\n",
            "masked-rule of first when misses > 3",
        ),
    ],
)
def test_when_that_holds_wherever_the_finding_is_covers_all(text: str, accept: str) -> None:
    code = accept.split()[0]
    assert totals(find(text))[code] == 1
    result = find(text + f'accept {accept} because "meant"\n')
    assert not totals(result).keys() & {code, "stale-accept"}


def test_several_accepts_cover_together() -> None:
    halves = 'accept contradiction of first, second when vip because "these"\n'
    assert totals(find(CLASH + halves))["contradiction"] == 1
    assert witness_of(of(find(CLASH + halves), "contradiction")[0])["vip"] is False
    halves += 'accept contradiction of second, first when not vip because "and those"\n'
    result = find(CLASH + halves)
    assert not totals(result).keys() & {"contradiction", "stale-accept"}
    assert of(result, "contradiction")[0].accepted is not None


def test_when_does_not_cover_what_may_be_unknown() -> None:
    """Whether the case lies inside is not known there, so the finding is reported."""
    text = CLASH + 'accept contradiction of first, second when origin is form because "meant"\n'
    with_source = FACTS + "fact origin one of form, friend optional\n"
    result = findings(typed(with_source + text))
    [reported] = [one for one in result.diagnostics if one.code == "contradiction"]
    assert reported.accepted is None
    assert witness_of(reported).get("origin") != "form"
    both = CLASH + 'accept contradiction of first, second when origin is form or origin is friend because "meant"\n'
    [reported] = [one for one in findings(typed(with_source + both)).diagnostics if one.code == "contradiction"]
    assert reported.accepted is None
    assert "origin" not in witness_of(reported)


def test_when_on_a_masked_rule_of_a_policy_with_a_suspension() -> None:
    text = """\
rule first: after 3 days and misses between 2 and 8 then allow call
rule second: never call when misses > 1
suspend visit from 2015-09-21 until 2015-09-30
"""
    assert totals(find(text))["masked-rule"] == 1
    [reported] = of(find(text + 'accept masked-rule of first when misses <= 5 because "meant"\n'), "masked-rule")
    assert reported.accepted is None
    assert witness_of(reported)["misses"] in (6, 7, 8)
    [reported] = of(find(text + 'accept masked-rule of first when vip because "meant"\n'), "masked-rule")
    assert reported.accepted is None
    assert witness_of(reported)["vip"] is False


# `until`


def test_an_accept_counts_on_its_last_day_and_is_stale_the_day_after() -> None:
    text = CLASH + 'accept contradiction of first, second because "for now" until 2015-09-22\n'
    on_the_day = find(text, on="2015-09-22")
    assert not totals(on_the_day).keys() & {"contradiction", "stale-accept"}
    after = find(text, on="2015-09-23")
    assert totals(after)["contradiction"] == 1
    assert totals(after)["stale-accept"] == 1
    assert "2015-09-22" in of(after, "stale-accept")[0].message


def test_a_later_accept_goes_on_where_one_has_run_out() -> None:
    text = CLASH + 'accept contradiction of first, second because "for now" until 2015-09-22\n'
    text += 'accept contradiction of first, second because "for good"\n'
    result = find(text, on="2015-09-23")
    assert "contradiction" not in totals(result)
    assert totals(result)["stale-accept"] == 1
    assert of(result, "contradiction")[0].accepted == "for good"


def test_the_day_of_validation_is_asked_for_or_today(tmp_path: Path) -> None:
    text = FACTS + CLASH + 'accept contradiction of first, second because "for now" until 2015-09-22\n'
    path = write(tmp_path, text)
    before = forbear("validate", path, "--format", "json", "--on", "2015-09-22")
    assert before.code == 0
    assert "stale-accept" not in before.json["total"]
    today = forbear("validate", path, "--format", "json")
    assert today.code == 1
    assert today.json["total"]["stale-accept"] == 1


# What cannot be accepted, and what matches nothing


@pytest.mark.parametrize("code", ["failed-ensure", "failed-example", "stale-accept", "syntax", "unknown-name"])
def test_errors_cannot_be_accepted(code: str) -> None:
    reported = checked(FACTS + CLASH + f'accept {code} of first because "meant"\nensure call not allowed\n')
    assert [one.code for one in reported] == ["bad-accept"]
    assert code in reported[0].message


def test_a_failed_ensure_stays_whatever_is_accepted() -> None:
    text = CLASH + 'ensure call not allowed\naccept contradiction of first, second because "meant"\n'
    assert totals(find(text))["failed-ensure"] == 1


@pytest.mark.parametrize(
    "accept",
    [
        *("contradiction of first, third", "hole of call", "no-floor of visit"),
        *("falling-pressure of pressure, misses", "skipped-rung of spoken", "undecided of hole"),
        *("overlap of first, second", "duplicate of first, second"),
    ],
)
def test_an_accept_that_matches_nothing_is_stale(accept: str) -> None:
    text = CLASH + "rule third: after 3 days then forbid sms\n"
    plain = find(text)
    result = find(text + f'accept {accept} because "meant"\n')
    assert totals(result) == {**totals(plain), "stale-accept": 1}


@pytest.mark.parametrize(
    ("accept", "why"),
    [
        (
            "contradiction of first, third",
            "there is no `contradiction` of `first`, `third`, but there is one of `first`, `second`",
        ),
        ("contradiction of first", "there is no `contradiction` of `first`, but there is one of `first`, `second`"),
        ("hole of call", "there is no `hole` of `call`"),
        (
            "contradiction of first, second when misses < 2",
            "the `contradiction` of `first`, `second` lies outside of its `when`",
        ),
    ],
)
def test_a_stale_accept_says_why(accept: str, why: str) -> None:
    text = CLASH + "rule third: after 3 days then forbid sms\n"
    [stale] = of(find(text + f'accept {accept} because "meant"\n'), "stale-accept")
    assert stale.message == f"this accept covers nothing: {why}"


@pytest.mark.parametrize("reason", ["", "   ", "\u3000"])
def test_an_accept_with_a_blank_reason_is_refused(reason: str) -> None:
    text = FACTS + CLASH + f'accept contradiction of first, second because "{reason}"\n'
    [reported] = checked(text)
    assert reported.code == "bad-accept"
    assert "gives no reason" in reported.message
    assert reported.place.text == f'"{reason}"'


MIXED = """\
fact origin one of form, friend optional
rule first: allow call and forbid letter when origin is friend
"""


@pytest.mark.parametrize(
    ("code", "names", "other"),
    [
        ("masked-rule", "first", "rule second: never call, letter\n"),
        ("duplicate", "first, second", "rule second: allow call and forbid letter when origin is friend\n"),
        (
            "subsumed",
            "first, second",
            "rule second: forbid letter and allow call when origin is friend or misses > 3\n",
        ),
    ],
)
def test_what_is_outside_is_looked_for_by_each_effect(code: str, names: str, other: str) -> None:
    """Where the origin is unknown the rule does not permit for certain, and it may forbid all the same."""
    text = MIXED + other
    [reported] = of(find(text + f'accept {code} of {names} when origin is friend because "meant"\n'), code)
    assert reported.accepted is None
    assert "origin" not in witness_of(reported)
    result = find(text + f'accept {code} of {names} when origin is unknown because "meant"\n')
    assert "stale-accept" not in totals(result)
    [reported] = of(result, code)
    assert witness_of(reported)["origin"] == "friend"


def test_unguarded_outside_of_when_looks_at_each_action() -> None:
    text = "rule first: after 3 days and vip then allow sms\nrule second: after 3 days then allow call\n"
    [reported] = of(find(text + 'accept unguarded of sms, call when vip because "meant"\n'), "unguarded")
    assert reported.accepted is None
    assert witness_of(reported)["vip"] is False


def test_stale_accepts_are_each_reported() -> None:
    text = CLASH + 'accept hole of call because "a"\naccept hole of call because "a"\naccept hole of sms because "b"\n'
    result = find(text)
    assert totals(result)["stale-accept"] == len(of(result, "stale-accept")) == 3


def test_the_same_accept_twice_is_not_stale() -> None:
    result = find(CLASH + 'accept contradiction of first, second because "meant"\n' * 2)
    assert not totals(result).keys() & {"contradiction", "stale-accept"}


# With a limit


def overlapping(rules: int) -> str:
    return "".join(
        f"rule r{number}: from day {number} to day {number + 50} then allow call\n" for number in range(rules)
    )


@pytest.mark.parametrize("limit", [0, 1, 3, 100])
def test_accepts_are_found_behind_the_limit(limit: int) -> None:
    """20 rules overlap in 190 pairs; three of the last are accepted."""
    names = ("r17, r18", "r19, r17", "r18, r19")
    text = overlapping(20) + "".join(f'accept overlap of {pair} because "meant"\n' for pair in names)
    result = find(text, limit=limit)
    assert totals(result)["overlap"] == 187
    assert "stale-accept" not in totals(result)
    reported = of(result, "overlap")
    assert sorted(one.rules for one in reported if one.accepted) == [("r17", "r18"), ("r17", "r19"), ("r18", "r19")]
    assert len([one for one in reported if one.accepted is None]) == min(limit, 187)
    given = library.loads(FACTS + text).validate(limit=limit, asked=["overlap"])
    assert len([one for one in each(given) if one.code == "overlap" and one.accepted is None]) == min(limit, 187)


def test_in_json_accepted_findings_are_listed_and_not_counted(tmp_path: Path) -> None:
    text = FACTS + overlapping(20) + 'accept overlap of r18, r19 because "meant"\n'
    report = forbear("validate", write(tmp_path, text), "--format", "json", "--limit", "2", "--select", "overlap").json
    listed = [finding for finding in report["findings"] if finding["code"] == "overlap"]
    assert [finding.get("accepted") for finding in listed] == [None, None, "meant"]
    assert report["total"]["overlap"] == 189
    assert report["counts"]["note"] == sum(
        number for code, number in report["total"].items() if code in ("overlap", "no-floor", "unguarded")
    )


def test_overlaps_are_looked_for_on_request(tmp_path: Path) -> None:
    path = write(tmp_path, FACTS + overlapping(3))
    for arguments, number in (
        ((), None),
        (("--notes",), None),
        (("--select", "overlap"), 3),
        (("--select", "hole"), None),
    ):
        assert forbear("validate", path, "--format", "json", *arguments).json["total"].get("overlap") == number
    assert "overlap" not in {one.code for one in library.load(path).validate()}
    assert sum(one.code == "overlap" for one in each(library.load(path).validate(asked=["overlap"]))) == 3
    accepted = write(
        tmp_path, FACTS + overlapping(3) + 'accept overlap of r0, r1 because "meant"\n', "accepted.forbear"
    )
    report = forbear("validate", accepted, "--format", "json").json
    assert not {"overlap", "stale-accept"} & {one["code"] for one in report["findings"]}
    stale = write(tmp_path, FACTS + overlapping(1) + 'accept overlap of r0, r0 because "meant"\n', "stale.forbear")
    assert forbear("validate", stale, "--format", "json").json["total"]["stale-accept"] == 1
    write(tmp_path, '[severity]\noverlap = "warning"\n', "forbear.toml")
    assert forbear("validate", path, "--format", "json", cwd=tmp_path).json["total"]["overlap"] == 3


def test_the_text_report_counts_what_is_accepted_and_tells_it_when_asked(tmp_path: Path) -> None:
    path = write(tmp_path, FACTS + CLASH + 'accept contradiction of first, second because "the desk decides"\n')
    answer = forbear("validate", path)
    assert answer.code == 0
    assert "error[" not in answer.out
    assert "1 accepted" in answer.out
    assert "the desk decides" not in answer.out
    asked = forbear("validate", path, "--notes").out
    assert "accepted[contradiction]" in asked
    assert "the desk decides" in asked
