"""What is said of mistakes as authors make them: `written` has the files."""

from __future__ import annotations

from itertools import groupby

import pytest
from checking import found
from night import NIGHTLY
from written import CHECKED, EVENTS, HINTS, Written, said, texts

from forbear.base.diagnostic import CODES
from forbear.library.loading import check_text

TEXTS = texts(HINTS, EVENTS, CHECKED)
BY_TITLE = [list(some) for _, some in groupby(TEXTS, key=lambda one: (one.file, one.title, one.head))]


@pytest.mark.parametrize("some", BY_TITLE, ids=lambda some: f"{some[0].file.stem}: {some[0].title}")
def test_what_is_said_of_texts(some: list[Written]) -> None:
    assert [(one.text, said(one)) for one in some] == [(one.text, one.found) for one in some]


def test_a_text_that_lacks_a_line_is_at_most_in_error() -> None:
    """A message that lists what a file declares has words for a file that declares none."""
    for one in TEXTS[:: 1 if NIGHTLY else 8]:
        lines = f"{one.head}{one.text}\n".splitlines(keepends=True)
        for number in range(len(lines)):
            check_text("".join([*lines[:number], *lines[number + 1 :]]))


ELSEWHERE = {
    "empty-file",
    "unreadable-file",
    "too-large",
    "circular-uses",
    "uses-standard",
    "outside-pack",
    "bad-standard",
    "bad-project",
    "wrong-digest",
    "unnamed-rule",
    "unread",
    "version-overlap",
    "version-gap",
}
"""Codes whose tests are in `test_files`, `test_project_file`, `test_standards`, `test_texts`, `test_books`,
`test_checker` and transcripts."""


def test_every_code_has_a_text() -> None:
    codes = {line.split()[1] for one in texts(CHECKED) for line in one.found if line[0] != " "}
    assert codes & set(CODES) == set(CODES) - ELSEWHERE
    assert len(TEXTS) > 800


RULES = (("first", "1.5"), ("final", "2.5"))
AROUND = [one for one in texts(CHECKED) if one.title in ("Slips of authors", "Broken statements")]


@pytest.mark.parametrize("some", [AROUND[at::8] for at in range(8)])
def test_the_statements_around_a_mistake_are_read(some: list[Written]) -> None:
    for one in some:
        number = "n" if one.head else "unreachable"
        around = [f"rule {name}: {number} > {value} then allow {'a' if one.head else 'sms'}\n" for name, value in RULES]
        errors = [its for its in found(one.head + f"{one.text}\n".join(around)) if its.severity == "error"]
        assert [its.place.text for its in errors if its.code == "off-grid"] == ["1.5", "2.5"], one.text
        assert len(errors) == 3, one.text
