"""A row of CSV that is none stops nothing: it is undecided, and the others are decided as without it."""

from __future__ import annotations

import csv
import io
import itertools
import random
import tempfile
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from night import NIGHTLY

import forbear
from forbear.portfolio import portfolio
from forbear.portfolio.io import csv_lines, files
from forbear.portfolio.lines import Batch
from forbear.portfolio.portfolio import changed, decided

TEXT = """
fact n count
fact t text optional
action a, b
rule r: n >= 2 then allow a
rule s: t is "x" then forbid b
"""
POLICY = forbear.loads(TEXT)
GOOD = [b"A,1,x", b'B,2,"x"', b"C,3,", b'D,4,"a,b\n""c"""', b"E,,x", "F,7,é".encode(), b"G,q,x", b",,"]
BAD = {
    b"X,2,x,y": ("X", "it has 4 values, and the file 3 columns"),
    b"\xffY,2,\xfe": ("\ufffdY", "it is no UTF-8"),
    b"Z,3": ("Z", "it has 2 values, and the file 3 columns"),
    b'"A,B"': ("A,B", "it has 1 value, and the file 3 columns"),
    b"": (None, "it is empty"),
}
"""Rows that are not decided: the id that is read all the same, and what is said of them."""


def written(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"\n".join([b"id,n,t", *lines, b""]))
    return path


def answers(path: Path, *, why: bool, count: bool) -> list[Batch]:
    cases = files.open_cases(path)
    request = POLICY.applier.request(cases.columns, None, None, names={}, key=["id"], why=why, count=count)
    return list(decided(POLICY.applier, cases, request, ["id"]))


def rows_of(batches: Iterable[Batch]) -> list[tuple[object, ...]]:
    return pl.concat([batch.frame.cast({pl.Enum: pl.String}) for batch in batches]).rows()


@pytest.mark.parametrize("why", [False, True])
def test_the_other_rows_are_decided_as_without_it(tmp_path: Path, why: bool) -> None:
    generator = random.Random(7)
    for _ in range(20):
        lines = generator.choices(GOOD, k=40)
        with patch.object(portfolio, "_WITH_RULES", 7):
            expected = answers(written(tmp_path / "good.csv", lines), why=why, count=True)
        assert [reject.row - 1 for batch in expected for reject in batch.rejects] == [
            place for place, row in enumerate(rows_of(expected)) if row[1] == "undecided"
        ]
        bad = sorted(generator.sample(range(45), 5))
        mixed = list(lines)
        for place in bad:
            mixed.insert(place, generator.choice(list(BAD)))
        with patch.object(csv_lines, "_ROWS", 7):
            found = answers(written(tmp_path / "mixed.csv", mixed), why=why, count=True)
        assert [row for place, row in enumerate(rows_of(found)) if place not in bad] == rows_of(expected)
        undecided = [row for place, row in enumerate(rows_of(found)) if place in bad]
        said: tuple[object, ...] = ("undecided", [], "undecided", []) if why else ("undecided", "undecided")
        assert all(row[1:] == said for row in undecided)
        assert [row[0] for row in undecided] == [BAD[mixed[place]][0] for place in bad]
        reasons = {reject.row - 1: reject.reason for batch in found for reject in batch.rejects}
        assert list(reasons) == sorted(reasons)
        assert {place: reasons[place] for place in bad} == {place: BAD[mixed[place]][1] for place in bad}
        assert len(reasons) == len(bad) + sum(len(batch.rejects) for batch in expected)
        for action in ("a", "b"):
            of_good, of_all = [
                {verdict: sum(b.applied.verdicts[action, verdict] for b in its) for verdict in ("allowed", "undecided")}
                for its in (expected, found)
            ]
            assert of_all == {**of_good, "undecided": of_good["undecided"] + 5}
        counted = [sum((batch.applied.decided_by for batch in its), Counter()) for its in (expected, found)]
        assert counted[0] == counted[1]


def test_far_down_in_a_file(tmp_path: Path) -> None:
    lines = [b"A,%d,x" % (number % 5) for number in range(400_000)]
    lines[390_000] = b"X,2,x,y"
    with patch.object(files, "BATCH", 50_000):
        found = answers(written(tmp_path / "cases.csv", lines), why=False, count=False)
    rows = rows_of(found)
    assert len(rows) == 400_000
    assert [reject.row for batch in found for reject in batch.rejects] == [390_001]
    assert all(row[1] == ("allowed" if place % 5 >= 2 else "unsaid") for place, row in enumerate(rows) if row[0] == "A")


def test_two_policies_on_a_file_with_such_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "cases.csv", [b"A,1,x", b"X,2,x,y", b"B,2,x"])
    other = forbear.loads(TEXT.replace("n >= 2", "n >= 1"))
    cases = files.open_cases(path)
    asked = [one.applier.request(cases.columns, None, None, names={}) for one in (POLICY, other)]
    [its] = list(changed(POLICY.applier, other.applier, cases, (asked[0], asked[1]), ()))
    assert its.rows == 3
    assert its.frame.rows() == [(1, "A", "1", "x", "a unsaid -> allowed")]
    assert list(its.undecided) == [2]


@given(st.lists(st.tuples(*[st.text(st.sampled_from('ab,"\n é'), max_size=4)] * 3), max_size=30))
def test_lines_are_read_as_polars_reads_them(rows: list[tuple[str, str, str]]) -> None:
    content = io.StringIO()
    csv.writer(content, lineterminator="\n").writerows([("x", "y", "z"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.csv"
        path.write_text(content.getvalue(), encoding="utf-8")
        with patch.object(csv_lines, "_plain_rows", lambda *_: None):
            read = [frame for frame, lost in csv_lines.read_rows(path, ("z", "x")) if not lost]
        expected = pl.read_csv(path, infer_schema=False).select("z", "x")
    found = [row for frame in read for row in frame.rows()]
    assert found == expected.rows()


# Quotation marks and line ends

ROWS: dict[bytes, tuple[list[str], list[str]]] = {
    # what stands in the file after `id,n,t`, the ids of the rows that are decided, and what is wrong with the others
    b'A,"20"1"",x': ([], ["text follows a closing quotation mark"]),
    b'A,"20"1,x': ([], ["text follows a closing quotation mark"]),
    b'A,"20" ,x': ([], ["text follows a closing quotation mark"]),
    b'A,20"1,x': ([], ["a quotation mark is inside a value that does not begin with one"]),
    b'A, "20",x': ([], ["a quotation mark is inside a value that does not begin with one"]),
    b'A,20"",x': ([], ["a quotation mark is inside a value that does not begin with one"]),
    b'A,20,"': ([], ["a quotation mark is not closed"]),
    b'A,20,"x\nB,2,x\nC,2,x': ([], ["a quotation mark is not closed"]),
    b'A,20,"x\nB,2,"x"\nC,2,x': (["C"], ["text follows a closing quotation mark"]),
    b'A,20,"x"""': (["A"], []),
    b'A,20,""""': (["A"], []),
    b'"A","20","x,\r\n""y"': (["A"], []),
    b"A,20,x\0": ([], ["it holds a NUL character"]),
    b'A,20,"x\0"': ([], ["it holds a NUL character"]),
    b"A,2\r0,x": ([], ["it holds a carriage return that ends no line"]),
    b'A,"20"\r,x': ([], ["it holds a carriage return that ends no line"]),
    b"A,20,x\rB,2,x": ([], ["it holds a carriage return that ends no line"]),
    b'A,20,"x\ry"': (["A"], []),
    b"A,20,x\r\nB,20,x\nC,20,x\r": (["A", "B", "C"], []),
    b"A,20,\xef\xbb\xbfx": (["A"], []),
    b'A,20,"\xff"': ([], ["it is no UTF-8"]),
    b'A,20,x,"': ([], ["a quotation mark is not closed"]),
    b"A,20,x,y": ([], ["it has 4 values, and the file 3 columns"]),
    b"A,20": ([], ["it has 2 values, and the file 3 columns"]),
    b'A,"20,x"': ([], ["it has 2 values, and the file 3 columns"]),
    b"A,20\nB,2,x,y": ([], ["it has 2 values, and the file 3 columns", "it has 4 values, and the file 3 columns"]),
    b"": ([], ["it is empty"]),
}
WAYS = [(1 << 22, 1 << 14), (1 << 22, 1), (64, 1), (7, 1 << 14)]
MARKS = (b"", b"\xef\xbb\xbf")
BEGINNINGS: tuple[list[bytes], ...] = ([], [b"X,2,x"] * 3, [b'X,2,"a,\n"'] * 30)
ENDS: tuple[list[bytes], ...] = ([], [b"Y,2,x"], [b'Y,2,"x"'], [b"Y,2,x"] * 40, [b"Y,2,\xff"])


@pytest.mark.parametrize(("block", "few"), WAYS, ids=["one block", "in parts", "some blocks", "many blocks"])
@pytest.mark.parametrize("row", ROWS, ids=repr)
def test_a_row_that_is_not_well_formed_is_undecided(tmp_path: Path, row: bytes, block: int, few: int) -> None:
    ids, wrong = ROWS[row]
    swallows = wrong == ["a quotation mark is not closed"]
    for mark, before, after in around(row, block, few):
        if swallows and (b'Y,2,"x"' in after):
            continue  # there the mark is closed, by what opens another
        path = tmp_path / "cases.csv"
        path.write_bytes(mark + b"\n".join([b"id,n,t", *before, row, *after, b""]))
        with patch.object(csv_lines, "_BLOCK", block), patch.object(csv_lines, "_FEW", few):
            if swallows and (after or b"\n" in row):  # it would take in the lines after it
                opens = f"row {len(before) + 1} opens a quotation mark that is not closed"
                with pytest.raises(files.Unreadable, match=opens):
                    answers(path, why=False, count=False)
                continue
            found = answers(path, why=False, count=False)
        decided_ones = [key for key, *verdicts in rows_of(found) if "undecided" not in verdicts]
        said = [reject.reason for batch in found for reject in batch.rejects]
        rest = [] if swallows else ["Y"] * sum(b"\xff" not in one for one in after)
        assert decided_ones == ["X"] * len(before) + ids + rest
        assert said == wrong + (["it is no UTF-8"] if not swallows and b"Y,2,\xff" in after else [])


def around(row: bytes, block: int, few: int) -> list[tuple[bytes, list[bytes], list[bytes]]]:
    """What stands before and after a row: at night all, in CI a tenth of it, another one for each row and way."""
    every = list(itertools.product(MARKS, BEGINNINGS, ENDS))
    return every if NIGHTLY else every[(list(ROWS).index(row) + WAYS.index((block, few))) % 10 :: 10]


@given(
    st.lists(st.binary(max_size=6) | st.sampled_from([b'"', b'""', b",", b";", b"\n", b"\r\n", b"a"]), max_size=40),
    st.integers(1, 3),
    st.sampled_from([csv_lines._COMMAS, csv_lines._SEMICOLONS]),
)
def test_what_is_plain_is_what_has_nothing_wrong(parts: list[bytes], columns: int, dialect: csv_lines._Dialect) -> None:
    """Both ways of looking find the same rows, and the same whole ones where more may come."""
    block = b"".join(parts)
    for final in (True, False):
        plain = csv_lines._plain_rows(block, final, columns, dialect)
        try:
            rows = list(csv_lines._rows(block, final, 100, dialect))
        except csv_lines._Unclosed:
            assert final
            assert plain is None
            continue
        wrong = {row.wrong for row in rows} - {None, "it is no UTF-8"}
        fitting = sum(len(row.values) for row in rows) == len(rows) * columns
        if plain is not None:
            assert fitting
            assert not wrong
            assert plain == (rows[-1].end if rows else 0, len(rows))
        elif final:
            assert wrong or not fitting or b"\r" in block or b"\0" in block


@pytest.mark.parametrize(
    "text", [b"a,b\r1,2\r", b"", b"\n\n", "a,b\n1,2\n".encode("utf-16"), b'a,"b\n1,2\n', b"a,\xff\n1,2\n"]
)
def test_a_file_whose_columns_cannot_be_told(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(text)
    with pytest.raises(files.Unreadable):
        files.open_cases(path)


def test_a_row_that_has_no_end(tmp_path: Path) -> None:
    path = tmp_path / "cases.csv"
    path.write_bytes(b'id,n,t\nA,2,x\nB,2,"' + b"x" * (21 << 20))
    with pytest.raises(files.Unreadable, match="row 2 has more than 16 MB, or its quotation marks are not closed"):
        answers(path, why=False, count=False)
