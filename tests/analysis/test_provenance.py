"""What was read of a law, and until when it was reviewed: what is found and shown, and that it decides nothing."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest
from command import run, write

import forbear
from forbear.editors.editing.completing import completions
from forbear.editors.editing.reading import read
from forbear.targets.json_form import json_form

LAW = """\
standard law "A law"
  source "Act 12"
  read on 2026-11-26 "1 to 3: the official collection", on 2026-11-27 "4: a commentary"
  reviewed by none until 2027-12-31
rule night: never calls when local_time > 21:00 source "Act 12, 1"
rule work: never call_at_work source "Act 12, 4" second-hand
rule post: never public_post source "Act 12, 5" from-memory
"""
HOUSE = 'policy house subject to "law" rule call: after 9 days then allow phone_call '


@pytest.mark.parametrize(
    ("text", "day", "found"),
    [
        (LAW, "2027-12-31", ["not-read of work", "not-read of post"]),
        (LAW, "2028-01-01", ["review-due of law", "not-read of work", "not-read of post"]),
        (HOUSE, "2028-01-01", ["not-read of law", "review-due of law"]),
        (f'{HOUSE} accept not-read of law because "x" accept review-due of law because "y"', "2028-01-01", []),
        (f'{LAW} accept not-read of work because "x"', "2027-12-31", ["not-read of post"]),
        (
            'policy house ensure conforms to "law" after 9 days then allow call_at_work',
            "2027-12-31",
            ["not-read of law"],
        ),
        ('policy house rule a: never sms source "b" rule c: never email', "2027-12-31", []),
        ("rule a: never sms in force until 2027-12-31", "2027-12-31", []),
        ("rule a: never sms in force until 2027-12-31", "2028-01-01", ["expired of a"]),
        ("rule a: suspend sms from 2026-01-01 until 2027-12-31", "2028-01-01", ["expired of a"]),
        ("table a\n|sms|\n|never|\nin force until 2027-12-31", "2028-01-01", ["expired of a.1"]),
        ("policy p in force until 2020-12-31 rule a: never sms in force until 2020-01-01", "2028-01-01", []),
        (
            "policy p in force until 2028-01-01 rule a: never sms in force until 2020-01-01",
            "2028-01-01",
            ["expired of a"],
        ),
        ("rule a: never sms in force from 2038-01-01", "2028-01-01", []),
        ("rule a: never sms in force from 2038-01-02", "2028-01-01", ["far-off of a"]),
    ],
)
def test_what_is_found_by_the_day(text: str, day: str, found: list[str], tmp_path: Path) -> None:
    write(tmp_path, "law.forbear", LAW)
    file = write(tmp_path, "house.forbear", text)
    codes = ("not-read", "review-due", "expired", "far-off")
    reported = forbear.load(file).validate(today=datetime.date.fromisoformat(day), asked=["not-read"])
    every = [(one.code, name) for one in reported if one.code in codes and one.accepted is None for name in one.names]
    assert sorted(f"{code} of {name}" for code, name in every) == sorted(found)
    assert not [one for one in forbear.load(file).validate() if one.code in codes]


def test_strict_refuses_what_nobody_has_read_and_names_the_rules(tmp_path: Path) -> None:
    write(tmp_path, "law.forbear", LAW)
    write(tmp_path, "house.forbear", HOUSE)
    for command in (("validate", "house.forbear"), ("conform", "house.forbear", "--to", "law.forbear")):
        assert run(*command, cwd=tmp_path).code == 0
        refused = run(*command, "--strict", cwd=tmp_path)
        assert refused.code == 1
        assert {"work", "post"} <= set(refused.out.replace("`", " ").replace(",", " ").split())
    conformance = run("conform", "house.forbear", "--to", "law.forbear", "--format", "json", cwd=tmp_path).json
    assert conformance["provenance"] == [{"standard": "law", **forbear.load(tmp_path / "law.forbear").provenance}]
    page = run("report", "house.forbear", "-o", "-", cwd=tmp_path).out.partition('<h2 id="read">')[2]
    assert "<code>work</code> (second-hand), <code>post</code> (from-memory)." in page
    assert "4: a commentary, 2026-11-27</li>" in page
    write(tmp_path, "forbear.toml", 'severity.not-read = "ignore"\n')
    assert run("validate", "house.forbear", "--strict", cwd=tmp_path).code == 0


def test_what_validate_remembers_ends_with_the_day(tmp_path: Path) -> None:
    write(tmp_path, "law.forbear", LAW)
    write(tmp_path, "house.forbear", f"{HOUSE} rule a: never sms in force until 2028-06-30")
    for day, warnings, notes in (
        ("2027-12-31", 0, 0),
        ("2028-01-01", 2, 0),
        ("2028-07-01", 2, 1),
        ("2027-12-31", 0, 0),
    ):
        total = run("validate", ".", "--format", "json", "--on", day, cwd=tmp_path).json["total"]
        assert (total.get("review-due", 0), total.get("expired", 0)) == (warnings, notes), day


def test_what_a_rule_rests_on_is_in_its_decisions_and_what_was_read_in_no_digest() -> None:
    law = forbear.loads(LAW)
    decision = law.decide({"local_time": "12:00"})["public_post"]
    assert decision.source == ("Act 12, 5; from-memory",)
    explained = law.explain("public_post", {"local_time": "12:00"})
    assert [rule.source for rule in explained.rules] == [decision.source[0]]
    form = json.loads(json_form(law.typed))
    assert form["provenance"] == law.provenance
    assert form["rules"][2]["source"] == "Act 12, 5; from-memory"
    assert law.provenance == {
        "read": [
            {"text": "1 to 3: the official collection", "on": "2026-11-26"},
            {"text": "4: a commentary", "on": "2026-11-27"},
        ],
        "reviewed": {"by": None, "until": "2027-12-31"},
        "not_read": {"work": "second-hand", "post": "from-memory"},
    }
    assert forbear.loads(LAW.replace("by none until 2027-12-31", 'by "counsel"')).digest == law.digest
    assert forbear.loads(LAW.replace(" second-hand", "")).digest != law.digest


def test_words_of_provenance_stay_names(tmp_path: Path) -> None:
    policy = forbear.loads(
        "fact read text fact reviewed count action sms\n"
        'rule a: limit sms to 3 by reviewed rule b: read is "x" then allow sms\n'
        'example "c": given read "x", reviewed 2 on 2026-01-01 expect sms allowed'
    )
    assert policy.permits("sms", {"read": "x", "reviewed": 1})


def test_an_editor_offers_what_a_rule_may_rest_on() -> None:
    text = 'rule a: never sms source "Act 12" '
    assert {"second-hand", "from-memory"} <= {option.text for option in completions(read(text, None), len(text))[1]}
    assert "second-hand" not in {option.text for option in completions(read(text[:18], None), 18)[1]}
