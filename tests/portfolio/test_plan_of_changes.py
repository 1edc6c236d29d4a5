"""The plan of a policy that comes into force in the days ahead: the same as of a book of it and of what it follows."""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import forbear

BODY = "fact late days clock\nfact {fact} count optional\naction {actions}\n{rules}"
OLD = BODY.format(
    fact="calls",
    actions="sms, letter",
    rules="rule r: allow sms when late > 5 and calls < 3\nrule s: allow letter when late between 7 and 9\n",
)
NEW = BODY.format(
    fact="talks",
    actions="sms, visit",
    rules="rule r: allow sms when late > 3 and talks < 3\nrule v: after 8 days then allow visit\n",
)
LATER = NEW.replace("late > 3", "late > 9")
FRAME = pl.DataFrame(
    {"late": [*range(12)], "calls": [1, 5, None] * 4, "talks": [5, 1, 1, None] * 3, "zone": ["UTC", "Asia/Tokyo"] * 6}
)
ON, DAYS = "2026-03-01", 12
MOMENTS = pytest.mark.parametrize(
    "moment", [{"on": ON}, {"at": "2026-03-01T16:30:00+00:00"}], ids=["by columns", "row by row"]
)  # at which it is the next day in Tokyo


def policy(head: str, body: str) -> forbear.Policy:
    return forbear.loads(f"policy house {head}\n{body}")


def book(*versions: forbear.Policy) -> forbear.Book:
    return forbear.Book("house", versions)


SINCE = policy("in force from 2026-03-05", NEW)
UNTIL = policy("in force until 2026-03-04", OLD)


@MOMENTS
@pytest.mark.parametrize("days", ["", "in force until 2026-03-02", "in force from 2026-03-09"])
def test_until_its_first_day_the_old_policy_decides(days: str, moment: dict[str, Any]) -> None:
    """Whatever the old one's own days: these are put aside."""
    old = policy(days, OLD)
    expected = book(UNTIL, SINCE).plan(FRAME, DAYS, against=old, **moment)
    assert_frame_equal(SINCE.plan(FRAME, DAYS, against=old, **moment), expected)
    assert_frame_equal(book(SINCE).plan(FRAME, DAYS, against=old, **moment), expected)
    visits = expected.filter(pl.col("action") == "visit")
    assert visits["due"].sum() > 0
    assert visits.filter(pl.col("day") < 3)["due"].sum() == 0


@MOMENTS
def test_until_the_first_day_of_a_book_the_versions_of_the_old_one_decide(moment: dict[str, Any]) -> None:
    first, second = policy("in force until 2026-03-02", LATER), "in force from 2026-03-03"
    new = SINCE.ending(datetime.date(2026, 3, 7).toordinal()), policy("in force from 2026-03-08", LATER)
    old = book(first, policy(second, OLD))
    expected = book(first, policy(f"{second} until 2026-03-04", OLD), *new)
    assert_frame_equal(
        book(*new).plan(FRAME, DAYS, against=old, **moment), expected.plan(FRAME, DAYS, against=old, **moment)
    )


def test_it_is_refused_where_nothing_is_known_of_day_0_or_nothing_would_change() -> None:
    old = policy("", OLD)
    refused: list[tuple[Any, dict[str, Any]]] = [
        (SINCE, {}),
        (SINCE, {"days": 3, "against": old}),
        (book(SINCE), {"days": 3, "against": old}),
        (SINCE, {"against": book(policy("in force from 2026-03-02", OLD))}),
    ]
    for new, more in refused:
        with pytest.raises(forbear.CaseError, match=r"in force .*on 2026-03-01"):
            new.plan(FRAME, on=ON, **more)
    assert SINCE.plan(FRAME, 4, ON, against=old)["due"].sum() > 0
