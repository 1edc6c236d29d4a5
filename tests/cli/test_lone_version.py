"""A folder with one version that has no dates: it decides without a day, as its file does, which `serve` answers by."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from command import write
from invoking import forbear as run

import forbear
from forbear.kernel.cases import CaseError

POLICY = "policy house{head}\nrule remind: after 3 days then allow sms\n{more}"
CASE = '{"days_overdue": 9}'


def house_of(folder: Path, head: str = "", more: str = "") -> Path:
    return write(folder, "policies/house.forbear", POLICY.format(head=head, more=more))


@pytest.mark.parametrize(
    "asked",
    [
        ("decide", "--case", "-"),
        ("decide", "--given", "days_overdue 9"),
        ("decide", "--case", "-", "--open", "unreachable"),
        ("explain", "sms", "--case", "-"),
        ("ask", "sms", "--case", "-"),
        ("when", "sms", "--given", "days_overdue 9", "--at", "2026-03-02T09:00:00+08:00"),
        ("compile",),
    ],
)
def test_a_lone_version_answers_as_its_file_does(tmp_path: Path, asked: tuple[str, ...]) -> None:
    house, (command, *options) = house_of(tmp_path), asked
    options += ["-o", "-"] if command == "compile" else ["--format", "json"]
    given = CASE if "--case" in asked else ""
    by_file = run(command, house, *options, given=given)
    assert by_file.code == 0, by_file.err
    assert run(command, house.parent, *options, given=given) == by_file


def test_a_book_of_a_lone_version_looks_ahead_without_a_day(tmp_path: Path) -> None:
    book = forbear.load_book(house_of(tmp_path).parent)
    frame = pl.DataFrame({"days_overdue": [9]})
    assert book.apply(frame).equals(book.versions[0].apply(frame))
    house_of(tmp_path, "\n  in force from 2026-01-01")
    with pytest.raises(CaseError, match="depends on dates"):
        forbear.load_book(tmp_path / "policies").apply(frame)
