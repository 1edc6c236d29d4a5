"""Places in texts: what an editor calls them, and where they are after a change."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from forbear.editors.editing.edits import applied, edits_between
from forbear.editors.editing.moving import Moving
from forbear.editors.editing.positions import Lines

ENCODINGS = ("utf-8", "utf-16", "utf-32")
TEXTS = st.text(st.sampled_from('ab \r\n\t#"名é😀\u2028\x0b\x85'), max_size=40)


@given(TEXTS, st.sampled_from(ENCODINGS), st.data())
def test_an_offset_is_a_place_and_that_place_the_offset(text: str, encoding: str, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(text)))
    if text[offset - 1 : offset + 1] == "\r\n":  # no editor puts its cursor between the two
        return
    lines = Lines(text, encoding)
    assert lines.offset(*lines.at(offset)) == offset


def test_columns_count_units_of_the_encoding_and_lines_end_as_editors_have_it() -> None:
    text = "é😀x\r\n\u2028名y\rz"
    assert [Lines(text, name).at(text.index("x")) for name in ENCODINGS] == [(0, 6), (0, 3), (0, 2)]
    assert [Lines(text, name).at(text.index("y")) for name in ENCODINGS] == [(1, 6), (1, 2), (1, 2)]
    assert Lines(text).at(len(text)) == (2, 1)


def test_a_place_that_is_none_is_the_nearest() -> None:
    lines = Lines("ab\ncd😀e\n")
    assert [lines.offset(0, 99), lines.offset(7, 0), lines.offset(0, -1)] == [2, 8, 0]
    assert lines.offset(1, 3) == "ab\ncd😀".index("😀") + 1  # in the middle of a character


@given(TEXTS, TEXTS)
def test_edits_make_the_one_text_the_other(before: str, after: str) -> None:
    edits = edits_between(before, after)
    assert applied(before, edits) == after
    assert (not edits) == (before == after)


def test_edits_leave_what_is_the_same() -> None:
    before = "".join(f"line {number}\n" for number in range(100))
    after = before.replace("line 7\n", "seven\n").replace("line 60\n", "").replace("line 99\n", "line 99\nmore\n")
    assert [edit.text for edit in edits_between(before, after)] == ["seven\n", "", "more\n"]
    long = "".join(f"{number}\n" for number in range(9_000))
    assert len(edits_between(long, long.replace("1", "one"))) == 1


@given(TEXTS, TEXTS, TEXTS, TEXTS, st.data())
def test_a_place_moves_with_its_text(begin: str, old: str, new: str, end: str, data: st.DataObject) -> None:
    moving = Moving(begin + old + end, begin + new + end)
    first = data.draw(st.integers(0, len(moving.before)))
    last = data.draw(st.integers(first, len(moving.before)))
    found = moving.span((first, last))
    if found is not None:
        assert moving.after[found[0] : found[1]] == moving.before[first:last]
    else:
        assert last > len(begin), "what is before the change stays"


def test_what_is_behind_a_change_moves_and_what_is_in_it_is_gone() -> None:
    moving = Moving("rule a\nrule b\n", "rule a\nand more\nrule b\n")
    assert moving.span((7, 13)) == (16, 22)
    assert Moving("one two three", "one 2 three").span((4, 7)) is None
