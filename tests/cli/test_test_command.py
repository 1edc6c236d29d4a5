"""`forbear test`: examples, and the rules that no example makes a deciding rule."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from command import HOUSE, run, write

TEXT = """\
policy p
rule reminds: after 3 days then allow sms
rule calls: after 13 days then allow phone_call
rule holds: forbid phone_call when unreachable > 3 overrides all
rule dead: never letter when before day 1
example "day 14": given days_overdue 14, unreachable 0 expect phone_call allowed, letter not allowed
example "day 15": given days_overdue 15, unreachable 9 expect phone_call %s
"""


def test_coverage_names_the_rules_without_an_example(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "forbidden")
    answer = run("test", path)
    assert answer.code == 0
    assert "`reminds`" in answer.out
    assert "`dead`" in answer.out
    assert "`calls`" not in answer.out
    assert "`holds`" not in answer.out
    [record] = run("test", path, "--format", "json").json["files"]
    assert record["policy"] == "p"
    assert record["coverage"] == {"rules": 4, "covered": 2, "uncovered": ["reminds", "dead"]}
    assert [(example["title"], example["passed"]) for example in record["examples"]] == [
        ("day 14", True),
        ("day 15", True),
    ]


IDLE = """\
policy p
  subject to "regulation/us-reg-f"
rule call: after 13 days then allow phone_call
example "day 14": given days_overdue 14, local_time 12:00 expect phone_call allowed
example "the eighth call, by the standard":
  given days_overdue 14, local_time 12:00, calls_in_7_days 7 expect phone_call forbidden
example "no letter": given days_overdue 14 expect letter not allowed
"""


@pytest.mark.parametrize("options", [[], ["--mutate"]])
def test_an_example_that_no_slip_would_fail_is_idle(tmp_path: Path, options: list[str]) -> None:
    """What holds by the rules of a standard is not."""
    path = write(tmp_path, "p.forbear", IDLE)
    lines = [line for line in run("test", path, *options).out.splitlines() if "idle" in line]
    assert lines == ['  idle: the example "no letter" (line 7) holds after any slip in the rules']
    [record] = run("test", path, *options, "--format", "json").json["files"]
    assert record["idle"] == ["no letter"]
    assert record.get("mutation", record)["idle"] == ["no letter"]
    assert "idle" not in run("test", path, "--title", "letter", *options[1:]).out


def test_a_failing_example_fails(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "allowed")
    answer = run("test", path)
    assert answer.code == 1
    assert "p.forbear:7" in answer.out
    assert "phone_call" in answer.out
    answer = run("test", path, "--format", "json")
    assert answer.code == 1
    [record] = answer.json["files"]
    assert [example["passed"] for example in record["examples"]] == [True, False]
    [failure] = record["examples"][1]["failures"]
    assert failure["code"] == "failed-example"
    assert failure["rules"] == ["holds"]


def test_an_example_without_a_day_speaks_of_every_day(tmp_path: Path) -> None:
    text = """\
rule reminds: after 3 days then allow sms
rule summer: never sms in force from 2015-06-01 until 2015-06-01
example "every day": given days_overdue 5 expect sms allowed
"""
    path = write(tmp_path, "p.forbear", text)
    assert run("test", path).code == 1
    path = write(tmp_path, "q.forbear", text.replace("5 expect", "5 on 2015-06-02 expect"))
    assert run("test", path).code == 0
    path = write(tmp_path, "r.forbear", text.replace("5 expect", "5 on 2015-06-01 expect"))
    assert run("test", path).code == 1


def test_folders_several_paths_packs_and_standard_input(tmp_path: Path) -> None:
    write(tmp_path, "rules/sound.forbear", TEXT % "forbidden")
    write(tmp_path, "rules/deep/broken.forbear", TEXT % "allowed")
    answer = run("test", "rules", "pack:huabei/redesigned", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    files = {record["file"]: record for record in answer.json["files"]}
    assert sorted(files) == ["pack:huabei/redesigned", "rules/deep/broken.forbear", "rules/sound.forbear"]
    assert files["pack:huabei/redesigned"]["coverage"]["uncovered"] == []
    assert run("test", "-", given=TEXT % "forbidden").code == 0
    assert run("test", "-", given=TEXT % "allowed").code == 1


def test_settings_reach_the_examples(tmp_path: Path) -> None:
    text = """\
setting grace is 5
rule reminds: after grace days then allow sms
example "six": given days_overdue 6 expect sms allowed
"""
    path = write(tmp_path, "p.forbear", text)
    assert run("test", path).code == 0
    assert run("test", path, "--set", "grace=6").code == 1


def test_a_file_in_error(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", HOUSE.replace("contact_related\n", "contact_relatde\n"))
    answer = run("test", path)
    assert answer.code == 1
    assert "p.forbear:8" in answer.said
    answer = run("test", path, "--format", "json")
    assert answer.code == 1
    [record] = answer.json["files"]
    assert [error["code"] for error in record["errors"]] == ["unknown-action"]


# Titles, suggestions, mutation, JUnit


def test_a_title_chooses_examples(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "allowed")
    answer = run("test", path, "--title", "DAY 14")
    assert (answer.code, answer.out) == (0, f"{path}: 1 of 1 examples hold\n")
    assert run("test", path, "--title", "day 15").code == 1
    unknown = run("test", path, "--title", "dya 15")
    assert unknown.code == 2
    assert "no example has `dya 15` in its title" in unknown.err
    assert run("test", path, "--title", "day", "--mutate").code == 2


def test_suggested_examples_cover_the_rules(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "forbidden")
    answer = run("test", path, "--suggest")
    assert answer.code == 0
    assert answer.out.count("\nexample ") == 2
    whole = write(tmp_path, "q.forbear", TEXT % "forbidden" + answer.out)
    assert "4 of 4 examples hold, 4 of 4 rules covered" in run("test", whole).out
    assert run("test", whole, "--suggest").out == ""


def test_mutate_prints_what_is_not_noticed_and_suggests_all_of_it(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "forbidden")
    answer = run("test", path, "--mutate")
    assert answer.code == 0
    assert "slips noticed (" in answer.out
    assert "not noticed in `reminds` (line 2)" in answer.out
    assert run("test", path, "--min-score", "90").code == 1
    suggested = run("test", path, "--mutate", "--suggest")
    whole = write(tmp_path, "q.forbear", TEXT % "forbidden" + suggested.out)
    answer = run("test", whole, "--min-score", "100")
    assert answer.code == 0
    assert "(100 %)" in answer.out
    [record] = run("test", path, "--mutate", "--format", "json").json["files"]
    mutation = record["mutation"]
    unnoticed = [slip for each in mutation["unnoticed"] for slip in each["slips"]]
    assert mutation["counted"] == mutation["noticed"] + len(unnoticed)
    assert {"rule": "reminds", "line": 2, "kind": "threshold moved"}.items() <= unnoticed[2].items()
    assert (unnoticed[2]["before"], unnoticed[2]["after"]) == ("days_overdue > 3", "days_overdue > 4")


def test_a_policy_whose_promises_fail_has_no_score(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "allowed")
    answer = run("test", path, "--min-score", "0")
    assert answer.code == 1
    assert "no mutation score before every example and ensure holds" in answer.out


def test_a_coverage_below_the_threshold_fails(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "forbidden")
    assert run("test", path, "--min-coverage", "50").code == 0
    answer = run("test", path, "--min-coverage", "50.5")
    assert answer.code == 1
    assert "2 of 4 rules covered, fewer than 50.5 %" in answer.out


def test_junit_has_a_case_for_each_example_and_ensure(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", TEXT % "allowed" + "ensure letter not allowed\nensure sms not allowed\n")
    broken = write(tmp_path, "q.forbear", "rule a: alow sms\n")
    answer = run("test", path, broken, "--format", "junit")
    assert answer.code == 1
    root = ElementTree.fromstring(answer.out)
    assert root.attrib == {"tests": "5", "failures": "2", "errors": "1"}
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert list(cases) == [
        "example day 14",
        "example day 15",
        "ensure letter not allowed",
        "ensure sms not allowed",
        "the file is a policy",
    ]
    assert [name for name, case in cases.items() if len(case)] == [
        "example day 15",
        "ensure sms not allowed",
        "the file is a policy",
    ]
    failure = cases["example day 15"][0]
    assert (failure.tag, failure.get("type")) == ("failure", "failed-example")
    assert "phone_call" in failure.get("message", "")
    assert cases["example day 15"].get("line") == "7"


def test_junit_is_xml_whatever_a_title_has(tmp_path: Path) -> None:
    text = TEXT % "forbidden"
    path = write(tmp_path, "p.forbear", text.replace('"day 15"', '"<&\u202e\ufffe]]>"'))
    root = ElementTree.fromstring(run("test", path, "--format", "junit").out)
    assert [case.get("name") for case in root.iter("testcase")][1] == "example <&\\u202e\\ufffe]]>"


# A case in words


def test_a_case_in_words_is_tried_or_written_as_an_example(tmp_path: Path) -> None:
    text = """\
fact late days clock
fact owed money CNY
fact plan yes/no usually no
action sms, call, visit
rule a: after 3 days and owed >= CNY 10 then allow sms, call
rule b: never call when plan
"""
    path = write(tmp_path, "p.forbear", text)
    given = "late 4, owed CNY 10, plan yes"
    tried = run("test", path, "--given", given, "--expect", "sms allowed, call forbidden")
    assert (tried.code, tried.out) == (0, f"{path}: 1 of 1 examples hold\n")
    failed = run("test", path, "--given", given, "--expect", "call allowed")
    assert failed.code == 1
    assert "expected `call` allowed, and it is forbidden by `b`" in failed.out
    example = run("test", path, "--given", given)
    assert example.code == 0
    assert example.out == (
        f'example "{given}":\n  given late 4, owed CNY 10, plan yes\n  expect sms allowed, call forbidden\n'
    )
    write(tmp_path, "p.forbear", text + example.out)
    assert run("test", path).out.startswith(f"{path}: 1 of 1 examples hold")
    assert "expect sms, call, visit unsaid" in run("test", path, "--given", "late 4").out


def test_wrong_use_of_a_case_in_words(tmp_path: Path) -> None:
    path = write(tmp_path, "p.forbear", "fact late days clock\naction sms\nrule a: after 3 days then allow sms\n")
    for arguments, code, message in (
        (["--expect", "sms allowed"], 2, "--expect goes with --given"),
        (["--given", "late 4", "--title", "x"], 2, "about one case"),
        (["--given", "late 4", "--format", "junit"], 2, "as text"),
        (["--given", "lat 4"], 1, "did you mean `late`?"),
        (["--given", "late 4", "--expect", "sns allowed"], 1, "did you mean `sms`?"),
        (["--given", "late 4", "--expect", "sms allowed rule b: never sms"], 1, ""),
    ):
        answer = run("test", path, *arguments)
        assert answer.code == code, arguments
        assert message in answer.err
        assert "Traceback" not in answer.err
    assert "one policy" in run("test", path, write(tmp_path, "q.forbear", "action sms"), "--given", "late 4").err
