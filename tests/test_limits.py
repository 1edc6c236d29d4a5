"""The message that is given beyond a limit is that of the page of limits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

import forbear
from forbear.kernel import strict_json
from forbear.targets import NotWritten
from forbear.targets.sql import names, statement

PAGE = (Path(__file__).parent.parent / "docs" / "reference" / "limits.md").read_text(encoding="utf-8")
PLAIN = re.sub(r" +", " ", PAGE.replace("`", ""))
MB = 1024 * 1024


def loads(text: str) -> Callable[[], object]:
    return lambda: forbear.loads(text)


def decide(case: dict[str, object]) -> Callable[[], object]:
    return lambda: forbear.loads("after 9 days then allow sms").decide(case, at="2026-01-01T00:00:00Z")


RULE = "after 9 days then allow phone_call\n"
TWICE = "define s0 is unreachable >= 3\n" + "".join(
    f"define s{n + 1} is (s{n} or not s{n}) and s{n}\n" for n in range(10)
)
ABOVE: dict[str, Callable[[], object]] = {
    "the file has more than 1,000,000 words and signs": loads("#\n" * 1_000_001),
    "parentheses and nots nest too deep": loads(f"{'(' * 101}deceased{')' * 101} then allow sms"),
    "with its definitions written out, this condition has more than 10,000 comparisons": loads(
        TWICE + "s10 then allow sms"
    ),
    "a number of more than 15 digits": loads("unreachable > 1234567890123456 then allow sms"),
    "events at once": loads(
        f'{RULE}example "x": given days_overdue 9, 10001 contact on 2026-03-03 on 2026-03-03 expect sms unsaid'
    ),
    "a window must be a whole number of days, from 1 to 100,000": loads(
        "event call has late text\nfact late days clock\nfact calls count of call in last 100001 days\naction sms\n"
    ),
    "a window must be a whole number of months, from 1 to 1,200": loads(
        "event call has late text\nfact late days clock\nfact calls count of call in last 1201 months\naction sms\n"
    ),
    "there are more than 1,000 errors": loads("rule\n" * 1_001),
    "the case has more than 16 MB": lambda: strict_json.read_json(" " * (16 * MB + 1)),
    "the case has more than 1,000,000 values": lambda: strict_json.read_json(f"[{'1,' * 1_000_001}1]"),
    "the case holds an object of more than 10,000 names": lambda: strict_json.read_json(
        "{" + ",".join(f'"{n}":1' for n in range(10_001)) + "}"
    ),
    "the case nests deeper than 100 lists and objects": lambda: strict_json.read_json("[" * 101 + "]" * 101),
    "the case holds a number with more digits than can be read": lambda: strict_json.read_json("1" * 4_301),
    "days_overdue has more than 15 digits": decide({"days_overdue": 10**15, "zone": "UTC"}),
    "time zones, and a case has at most 100": decide({"days_overdue": 1, "zone": ["UTC"] * 101}),
}


@pytest.mark.parametrize("message", ABOVE)
def test_beyond_a_limit_there_is_the_message_of_the_page(message: str) -> None:
    assert message in PLAIN
    with pytest.raises((forbear.PolicyError, forbear.CaseError)) as error:
        ABOVE[message]()
    found = getattr(error.value, "diagnostics", [error.value])
    assert [its for its in found if message in str(getattr(its, "message", its)).replace("`", "")]


def test_beyond_the_limits_of_sql_there_is_the_message_of_the_page() -> None:
    policy = forbear.loads(RULE).typed
    for module, limit, message in (
        (statement, "_WIDEST", "the rules, with those that override each, come to more than 20,000 comparisons"),
        (names, "_MOST_BYTES", "PostgreSQL cuts names to 63 bytes, and NAME is longer"),
    ):
        assert message in PLAIN
        with patch.object(module, limit, 1), pytest.raises(NotWritten) as error:
            statement.select_statement(policy, "postgres", None)
        assert re.sub(r"`\w+`", "NAME", str(error.value)) == re.sub(r"20,000|63", "1", message)
