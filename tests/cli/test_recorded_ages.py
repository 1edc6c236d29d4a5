"""Recorded decisions of policies that read ages, whose dates may be private: decided again, and explained."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command import write
from invoking import forbear as run

POLICY = """\
policy p
fact late days clock
fact born date{private}
fact agreed date or none
fact age years since born
fact left days until agreed
{more}
action visit, sms
rule v: after 60 days and age between 18 and 69 then allow visit
rule s: allow sms when left >= 0
"""
CASE = {"late": 70, "born": "1990-01-01", "agreed": "2026-05-01"}
PRIVATE = "line 1: `age` follows from `born`, which the record leaves out as private\n"


def recorded(folder: Path, case: dict[str, object], private: str = " private", more: str = "") -> tuple[Path, Path]:
    """The policy, and its record of a case."""
    policy, path = write(folder, "p.forbear", POLICY.format(private=private, more=more)), folder / "r.jsonl"
    options = ("--on", "2026-03-02", "--record", path, "--record-refused")
    run("decide", policy, "--case", "-", *options, given=json.dumps(case))
    assert path.exists()
    return policy, path


def replayed(policy: Path, path: Path) -> str:
    return run("replay", path, "--policy", policy).out.split("\na chain")[0]


@pytest.mark.parametrize(("action", "fact"), [("visit", "age 36"), ("sms", "left 60")])
def test_a_decision_by_an_age_is_explained_from_the_date_in_its_line(tmp_path: Path, action: str, fact: str) -> None:
    policy, path = recorded(tmp_path, CASE, private="")
    answer = run("explain", policy, "--record", path, "--line", "1", action)
    assert (answer.code, f"{action} is allowed by" in answer.out, fact in answer.out) == (0, True, True), answer
    assert replayed(policy, path) == "1 decision: 1 the same"


def test_a_decision_by_the_age_of_a_private_date_is_not_explained(tmp_path: Path) -> None:
    policy, path = recorded(tmp_path, CASE)
    answer = run("explain", policy, "--record", path, "--line", "1", "visit")
    assert (answer.code, answer.err) == (1, f"error: {PRIVATE}")
    assert run("explain", policy, "--record", path, "--line", "1", "sms").code == 0
    given, path_of_given = recorded(write(tmp_path, "given/a", "").parent, {**CASE, "age": 36})
    assert run("explain", given, "--record", path_of_given, "--line", "1", "visit").code == 0
    assert replayed(given, path_of_given) == "1 decision: 1 the same"


def test_the_ages_of_a_private_date_are_tried(tmp_path: Path) -> None:
    policy, path = recorded(tmp_path, {**CASE, "late": 60})
    depends = "line 1: it depends on `born`, which is private\n1 decision: 1 not to be decided again"
    assert replayed(policy, path) == "1 decision: 1 the same"  # whatever the age: no visit is permitted on day 60
    policy, path = recorded(write(tmp_path, "late/a", "").parent, CASE)
    assert replayed(policy, path) == depends
    stricter = write(tmp_path, "stricter.forbear", policy.read_text().replace("after 60 days", "after 90 days"))
    assert replayed(stricter, path).startswith("line 1: visit: allowed by v -> unsaid\n1 decision: 1 otherwise\n")


@pytest.mark.parametrize(
    ("more", "following"),
    [("fact term months since born\nrule t: forbid visit when term > 999", "`age` and `term` follow"),
     ("rule b: forbid visit when born < 1950-01-01", "`age` follows")],
)  # fmt: skip
def test_a_private_date_that_rules_read_twice_is_not_tried(tmp_path: Path, more: str, following: str) -> None:
    policy, path = recorded(tmp_path, CASE, more=more)
    said = f"line 1: `born` is private, and {following} from it\n1 decision: 1 not to be decided again"
    assert replayed(policy, path) == said


def test_a_private_date_in_several_zones_is_not_tried(tmp_path: Path) -> None:
    policy, path = recorded(tmp_path, {**CASE, "zone": ["Asia/Shanghai", "Asia/Tokyo"]})
    assert replayed(policy, path).startswith("line 1: `born` is private, and `age` follows from it\n")


def test_a_private_age_of_a_shown_date_follows_from_it(tmp_path: Path) -> None:
    text = POLICY.replace("since born", "since born private").format(private="", more="")
    policy, path = write(tmp_path, "p.forbear", text), tmp_path / "r.jsonl"
    given = json.dumps({**CASE, "age": 36})
    assert run("decide", policy, "--case", "-", "--on", "2026-03-02", "--record", path, given=given).code == 0
    assert replayed(policy, path) == "1 decision: 1 the same"
    assert run("explain", policy, "--record", path, "--line", "1", "visit").code == 0


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ({"born": "2027-01-01"}, "line 1: it was refused for `born`, which is private"),
        ({"age": 12}, "line 1: it was refused for `born`, which is private"),
        ({"late": "x"}, "1 decision: 1 the same"),
    ],
)
def test_a_case_that_was_refused_for_a_private_date(tmp_path: Path, case: dict[str, object], said: str) -> None:
    policy, path = recorded(tmp_path, {**CASE, **case})
    assert replayed(policy, path).splitlines()[0] == said
