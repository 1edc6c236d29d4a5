"""`undecided` says where, and what was not covered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import totals, typed
from hard import pigeons, too_large
from invoking import forbear, write

from forbear import load, loads
from forbear.analysis.engine.analysis import Candidate, analyse
from forbear.analysis.findings.undecided import Unsure
from forbear.analysis.findings.undecided import undecided as undecided_of
from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic
from forbear.space.search.bound import BoundReached

FLAGS = (
    *("deceased", "bankruptcy", "servicemember", "cease_requested", "opted_out_calls", "opted_out_sms"),
    *("opted_out_email", "attorney_represented", "inconvenient_now", "employer_prohibits", "letter_returned"),
    "related_refused",
)
PAIRS = " or ".join(f"({flag} and spoken_with) or ({flag} and validation_sent)" for flag in FLAGS)
LARGE = f"rule call: after 9 days and not ({PAIRS}) then allow phone_call\n"
OTHERS = "rule write: after 3 days then allow sms\nrule write_again: after 9 days then allow sms\n"


def undecided(text: str) -> list[Diagnostic]:
    return [one for one in findings(typed(text)).diagnostics if one.code == "undecided"]


def test_a_rule_of_too_many_boxes_is_reported_once_in_the_text(tmp_path: Path) -> None:
    path = write(tmp_path, LARGE + OTHERS)
    report = forbear("validate", path).out
    blocks = [part for part in report.split("\n\n") if "[undecided]" in part.splitlines()[0]]
    assert [block.splitlines()[0].split(" not decided")[0] for block in blocks[:1]] == [
        "error[undecided]: `contradiction` is"
    ]
    [block] = [block for block in blocks if block.startswith("warning[undecided]")]
    assert "`hole`, `falling-pressure`" in block
    assert "are not decided where `call` matters: its condition comes to more than 2,000 alternatives" in block
    assert "house.forbear:1:12\n" in block
    assert 'sign for it with `accept undecided of CODE because "..."`' in block
    found = forbear("validate", path, "--format", "json").json
    reported = [finding for finding in found["findings"] if finding["code"] == "undecided"]
    assert len(reported) == found["total"]["undecided"]
    assert found["counts"] == {"note": 0} | Counter(finding["severity"] for finding in found["findings"])
    assert {finding["about"] for finding in reported} >= {"hole", "contradiction", "dead-rule"}
    for finding in reported:
        assert finding["rules"] == ["call"]
        assert f"`accept undecided of {finding['about']} because" in finding["help"]


def test_what_is_no_error_and_not_decided_is_no_error(tmp_path: Path) -> None:
    """As serious as the code that is not decided: alone, beside errors of another file, from memory, and with a word of
    the project."""
    style = write(
        tmp_path, LARGE + 'accept undecided of contradiction because "nothing is forbidden here"\n', "a.forbear"
    )
    errors = write(tmp_path, LARGE, "b.forbear")
    found = {name: forbear("validate", name, "--format", "json").json for name in (style, errors)}
    alone, beside = (found[name]["counts"] for name in (style, errors))
    assert (alone["error"], beside["error"]) == (0, 1)
    assert alone["warning"] == beside["warning"] > 5
    levels = {one["about"]: one["severity"] for one in found[style]["findings"] if "accepted" not in one}
    assert (levels["hole"], levels["unguarded"]) == ("warning", "note")
    for _ in range(2):
        both = forbear("validate", style, errors, "--format", "json").json
        assert both["counts"] == {name: alone[name] + beside[name] for name in alone}
        assert both["total"]["undecided"] == sum(both["counts"].values())
    assert [forbear("validate", name).code for name in (style, errors)] == [0, 1]
    assert forbear("validate", style, "--strict").code == 1
    sarif = forbear("validate", errors, "--format", "sarif").json["runs"][0]
    assert [rule["id"] for rule in sarif["tool"]["driver"]["rules"]] == ["undecided"]
    assert {result["level"] for result in sarif["results"]} == {"error", "warning", "note"}


def test_what_nobody_asked_for_is_not_undecided() -> None:
    assert "failed-ensure" not in {one.about for one in undecided(LARGE)}
    [one] = [one for one in undecided(LARGE + "ensure sms not allowed\n") if one.about == "failed-ensure"]
    assert one.rules == ("call",)
    open_ones = {"hole", "skipped-rung", "falling-pressure", "no-floor", "unguarded"}
    assert not open_ones & {one.about for one in undecided(f"standard bounds\n{LARGE}")}


def test_a_promise_of_too_many_boxes_is_called_by_its_line() -> None:
    text = OTHERS + f"ensure sms not allowed when not ({PAIRS})\n"
    [one] = undecided(text)
    assert one.about == "failed-ensure"
    assert one.message == (
        "`failed-ensure` is not decided for the promise in line 3: a condition there comes to more than "
        "2,000 alternatives"
    )
    assert one.place.start.line == 3


def test_what_was_not_looked_at_any_more_is_named() -> None:
    analysis = analyse(typed(LARGE + OTHERS))
    unsure = Unsure(long=[Candidate(("call", "write"), lambda more: None)])
    unsure.leave(iter([3, Candidate(("write", "write_again"), lambda more: None)]))
    [reported] = undecided_of(analysis, "overlap", unsure)
    assert reported.message.startswith(
        "`overlap` is not decided for `call` and `write`, `write` and `write_again`: the search"
    )
    assert reported.rules == ("call", "write", "write_again")
    assert reported.place.start.line == 1


def test_what_was_not_even_proposed_is_counted_in() -> None:
    def proposed() -> Iterator[Candidate]:
        yield Candidate(("sms",), lambda more: None)
        raise BoundReached

    analysis = analyse(typed(OTHERS))
    unsure = Unsure()
    unsure.leave(proposed())
    [reported] = undecided_of(analysis, "hole", unsure)
    assert reported.message.startswith("`hole` is not decided for `sms` and whatever else there may be: the search")
    assert reported.actions == ("sms",)
    assert reported.place.text == "after 3 days then allow sms"
    [reported] = undecided_of(analysis, "hole", Unsure(rest=True))
    assert reported.message.startswith("`hole` is not decided for whatever is not reported here: the search")
    assert not list(undecided_of(analysis, "hole", Unsure()))


def test_very_many_that_were_not_looked_at_are_not_all_counted() -> None:
    many = (Candidate((f"a{number}", f"b{number}"), lambda more: None) for number in range(10**9))
    unsure = Unsure(long=[Candidate(("write", "write_again"), lambda more: None)])
    unsure.leave(many)
    [reported] = undecided_of(analyse(typed(OTHERS)), "overlap", unsure)
    assert " and 993 more and whatever else there may be: " in reported.message


def test_more_effort_decides_it_and_the_help_says_so(tmp_path: Path) -> None:
    path = write(tmp_path, too_large())
    found = forbear("validate", path, "--format", "json").json["findings"]
    [help] = {one["help"].split(",")[0] for one in found if one["code"] == "undecided"}
    assert help == "look further with `forbear validate --effort 10`"
    assert "undecided" not in forbear("validate", path, "--effort", "10", "--format", "json").json["total"]
    policy = load(path)
    assert "undecided" in {one.code for one in policy.validate()}
    assert "undecided" not in {one.code for one in policy.validate(effort=10)}


def test_the_report_looks_further_too(tmp_path: Path) -> None:
    path, page = write(tmp_path, too_large()), tmp_path / "page.html"
    for options, undecided_there in (([], True), (["--effort", "10"], False)):
        for policies in ([path], [path, path]):
            assert forbear("report", *policies, "-o", page, *options).code == 0
            if len(policies) == 1:
                assert ("not decided" in page.read_text(encoding="utf-8")) is undecided_there


def test_effort_raises_the_bound_of_searches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forbear.analysis.engine.searcher.BOUND", 10_000)
    few, many = (findings(typed(pigeons(5)), effort=effort) for effort in (1, 100))
    [hole] = [one for one in few.diagnostics if one.about == "hole"]
    assert "compared 10,000 boxes" in hole.message
    assert "undecided" not in totals(many)


def test_what_a_quarter_of_the_bound_does_not_decide_gets_what_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """The search for the one hole takes more than a quarter, and there is no other."""
    monkeypatch.setattr("forbear.analysis.engine.searcher.BOUND", 40_000)
    assert "hole" not in {one.about for one in findings(typed(pigeons(5))).diagnostics if one.code == "undecided"}


SLOW = """fact a money CNY
fact b money CNY
fact c money CNY
action sms
rule circle: a > 100.01% of b and b >= c and c >= a and a > CNY 1000000 then allow sms
ensure sms not allowed
"""


EQUAL = """fact a money CNY
fact b money CNY
fact c money CNY
action sms
rule circle: 6% of a + 10% of b + 15% of c = CNY 0.29 then allow sms
ensure sms not allowed
"""


def test_a_circle_of_percentages_takes_no_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forbear.space.relations.systems.find_spec", lambda name: None)
    assert totals(findings(typed(SLOW))) == {"dead-rule": 1}
    # its ladder rises with the amount overdue, so that two of these are compared with each other and the balance
    fee = loads("policy p currency USD\nrule fee: after 10 days and overdue_amount >= 5% of balance then allow sms")
    assert {one.code for one in fee.validate()} == {"unguarded"}


def test_several_percentages_in_one_equation_take_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    assert totals(findings(typed(EQUAL))) == {"failed-ensure": 1, "unguarded": 1}
    monkeypatch.setattr("forbear.space.relations.systems.find_spec", lambda name: None)
    without = {str(one.about): one for one in undecided(EQUAL)}
    assert {"dead-rule", "failed-ensure", "unguarded"} <= without.keys()
    assert "percentages, constrain one another, and the solver z3 is not installed" in without["dead-rule"].message
    assert without["dead-rule"].rules == ("circle",)
    assert "`pip install '.[relations]'` in a checkout installs it" in str(without["dead-rule"].help)
    assert "dead-rule" not in totals(findings(typed(EQUAL)))
