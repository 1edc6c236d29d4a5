"""Lines of JSON that are read by columns are decided as one by one: the same verdicts, rules, errors and counts."""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from unittest.mock import patch

import polars as pl
import pyarrow as pa
import pytest
from attrs import evolve
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import examples

import forbear
from forbear.cli.cases.lines import CaseOptions, by_columns, line_of
from forbear.cli.support.reading import blocks_of, lines_of
from forbear.portfolio.io import json_lines
from forbear.portfolio.io.json_lines import LineBlock
from forbear.portfolio.lines import Batch, Lines, decided_lines
from forbear.portfolio.workers import Workers

TEXT = """
policy p
  currency CNY
fact late days clock
fact calls count between 0 and 50
fact share percent optional
fact score number between -1 and 1 in steps of 0.001 optional
fact owed money
fact asked yes/no
fact risk one of low < medium < high
fact born date or none
fact seen time optional
fact region text optional
fact unread count
action a, b
rule r: after 2 days and owed >= CNY 12.50 and not asked then allow a
rule s: never b when risk >= medium or region is "x" or calls > 3
rule t: born is none or seen < 08:00 or share > 5% then allow b
rule u: score = 0.125 then allow a
"""
POLICY = forbear.loads(TEXT)
GOOD = (
    '"late":3,"calls":2,"owed":12.5,"asked":false,"risk":"low","born":"2015-02-03"',
    '"late":3, "calls" : 2,"owed":"12.50","asked":true,"risk":"high","born":"none"',
    '"late":0,"calls":50,"owed":1e2,"asked":false,"risk":"medium","born":"none","seen":"07:00","unread":4',
    '"late":3,"calls":2,"owed":12,"asked":false,"risk":"low","born":"2015-02-03","region":"x","share":5.01,"score":0.125',
    '"late":3.0,"calls":2,"owed":12.00,"asked":false,"risk":"low","born":"2015-02-03","region":"é\\u00e9","seen":null',
    '"late":3,"calls":2,"owed":-0.0,"asked":false,"risk":"low","born":"2015-02-03","share":null,"score":-0.001',
)
ODD = (
    *('"late":3', '"late":"3"', '"late":3,"late":4', '"late":null', '"late":3e0', '"late":01'),
    *('"late":1.00000000000000000001', '"late":9999999999999999999999999999999', '"owed":9e30', '"owed":12.505'),
    *('"owed":1e400', '"owed":12.5000000000000000000000000', '"owed":"CNY 12.50"', '"owed":NaN', '"owed":"1e2"'),
    *('"owed":"+12.50"', '"owed":".5"', '"owed":" 12.50"', '"owed":1250e-2', '"owed":99697752354058119248e-48'),
    *('"owed":1e-400', '"share":5.0000000001', '"share":"5.5"', '"score":0.1250', '"asked":"yes"', '"asked":1'),
    *('"risk":"LOW"', '"risk":["low"]', '"risk":{"a":"low"}', '"born":null', '"born":"2015-02-30"'),
    *('"seen":"24:00"', '"region":"a}b"', '"region":"\\ud800"', '"region":"\\ud83d\\ude00"', '"region":"\\u0000"'),
    *('"region":"a\tb"', '"region":"\x00"', '"region":3', '"unread":null', '"unread":"many"', '"colour":"red"'),
    *('"colour":null', '"on":"2026-01-01"', '"on":"today"', '"zone":"Asia/Shanghai"', '"l\\u0061te":3', '"k":null'),
    *('"k":1.50', '"k":true', '"k":["a"]', '"k":-0', '"k":"a"', '"k":17'),
)
BROKEN = (
    *(b"", b"{}", b"no case", b"[1]", b"{", b'{"late":', b'{"late":3}{"late":4}', b"\xff"),
    *(b'{"region":"\xff"}', b"\xef\xbb\xbf{}"),
)


def answers(path: Path, options: CaseOptions, *, columns: bool) -> Iterator[Batch]:
    applier = POLICY.applier
    request = applier.request_for_lines(options.key, why=options.why)
    asked = Lines(partial(line_of, options=options), request, options.key, by_columns(applier, options))
    return decided_lines(applier, blocks_of(str(path)), asked if columns else evolve(asked, by_columns=None), NONE)


NONE = Workers(POLICY, 1)


def told(batches: Iterable[Batch]) -> object:
    """All that a file of lines is answered with. A key that is lacking in one batch is counted over all of them."""
    found = list(batches)
    verdicts, decided_by = found[0].applied.verdicts.copy(), found[0].applied.decided_by.copy()
    for batch in found[1:]:
        verdicts.update(batch.applied.verdicts)
        decided_by.update(batch.applied.decided_by)
    lacks = [batch.lacking for batch in found if batch.lacking is not None]
    return (
        pl.concat([batch.frame for batch in found]).cast({pl.Enum: pl.String}).rows(),
        [(reject.row, reject.keys, reject.reason) for batch in found for reject in batch.rejects],
        {name: rows for name, rows in verdicts.items() if rows},
        {name: rows for name, rows in decided_by.items() if rows},
        frozenset.intersection(*lacks) if lacks else None,
    )


@st.composite
def files(draw: st.DrawFn) -> bytes:
    good = st.sampled_from(GOOD)
    same = draw(st.sampled_from([*GOOD, None]))  # files of one kind of line are those that are read by columns
    lines: list[bytes] = []
    for _ in range(draw(st.integers(0, 12))):
        key = draw(st.sampled_from(['"k":"a",', '"k":"b",', ""])) if same is None else '"k":"a",'
        line = "{" + key + (same or draw(good)) + "}"
        if draw(st.integers(0, 5)) == 0:
            odd = draw(st.sampled_from(ODD))
            name = odd.partition(":")[0]
            rest = [field for field in line[1:-1].split(",") if field and not field.strip().startswith(f"{name}")]
            line = "{" + ",".join(draw(st.permutations([*rest, odd]))) + "}"
        lines.append(line.encode("utf-8"))
        if draw(st.integers(0, 9)) == 0:
            lines[-1] = draw(st.sampled_from(BROKEN))
    content = b"".join(line + draw(st.sampled_from([b"\n", b"\n", b"\r\n"])) for line in lines)
    if draw(st.integers(0, 4)) == 0:  # one byte of it is another one
        at = draw(st.integers(0, max(len(content) - 1, 0)))
        other = draw(st.sampled_from([b"\xff", b"\0", b"}", b"{", b"\n", b" ", b'"']))
        content = content[:at] + other + content[at + 1 :]
    return content[: draw(st.sampled_from([-1, None]))]


@settings(max_examples=examples(80), deadline=None)
@given(
    files(),
    st.sampled_from([{}, {"dpd": "late"}]),
    st.sampled_from([(), ("k",), ("late",), ("k", "risk")]),
    st.sampled_from([(), ("born",)]),
    st.booleans(),
    st.integers(1, 4),
)
def test_by_columns_and_one_by_one_the_answer_is_the_same(
    content: bytes, names: dict[str, str], key: Sequence[str], none: Sequence[str], why: bool, few: int
) -> None:
    if names:
        content = content.replace(b'"late"', b'"dpd"', content.count(b'"late"') - 1)
    options = CaseOptions(names, key, none, why, None, None)
    with tempfile.TemporaryDirectory() as folder, patch.object(json_lines, "_FEW", few):
        path = Path(folder) / "cases.jsonl"
        path.write_bytes(content)
        assert told(answers(path, options, columns=True)) == told(answers(path, options, columns=False))


@pytest.mark.parametrize("odd", ODD)
def test_one_odd_line_among_many(tmp_path: Path, odd: str) -> None:
    """The others are still read by columns."""
    path = tmp_path / "cases.jsonl"
    name = odd.partition(":")[0]
    plain = [f'{{"k":"{number}",{GOOD[0]}}}' for number in range(300)]
    fields = [field for field in ('"k":"x",' + GOOD[0]).split(",") if not field.startswith(name)]
    plain[150] = "{" + ",".join([*fields, odd]) + "}"
    path.write_text("\n".join(plain) + "\n", encoding="utf-8", newline="")
    options = CaseOptions({}, ("k",), (), True, None, None)
    with patch.object(json_lines, "_FEW", 4):
        read = json_lines.LineReader(POLICY.applier.tables.facts, ["k"]).read(LineBlock(path.read_bytes()))
        assert read is not None
        assert read.frame.height >= 296
        assert told(answers(path, options, columns=True)) == told(answers(path, options, columns=False))


@pytest.mark.parametrize(
    "lines",
    [
        [b'{"region":"\xff"}', b'{"region":"\xed\xa0\x80"}'],
        [b'{"late":1}{"late":2}', b'{"late":3', b"}"],
        [b'{"late":1}{"late":2}', b'{"region":"', b'"}'],
        [b'{"late":1}\0{"late":2}', b'{"late":3}'],
        [b'{"late":1} {"late":2}', b"{}", b'\0{"late":4}'],
    ],
)
def test_lines_that_are_not_one_object_each_are_left_to_the_caller(lines: list[bytes]) -> None:
    """Arrow would read them, and count other rows."""
    reader = json_lines.LineReader(POLICY.applier.tables.facts, [])
    known = [b'{"late":3,"region":"x"}\n'] * 40
    with patch.object(json_lines, "_FEW", 1):
        found = reader.read(LineBlock(b"".join([*known, *(line + b"\n" for line in lines), *known])))
    assert found is not None
    odd = set(found.places.tolist()) - {*range(40), *range(40 + len(lines), 80 + len(lines))}
    assert [lines[place - 40] for place in odd] in ([], [b'{"late":3}'], [b"{}"])
    assert found.frame["late"].drop_nulls().unique().to_list() == [3]


def test_no_number_is_read_as_another_one() -> None:
    """Arrow reads 31 nines as another number into a decimal of 38 digits, and a number of 48 decimals as 0."""
    generator = random.Random(5)
    numbers = ["9" * digits for digits in range(1, 60)] + [f"{a}e{b}" for a in (1, 9, 17) for b in range(-12, 60)]
    for _ in range(1_000):
        digits = "".join(generator.choices("0123456789", k=generator.randrange(1, 50))).lstrip("0") or "0"
        point = generator.randrange(-15, 50)
        text = f"{digits[:point]}.{digits[point:]}" if 0 < point < len(digits) else digits
        exponent = generator.choice(["", "", f"e{generator.randrange(-60, 60)}"])
        numbers.append(generator.choice(["", "-"]) + text + exponent)
    reader = json_lines.LineReader(POLICY.applier.tables.facts, [])
    read = 0
    for number in numbers:
        found = reader.read(LineBlock(f'{{"owed":{number}}}\n'.encode()))
        if found is not None:
            read += 1
            assert found.frame["owed"][0] == Decimal(number), number
    assert read > 300


def test_a_type_that_is_seen_late_is_read_by_columns_from_then_on() -> None:
    reader = json_lines.LineReader(POLICY.applier.tables.facts, [])
    texts = LineBlock(b'{"share":"5.5"}\n' * 40)
    reader.read(LineBlock(b'{"late":3}\n' * 40 + texts.text))
    assert reader._types["share"] == pa.string()
    found = reader.read(texts)
    assert found is not None
    assert found.frame.height == 40


def test_whole_numbers_and_decimals_are_read_by_columns_in_any_order() -> None:
    whole, cents = b'{"owed":12}\n', b'{"owed":12.5}\n'
    for lines in ([whole] * 200 + [cents] * 200, [cents] + [whole] * 400, [whole] * 300 + [cents] + [whole] * 300):
        reader = json_lines.LineReader(POLICY.applier.tables.facts, [])
        with patch.object(json_lines, "_FEW", 8):
            found = reader.read(LineBlock(b"".join(lines)))
        assert found is not None
        assert found.frame.height >= len(lines) - 16
        assert [Decimal("12.5") if lines[place] == cents else 12 for place in found.places] == found.frame[
            "owed"
        ].to_list()


@given(st.lists(st.sampled_from([b"a", b"\n", b"\r", b"bb"]), max_size=30), st.integers(1, 9), st.integers(0, 5))
def test_lines_are_the_same_in_blocks(parts: list[bytes], size: int, more: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lines"
        path.write_bytes(b"".join(parts))
        blocks = [LineBlock(block) for block in blocks_of(str(path), size, size + more)]
        assert [line for block in blocks for line in block.lines] == list(lines_of(str(path), size + more))
        assert [block.height for block in blocks] == [len(block.lines) for block in blocks]
        assert blocks


def test_what_is_left_out_is_not_none_where_null_is(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    case = json.loads("{" + GOOD[0] + "}")
    left_out = {name: value for name, value in case.items() if name != "born"}
    cases = [*[case] * 30, {**case, "born": None}, left_out, *[case] * 30]
    path.write_text("".join(json.dumps(one) + "\n" for one in cases))
    options = CaseOptions({}, (), ("born",), True, None, None)
    found = list(answers(path, options, columns=True))
    assert [reject.row for batch in found for reject in batch.rejects] == [32]
    assert told(found) == told(answers(path, options, columns=False))


def test_what_each_line_gives_by_itself_is_decided_by_itself(tmp_path: Path) -> None:
    path = tmp_path / "cases.jsonl"
    case = json.loads("{" + GOOD[0] + "}")
    path.write_text("".join(json.dumps({**case, "on": f"2026-01-0{day}"}) + "\n" for day in range(1, 5)))
    options = CaseOptions({}, (), (), False, None, None)
    assert told(answers(path, options, columns=True)) == told(answers(path, options, columns=False))
