"""Of an action that another version of a book has, every way to ask says which version is in force and which has it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from invoking import forbear
from service_process import serving, written

import forbear as library

FIRST = 'policy house version "1" in force until 2026-03-09\nfact late days clock\naction sms\n'
FIRST += "rule r: after 3 days then allow sms\n"
SECOND = FIRST.replace('"1" in force until 2026-03-09', '"2" in force from 2026-03-10')
SECOND = SECOND.replace("action sms", "action sms, letter")
SAID = "version 1, which is in force on 2026-03-02, has no action `letter`; version 2 has it"
DAY, MOMENT = {"on": "2026-03-02"}, {"at": "2026-03-02T09:00:00+08:00", "zone": "Asia/Shanghai"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    written(tmp_path / "book", FIRST, "first.forbear")
    return written(tmp_path / "book", SECOND, "second.forbear")


@pytest.mark.parametrize("command", ["explain", "ask"])
def test_a_command_says_it(book: Path, command: str) -> None:
    for how, given in (
        (("--case", "-", "--on", "2026-03-02"), {}),
        (("--case", "-"), DAY),
        (("--case", "-"), MOMENT),
        (("--given", "late 9", "--on", "2026-03-02"), None),
        (("--given", "late 9 on 2026-03-02"), None),
    ):
        case = "" if given is None else json.dumps({"late": 9, **given})
        answer = forbear(command, book, "letter", *how, given=case)
        assert (answer.code, answer.err) == (1, f"error: {SAID}\n"), how
        answer = forbear(command, book, "lettre", *how, given=case)
        assert (answer.code, "has no action `lettre`" in answer.err) == (1, True), how  # which none has
    assert forbear(command, book, "letter", "--given", "late 9", "--on", "2026-03-10").code == 0


def test_the_service_says_it_and_records_no_line(book: Path, tmp_path: Path) -> None:
    record = tmp_path / "record.jsonl"
    with serving(book, "--record", record, "--record-refused") as found:
        for question in ("permits/letter", "explain/letter", "ask/letter", "when/letter"):
            for day in (MOMENT,) if question == "when/letter" else (DAY, MOMENT):
                answer = found.ask("POST", f"/v1/policies/house/{question}", {"late": 9, **day})
                assert answer.status == 422, answer.body
                assert [fault["code"] for fault in answer.json["faults"]] == ["action-of-other-version"]
                assert answer.json["faults"][0]["message"] == SAID
        assert found.ask("POST", "/v1/policies/house/permits/letter", {"late": 9, "on": "2026-03-10"}).status == 200
    assert len(record.read_text(encoding="utf-8").splitlines()) == 1  # such an action is an error of the program


def test_a_book_in_a_program_says_it(book: Path) -> None:
    loaded = library.load_book(book)
    assert loaded.on("2026-03-10", "letter").permits("sms", {"late": 9}, "2026-03-10")
    with pytest.raises(library.CaseError) as caught:
        loaded.on("2026-03-02", "letter")
    assert str(caught.value) == SAID
    assert loaded.on("2026-03-02", "lettre").version == "1"  # of which the version says that there is none
