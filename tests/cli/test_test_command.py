"""`forbear test`: examples, and the rules that no example makes a deciding rule."""

from __future__ import annotations

from pathlib import Path

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
