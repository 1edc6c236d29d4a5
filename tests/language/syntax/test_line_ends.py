"""Where a line ends: a rule never hides behind what one program shows as a line end and another does not."""

from __future__ import annotations

import pytest
from checking import assert_well_worded, found, only, place, typed

import forbear
from forbear.language.syntax.parser import read_source
from forbear.library.loading import check_text

LINES = ["# a comment", "rule first: never sms # why", "rule second:", "  never email"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_comment_ends_with_its_line(end: str) -> None:
    policy = typed(end.join(LINES))
    assert [rule.name for rule in policy.rules] == ["first", "second"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\n\r", "\r\r\n"])
def test_lines_are_counted_as_they_are_shown(end: str) -> None:
    gap = 2 if end in ("\n\r", "\r\r\n") else 1
    (diagnostic,) = found(end.join([*LINES, "never smss"]))[-1:]
    assert diagnostic.code == "unknown-action"
    assert place(diagnostic) == f"{1 + 4 * gap}:7"
    assert diagnostic.place.source.line(1) == LINES[0]


def test_a_text_ends_on_its_line() -> None:
    assert "does not end" in only('state is "CA\r" then allow sms').message


def test_the_words_on_day_stand_together_over_a_comment() -> None:
    assert len(typed("ensure sms unsaid\ron # a comment\r day 9 then allow email").rules) == 1


def test_the_formatter_replaces_old_line_ends() -> None:
    assert forbear.format("\r".join(LINES)) == forbear.format("\n".join(LINES))
    assert "\r" not in forbear.format("\r".join(LINES))


def test_the_line_that_cannot_be_read_is_counted_so_too() -> None:
    broken = read_source("p", b"never sms\r\r# caf\xe9\r")
    assert "line 3" in broken.message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("sign", "word"),
    [
        ("\v", "vertical tab"),
        ("\f", "form feed"),
        ("\x85", "U+0085"),
        ("\u2028", "U+2028"),
        ("\u2029", "U+2029"),
    ],
)
@pytest.mark.parametrize(
    ("before", "behind"),
    [
        ("# a comment", "rule hidden: never sms\nrule shown: never email"),
        ("never sms", "rule shown: never email"),
        ("never", "sms"),
        ('rule r "t', '": never sms'),
    ],
)
def test_what_ends_a_line_in_some_programs_only_is_told(sign: str, word: str, before: str, behind: str) -> None:
    diagnostics = [one for one in found(before + sign + behind) if one.code == "syntax"]
    assert [place(one) for one in diagnostics] == [f"1:{len(before) + 1}"]
    assert word in diagnostics[0].message
    assert_well_worded(diagnostics[0])
    assert check_text(before + sign + behind).policy is None
