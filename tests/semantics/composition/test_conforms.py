"""`ensure conforms to "path"`: how the standard is found, and what breaks the promise."""

from __future__ import annotations

from pathlib import Path

import pytest
from invoking import forbear, write

import forbear as library

STANDARD = """\
standard bounds
rule gift: never contact_related when contact_source is shipping_record
rule notice: after 90 days then require letter
"""
HOUSE = """\
policy house
ensure conforms to "bounds"
rule ask: after 60 days then allow contact_related
"""
OF_ITS_OWN = """\
policy house
ensure conforms to "bounds"
fact late days clock
action sms
rule r: after 3 days then allow sms
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write(tmp_path, STANDARD, "bounds.forbear")
    return tmp_path


def test_each_rule_that_is_broken_is_a_failed_ensure(folder: Path) -> None:
    path = write(folder, HOUSE)
    findings = forbear("validate", path, "--format", "json").json["findings"]
    broken = [one for one in findings if one["code"] == "failed-ensure"]
    assert [(one["actions"], one.get("rules"), one["span"]["start"]["line"]) for one in broken] == [
        (["contact_related"], ["ask"], 2),
        (["letter"], None, 2),
    ]
    assert broken[0]["message"] == "conforms to `bounds`: `ask` permits `contact_related`, which `gift` forbids"
    assert broken[1]["message"] == "conforms to `bounds`: `letter` is unsaid, which `notice` requires"
    policy = library.load(path)
    assert policy.permits("contact_related", broken[0]["witness"])
    assert not policy.permits("letter", broken[1]["witness"])
    test = forbear("test", path)
    assert test.code == 1
    assert "0 of 1 ensures hold" in test.out


def test_a_promise_that_is_kept(folder: Path) -> None:
    suggested = forbear("conform", write(folder, HOUSE), "--to", folder / "bounds.forbear", "--suggest").out
    path = write(folder, HOUSE + suggested)
    assert "failed-ensure" not in forbear("validate", path, "--format", "json").json["total"]
    assert "1 of 1 ensures hold" in forbear("test", path).out


def test_a_promise_to_a_standard_that_never_says_no(folder: Path) -> None:
    write(folder, "standard bounds\nrule gift: never visit when contact_source is shipping_record\n", "bounds.forbear")
    for accept, told in (("", [None]), ('accept vacuous-standard of bounds because "no visits"\n', ["no visits"])):
        path = write(folder, HOUSE + accept)
        found = [one for one in library.load(path).validate() if one.code in ("vacuous-standard", "failed-ensure")]
        assert [(one.code, one.place.start.line, one.accepted) for one in found] == [("vacuous-standard", 2, told[0])]
        assert not [one for one in library.load(path).validate() if one.code in ("stale-accept", "unjudged")]
    subject = HOUSE.replace("policy house\n", 'policy house\n  subject to "bounds"\n')
    found = [one for one in library.load(write(folder, subject)).validate() if one.code == "vacuous-standard"]
    assert [one.place.start.line for one in found] == [2], "told once"


def test_the_promise_does_not_touch_the_digest(folder: Path) -> None:
    with_promise, without = (
        write(folder, HOUSE),
        write(folder, HOUSE.replace('ensure conforms to "bounds"\n', "\n"), "b.forbear"),
    )
    assert library.load(with_promise).digest == library.load(without).digest


@pytest.mark.parametrize("named", ["pack:huabei/redesigned", "huabei/redesigned"])
def test_a_shipped_pack_may_be_the_standard(tmp_path: Path, named: str) -> None:
    path = write(tmp_path, HOUSE.replace('"bounds"', f'"{named}"'))
    broken = forbear("validate", path, "--format", "json").json
    assert broken["total"]["failed-ensure"] == 1
    assert "which `keep_payment_data_apart` forbids" in broken["findings"][0]["message"]


@pytest.mark.parametrize("named", ["nowhere", "pack:nothing", "../x/y", ""])
def test_a_standard_that_is_not_there(tmp_path: Path, named: str) -> None:
    answer = forbear("validate", write(tmp_path, HOUSE.replace("bounds", named)), "--format", "json")
    assert answer.code == 1
    [error] = [one for one in answer.json["findings"] if one["severity"] == "error"]
    assert (error["code"], error["span"]["start"]) == ("missing-file", {"line": 2, "column": 20})


def test_errors_of_the_standard_are_told_in_its_file(folder: Path) -> None:
    write(folder, STANDARD + "rule broken: never smss\n", "bounds.forbear")
    answer = forbear("validate", write(folder, HOUSE), "--format", "json")
    assert answer.code == 1
    [error] = [one for one in answer.json["findings"] if one["severity"] == "error"]
    assert (error["code"], Path(error["file"]).name) == ("unknown-action", "bounds.forbear")


def test_standards_may_name_each_other(folder: Path) -> None:
    write(folder, STANDARD + 'ensure conforms to "house"\n', "bounds.forbear")
    assert forbear("validate", write(folder, HOUSE)).code == 1


def test_a_standard_of_other_facts_cannot_be_told(folder: Path) -> None:
    write(folder, "standard bounds\nfact late yes/no\naction sms\nrule a: never sms when late\n", "bounds.forbear")
    [found] = [
        one
        for one in forbear("validate", write(folder, OF_ITS_OWN), "--format", "json").json["findings"]
        if one["code"] == "failed-ensure"
    ]
    assert "`late` is `yes/no` in the one and `days clock` in the other" in found["message"]


def test_facts_of_the_standard_alone_are_left_out_of_the_case(folder: Path) -> None:
    bounds = "standard bounds\nfact quiet yes/no\naction sms\nrule a: never sms when quiet\n"
    write(folder, bounds, "bounds.forbear")
    path = write(folder, OF_ITS_OWN)
    examples = folder / "examples.txt"
    [found] = [
        one
        for one in forbear("validate", path, "--format", "json", "--write-examples", examples).json["findings"]
        if one["code"] == "failed-ensure"
    ]
    assert found["witness"] == {"late": 4}


def test_only_cases_that_the_policy_can_have_count(folder: Path) -> None:
    write(
        folder, "standard bounds\nfact misses count\naction sms\nrule a: never sms when misses > 9\n", "bounds.forbear"
    )
    promise = 'policy house\nensure conforms to "bounds"\nrule r: always then allow sms\naction sms\n'
    for own, code in (("count between 0 and 9", 0), ("count between 0 and 10", 1)):
        assert forbear("validate", write(folder, f"{promise}fact misses {own}\n")).code == code


def test_only_days_on_which_the_policy_is_in_force_count(folder: Path) -> None:
    write(folder, f"{STANDARD}  in force from 2016-01-01\n", "bounds.forbear")
    house = HOUSE.replace("policy house\n", "policy house\n  in force until 2015-12-31\n")
    house += "rule gift: never contact_related when contact_source is shipping_record\n"
    assert forbear("validate", write(folder, house)).code == 0
    path = write(folder, house.replace("2015-12-31", "2016-01-01"))
    examples = folder / "examples.txt"
    found = forbear("validate", path, "--format", "json", "--write-examples", examples)
    [broken] = [one for one in found.json["findings"] if one["code"] == "failed-ensure"]
    assert broken["witness"]["on"] == "2016-01-01"
    case = dict(broken["witness"])
    assert not library.load(path).permits("letter", case, on=case.pop("on"))
    assert "  on 2016-01-01\n" in examples.read_text(encoding="utf-8")


def test_the_dates_of_the_standard_itself_do_not_count(folder: Path) -> None:
    write(folder, STANDARD.replace("bounds\n", "bounds\n  in force from 2016-01-01\n"), "bounds.forbear")
    house = HOUSE.replace("policy house\n", "policy house\n  in force until 2015-12-31\n")
    path = write(folder, house)
    [broken, _] = [
        one for one in forbear("validate", path, "--format", "json").json["findings"] if one["code"] == "failed-ensure"
    ]
    case = dict(broken["witness"])
    assert library.load(path).permits("contact_related", case, on=case.pop("on"))


KEPT = """\
policy house
rule remind: after 3 days then allow sms, email
rule write: after 9 days then allow letter
rule other: never sms when deceased
rule cease: never sms, email, letter when cease_requested
ensure conforms to "law"
"""
LAW = 'standard law\nrule stop: never sms, email, letter when cease_requested source "section 6"\n'


def test_a_broken_promise_names_the_rule_of_the_policy_that_keeps_it_elsewhere(tmp_path: Path) -> None:
    write(tmp_path, LAW, "law.forbear")
    old = write(tmp_path, KEPT, "old.forbear")
    assert "failed-ensure" not in forbear("validate", old, "--format", "json").json["total"]
    weaker = KEPT.replace("when cease_requested", "when cease_requested unless contact_consent")
    new = write(tmp_path, weaker)
    [found] = [
        one for one in forbear("validate", new, "--format", "json").json["findings"] if one["severity"] == "error"
    ]
    assert (found["kept_by"], found["by"], found["rules"], found["actions"]) == (
        ["cease"],
        ["stop"],
        ["remind"],
        ["email"],
    )
    assert [one["actions"] for one in found["also"]] == [["sms"], ["letter"]]
    assert found["message"] == (
        "conforms to `law`: `cease` does not keep section 6 in every case: here `remind` permits `email`"
    )
    assert any(label["text"] == "`cease` keeps it in other cases" for label in found["related"])
    come = forbear("diff", old, new, "--format", "json").json["findings"]["come"]
    assert [(one["message"], one["kept_by"], one["span"]["start"]["line"]) for one in come] == [
        ("conforms to `law`: `cease` no longer keeps section 6", ["cease"], 5)
    ]
    assert len(come[0]["also"]) == 2
    # Where the rule is gone, only a change tells which one it was.
    gone = write(tmp_path, "".join(line for line in KEPT.splitlines(keepends=True) if "cease:" not in line))
    [found] = [
        one for one in forbear("validate", gone, "--format", "json").json["findings"] if one["severity"] == "error"
    ]
    assert "kept_by" not in found
    [come] = forbear("diff", old, gone, "--format", "json").json["findings"]["come"]
    assert (come["message"], come["kept_by"]) == ("conforms to `law`: `cease` no longer keeps section 6", ["cease"])
    # Where a permission is new, no rule kept it.
    more = write(tmp_path, KEPT + "rule chat: always then allow push_notification\n")
    write(
        tmp_path, LAW + 'rule chat: never push_notification when days_overdue < 9 source "section 7"\n', "law.forbear"
    )
    [come] = forbear("diff", old, more, "--format", "json").json["findings"]["come"]
    assert "kept_by" not in come
    assert come["message"] == "conforms to `law`: `chat` permits `push_notification`, which `chat` forbids (section 7)"


def test_a_broken_ensure_names_the_rule_that_keeps_it_elsewhere(tmp_path: Path) -> None:
    text = "rule a: after 3 days then allow sms\nrule b: never sms when deceased and contact_party is borrower\n"
    text += "rule c: never sms when inconvenient_now\nensure sms not allowed when deceased\n"
    new = write(tmp_path, text)
    [found] = [
        one for one in forbear("validate", new, "--format", "json").json["findings"] if one["severity"] == "error"
    ]
    assert (found["kept_by"], found["rules"]) == (["b"], ["a"])
    assert found["help"].startswith("`b` keeps it in other cases")
    old = write(tmp_path, text.replace(" and contact_party is borrower", ""), "old.forbear")
    [come] = forbear("diff", old, new, "--format", "json").json["findings"]["come"]
    assert come["message"].startswith("`b` no longer keeps a promise: expected `sms` not allowed")
