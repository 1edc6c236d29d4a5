"""Bad input gives diagnostics or `CaseError`, and never another exception."""

from __future__ import annotations

import datetime
import random
import re
import time
from collections import OrderedDict, UserDict
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import IntEnum
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
import strategies
from checking import assert_well_worded, found, only
from hypothesis import given, settings
from hypothesis import strategies as st
from night import NIGHTLY
from strategies import examples

import forbear
from forbear.base import source
from forbear.library.loading import check_file, check_text

# Files


def codes(path: Path) -> list[str]:
    return [one.code for one in check_file(path).diagnostics]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty-file"),
        (b" \n\t\n", "empty-file"),
        (b"# only a comment", "empty-file"),
        (b"\xef\xbb\xbf", "empty-file"),
        (b"never sms # caf\xe9", "unreadable-file"),
        (b"\xff\xfen\x00e\x00v\x00e\x00r\x00", "unreadable-file"),
        ("never sms".encode("utf-16"), "unreadable-file"),
        (b"never sms\0", "unreadable-file"),
        (b"# a comment \0\nnever sms", "unreadable-file"),
        (b"never sms # \xed\xa0\x80", "unreadable-file"),
        (b"\x7fELF\x01\x02\x03", "syntax"),
        (b"\x89PNG\r\n\x1a\n", "unreadable-file"),
        (b"{" * 1000, "syntax"),
    ],
)
def test_a_file_that_is_no_rule_file(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(content)
    checked = check_file(path)
    assert [one.code for one in checked.diagnostics] == [code]
    assert checked.policy is None
    assert_well_worded(checked.diagnostics[0])
    with pytest.raises(forbear.PolicyError, match=re.escape(code)):
        forbear.load(path)


def test_the_line_that_is_not_utf_8_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(b"never sms\n\n# caf\xe9\n")
    assert "line 3" in check_file(path).diagnostics[0].message


RULE = 'rule r: # why\n  after 3 days then allow sms\n  because "so"\n'


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + RULE.encode(),
        RULE.replace("\n", "\r\n").encode(),
        b"\xef\xbb\xbf" + RULE.replace("\n", "\r\n").encode(),
        RULE.rstrip().encode(),
        RULE.replace("\n", "\r").encode(),
        RULE.replace("so", "因为 ünï 🙂").encode(),
    ],
)
def test_a_bom_and_windows_line_ends_are_fine(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(content)
    policy = forbear.load(path)
    assert policy.permits("sms", {"days_overdue": 4})
    assert policy.typed.rules[0].place.start == (1, 1)


def test_lines_and_columns_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    path.write_bytes(b"\xef\xbb\xbf# \xe4\xbd\xa0\r\n\r\nnever \xe4\xbd\xa0, smss\r\n")
    (diagnostic,) = check_file(path).diagnostics
    assert diagnostic.place.start == (3, 7)


def test_a_file_that_is_too_large(tmp_path: Path) -> None:
    path = tmp_path / "p.forbear"
    with path.open("wb") as file:
        file.truncate(source.MAXIMUM_BYTES + 1)
    assert codes(path) == ["too-large"]


BRACKETS = 10 * 1024 * 1024


@pytest.mark.parametrize("bracket", ["(", ")", "[", "{", "()", "(a) "])
def test_ten_megabytes_of_brackets(bracket: str) -> None:
    started = time.monotonic()
    checked = check_text(bracket * (BRACKETS // len(bracket)))
    assert checked.policy is None
    assert {one.code for one in checked.diagnostics} <= {"syntax", "too-deep", "too-large"}
    assert time.monotonic() - started < 120, "a bound against what never ends, not a measure"


@pytest.mark.parametrize("line", ["(\n", ")\n", "[\n", "a\n", '"\n', "rule\n"])
def test_many_broken_lines_do_not_take_ages(line: str) -> None:
    """Twice as many take about twice as long: where it grows with the square, this never ends."""
    started = time.monotonic()
    checked = check_text(line * 20_000)
    assert checked.policy is None
    assert time.monotonic() - started < 60


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not " * 2000 + "deceased then allow sms", "too-deep"),
        ("never sms when " + "not " * 2000 + "deceased", "too-deep"),
        ("never sms unless " + "not (" * 1000 + "deceased" + ")" * 1000, "too-deep"),
        ("(" * 2000 + "deceased" + ")" * 2000 + " then allow sms", "too-deep"),
        ("define d is " + "(" * 101 + "deceased" + ")" * 101, "too-deep"),
        ("ensure sms allowed when " + "not " * 101 + "deceased", "too-deep"),
        ("accept hole of sms when " + "not " * 101 + 'deceased because "x"', "too-deep"),
    ],
)
def test_nesting_has_a_bound(text: str, code: str) -> None:
    assert [one.code for one in found(text) if one.severity == "error"] == [code]


@pytest.mark.parametrize(
    "text",
    [
        "not " * 100 + "deceased then allow sms",
        "(" * 100 + "deceased" + ")" * 100 + " then allow sms",
        "not (" * 50 + "deceased" + ")" * 50 + " then allow sms",
        " and ".join(["(not deceased)"] * (1000 if NIGHTLY else 400)) + " then allow sms",
        "(deceased) or " * (1000 if NIGHTLY else 400) + "deceased then allow sms",
        "not deceased and " * 1000 + "deceased then allow sms",
        "\n".join(f"rule r{n}: not deceased then allow sms" for n in range(3000)),
        "\n".join(f"rule r{n}: not (not (deceased)) then allow sms" for n in range(1000)),
        "\n".join(
            f'ensure sms not allowed\nexample "e{n}": given deceased yes expect sms not allowed' for n in range(300)
        ),
    ],
)
def test_within_the_bound_everything_works(text: str) -> None:
    from forbear.targets.python.module import compile_module

    policy = forbear.loads(text)
    policy.decide({"deceased": True})
    if len(policy.typed.rules) < 100:
        compile_module(policy.typed)


def nested_definitions(count: int, step: str) -> str:
    lines = ["fact f yes/no", "fact o yes/no optional", "action a", "define d0 is f"]
    lines += [f"define d{n} is {step.format(f'd{n - 1}')}" for n in range(1, count)]
    return "\n".join([*lines, f"rule r: d{count - 1} then allow a"])


STEPS = ["not {}", "f and (o or {})", "not (f and {})", "o and not {}", "{} or f", "(f or {}) and (o or not f)"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("count", [60, 120, 250, 400, 3000])
def test_definitions_nest_within_a_bound_too(step: str, count: int) -> None:
    """A diagnostic, or a policy that can be decided and compiled."""
    from forbear.targets.python.module import compile_module

    checked = check_text(nested_definitions(count, step))
    if checked.policy is None:
        assert {one.code for one in checked.diagnostics} <= {"too-deep", "too-large"}
        assert count > 60
        return
    policy = forbear.Policy(checked)
    policy.decide({"f": True})
    assert policy.digest
    assert policy.explain("a", {"f": True})
    compile_module(checked.policy)


def test_definitions_that_double_have_a_bound() -> None:
    text = nested_definitions(60, "{0} and {0}").replace("{0}", "d0")
    lines = ["fact f yes/no", "action a", "define d0 is f"]
    lines += [f"define d{n} is d{n - 1} and d{n - 1}" for n in range(1, 60)]
    assert {one.code for one in found("\n".join(lines))} == {"too-large"}
    assert text


@pytest.mark.parametrize(
    "number", ["9" * 16, "9" * 5000, "-" + "9" * 16, "0." + "9" * 16, "1_" * 5000 + "1", "9" * 15 + ".5"]
)
def test_a_number_has_at_most_15_digits(number: str) -> None:
    for text in (
        f"unreachable > {number} then allow sms",
        f"setting x is {number}",
        f"after {number} days then allow sms",
        f"overdue_amount > CNY {number} then allow sms",
        f"fact x number between {number} and {number}\naction a",
        f"fact x percent in steps of {number}%\naction a",
        f'example "e": given unreachable {number} expect sms unsaid',
    ):
        diagnostics = check_text(text).diagnostics
        assert "bad-literal" in [one.code for one in diagnostics], text
        assert all(len(one.message) < 300 for one in diagnostics)


@pytest.mark.parametrize(
    "text",
    ["\0", 'rule r "\0": never sms', "never sms # \0", "\ud800", 'rule r "\ud800": never sms', "\ufeffnever sms"],
)
def test_a_text_with_odd_characters(text: str) -> None:
    """A text that is loaded, and not a file, may hold what no file can: it is refused, or works to the end."""
    from forbear.targets.python.module import compile_module

    checked = check_text(text)
    if checked.policy is not None:
        policy = forbear.Policy(checked)
        assert policy.digest
        assert policy.decide({})["sms"].verdict == "forbidden"
        compile_module(checked.policy).encode()


def test_a_fact_that_an_example_gives_wrongly_is_not_missing_too() -> None:
    rule = "fact late days clock\naction sms\nrule a: after 3 days then allow sms\n"
    assert only(rule + 'example "e": given late yes expect sms allowed').code == "wrong-type"


def test_an_error_names_the_place_in_one_line() -> None:
    with pytest.raises(forbear.PolicyError) as error:
        forbear.loads("never smss\nrule r: never smt", name="mine")
    assert str(error.value).splitlines()[0].startswith("mine:1:7: ")
    assert "[unknown-action]" in str(error.value)
    many = "\n".join(f"rule r{n}: never nope" for n in range(100))
    with pytest.raises(forbear.PolicyError, match="more errors"):
        forbear.loads(many)


# Cases

POLICY = """policy p
fact n count
fact d days clock
fact x number between -10 and 10
fact p percent
fact m money CNY
fact day_ date
fact hour time
fact f yes/no
fact k one of low, high
fact l one of mild < harsh
fact t text
fact o count optional
fact w date or none
fact unread count optional
action a, b
rule reads: n > 1 and d > 1 and x > 1 and p > 1% and m > CNY 1 and day_ > 2015-01-01 and hour > 08:00 and f
  and k is low
  and l > mild and t is "t" and o > 1 and w > 2015-01-01 then allow a
rule other: n > 1 then allow b
"""
NUMBERS = dict.fromkeys(("n", "d", "x", "p", "m", "o"), 2)
CASE: Mapping[str, object] = {
    **NUMBERS,
    "day_": "2015-09-22",
    "hour": "09:00",
    "f": True,
    "k": "low",
    "l": "harsh",
    "t": "t",
    "w": "2015-09-22",
}


class Number(IntEnum):
    TWO = 2


class Index:
    def __index__(self) -> int:
        return 2


@pytest.fixture(scope="module")
def policy() -> forbear.Policy:
    return forbear.loads(POLICY)


def rows(values: Mapping[str, Sequence[object]]) -> list[object]:
    """A row for each value of a fact."""
    return [
        pytest.param(name, value, id=f"{name} {number}") for name in values for number, value in enumerate(values[name])
    ]


WRONG: dict[str, Sequence[object]] = {
    "n": (
        *(True, False, -1, 1.5, "1.5", "12,5", "1e400", "NaN", "nan", "Infinity", "0x1", "1_000", "", "two", "CNY 2"),
        *(" 2", "2 ", "+2", "2\n", "２", "2%", [], [2], {}, (2,), {2}, b"2", object(), None, "none", int, len, "-1"),
        *(float("nan"), float("inf"), -float("inf"), 1e400, 1e15, 1e308, 2j, 10**15, 10**400, 10**5000),
        *(Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e400"), Decimal("2.5"), Decimal("1e999999")),
        *(Decimal("1e-999999"), datetime.date(2015, 9, 22), "9" * 40, "9" * 5000, "2." + "0" * 50, "2.5" + "0" * 10),
    ),
    "x": (0.005, "0.005", 10.01, "10.01", -10.01, Decimal("0.001"), "CNY 2", "2%", True),
    "p": ("80%", True, "1.005", 0.001),
    "m": (
        *("USD 2", "cny 2", "CNY2", "CNY  2", "CNY", "CNY -1", "2 CNY", "¥2", "CNY 1,000", "CNY 1e3", "CNY 2\n"),
        *(-0.01, 0.001, "0.001", True, None, "none"),
    ),
    "day_": (
        *("2015-02-30", "2015-9-1", "20150901", "2015-09-22T08:00", "", "0000-01-01", "10000-01-01", "none"),
        *(20150922, 735863, True, datetime.datetime(2015, 9, 22), "２015-09-22"),
    ),
    "hour": (
        *("8:00", "24:00", "08:60", "08:00:60", "08:00:00.5", "08", 8, 28800, "08:00 ", True),
        *(datetime.time(8, 0, 0, 1), datetime.time(8, tzinfo=datetime.UTC), datetime.datetime(2015, 9, 22)),
    ),
    "f": (0, 1, "true", "yes", "no", "", None, [], 1.0, "True"),
    "k": ("mild", "LOW", "", 0, True, None, ["low"], {}, "none"),
    "l": ("low", "", 0, 1, True, None, ["mild"], {}),
    "t": (0, True, None, ["t"], {}, b"t"),
    "o": (True, -1, "none", 1.5, [], "", "unknown"),
    "w": (None, "", 0, [], "unknown", "2015-02-30"),
    "unread": (True, -1, 1.5, [], "none"),
}
RIGHT: dict[str, Sequence[object]] = {
    "n": (2, "2", 2.0, "2.0", Decimal(2), Decimal("2.00"), Number.TWO, Index(), "002", Decimal("2E0")),
    "x": (2, 2.5, "2.50", Decimal("2.5"), "10", 10, 9.99),
    "m": (2, 2.5, "2.5", "CNY 2.5", "CNY 2.50", Decimal("2.5"), 0.1 + 1, 9_999_999_999_999.99),
    "day_": ("2015-09-22", datetime.date(2015, 9, 22)),
    "hour": ("09:00", "09:00:30", datetime.time(9, 0, 30)),
    "o": (2, "2"),
    "w": ("2015-09-22", datetime.date(2015, 9, 22)),
    "unread": (None, 0, "3"),
}


@pytest.mark.parametrize(("name", "value"), rows(WRONG))
def test_a_value_that_a_fact_cannot_have(policy: forbear.Policy, name: str, value: object) -> None:
    case = {**CASE, name: value}
    with pytest.raises(forbear.CaseError) as error:
        policy.decide(case)
    assert [fault.fact for fault in error.value.faults] == [name]
    message = error.value.faults[0].message
    assert message.startswith(f"`{name}` ")
    assert "\n" not in message
    assert len(message) < 250
    if name != "unread":
        with pytest.raises(forbear.CaseError):
            policy.permits("a", case)
        if name != "n":
            assert policy.permits("b", case), "the answer does not depend on it"


@pytest.mark.parametrize(("name", "value"), rows(RIGHT))
def test_a_value_in_each_form(policy: forbear.Policy, name: str, value: object) -> None:
    case = {**CASE, name: value}
    assert policy.decide(case).permits("a")
    assert policy.permits("a", case)
    for kind in (OrderedDict, UserDict, MappingProxyType):
        assert policy.decide(kind(case)).permits("a")


def test_a_number_like_a_fraction_is_no_number(policy: forbear.Policy) -> None:
    with pytest.raises(forbear.CaseError):
        policy.decide({**CASE, "x": Fraction(1, 2)})


def test_a_float_counts_as_the_digits_that_python_shows() -> None:
    policy = forbear.loads("fact m money CNY\naction a\nrule r: m > CNY 0.30 then allow a")
    assert not policy.permits("a", {"m": 0.3})
    with pytest.raises(forbear.CaseError, match=r"0\.30000000000000004"):
        policy.permits("a", {"m": 0.1 + 0.2})


@pytest.mark.parametrize("case", [[], [("n", 1)], "n", None, 3, b"", (), {1, 2}, object(), True, iter([])])
def test_a_case_that_is_no_object(policy: forbear.Policy, case: Any) -> None:
    for ask in (policy.decide, lambda case: policy.permits("a", case), lambda case: policy.explain("a", case)):
        with pytest.raises(forbear.CaseError, match="a case is an object"):
            ask(case)


@pytest.mark.parametrize("case", [[], "4711", None, 3, {1, 2}])
@pytest.mark.parametrize("private", ["", " private"])
def test_a_case_at_a_moment_that_is_no_object(case: Any, private: str) -> None:
    facts = f"fact late days clock\nfact phone text{private}\naction sms\n"
    dated = forbear.loads(f'{facts}rule a: after 3 days and phone is not "x" then allow sms in force from 2026-01-01\n')
    at = "2026-03-10T10:00:00Z"
    questions: list[Callable[[], object]] = [
        lambda: dated.decide(case, at=at),
        lambda: dated.permits("sms", case, at=at),
        lambda: dated.explain("sms", case, at=at),
        lambda: dated.when("sms", case, at, "2 days"),
        lambda: dated.valid_until(case, at),
        lambda: dated.ask("sms", case, at=at),
        lambda: dated.partial(case, ["late"], at=at),
    ]
    for ask in questions:
        with pytest.raises(forbear.CaseError, match=r"^a case is an object from fact to value, not ") as error:
            ask()
        assert not private or "4711" not in str(error.value)


@pytest.mark.parametrize("name", ["nn", "N", "", 3, None, ("n",), True, b"n", "n ", "x" * 10_000])
def test_a_fact_that_the_vocabulary_lacks(policy: forbear.Policy, name: object) -> None:
    with pytest.raises(forbear.CaseError) as error:
        policy.decide({**CASE, name: 1})  # type: ignore[dict-item]
    assert len(error.value.faults) == 1


def test_a_misspelt_fact_is_told_with_the_nearest(policy: forbear.Policy) -> None:
    case = {("day" if name == "day_" else name): value for name, value in CASE.items()}
    for ask in (policy.decide, lambda case: policy.permits("a", case)):
        with pytest.raises(forbear.CaseError) as error:
            ask(case)
        assert {fault.fact for fault in error.value.faults} == {"day_", "day"}
        assert "did you mean `day_`?" in str(error.value)


def test_a_misspelt_optional_fact_does_not_count_as_unknown(policy: forbear.Policy) -> None:
    """`permits` looks at the facts that its rules read; an unknown one may stand under a wrong name."""
    case = {("oo" if name == "o" else name): value for name, value in CASE.items()}
    with pytest.raises(forbear.CaseError, match="oo"):
        policy.permits("a", case)
    with pytest.raises(forbear.CaseError, match="oo"):
        policy.decide(case)


def test_every_fault_of_a_case_is_named(policy: forbear.Policy) -> None:
    case = {**CASE, "n": True, "m": "USD 1", "zzz": 1, "unread": -1}
    del case["d"], case["w"]
    with pytest.raises(forbear.CaseError) as error:
        policy.decide(case)
    assert {fault.fact for fault in error.value.faults} == {"n", "m", "zzz", "unread", "d", "w"}


def test_a_missing_fact_is_one_that_some_rule_reads_whatever_its_dates() -> None:
    policy = forbear.loads(
        "fact n count\nfact q count\naction a\nrule r: n > 1 then allow a\n  in force until 2000-01-01"
    )
    with pytest.raises(forbear.CaseError, match="`n` is missing"):
        policy.decide({}, on="2020-01-01")
    assert not policy.decide({"n": 2}, on="2020-01-01").permits("a")


def test_an_action_that_is_not_there(policy: forbear.Policy) -> None:
    for ask in (
        lambda: policy.permits("aa", CASE),
        lambda: policy.decide(CASE)["aa"],
        lambda: policy.decide(CASE).permits("aa"),
        lambda: policy.explain("aa", CASE),
    ):
        with pytest.raises(forbear.CaseError, match="`aa`"):
            ask()


@pytest.mark.parametrize(
    "on",
    [
        *("2015-02-30", "today", "", 3, True, datetime.datetime(2015, 9, 22), "2015-09-22 ", [], 0),
        *(b"2015-09-22", "15-09-22"),
    ],
)
def test_a_day_that_is_none(policy: forbear.Policy, on: Any) -> None:
    for ask in (policy.decide, lambda case, on: policy.permits("a", case, on)):
        with pytest.raises(forbear.CaseError, match="day"):
            ask(CASE, on)


def test_a_day_on_which_the_policy_is_not_in_force() -> None:
    policy = forbear.loads("policy p in force from 2015-09-22 until 2015-09-23\nnever sms")
    for on in ("2015-09-21", "2015-09-24", None):
        for ask in (policy.decide, lambda case, on: policy.permits("sms", case, on)):
            with pytest.raises(forbear.CaseError):
                ask({}, on)
    assert not policy.permits("sms", {}, datetime.date(2015, 9, 23))


def test_text_or_none_may_be_compared_with_the_text_none() -> None:
    """In a case `"none"` is none; a policy that names that text must still compile, or be refused."""
    from forbear.targets.python.module import compile_module

    checked = check_text('fact t text or none\naction a\nrule r: t is "none" then allow a')
    if checked.policy is not None:
        compile_module(checked.policy)


# Anything at all

TOKENS = [
    *[
        *("rule", "r", ":", "never", "sms", "allow", "when", "then", "if", "unless", "overrides", "all", "and"),
        *("or", "not", "(", ")", "after", "60", "days", "from", "day", "to", "9", "on", "within", "before"),
    ],
    *[
        *("fact", "x", "count", "days", "money", "CNY", "1_000", "12.50", "80%", "-", ",", "=", ">=", "<", "one"),
        *("of", "a", "b", "<", "c", "optional", "none", "clock", "between", "is", "known", "unknown"),
    ],
    *[
        *("policy", "p", "standard", "version", '"x"', "source", "currency", "USD", "in", "force", "until"),
        *("2015-09-22", "08:00", "uses", "collections", "suspend"),
    ],
    *[
        *("example", '"e"', "given", "expect", "allowed", "unsaid", "ensure", "any", "accept", "dead-rule"),
        *("because", "group", "also", "except", "everything", "ladder"),
    ],
    *[
        *("rising", "with", "define", "setting", "yes/no", "text", '"', "'", "\\", "#", "\n", "\t", "≥", "你"),
        *("\x01", "{", "}", "[", ";", "1e9", "2015-9-1", "25:00", "NaN", "usually", "steps", "action"),
    ],
]


def mutated(text: str, generator: random.Random) -> str:
    """A text with a few of its words gone, doubled, turned around or replaced."""
    words = re.findall(r'"(?:[^"\\\n]|\\[^\n])*"|\s+|\w+|.', text)
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(words))
        change = generator.randrange(6)
        if change == 0:
            del words[at]
        elif change == 1:
            words.insert(at, generator.choice(words))
        elif change == 2:
            words[at] = generator.choice(TOKENS)
        elif change == 3:
            other = generator.randrange(len(words))
            words[at], words[other] = words[other], words[at]
        elif change == 4:
            words[at] = words[at][:-1]
        else:
            words.insert(at, chr(generator.choice((0, 9, 10, 13, 34, 40, 92, 160, 8232, 0x1F642, 0xFEFF, 0xD800))))
        if not words:
            return ""
    return "".join(words)


def assert_reads(text: str) -> None:
    """Diagnostics or a policy, nothing else; and a policy can be used."""
    checked = check_text(text)
    if checked.policy is None:
        assert any(one.severity == "error" for one in checked.diagnostics), text
    else:
        assert not any(one.severity == "error" for one in checked.diagnostics), text
        policy = forbear.Policy(checked)
        assert policy.validate() is not None
    for one in checked.diagnostics:
        assert one.message
        assert one.help
        assert 0 <= one.place.span[0] <= one.place.span[1] <= len(one.place.source.text), (one.code, text)
        assert one.place.start.line >= 1


@settings(max_examples=examples(200, by_night=400))
@given(st.lists(st.sampled_from(TOKENS), max_size=40), st.sampled_from([" ", "\n", ""]))
def test_token_soup_gives_diagnostics(tokens: list[str], between: str) -> None:
    assert_reads(between.join(tokens))


@settings(max_examples=examples(100, by_night=200))
@given(st.text(max_size=200))
def test_any_text_gives_diagnostics(text: str) -> None:
    assert_reads(text)


@settings(max_examples=examples(40, by_night=80))
@given(strategies.policies(rules=4, depth=1), strategies.seeds())
def test_mutated_policies_give_diagnostics(model: strategies.Policy, seed: int) -> None:
    generator = random.Random(seed)
    extra = [
        '\nexample "e": expect everything unsaid',
        "\nensure everything not allowed when always",
        "\nladder l: g1, sms",
    ]
    for _ in range(4):
        assert_reads(mutated(model.text + generator.choice(["", *extra]), generator))


@settings(max_examples=examples(50, by_night=100))
@given(strategies.policies(rules=4, named=True, depth=1), strategies.seeds())
def test_a_broken_statement_gives_one_error_and_the_others_are_read(model: strategies.Policy, seed: int) -> None:
    """A statement that lacks its end, among good ones: the rest is there."""
    generator = random.Random(seed)
    broken = generator.choice(
        ["rule zz: never", "rule zz never", "define zz is", "fact zz", "rule zz: 5 then allow a", "group zz is"]
    )
    layout = list(model.layout)
    at = generator.randrange(len(layout) + 1)
    texts = [text for _, _, text in model._statements()]
    offset = at + (1 if model.head else 0)
    text = "\n".join([*texts[:offset], broken, *texts[offset:]])
    checked = check_text(text)
    assert [one.code for one in checked.diagnostics if one.severity == "error"] == ["syntax"], text
    assert checked.diagnostics[0].place.start.line >= "\n".join(texts[:offset]).count("\n") + 1
