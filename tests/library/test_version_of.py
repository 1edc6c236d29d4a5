"""Which version of a book decides at a moment, also where moment or zone are wrong: the decision says what is."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pytest

import forbear

BODY = "fact hour time of decision\naction sms\nrule r: allow sms when hour >= 00:00\n"
BOOK = forbear.Book(
    "house",
    tuple(
        forbear.loads(f'policy house version "{version}" in force {dates}\n{BODY}')
        for version, dates in (("march", "until 2026-03-31"), ("april", "from 2026-04-01"))
    ),
)


AT = "2026-03-02T09:00:00Z"


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
    case = {} if zone is None else {"zone": zone}
    assert BOOK.deciding(case, at=at).version == version


def test_a_book_answers_by_the_version_of_the_day_where_the_borrower_lives(tmp_path: Path) -> None:
    april = f"policy house in force from 2026-04-01\n{BODY}rule n: never sms when hour >= 00:00"
    book = forbear.Book("house", (BOOK.versions[0], forbear.loads(april)))
    at, case = datetime.datetime(2026, 4, 1, 3, tzinfo=datetime.UTC), {"zone": "America/New_York"}
    with forbear.Record(tmp_path / "record.jsonl") as record:
        decision = book.decide(case, at=at, record=record)
    assert json.loads((tmp_path / "record.jsonl").read_text())["policy"]["version"] == "march"
    assert (decision["sms"].rules, str(decision.valid_until)) == (("r",), "2026-04-01 00:00:00-04:00")
    assert book.permits("sms", case, at=at)
    assert book.explain("sms", case, at=at).decision == decision["sms"]
    assert BOOK.decide(case, at=at).valid_until is None  # the next version decides alike
    here = {**case, "zone": "Europe/Berlin"}
    assert not book.permits("sms", here, at=at)
    assert book.explain("sms", here, at=at).decision.rules == ("n",)
    assert book.decide({"hour": "09:00"}, on="2026-03-31")["sms"].rules == ("r",)
    for wrong in ({}, {"on": "soon"}, {"at": "soon"}):
        for ask in (book.decide, lambda case, **day: book.permits("sms", case, **day)):
            with pytest.raises(forbear.CaseError):
                ask(case, **wrong)


@pytest.mark.parametrize(("at", "code"), [("soon", "no-moment"), ("2026-04-31T01:00:00Z", "no-such-moment")])
@pytest.mark.parametrize("zone", [None, "Europe/Berlin"])
def test_a_moment_without_a_day_is_refused_as_a_moment(at: str, code: str, zone: object) -> None:
    with pytest.raises(forbear.CaseError, match=r"^`at` ") as caught:
        BOOK.deciding({} if zone is None else {"zone": zone}, at=at)
    assert [(fault.fact, fault.code) for fault in caught.value.faults] == [("at", code)]


def test_what_is_wrong_in_several_zones_alone_is_refused_by_a_book_as_by_a_policy() -> None:
    body = "event call\nfact calls count of call in last 7 days\naction sms\nrule r: allow sms when calls < 2\n"
    book = forbear.Book("house", (forbear.loads(f"policy house\n{body}"),))
    history = [{"event": "call", "at": "2026-03-01T09:00"}]  # which is another moment in each zone
    case = {"history": history, "history_from": "opening", "zone": ["Europe/Berlin", "America/New_York"]}
    message = "without offset, and the case has several zones"
    for asked in (book, book.versions[0]):
        with pytest.raises(forbear.CaseError, match=message):
            asked.when("sms", case, AT)
        with pytest.raises(forbear.CaseError, match=message):
            asked.valid_until(case, AT)
    assert len(book.when("sms", {**case, "zone": "Europe/Berlin"}, AT)) == 1


def test_an_offset_without_its_colon_is_told_with_it() -> None:
    for at, told in (("2026-04-01T01:00:00+0530", r"; write the offset with a colon, \+05:30"), ("2026-0401", "")):
        with pytest.raises(forbear.CaseError, match=f'not "[^"]*"{told}$') as caught:
            BOOK.versions[0].decide({"zone": "Europe/Berlin"}, at=at)
        assert [fault.fact for fault in caught.value.faults] == ["at"]


def test_the_error_of_two_versions_on_one_day_names_both_files(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.forbear").write_text("policy house\nrule ask: after 9 days then allow sms\n", "utf-8")
    with pytest.raises(
        forbear.PolicyError, match=r"b\.forbear:1:1: two versions.*; .*a\.forbear:1:1: the other version"
    ):
        forbear.load_book(tmp_path)
