"""Settings: what whoever loads a policy gives instead of the author's value."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from checking import assert_well_worded, found, only, typed

import forbear
from forbear.language.model.comparisons import Compare

WORDS = """fact n count
fact x number
fact p percent
fact m money CNY
fact day_ date
fact hour time
fact f yes/no
fact t text
action a
setting limit is 3
setting rate is 0.5
setting share is 80%
setting big is CNY 1000
setting start is 2015-09-22
setting opening is 08:00
setting switch is no
setting home is "CA"
"""
RULES = {
    "limit": "n >= limit",
    "rate": "x >= rate",
    "share": "p >= share",
    "big": "m >= big",
    "start": "day_ >= start",
    "opening": "hour >= opening",
    "switch": "f is switch",
    "home": "t is home",
}


@pytest.mark.parametrize(
    ("name", "given", "value"),
    [
        ("limit", 5, 5),
        ("limit", "5", 5),
        ("limit", "1_000", 1000),
        ("limit", Decimal(5), 5),
        ("limit", Decimal("5.0"), 5),
        ("rate", "-0.25", -25),
        ("rate", Decimal("0.25"), 25),
        ("share", "12.5%", 1250),
        ("share", 12, 1200),
        ("share", Decimal("12.5"), 1250),
        ("big", "CNY 5000", 500_000),
        ("big", 5000, 500_000),
        ("big", Decimal("0.01"), 1),
        ("start", "2016-01-01", datetime.date(2016, 1, 1).toordinal()),
        ("start", datetime.date(2016, 1, 1), datetime.date(2016, 1, 1).toordinal()),
        ("opening", "09:30:01", 34_201),
        ("opening", datetime.time(9, 30, 1), 34_201),
        ("switch", True, True),
        ("switch", "yes", True),
        ("home", "NY", "NY"),
        ("home", "", ""),
        ("home", 'say "hi"', 'say "hi"'),
    ],
)
def test_a_setting_may_be_given(name: str, given: object, value: object) -> None:
    policy = forbear.loads(f"{WORDS}rule r: {RULES[name]} then allow a", settings={name: given})
    condition = policy.typed.rules[0].condition
    assert isinstance(condition, Compare)
    assert (condition.value, type(condition.value)) == (value, type(value))


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("limit", "abc"),
        ("limit", "5%"),
        ("limit", "CNY 5"),
        ("limit", "5 6"),
        ("limit", '5 "five"'),
        ("limit", "5\nnever a"),
        ("limit", ""),
        ("limit", True),
        ("limit", None),
        ("limit", [5]),
        ("limit", float("nan")),
        ("limit", Decimal("NaN")),
        ("limit", Decimal("sNaN")),
        ("limit", Decimal("Infinity")),
        ("limit", Decimal("1e400")),
        ("limit", Decimal("1e100000")),
        ("limit", Decimal("1e-100000")),
        ("limit", 10**15),
        pytest.param("limit", 10**5000, id="a number too long to write"),
        ("limit", "1234567890123456"),
        ("big", "USD 5000"),
        ("big", "5000"),
        ("start", "2015-02-30"),
        ("start", datetime.datetime(2015, 9, 22, 12, 0)),
        ("opening", "8:00"),
        ("opening", datetime.time(8, 0, 0, 500)),
        ("opening", datetime.time(8, 0, tzinfo=datetime.UTC)),
        ("switch", 1),
        ("home", 3),
    ],
)
def test_a_value_of_another_type_is_refused(name: str, given: object) -> None:
    with pytest.raises(forbear.PolicyError) as error:
        forbear.loads(f"{WORDS}rule r: {RULES[name]} then allow a", settings={name: given})
    (diagnostic,) = error.value.diagnostics
    assert diagnostic.code in ("bad-setting", "out-of-range", "off-grid")
    assert name in diagnostic.message or diagnostic.place.text == name
    assert len(diagnostic.message) < 600


def test_all_checks_run_again() -> None:
    text = WORDS + "rule r: n between 2 and limit then allow a"
    assert only(text, {"limit": 1}).code == "empty-span"
    assert only(text, {"limit": "2.5"}).code == "off-grid"
    decided = found(WORDS + "rule r: n >= limit then allow a", {"limit": 0})
    assert [one.code for one in decided if one.code != "unread"] == ["decided-comparison"]
    assert only(WORDS + "rule r: n >= limit then allow a", {"limit": -1}).code == "out-of-range"
    dated = WORDS + "rule r: never a in force from start until 2015-12-31"
    assert only(dated, {"start": "2016-01-01"}).code == "empty-span"
    ranged = WORDS + "fact e count between 0 and limit\nrule r: e > 2 then allow a"
    assert only(ranged, {"limit": 1}).code == "out-of-range"


def test_a_setting_that_is_not_there() -> None:
    diagnostic = only(WORDS, {"limti": 5})
    assert diagnostic.code == "unknown-name"
    assert "did you mean `limit`?" in diagnostic.help
    assert_well_worded(diagnostic)
    assert "no settings" in only("fact n count\naction a", {"limit": 5}).help


def test_the_setting_in_effect_is_the_one_that_shows() -> None:
    assert typed(WORDS, {"limit": 5}).settings["limit"].value.value == Decimal(5)
    assert typed(WORDS).settings["limit"].value.value == Decimal(3)


def test_settings_of_a_used_vocabulary_may_be_given() -> None:
    policy = forbear.load("pack:huabei/before", settings={"large_amount": "CNY 5000"})
    assert policy.digest != forbear.load("pack:huabei/before").digest
