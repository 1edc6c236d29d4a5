"""The canonical layout, case by case: `layout.txt` has what an author wrote, and what comes of it."""

from __future__ import annotations

import pytest
from pairs import pairs

import forbear
from forbear.base.source import Source
from forbear.language.formatting.format import format_text

CASES = pairs("layout.txt")
COMMENTS = """\
 # first

#second
rule a: # behind the head
# above
never sms, # behind the comma
  # above email
  email
  # still of a
# of b

after 3 days then allow sms   #   as written
# last
"""


@pytest.mark.parametrize(("written", "expected"), CASES.values(), ids=CASES.keys())
def test_layout(written: str, expected: str) -> None:
    assert forbear.format(written) == expected + "\n"
    assert forbear.format(expected + "\n") == expected + "\n"


def test_comments_stay_where_they_are() -> None:
    expected = """\
  # first

#second
rule a:  # behind the head
  # above
  never sms,  # behind the comma
    # above email
    email
  # still of a

# of b

after 3 days then allow sms  #   as written
# last
"""
    assert forbear.format(COMMENTS) == expected
    assert forbear.format(expected) == expected


def test_windows_line_ends_stay() -> None:
    assert forbear.format("never sms # c\r\n\r\n\r\nnever email\r\n") == "never sms  # c\r\n\r\nnever email\r\n"


@pytest.mark.parametrize("text", ["rule", "after 3 days then", "", "# nothing", "never sms\nrule a b: never email"])
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(forbear.PolicyError):
        forbear.format(text)


def test_what_is_wrong_in_meaning_alone_is_laid_out() -> None:
    text = "after  3 days then allow nothing_known and forbid sms in force from 2015-02-30"
    assert forbear.format(text) == "after 3 days then allow nothing_known and forbid sms\n  in force from 2015-02-30\n"


@pytest.mark.parametrize(
    "text",
    [
        "version",
        "rule a: after 60then allow sms",
        "never sms\nversion",
        "never sms\nrule a: after 2015/01/01 then allow sms",
        "applies when deceased",
        "(" * 101,
    ],
)
def test_what_could_not_be_read_is_left_as_it_is(text: str) -> None:
    """Whatever the code of the error is."""
    formatted = format_text(Source("broken", text))
    assert formatted.text is None
    assert formatted.diagnostics
