"""`pinned`: which version of a file is meant. What `subject to` means is in `transcripts/standards.txt`."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

import pytest
from checking import errors, write

import forbear
from forbear.analysis.run import Findings
from forbear.base.diagnostic import Diagnostic
from forbear.report.page.contents import policy_report
from forbear.report.page.page import page, svg
from forbear.targets.sql.statement import select_statement

WORDS = """
fact late days clock
fact misses count
fact agreed yes/no optional
fact night yes/no usually no
action sms, call, visit, letter
"""
BOUNDS = f"""standard bounds "Bounds"
{WORDS}
rule quiet: never sms, call when night because "people sleep" source "s. 1"
rule hold: forbid sms, call when misses >= 3
rule lift: allow call when agreed overrides hold
rule notice: require letter when late > 30
rule mail: allow visit when late > 3
"""
HOUSE = f"""policy house
  subject to "bounds"
{WORDS}
rule ask: late > 10 then allow sms, call
rule no_post: forbid letter when misses >= 1
rule private: never letter when misses >= 9
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, bounds=BOUNDS)
    return tmp_path


def verdicts(policy: forbear.Policy, on: str | None = None, **case: object) -> dict[str, tuple[str, tuple[str, ...]]]:
    whole = {"late": 20, "misses": 0, "agreed": False, "night": False} | case
    decision = policy.decide(whole, on)
    return {action: (its.verdict.value, its.rules) for action, its in decision.items() if its.verdict.value != "unsaid"}


def digest_of(error: Diagnostic) -> str:
    match = re.search(r"the digest of `\S+` is (sha256:[0-9a-f]{64})", error.message)
    assert match is not None
    return match[1]


def test_a_standard_is_pinned_by_its_digest(folder: Path) -> None:
    pinned = HOUSE.replace('"bounds"', '"bounds" pinned "sha256:12"')
    [error] = errors(write(folder, house=pinned))
    assert (error.code, error.place.text) == ("wrong-digest", '"sha256:12"')
    assert digest_of(error) == forbear.load(folder / "bounds.forbear").digest
    assert "sha256:12" in error.message
    path = write(folder, house=pinned.replace("sha256:12", digest_of(error)))
    assert forbear.load(path).digest == forbear.load(write(folder, other=HOUSE)).digest
    write(folder, bounds="# a comment\n" + BOUNDS)
    assert forbear.load(path)
    write(folder, bounds=BOUNDS.replace("misses >= 3", "misses >= 4"))
    assert [one.code for one in errors(path)] == ["wrong-digest"]


@pytest.mark.parametrize(
    "change",
    [("misses >= 2", "misses >= 3"), ("is sms, call", "is sms"), ("is 3", "is 4"), ("count", "count between 0 and 9")],
)
def test_what_a_file_declares_is_pinned(folder: Path, change: tuple[str, str]) -> None:
    words = f'uses "deep"\n{WORDS}\ndefine lost is misses >= 2\ngroup calls is sms, call\n'
    deep = "setting few is 3\n"
    write(folder, deep=deep, words=words)
    house = 'uses "words" pinned "sha256:0"\nrule r: lost then allow calls\n'
    [error] = errors(write(folder, house=house))
    assert error.code == "wrong-digest"
    path = write(folder, house=house.replace("sha256:0", digest_of(error)))
    assert forbear.load(path)
    write(folder, words=words.replace("\n", "\n\n").replace("is sms", "is sms") + "rule r: never sms\n# more\n")
    assert forbear.load(path), "its rules are not used"
    write(folder, deep=deep.replace(*change), words=words.replace(*change))
    assert [one.code for one in errors(path)] == ["wrong-digest"]


def test_the_digests_that_packs_lists_are_those_to_write() -> None:
    for pack, how in (("regulation/us-reg-f", "subject to"), ("vocabulary/collections", "uses")):
        digest = forbear.load(pack).digest
        head = f'policy p {how} "{pack}" pinned "{digest}"\nrule r: never visit'
        assert forbear.loads(head)


def test_a_pack_of_regulation_stands_over_a_policy() -> None:
    policy = forbear.loads(
        'policy house subject to "regulation/us-reg-f"\nrule call: from day 10 then allow phone_call'
    )
    case = {name: fact.usually for name, fact in policy.typed.facts.items() if fact.usually is not None}
    rules = {rule.name for rule in policy.typed.rules}
    assert {"call", "us_reg_f.cease", "us_reg_f.keep_to_daytime"} <= rules
    assert not policy.typed.dated
    assert case
    assert [one for one in policy.validate() if one.severity.value != "note"] == []


@pytest.mark.parametrize("own", ["", "rule later: never visit when late > 9 in force from 2030-01-01\n"])
def test_on_a_day_before_the_law_a_promise_a_page_and_a_statement_follow_decide(folder: Path, own: str) -> None:
    law = BOUNDS.replace('"Bounds"', "in force from 2020-01-01").replace(
        "misses >= 3", "misses >= 3 in force from 2023-01-01"
    )
    write(folder, bounds="".join(line for line in law.splitlines(True) if "allow" not in line))
    cases: dict[str, dict[str, object]] = {
        "night and misses = 0": {"night": True},
        "misses = 3 and not night": {"misses": 3},
    }
    days = ("2019-12-31", "2020-01-01", "2022-12-31", "2023-01-01")
    asked = [(day, condition) for day in days for condition in cases]
    promises = "".join(f"ensure sms forbidden when late > 10 and {condition} on {day}\n" for day, condition in asked)
    policy = forbear.load(
        write(folder, house=HOUSE.replace("late > 10", "late > grace") + "fact grace days\n" + own + promises)
    )
    broken = {one.place.text for one in policy.validate() if one.code == "failed-ensure"}
    for day, condition in asked:
        forbidden = verdicts(policy, day, grace=9, **cases[condition])["sms"][0] == "forbidden"
        assert (f"ensure sms forbidden when late > 10 and {condition} on {day}" in broken) is not forbidden
        ordinal = datetime.date.fromisoformat(day).toordinal()
        report = policy_report(policy.typed, Findings((), {}), ordinal)
        rule = "bounds.hold" if "misses = 3" in condition else "bounds.quiet"
        assert (f"{rule} from" in svg(report.chart)) is forbidden
        assert 'type="date" id="on"' in page(report)
        assert f"Decides for {day}" in select_statement(policy.typed, "duckdb", ordinal)
