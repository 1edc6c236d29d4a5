"""`forbear validate`: what it reports, in text and in JSON, of files, folders, books, packs and standard input."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from command import HOUSE, of_code, run, spanned, write

import forbear

TWO_ERRORS = """\
policy broken "一 \U0001f600"
rule first "催收 \U0001f600": after 3 days then allow contact_relatde   # \U0001f600
rule second: after 3 days and
  unreachabel >= 3 then allow sms
"""
UNNAMED = "rule first: after 3 days then allow sms\nafter 5 days then allow sms\n"


def test_a_sound_policy_passes(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    answer = run("validate", "house.forbear", cwd=tmp_path)
    assert answer.code == 0
    assert "error[" not in answer.out
    assert "no errors" in answer.out or "0 errors" in answer.out or "error" not in answer.out
    report = run("validate", "house.forbear", "--format", "json", cwd=tmp_path).json
    assert report["counts"]["error"] == 0
    assert not [finding for finding in report["findings"] if finding["severity"] == "error"]


def test_text_names_place_line_and_help(tmp_path: Path) -> None:
    write(tmp_path, "broken.forbear", TWO_ERRORS)
    answer = run("validate", "broken.forbear", cwd=tmp_path)
    assert answer.code == 1
    lines = answer.out.splitlines()
    assert any("broken.forbear:2:44" in line for line in lines)
    assert any("broken.forbear:4:3" in line for line in lines)
    assert sum("contact_relatde" in line for line in lines) >= 2  # the message, and the line that it quotes
    assert any("did you mean `contact_related`" in line for line in lines)
    assert any("did you mean `unreachable`" in line for line in lines)
    assert sum("^" in line for line in lines) == 2
    assert "2 errors" in lines[-1]


def test_json_is_as_the_contract_says(tmp_path: Path) -> None:
    write(tmp_path, "broken.forbear", TWO_ERRORS)
    answer = run("validate", "broken.forbear", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    assert answer.err == ""
    report = answer.json
    assert list(report) == ["findings", "counts", "total"]
    assert report["counts"] == {"error": 2, "warning": 0, "note": 0}
    assert report["total"] == {"unknown-action": 1, "unknown-name": 1}
    first, second = report["findings"]
    assert (first["code"], first["severity"], first["file"]) == ("unknown-action", "error", "broken.forbear")
    assert (second["code"], second["severity"], second["file"]) == ("unknown-name", "error", "broken.forbear")
    for finding in (first, second):
        assert isinstance(finding["message"], str)
        assert "\n" not in finding["message"]
        assert finding["help"]
    # Characters are counted, not bytes and not UTF-16.
    assert first["span"] == {"start": {"line": 2, "column": 44}, "end": {"line": 2, "column": 59}}
    assert spanned(TWO_ERRORS, first["span"]) == "contact_relatde"
    assert second["span"] == {"start": {"line": 4, "column": 3}, "end": {"line": 4, "column": 14}}
    assert spanned(TWO_ERRORS, second["span"]) == "unreachabel"


def test_a_failing_example_has_a_witness_and_the_rules_behind_it(tmp_path: Path) -> None:
    text = HOUSE.replace("disclose_item_details forbidden", "disclose_item_details allowed")
    write(tmp_path, "house.forbear", text)
    answer = run("validate", "house.forbear", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    [finding] = of_code(answer.json, "failed-example")
    assert finding["rules"] == ["keep_purchases_private"]
    assert finding["actions"] == ["disclose_item_details"]
    assert finding["witness"] == {"days_overdue": 34, "unreachable": 5}
    assert run("validate", "house.forbear", cwd=tmp_path).code == 1


def test_a_failing_example_with_dates_says_on_which_day(tmp_path: Path) -> None:
    text = """\
rule first: after 3 days then allow sms
rule second: never sms in force from 2015-06-01 until 2015-06-30
example "always": given days_overdue 5 expect sms allowed
"""
    path = write(tmp_path, "dated.forbear", text)
    [finding] = of_code(run("validate", path, "--format", "json").json, "failed-example")
    witness = dict(finding["witness"])
    assert "2015-06-01" <= witness.pop("on") <= "2015-06-30"
    assert witness == {"days_overdue": 5}


def test_counts_and_total_are_exact_whatever_the_limit(tmp_path: Path) -> None:
    text = "".join(f"rule a{n}: after 3 days then allow smss\n" for n in range(103))
    text += "".join(f"rule b{n}: unreachabel > 1 then allow sms\n" for n in range(3))
    path = write(tmp_path, "many.forbear", text)
    for arguments, actions, names in ([], 100, 3), (["--limit", "2"], 2, 2), (["--limit", "500"], 103, 3):
        answer = run("validate", path, "--format", "json", *arguments)
        report = answer.json
        assert answer.code == 1
        assert report["counts"] == {"error": 106, "warning": 0, "note": 0}
        assert report["total"] == {"unknown-action": 103, "unknown-name": 3}
        printed = Counter(finding["code"] for finding in report["findings"])
        assert printed == {"unknown-action": actions, "unknown-name": names}
    text_report = run("validate", path, "--limit", "2").out
    assert text_report.count("error[unknown-action]") == 2
    assert "101 more" in text_report
    assert "106 errors" in text_report


def test_a_limit_below_nothing_is_wrong_use(tmp_path: Path) -> None:
    path = write(tmp_path, "house.forbear", HOUSE)
    assert run("validate", path, "--limit", "-1").code == 2
    assert run("validate", path, "--limit", "many").code == 2


def test_strict_lets_warnings_fail_and_notes_pass(tmp_path: Path) -> None:
    unnamed = write(tmp_path, "unnamed.forbear", UNNAMED)
    answer = run("validate", unnamed, "--format", "json")
    assert answer.code == 0
    assert answer.json["total"]["unnamed-rule"] == 1
    assert of_code(answer.json, "unnamed-rule")[0]["severity"] == "warning"
    assert run("validate", unnamed, "--strict").code == 1
    sound = write(tmp_path, "sound.forbear", "rule first: after 3 days then allow sms")
    answer = run("validate", sound, "--strict", "--format", "json")
    assert answer.json["counts"]["warning"] == 0
    assert answer.code == 0


def test_a_folder_means_every_rule_file_in_it(tmp_path: Path) -> None:
    write(tmp_path, "rules/one.forbear", "rule a: after 3 days then allow smss")
    write(tmp_path, "rules/deep/er/two.forbear", "rule a: after 3 days then allow smss")
    write(tmp_path, "rules/sound.forbear", "rule a: after 3 days then allow sms")
    write(tmp_path, "rules/notes.txt", "rule a: after 3 days then allow smss")
    answer = run("validate", "rules", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    assert {finding["file"] for finding in of_code(answer.json, "unknown-action")} == {
        "rules/one.forbear",
        "rules/deep/er/two.forbear",
    }
    assert answer.json["total"]["unknown-action"] == 2


def test_a_finding_in_a_shared_vocabulary_is_told_once(tmp_path: Path) -> None:
    write(tmp_path, "shared.forbear", "vocabulary v\nfact late days clock\nfact late days\naction sms\n")
    for name in ("one", "two"):
        write(tmp_path, f"{name}.forbear", 'uses "shared"\nrule a: after 3 days then allow sms\n')
    answer = run("validate", ".", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    assert answer.json["total"]["duplicate-name"] == 1


def test_several_paths_make_one_report(tmp_path: Path) -> None:
    sound = write(tmp_path, "sound.forbear", HOUSE)
    broken = write(tmp_path, "broken.forbear", TWO_ERRORS)
    answer = run("validate", sound, broken, sound, "--format", "json")
    assert answer.code == 1
    assert answer.json["counts"]["error"] == 2


def version(name: str, period: str) -> str:
    return f"policy {name}\n  in force {period}\nrule late: after 3 days then allow sms\n"


def test_versions_of_a_policy_in_one_folder_may_not_overlap(tmp_path: Path) -> None:
    write(tmp_path, "a.forbear", version("house", "until 2015-06-30"))
    write(tmp_path, "b.forbear", version("house", "from 2015-06-30 until 2015-12-31"))
    write(tmp_path, "other.forbear", version("another", "from 2015-06-01"))
    write(tmp_path, "elsewhere/c.forbear", version("house", "from 2015-01-01"))
    answer = run("validate", ".", "--format", "json", cwd=tmp_path)
    assert answer.code == 1
    assert answer.json["total"]["version-overlap"] == 1
    [finding] = of_code(answer.json, "version-overlap")
    assert finding["severity"] == "error"
    assert "house" in finding["message"]
    assert "2015-06-30" in finding["message"]
    assert finding["file"] in ("a.forbear", "b.forbear")


def test_days_without_a_version_are_a_warning(tmp_path: Path) -> None:
    write(tmp_path, "a.forbear", version("house", "until 2015-06-29"))
    write(tmp_path, "b.forbear", version("house", "from 2015-07-02"))
    answer = run("validate", ".", "--format", "json", cwd=tmp_path)
    assert answer.code == 0
    [finding] = of_code(answer.json, "version-gap")
    assert finding["severity"] == "warning"
    assert "2015-06-30" in finding["message"]
    assert "2015-07-01" in finding["message"]
    assert run("validate", ".", "--strict", cwd=tmp_path).code == 1


def test_versions_that_meet_are_no_finding(tmp_path: Path) -> None:
    write(tmp_path, "a.forbear", version("house", "until 2015-06-30"))
    write(tmp_path, "b.forbear", version("house", "from 2015-07-01"))
    answer = run("validate", ".", "--format", "json", cwd=tmp_path)
    assert answer.code == 0
    assert not {"version-gap", "version-overlap"} & answer.json["total"].keys()


def test_standard_input() -> None:
    assert run("validate", "-", given=HOUSE).code == 0
    answer = run("validate", "-", "--format", "json", given=TWO_ERRORS)
    assert answer.code == 1
    assert [finding["span"]["start"]["line"] for finding in answer.json["findings"]] == [2, 4]


def test_packs_by_name() -> None:
    answer = run("validate", "pack:huabei/redesigned", "pack:vocabulary/collections", "--format", "json")
    assert answer.code == 0
    answer = run("validate", "pack:huabei/redesignd")
    assert answer.code in (1, 2)
    assert "redesignd" in answer.said
    assert "huabei/redesigned" in answer.said


@pytest.mark.parametrize("value", ["relaunched_on=2016-02-01", "relaunched_on = 2016-02-01"])
def test_a_setting_has_another_value(value: str) -> None:
    assert run("validate", "pack:huabei/redesigned", "--set", value).code == 0


def test_settings_that_cannot_be() -> None:
    unknown = run("validate", "pack:huabei/redesigned", "--set", "repeated_cals=4")
    assert unknown.code == 1
    assert "repeated_calls" in unknown.said
    wrong = run("validate", "pack:huabei/redesigned", "--set", "repeated_calls=CNY 4")
    assert wrong.code == 1
    assert run("validate", "pack:huabei/redesigned", "--set", "repeated_calls").code == 2


def test_the_library_says_the_same(tmp_path: Path) -> None:
    path = write(tmp_path, "unnamed.forbear", UNNAMED)
    found = forbear.load(path).validate()
    report = run("validate", path, "--format", "json").json
    assert [(finding["code"], finding["message"]) for finding in report["findings"]] == [
        (diagnostic.code, diagnostic.message) for diagnostic in found
    ]


VERSION = "policy house in force from 2015-09-01\nrule first: after 3 days then allow sms\n"


def test_a_file_that_is_named_twice_is_read_once(tmp_path: Path) -> None:
    """By two paths, by its folder and by a link, it is one version of its policy, and not two of one day."""
    folder = tmp_path / "rules"
    folder.mkdir()
    write(folder, "house.forbear", VERSION)
    (tmp_path / "linked.forbear").symlink_to(folder / "house.forbear")
    ways = [
        "rules/house.forbear",
        "./rules/../rules/house.forbear",
        str(folder / "house.forbear"),
        "rules",
        "linked.forbear",
    ]
    once = run("validate", ways[0], "--format", "json", cwd=tmp_path).json
    assert run("validate", *ways, "--format", "json", cwd=tmp_path).json == once
    assert run("validate", *ways, cwd=tmp_path).out.endswith("in 1 file\n")
    assert run("test", *ways, cwd=tmp_path).out == run("test", ways[0], cwd=tmp_path).out
    assert run("format", "--check", *ways, cwd=tmp_path).out == run("format", "--check", ways[0], cwd=tmp_path).out


@pytest.mark.parametrize("limit", [0, 1, 7, 12, 100])
def test_a_limit_bounds_each_code_in_every_format(tmp_path: Path, limit: int) -> None:
    """Of two files together, and of what the checker and what the analyser finds; the totals are of all."""
    actions = "".join(f"rule r{n}: after 3 days then allow smss{n}\n" for n in range(12))
    write(tmp_path, "a.forbear", actions)
    overlaps = "".join(f"rule o{n}: after {n} days then allow sms\n" for n in range(5))
    write(tmp_path, "b.forbear", overlaps)
    write(tmp_path, "c.forbear", overlaps)
    given = ["validate", ".", "--limit", str(limit)]
    report = run(*given, "--format", "json", cwd=tmp_path).json
    whole = run("validate", ".", "--all", "--format", "json", cwd=tmp_path).json
    assert report["total"] == whole["total"]
    assert report["counts"] == whole["counts"]
    assert whole["total"]["unknown-action"] == 12
    assert whole["total"]["subsumed"] > 12
    causes = Counter(finding["code"] for finding in report["findings"])
    also = Counter(one["code"] for finding in report["findings"] for one in finding.get("also", ()))
    shown = causes + also  # those of one cause are shown with it
    assert all(number <= limit for number in causes.values())
    assert all(shown[code] >= min(limit, number) for code, number in whole["total"].items())
    [its_run] = run(*given, "--format", "sarif", cwd=tmp_path).json["runs"]
    assert Counter(result["ruleId"] for result in its_run["results"]) == causes
    assert its_run["properties"] == {"counts": whole["counts"], "total": whole["total"]}
    lines = run(*given, "--format", "github", cwd=tmp_path).out.splitlines()
    assert Counter(line.split("title=")[1].split("::")[0] for line in lines if "file=" in line) == causes
    rest = [line.split("::")[2] for line in lines if "file=" not in line]
    assert rest == [
        f"{number - shown[code]} more of {code}; --limit {number} shows all"
        for code, number in whole["total"].items()
        if number > shown[code]
    ]
    text = run(*given, "--notes", cwd=tmp_path).out
    assert [line for line in text.splitlines() if " more of " in line] == rest


@pytest.mark.parametrize("limit", ["-1", "x", "1.5", "", "9" * 30])
def test_a_limit_is_a_whole_number_from_0(tmp_path: Path, limit: str) -> None:
    write(tmp_path, "a.forbear", "rule r: after 3 days then allow sms\n")
    assert run("validate", ".", f"--limit={limit}", cwd=tmp_path).code == (0 if limit.startswith("9") else 2)


def test_without_a_path_it_is_the_current_folder(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", HOUSE)
    assert run("validate", cwd=tmp_path).out == run("validate", ".", cwd=tmp_path).out
    (tmp_path / "nothing").mkdir()
    assert run("validate", cwd=tmp_path / "nothing").code == 2
    named = run("validate", "--output-format", "json", cwd=tmp_path)
    assert named.json == run("validate", "--format", "json", cwd=tmp_path).json


def test_sarif_has_the_page_of_each_code(tmp_path: Path) -> None:
    write(tmp_path, "house.forbear", "rule r: never sms when unreachable < 0\n")
    (rule, *_) = run("validate", "--format", "sarif", cwd=tmp_path).json["runs"][0]["tool"]["driver"]["rules"]
    assert rule["help"]["markdown"].startswith("# ")
    assert rule["id"] in rule["help"]["markdown"]


def test_a_comparison_that_makes_its_rule_dead_is_one_finding_with_it(tmp_path: Path) -> None:
    text = """\
fact late days clock
fact owed money CNY
action sms, call
rule a: after 3 days and owed < CNY 0 then allow sms
rule b: after 3 days and owed >= CNY 0 then allow sms
rule c: after 5 days and late < 4 then allow call
rule d: after 5 days then allow call
"""
    path = write(tmp_path, "p.forbear", text)
    answer = run("validate", path, "--format", "json").json
    found = [(one["code"], [also["code"] for also in one.get("also", [])]) for one in answer["findings"]]
    assert ("decided-comparison", ["dead-rule"]) in found  # of a
    assert ("decided-comparison", []) in found  # of b, which is not dead
    assert ("dead-rule", []) in found  # of c, which has no such comparison
    assert sum(code == "dead-rule" for code, _ in found) == 1
    assert "  also: dead-rule of `a` (line 4)\n" in run("validate", path).out
    for more in ([], ["--jobs", "1"]):  # with what is remembered too
        assert "  also: dead-rule of `a`" in run("validate", tmp_path, *more).out
