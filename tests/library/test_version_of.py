"""Which version of a book decides at a moment, also where moment or zone are wrong: the decision says what is."""

from __future__ import annotations

import pytest

import forbear
from forbear.library.answering import version_of

BODY = "fact hour time of decision\naction sms\nrule r: allow sms when hour >= 00:00\n"
BOOK = forbear.Book(
    "house",
    tuple(
        forbear.loads(f'policy house version "{version}" in force {dates}\n{BODY}')
        for version, dates in (("march", "until 2026-03-31"), ("april", "from 2026-04-01"))
    ),
)


@pytest.mark.parametrize(
    ("at", "zone", "version"),
    [
        ("2026-04-01T01:00:00Z", "America/New_York", "march"),
        ("2026-04-01T01:00:00Z", ["Europe/Berlin", "America/New_York"], "april"),
        ("2026-03-31T23:00:00Z", "Europe/Berlin", "april"),
        ("2026-04-01T01:00:00+14:00", None, "april"),  # its own day, where no zone is named
        ("2026-04-01T01:00:00Z", "Paris", "april"),
        ("2026-03-29T02:30:00", "Europe/Berlin", "march"),  # which no clock shows
        ("2026-04-01T01:00:00", ["Europe/Berlin", "America/New_York"], "april"),
        ("2026-04-01", "Europe/Berlin", "april"),
    ],
)
def test_the_version_is_that_of_the_day_where_the_borrower_lives(at: str, zone: object, version: str) -> None:
    assert version_of(BOOK, None, at, {} if zone is None else {"zone": zone}).version == version


@pytest.mark.parametrize(("at", "code"), [("soon", "no-moment"), ("2026-04-31T01:00:00Z", "no-such-moment")])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_moment_without_a_day_is_refused_as_a_moment(at: str, code: str, zone: object) -> None:
    with pytest.raises(forbear.CaseError, match=r"^`at` ") as caught:
        version_of(BOOK, None, at, {} if zone is None else {"zone": zone})
    assert [fault.code for fault in caught.value.faults] == [code]
