"""`undecided` says where, and what was not covered."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from checking import totals, typed
from hard import pigeons, too_large
from invoking import forbear, write

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


EQUAL = """fact a money CNY
fact b money CNY
fact c money CNY
action sms
rule circle: 6% of a + 10% of b + 15% of c = CNY 0.29 then allow sms
ensure sms not allowed
"""


def test_several_percentages_in_one_equation_take_a_solver(monkeypatch: pytest.MonkeyPatch) -> None:
    assert totals(findings(typed(EQUAL))) == {"failed-ensure": 1, "unguarded": 1}
    monkeypatch.setattr("forbear.space.relations.systems.find_spec", lambda name: None)
    without = {str(one.about): one for one in undecided(EQUAL)}
    assert {"dead-rule", "failed-ensure", "unguarded"} <= without.keys()
    assert "percentages, constrain one another, and the solver z3 is not installed" in without["dead-rule"].message
    assert without["dead-rule"].rules == ("circle",)
    assert "`pip install '.[relations]'` in a checkout installs it" in str(without["dead-rule"].help)
    assert "dead-rule" not in totals(findings(typed(EQUAL)))
