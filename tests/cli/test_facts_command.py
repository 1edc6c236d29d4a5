"""`forbear facts`: a JSON Schema that agrees with `decide`. What it prints is in `transcripts/facts.txt`."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from command import run, write
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from strategies import examples

import forbear
from forbear.report.formats.schema import case_schema

TYPES = """\
policy types
  currency CNY

fact late days clock "Days past due"
fact calls count between 1 and 50 in steps of 7 "Calls so far"
fact score number between -1 and 1 in steps of 0.001
fact odd number in steps of 2.5 optional
fact share percent between 0% and 100%
fact owed money
fact dollars money USD between USD 0.10 and USD 0.70 optional
fact risk one of low < medium < high
fact origin one of declared, referee optional
fact kind one of loan, card or none
fact asked yes/no
fact cease yes/no optional
fact hour time
fact promised date or none
fact quiet days or none
fact region text
fact note text optional
fact word text or none
fact unread count
fact spared weekly hours or none

action sms, letter

rule first: after 3 days and calls > 7 and score > 0 and odd > 0 and share > 5% then allow sms
rule second: owed > CNY 5 and dollars < USD 0.50 and risk > low and origin is declared then allow letter
rule third: never letter when asked and cease and hour > 08:00 and promised is none and quiet > 3
rule fourth: never sms when region is "CA" and note is "x" and word is "y" and kind is loan
""".replace("calls count between 1 and 50", "calls count between 7 and 49")

CASE: Mapping[str, object] = {
    "late": 5,
    "calls": 14,
    "score": 0.5,
    "share": 80,
    "owed": 12.5,
    "risk": "low",
    "kind": "none",
    "asked": True,
    "hour": "08:00",
    "promised": "none",
    "quiet": 3,
    "region": "CA",
    "word": "none",
}

ACCEPTED: Mapping[str, tuple[object, ...]] = {
    "late": (0, "0", "-0", "-0.0", "12", 12.0, "12.0", 999999999999999),
    "calls": (7, 49, "21", "0007.0"),
    "score": (-1, 1, "0.001", 0.001, -0.999, "-1"),
    "odd": (None, 2.5, -5, "7.5", 0, "7.50", 7.5),
    "share": (0, 100, "99.99", 0.01, "100.00", "9.9", f"{0:040}.01"),
    "owed": (0, 0.01, "12.50", "CNY -0.00", "CNY 12.50", "CNY 3", 9999999999999.99),
    "dollars": (None, 0.1, 0.7, "USD 0.70", "0.30"),
    "risk": ("low", "medium", "high"),
    "origin": (None, "declared", "referee"),
    "kind": ("none", "loan", "card"),
    "asked": (True, False),
    "cease": (None, True, False),
    "hour": ("00:00", "23:59:59", "08:00:30"),
    "promised": ("none", "2015-09-22", "0001-01-01", "9999-12-31", "2000-02-29", "0004-02-29", "2023-02-28"),
    "quiet": ("none", 0, "3"),
    "region": ("", "CA", "none", "催收"),
    "note": (None, "x"),
    "word": ("none", "y"),
    "unread": (0, 3),
    "spared": (
        "none",
        "",
        "mon 09:00-24:00",
        ["mon-fri 22:00-06:30,  sat 08:00-09:00 ", "", "sun-mon  10:00-11:00"],
        [],
    ),
    "on": ("2015-12-01",),
}
"""For each fact, values that `decide` takes."""

REFUSED: Mapping[str, tuple[object, ...]] = {
    "late": ("1234567890123456", -1, 1.5, True, None, "CNY 3", "12,5", "none", [], {}, "1e3", "+3", "-1", "-0.5", ""),
    "calls": (0, 8, 56, "seven", "7.5", "0", "56", "-7"),
    "score": (1.001, -2, True, "half", "0.0001", "1.001", "-2"),
    "odd": ("none", "x", False, 2.4, 1, "2.51", "1", "2.4", "2.75"),
    "share": (-0.01, 100.01, "80%", "0.001", "100.01", "-0.01", f"{0:041}.01", "5."),
    "owed": (-0.01, "-0.01", "CNY -3", "USD 12.50", "CNY", "CNY 1,000", True, None, "12.501", "CNY 0.0001"),
    "dollars": (0.71, 0.09, "CNY 0.50", "0.71", "USD 0.09", "0"),
    "risk": ("LOW", "", 0, None),
    "origin": ("none", "social", 1),
    "kind": (None, "x"),
    "asked": ("yes", 1, 0, "true", None),
    "cease": ("none", 0),
    "hour": ("24:00", "8:00", "08:60", 8, "08:00:60"),
    "promised": (
        "2015-02-29",
        "1900-02-29",
        "2015-04-31",
        "0000-01-01",
        None,
        "2015-13-01",
        "2015-00-01",
        "2015-09-00",
        "2015-09-32",
        "2015-9-22",
        "tomorrow",
        20150922,
        "",
    ),
    "quiet": (None, -1),
    "region": (None, 5, True, ["CA"]),
    "note": (3, {}),
    "word": (None, 7),
    "unread": (-1, "x"),
    "spared": (
        None,
        5,
        "mon",
        "mon 9:00-10:00",
        "mon 09:00-09:00",
        "mon 09:00-10:00, sat 12:30-12:30,sun 09:00-10:00",
        ["mon 09:00-10:00", "tue-wed 10:00-10:00"],
        "mo 09:00-10:00",
        "mon 24:00-10:00",
        "mon 09:00-10:00,",
        ["x"],
        [5],
        [[]],
    ),
    "unreda": (3,),
}
"""For each fact, values that `decide` refuses, and that a schema can know to be refused."""


@pytest.fixture(scope="module")
def types(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("types"), "types.forbear", TYPES)


@pytest.fixture(scope="module")
def schema(types: Path) -> Any:
    answer = run("facts", types, "--json-schema")
    assert answer.code == 0
    return answer.json


# The schema


def test_the_schema_is_one_of_draft_2020_12(schema: Any) -> None:
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)


def decides(policy: forbear.Policy, case: object) -> bool:
    try:
        policy.decide(case)  # type: ignore[arg-type]
    except forbear.CaseError:
        return False
    return True


def cases(values: Mapping[str, tuple[object, ...]]) -> list[dict[str, object]]:
    return [{**CASE, fact: value} for fact, several in values.items() for value in several]


def test_what_decide_takes_is_valid(types: Path, schema: Any) -> None:
    policy = forbear.load(types)
    validator = Draft202012Validator(schema)
    for case in cases({fact: values for fact, values in ACCEPTED.items() if fact != "on"}):
        read = json.loads(json.dumps(case))
        assert decides(policy, read), case
        assert validator.is_valid(read), case


def test_what_the_schema_refuses_decide_refuses(types: Path, schema: Any) -> None:
    policy = forbear.load(types)
    validator = Draft202012Validator(schema)
    for case in cases(REFUSED):
        read = json.loads(json.dumps(case))
        assert not validator.is_valid(read), case
        assert not decides(policy, read), case
    for name in CASE:
        lacking = {fact: value for fact, value in CASE.items() if fact != name}
        assert not validator.is_valid(lacking), name
        assert not decides(policy, lacking), name
    for wrong in ([], [CASE], 3, "x", None, True):
        assert not validator.is_valid(wrong)
        assert not decides(policy, wrong)


BEYOND = {
    "share": ("off-grid", float),
    "owed": ("off-grid", float),
    "dollars": ("off-grid", float),
    "score": ("off-grid", float),
    "calls": ("off-grid", str),
}
"""What no schema can know: 0.07 is no multiple of 0.01 in binary, and no pattern finds the multiples of 7."""
LETTERS = "0123456789:-,. +TZCNYUSDmonetus"


def near(value: object, chance: random.Random) -> object:
    """A value that is wrong in a letter, in some digits or in its type, or that may still be right."""
    if isinstance(value, bool | None) or chance.random() < 0.1:
        return chance.choice([None, True, "", 0, -0.5, "none", [], {}, [value], str(value), 10**15])
    if isinstance(value, str):
        at, of = chance.randrange(len(value) + 1), chance.random()
        return value[: at - (of < 0.7)] + chance.choice(LETTERS) * (of > 0.2) + value[at:]
    if isinstance(value, int | float):
        return value + chance.choice([-1, 1, 0.5, 0.07, 0.001, -0.0001, 10**13])
    return [near(part, chance) for part in value] if isinstance(value, list) else value


def test_a_drawn_value_that_decide_refuses_the_schema_refuses_or_says_why_not(types: Path, schema: Any) -> None:
    """And the reverse: what the schema refuses, `decide` refuses."""
    policy, validator, chance = forbear.load(types), Draft202012Validator(schema), random.Random(2026)
    refused, taken = Counter[str](), 0
    values = {fact: [*ACCEPTED[fact], *REFUSED.get(fact, ())] for fact in ACCEPTED if fact != "on"}
    for _ in range(examples(300)):
        for fact, several in values.items():
            case = json.loads(json.dumps({**CASE, fact: near(chance.choice(several), chance)}))
            try:
                policy.decide(case)
            except forbear.CaseError as error:
                if validator.is_valid(case):
                    codes = {fault.code for fault in error.faults}
                    assert (*codes, type(case[fact])) == BEYOND.get(fact), (fact, case[fact], codes)
                    refused["beyond"] += 1
                refused["all"] += 1
            else:
                assert validator.is_valid(case), case[fact]
                taken += 1
    assert taken > 0
    assert refused["beyond"] < refused["all"] / 10, refused


def test_a_drawn_text_of_digits_is_valid_if_decide_takes_it() -> None:
    """Steps that divide no power of ten are left out."""
    chance, taken = random.Random(2026), Counter[bool]()
    for _ in range(examples(60)):
        step = Decimal(chance.choice(["1", "2", "5", "20", "25", "0.5", "0.1", "2.5", "0.25", "0.04", "0.001"]))
        low = step * chance.choice([0, 0, -7, 3, 1_000 - chance.randrange(2_000)])
        high = low + step * chance.choice([1, 9, 99, 100, 1_234, chance.randrange(1, 20_000)])
        policy = forbear.loads(
            f"fact x number between {low} and {high} in steps of {step}  action a  rule r: allow a when x > {low}"
        )
        validator = Draft202012Validator(case_schema(policy.typed))
        for _ in range(50):
            number = chance.choice([low, high, step * chance.randrange(-30, 2_000), low + (high - low) / 3])
            number += chance.choice([Decimal(0), step, -step, Decimal("0.01"), Decimal("0.3")])
            text = "0" * chance.choice([0, 0, 1, 36, 39]) + f"{abs(number):f}" + "0" * chance.choice([0, 0, 1, 37])
            case = {"x": "-" * (number < 0) + text}
            assert validator.is_valid(case) == decides(policy, case), (case, low, high, step)
            taken[decides(policy, case)] += 1
    assert min(taken.values()) > taken.total() / 10, taken


def test_the_command_agrees_with_the_schema(types: Path, schema: Any) -> None:
    lines = [*cases(ACCEPTED), *cases(REFUSED)]
    answer = run("decide", types, "--lines", given="".join(json.dumps(case) + "\n" for case in lines))
    validator = Draft202012Validator(schema)
    wrong = [
        case
        for case, line in zip(lines, answer.out.splitlines(), strict=True)
        if validator.is_valid(case) == ("error" in json.loads(line))
    ]
    assert wrong == []


def test_a_schema_asks_for_the_history_or_for_what_follows_from_it(tmp_path: Path) -> None:
    text = "rule r: after 3 days and unreachable > 3 and local_time > 09:00 then allow sms\n"
    schema = run("facts", write(tmp_path, "p.forbear", text), "--json-schema").json
    validator = Draft202012Validator(schema)
    assert schema["required"] == ["days_overdue"]
    assert not validator.is_valid({"days_overdue": 4})
    assert validator.is_valid({"days_overdue": 4, "unreachable": 0})
    assert not validator.is_valid({"days_overdue": 4, "history": []})
    case = {"days_overdue": 4, "history": [], "history_from": "opening", "zone": "UTC"}
    assert validator.is_valid(case)
    moments = [f"2026-03-07T10:00:00{fraction}Z" for fraction in ("", ".1", ".123456", ".123456789", ".1234567890")]
    assert [validator.is_valid({**case, "at": moment}) for moment in moments] == [True] * 4 + [False]


def test_a_drawn_moment_is_valid_if_decide_takes_it(tmp_path: Path) -> None:
    path = write(
        tmp_path, "p.forbear", "event call\nfact calls count of call in last 7 days\naction a\nnever a when calls > 1"
    )
    policy, validator = forbear.load(path), Draft202012Validator(run("facts", path, "--json-schema").json)
    chance, taken = random.Random(2026), Counter[bool]()
    for _ in range(examples(3_000)):
        year, month, day = (
            chance.choice(["1000", "1900", "2000", "2024", "0999"]),
            chance.randrange(14),
            chance.randrange(33),
        )
        parts = [f"{chance.choice([0, 9, 23, 23, 24, 59, 60]):02}" for _ in range(5)]
        date, offset = (
            f"{year}-{month:02}-{day:02}",
            chance.choice(["", "Z", f"{chance.choice('+-')}{':'.join(parts[3:])}"]),
        )
        at = f"{date}{chance.choice('T ')}{':'.join(parts[: chance.choice([2, 3])])}{offset}"
        case = {
            "zone": "UTC",
            "history": [{"event": "call", "at": at}],
            "history_from": chance.choice(["opening", date]),
        }
        try:
            policy.decide(case, at="2026-03-07T10:00:00Z")
            takes = True
        except forbear.CaseError:
            takes = False
        assert validator.is_valid(case) == takes, case
        taken[takes] += 1
    assert min(taken.values()) > 100, taken


DERIVED = """\
fact debt text
event contact
  has medium one of call, sms
  has debt text
fact calls count of contact where medium is call and debt is this debt in last 7 days
fact ago days since last contact
fact anchored count of contact since last contact where debt is this debt
fact hour time of decision
fact plain count
action sms
rule r: never sms when calls > 3 or hour > 21:00 or plain > 3
"""


@pytest.mark.parametrize("condition", ["calls > 3", "ago > 3", "anchored > 3", "hour > 21:00"])
def test_what_a_derived_fact_needs_is_enough(tmp_path: Path, condition: str) -> None:
    path = write(tmp_path, "one.forbear", DERIVED.replace("calls > 3 or hour > 21:00 or plain > 3", condition))
    needs = {one["name"]: one["needs"] for one in run("facts", path, "--format", "json").json["facts"]}
    entries = {"zone": "Asia/Tokyo", "history": [], "history_from": "opening", "debt": "A"}
    case = {name: value for name, value in entries.items() if name in needs[condition.split()[0]]}
    forbear.load(path).decide(case, at="2026-03-10T12:00:00Z")


@pytest.mark.parametrize("fact", ["calls", "hour"])
def test_what_a_derived_fact_needs_is_what_is_missed_without_it(tmp_path: Path, fact: str) -> None:
    policy = forbear.load(write(tmp_path, "derived.forbear", DERIVED))
    listed = run("facts", tmp_path / "derived.forbear", "--format", "json").json["facts"]
    needs = next(one["needs"] for one in listed if one["name"] == fact)
    case = {"plain": 0, "zone": "Asia/Tokyo", "history": [], "history_from": "opening", "debt": "A"}
    at = "2026-03-10T12:00:00Z"
    policy.decide(case, at=at)
    for need in needs:
        with pytest.raises(forbear.CaseError):
            policy.decide(
                {name: value for name, value in case.items() if name != need}, at=None if need == "at" else at
            )
