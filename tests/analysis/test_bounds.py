"""Policies made to be hard: `validate` ends within a stated time and memory, and says what it could not decide.

CI tries small sizes; FORBEAR_PROFILE=nightly the full ones.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from checking import totals, typed
from hard import conjunctions, disjunctions, many_thresholds, pigeons, too_large
from invoking import forbear, write
from night import NIGHTLY

from forbear.analysis.run import Findings, findings

SECONDS = 60
BYTES = 2 * 1024**3

SMALL: dict[str, Callable[[], str]] = {
    "thresholds": lambda: many_thresholds(facts=30, thresholds=40, rules=100),
    "disjunctions": lambda: disjunctions(rules=12, clauses=10),
    "conjunctions": lambda: conjunctions(rules=8, clauses=5),
    "too many boxes": lambda: conjunctions(rules=4, clauses=10),
    "pigeons": lambda: pigeons(5),
}
FULL: dict[str, Callable[[], str]] = {
    "thresholds": lambda: many_thresholds(facts=30, thresholds=40, rules=1000),
    "disjunctions": lambda: disjunctions(rules=200, clauses=10),
    "conjunctions": lambda: conjunctions(rules=20, clauses=6),
    "too many boxes": lambda: conjunctions(rules=200, clauses=10),
    "pigeons": lambda: pigeons(9),
    "many pigeons": lambda: pigeons(12),
}


def validate(folder: Path, text: str) -> dict[str, Any]:
    """The report on a policy, from a process that may use so much memory and time, and no more."""
    path = folder / "hard.forbear"
    path.write_text(text, encoding="utf-8")
    began = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "forbear", "validate", path, "--format", "json", "--limit", "3"],
        capture_output=True,
        timeout=SECONDS,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),
    )
    print(f"{len(text)} characters: {time.monotonic() - began:.1f} s")
    assert b"Traceback" not in done.stderr, done.stderr.decode()[-2000:]
    assert done.returncode in (0, 1)
    report: dict[str, Any] = json.loads(done.stdout)
    return report


@pytest.mark.parametrize("name", FULL if NIGHTLY else SMALL)
def test_a_hard_policy_ends_in_time(name: str, tmp_path: Path) -> None:
    report = validate(tmp_path, (FULL if NIGHTLY else SMALL)[name]())
    assert report["total"]
    assert sum(report["counts"].values()) == sum(report["total"].values())


def test_what_a_bound_left_out_is_said(tmp_path: Path) -> None:
    """No case has eight pigeons in seven holes alone; to find no hole is right, and so is to say that nobody knows."""
    total = validate(tmp_path, pigeons(8 if NIGHTLY else 6))["total"]
    for code in ("hole", "failed-ensure", "falling-pressure"):
        assert code not in total
    assert "masked-rule" in total or "undecided" in total


SIMPLE = """action letter
rule letter_first: before day 3 then allow letter
rule letter_again: after 5 days then allow letter
"""


def test_one_hard_question_does_not_take_the_answers_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """With little to spend, the hole of `call` stays open; that of `letter`, which comes after it, is plain to see."""
    monkeypatch.setattr("forbear.analysis.engine.searcher.BOUND", 50_000)
    reported = findings(typed(pigeons(6) + SIMPLE)).diagnostics
    assert any(one.code == "undecided" and "`hole`" in one.message for one in reported)
    assert [one.actions for one in reported if one.code == "hole"] == [("letter",)]


def test_undecided_says_what_was_not_covered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forbear.analysis.engine.searcher.BOUND", 50_000)
    reported = findings(typed(pigeons(6) + SIMPLE)).diagnostics
    [undecided] = [one for one in reported if one.code == "undecided" and "`hole`" in one.message]
    assert "`call`" in undecided.message
    assert "`letter`" not in undecided.message


# A rule of too many boxes


def found(text: str) -> Findings:
    return findings(typed(text), asked=["overlap"])


def test_undecided_is_accepted_by_its_code() -> None:
    plain = found(too_large()).diagnostics
    codes = sorted({one.message.split("`")[1] for one in plain if one.code == "undecided"})
    accepts = [f'accept undecided of {code} because "too large to look through"' for code in codes]
    result = found(too_large(*accepts))
    assert not totals(result).keys() & {"undecided", "stale-accept"}
    assert [one.accepted for one in result.diagnostics if one.code == "undecided"] == [
        "too large to look through" for _ in plain if _.code == "undecided"
    ]


# Comparing two policies

PAIRS: dict[str, Callable[[], tuple[str, str]]] = {
    "thresholds": lambda: (many_thresholds(30, 40, 15), many_thresholds(30, 40, 15, seed=2)),
    "too many boxes": lambda: (conjunctions(4, 10), conjunctions(4, 10, seed=2)),
}
FULL_PAIRS: dict[str, Callable[[], tuple[str, str]]] = {
    "thresholds": lambda: (many_thresholds(30, 40, 300), many_thresholds(30, 40, 300, seed=2)),
    "disjunctions": lambda: (disjunctions(200, 10), disjunctions(200, 10, seed=2)),
    "conjunctions": lambda: (conjunctions(20, 6), conjunctions(20, 6, seed=2)),
    "too many boxes": lambda: (conjunctions(200, 10), conjunctions(200, 10, seed=2)),
}


@pytest.mark.parametrize("name", FULL_PAIRS if NIGHTLY else PAIRS)
def test_comparing_hard_policies_ends(name: str, tmp_path: Path) -> None:
    pair = (FULL_PAIRS if NIGHTLY else PAIRS)[name]()
    for name, text in zip(("old", "new"), pair, strict=True):
        (tmp_path / f"{name}.forbear").write_text(text, encoding="utf-8")
    for arguments in (("diff", "old.forbear", "new.forbear"), ("conform", "old.forbear", "--to", "new.forbear")):
        done = subprocess.run(
            [sys.executable, "-m", "forbear", *arguments, "--format", "json"],
            cwd=tmp_path,
            capture_output=True,
            timeout=2 * SECONDS,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (BYTES, BYTES)),
        )
        assert b"Traceback" not in done.stderr, done.stderr.decode()[-2000:]
        assert done.returncode in (0, 1)
        report = json.loads(done.stdout)
        found = report["undecided"] or report.get("changes") or report.get("violations")
        assert bool(found) == done.returncode


# Two policies


def test_a_comparison_that_reached_its_bound_looks_further_on_demand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The bounds of `difference` follow from that of the searcher when it is imported, so this one comes last.
    for module in ("comparison.difference.ACTION_BOUND", "comparison.difference.DIFF_BOUND", "engine.searcher.BOUND"):
        monkeypatch.setattr(f"forbear.analysis.{module}", 10)
    old = conjunctions(rules=1, clauses=3)
    new = write(tmp_path, old.replace("then", "and f29 < 9 then"), "new.forbear")
    lines = [line for line in old.splitlines() if line.startswith(("fact", "action", "rule"))]
    law = write(tmp_path, "standard law\n" + "\n".join(lines).replace(" allow ", " forbid "), "law.forbear")
    house = write(tmp_path, old, "old.forbear")
    for command in (("diff", house, new), ("conform", house, "--to", law)):
        assert "the search reached its bound, and --effort N looks further" in forbear(*command).out
        assert "reached its bound" not in forbear(*command, "--effort", "1000000").out
    suggested = forbear("conform", house, "--to", law, "--suggest", "--effort", "1000000").out
    assert "the search reached its bound" not in suggested


def test_what_goes_along_is_looked_for_further_on_demand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ACTION_BOUND", "DIFF_BOUND"):
        monkeypatch.setattr(f"forbear.analysis.comparison.difference.{name}", 10)
    plain = conjunctions(rules=1, clauses=3)
    condition = plain[plain.index("rule r0: ") + 9 : plain.index(" then")]
    old = f"{plain}rule always_letter: allow letter when always\nrule both: require sms with letter when {condition}\n"
    new = old.replace("require sms with letter when", "require sms with letter when f29 < 9 and")
    pair = [write(tmp_path, text, name) for text, name in ((old, "old.forbear"), (new, "new.forbear"))]
    assert forbear("diff", *pair, "--format", "json").json["undecided"] == ["letter with sms"]
    assert forbear("diff", *pair, "--format", "json", "--effort", "1000000").json["undecided"] == []


@pytest.mark.parametrize(
    "duties", ["", "rule a_too: require a with c when n > 5\nrule b_too: require b with c when n > 5\n"]
)
def test_an_action_that_comes_after_the_bound_is_undecided_too(
    duties: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ACTION_BOUND", "DIFF_BOUND"):
        monkeypatch.setattr(f"forbear.analysis.comparison.difference.{name}", 0)
    old = "fact n count\naction a, b, c\nrule f: n > 3 then forbid a, b, c\nrule p: n > 8 then allow a, b overrides f\n"
    old += duties
    new = old.replace("> 3", "> 4") + "rule q: n > 9 then allow b overrides f\n"
    pair = [write(tmp_path, text, name) for text, name in ((old, "old.forbear"), (new, "new.forbear"))]
    along = ["c with a", "c with b"] if duties else []
    assert forbear("diff", *pair, "--format", "json").json["undecided"] == ["a", "b", "c", *along]


def test_all_says_no_less_to_be_known_than_what_is_shown_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The edits tell all changes of the actions; their cases, which are not all found, are shown by neither. A page
    says so of all actions at once."""
    monkeypatch.setattr("forbear.analysis.comparison.difference.ACTION_BOUND", 20)
    old = "fact a count\naction sms, email\nrule few: a > 3 then allow sms, email\n"
    old += "".join(f"fact {name} count\nrule not_{name}: never sms, email when {name} > 9\n" for name in "bcd")
    pair = [
        write(tmp_path, text, name) for text, name in ((old, "old.forbear"), (old.replace("3", "2"), "new.forbear"))
    ]
    found = forbear("diff", *pair, "--format", "json").json
    assert (found["undecided"], found["untold"]) == (["sms", "email"], [])
    assert "<b>exact conditions of SMS, email</b>" in forbear("report", *pair, "-o", "-").out
    for more in ((), ("--all",)):
        assert "not all of its changes are known" not in forbear("diff", *pair, *more).out


@pytest.mark.parametrize("bound", [0, 4_000])
def test_what_is_known_of_an_edit_is_shown_where_not_all_is(
    bound: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("forbear.analysis.comparison.difference.ACTION_BOUND", bound)
    monkeypatch.setattr("forbear.analysis.comparison.telling.teller._BOUND", 0)
    facts = "".join(f"fact {name} count\n" for name in "abcd")
    old = f"{facts}action sms, visit\nrule any_of_them: a > 3 or b > 3 or c > 3 or d > 3 then allow sms\n"
    old += "rule walk: a > 9 then allow visit\n"
    new = old.replace("> 3", "> 5").replace("allow visit", 'allow visit because "far"')
    pair = [write(tmp_path, text, name) for text, name in ((old, "old.forbear"), (new, "new.forbear"))]
    found = forbear("diff", *pair, "--format", "json").json
    assert (found["undecided"], found["untold"], bool(found["changes"])) == (["sms"], ["sms"], bound > 0)
    text, markdown = (forbear("diff", *pair, "--format", how).out for how in ("text", "markdown"))
    page = forbear("report", *pair, "-o", "-").out
    page = page[page.index('id="changes"') :]
    for shown, unknown in (
        (text, "sms: not all of its changes are known"),
        (markdown, "`sms`**: not all of its changes are known"),
        (page, "<b>SMS</b>: not all of its changes are known"),
    ):
        edit = shown.index("any_of_them")
        assert edit < shown.index(unknown)
        assert (edit < shown.find("at least w") < shown.index(unknown)) == (bound > 0), shown
        assert "change no verdict" in shown or "hanges no verdict" in shown, "the edit of another rule, in its reason"


def test_more_is_looked_for_before_less_and_a_case_of_each_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither search ends within the bound: one that found nothing but refusals would hide what is newly permitted."""
    monkeypatch.setattr("forbear.analysis.comparison.difference.ACTION_BOUND", 10_000)
    monkeypatch.setattr("forbear.analysis.comparison.telling.teller._BOUND", 0)
    old = "".join(f"fact {name} count\n" for name in "abcde")
    old += "action sms\nrule any_of_them: a > 3 or b > 3 or c > 3 or d > 3 then allow sms\n"
    new = old.replace("> 3", "> 5") + "rule early: e > 9 then allow sms\n"
    pair = [write(tmp_path, text, name) for text, name in ((old, "old.forbear"), (new, "new.forbear"))]
    found = forbear("diff", *pair, "--format", "json").json
    assert found["undecided"] == ["sms"]
    assert [change["effect"] for change in found["changes"]] == ["newly permitted", "no longer permitted"]
    shown = forbear("diff", *pair).out
    assert 0 < shown.find("newly permitted") < shown.find("no longer permitted")
