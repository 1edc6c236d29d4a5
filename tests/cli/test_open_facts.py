"""`forbear decide --open` and `forbear ask`: facts that are not known yet."""

from __future__ import annotations

from pathlib import Path

import pytest
from command import run, write

RULES = """
policy house
  version "3"
fact days_overdue days clock
fact local_time time
fact hardship one of no_hardship, plan_active optional
fact contact_source one of declared, shipping_record private
action phone_call, sms, visit
rule call: after 13 days and local_time between 08:00 and 21:00 then allow phone_call
rule kept_private: never phone_call when contact_source is shipping_record
rule hold: forbid sms when hardship is plan_active
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    return write(tmp_path, "house.forbear", RULES)


def test_verdicts_are_conditions_on_what_is_open(house: Path) -> None:
    answer = run("decide", house, "--case", "-", "--open", "local_time,contact_source", given='{"days_overdue": 14}')
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "phone_call\n"
        "  allowed when local_time between 08:00 and 21:00 and contact_source is declared\n"
        "          by call\n"
        "  forbidden when contact_source is shipping_record\n"
        "            by kept_private\n"
        "  unsaid when local_time is not between 08:00 and 21:00 and contact_source is declared\n"
        "\n"
        "whatever local_time, contact_source will be:\n"
        "action  verdict    rules\n"
        "sms     forbidden  by hold; unknown: hardship\n"
        "unsaid, so not permitted: visit\n"
    )


def test_in_json(house: Path) -> None:
    answer = run(
        *("decide", house, "--case", "-", "--open", "local_time", "--open", "hardship", "--format", "json"),
        given='{"days_overdue": 14, "contact_source": "declared"}',
    )
    assert (answer.code, answer.err) == (0, "")
    document = answer.json
    assert document["policy"]["version"] == "3"
    assert document["case"] == {"days_overdue": 14, "contact_source": {"private": None}}
    assert document["open"] == ["local_time", "hardship"]
    allowed, unsaid = document["decisions"]["phone_call"]
    assert allowed == {
        "verdict": "allowed",
        "permitted": True,
        "when": "local_time between 08:00 and 21:00",
        "conditions": [{"local_time": {"between": [["08:00", "21:00"]]}}],
        "rules": ["call"],
        "sometimes": [],
        "because": [],
        "source": [],
    }
    assert unsaid["conditions"] == [{"local_time": {"between": [[None, "07:59:59"], ["21:00:01", None]]}}]
    assert document["decisions"]["sms"][0]["conditions"] == [{"hardship": {"one_of": ["plan_active"]}}]
    assert document["decisions"]["visit"][0] == {
        "verdict": "unsaid",
        "permitted": False,
        "when": "always",
        "conditions": [{}],
        "rules": [],
        "sometimes": [],
        "because": [],
        "source": [],
    }


def test_a_case_in_words_leaves_the_open_facts_out(house: Path) -> None:
    answer = run("decide", house, "--given", "days_overdue 14", "--open", "local_time", "--format", "json")
    assert answer.code == 0, answer.err
    assert "local_time" not in answer.json["case"]
    assert answer.json["assumed"] == ["hardship", "contact_source"]
    text = run("decide", house, "--given", "days_overdue 14", "--open", "local_time").out
    assert text.endswith("assumed, since it is not given: hardship unknown, contact_source declared\n")
    assert len(answer.json["decisions"]["phone_call"]) == 2


@pytest.mark.parametrize(
    ("case", "opened", "message"),
    [
        ('{"days_overdue": 14, "local_time": "09:00"}', "local_time", "`local_time` is given, and open as well"),
        ('{"days_overdue": 14}', "local_tim", "no fact `local_tim`; did you mean `local_time`?"),
        ("{}", "local_time", "`days_overdue` is missing"),
    ],
)
def test_what_cannot_be_open(house: Path, case: str, opened: str, message: str) -> None:
    answer = run("decide", house, "--case", "-", "--open", opened, given=case)
    assert answer.code == 1
    assert message in answer.err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["--lines"], "--open goes with one case: leave out --lines"),
        (["--require", "sms"], "--open goes with one case: leave out --lines, --require"),
        (["--valid-until"], "--open goes with one case: leave out --lines, --require, --valid-until"),
        (["--full"], "--open goes with one case: leave out --lines, --require, --valid-until and --full"),
        (["--record", "record.jsonl"], "a case with open facts is not recorded: leave out --record"),
        (["--record-key", "key"], "a case with open facts is not recorded: leave out --record, --record-key"),
        (["--record-refused"], "is not recorded: leave out --record, --record-key and --record-refused"),
    ],
)
def test_open_facts_are_not_recorded_or_required(house: Path, more: list[str], message: str) -> None:
    """Each option of `decide` that has no say there is refused, whether or not what it names is there."""
    answer = run("decide", house, "--open", "local_time", "--case", "-", *more, given="{}")
    assert (answer.code, answer.out) == (2, "")
    assert message in answer.err


def test_the_fields_that_name_a_case_with_open_facts_are_no_facts(house: Path) -> None:
    asked = ("decide", house, "--open", "local_time,contact_source", "--format", "json")
    names = ("--key", "account", "--request", "id")
    plain = run(*asked, "--case", "-", given='{"days_overdue": 14}')
    named = run(*asked, "--case", "-", *names, given='{"days_overdue": 14, "account": "A-17", "id": 5}')
    assert (named.code, named.out) == (0, plain.out), named.err
    words = run(*asked, "--given", "days_overdue 14", "--key", "account")
    assert (words.code, "--key is for a case in JSON (--case)" in words.err) == (2, True)


def test_what_still_matters(house: Path) -> None:
    answer = run("ask", house, "phone_call", "--case", "-", given='{"days_overdue": 14}')
    assert (answer.code, answer.err) == (0, "")
    assert answer.out == (
        "phone_call is open: 2 facts matter\n"
        "fact            telling  choices\n"
        "contact_source  67%      contact_source is declared\n"
        "                         contact_source is shipping_record\n"
        "local_time      33%      local_time is not between 08:00 and 21:00\n"
        "                         local_time between 08:00 and 21:00\n"
    )


def test_a_fact_that_tells_little_is_not_said_to_tell_nothing() -> None:
    answer = run("ask", "pack:examples/us_card_issuer", "phone_call", "--given", "days_overdue 61")
    told = [line.split()[1] for line in answer.out.splitlines()[2:] if not line.startswith(" ")]
    assert told[0] == "16%"
    assert told[-1] == "<1%"
    assert "0%" not in told


def test_a_settled_verdict(house: Path) -> None:
    given = "days_overdue 14, contact_source shipping_record"
    answer = run("ask", house, "phone_call", "--given", given)
    assert answer.out == "phone_call is forbidden, whatever the rest will be\n  by kept_private\n"
    document = run("ask", house, "phone_call", "--given", given, "--format", "json").json
    assert document["settled"]["rules"] == ["kept_private"]
    assert document["questions"] == []
    assert document["case"] == {"days_overdue": 14, "contact_source": {"private": None}}


def test_without_a_case_nothing_is_known(house: Path) -> None:
    document = run("ask", house, "phone_call", "--format", "json").json
    assert [question["fact"] for question in document["questions"]] == ["contact_source", "days_overdue", "local_time"]
    assert document["questions"][1]["choices"][0] == {"when": "within 13 days", "between": [[None, 13]]}
    assert run("ask", house, "phone_cal").code == 1
