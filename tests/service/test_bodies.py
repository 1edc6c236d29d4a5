"""Bodies are read as `strict_json` reads them, whichever of the two ways they go."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forbear.kernel.cases import CaseError
from forbear.kernel.strict_json import MOST_DEPTH, read_json
from forbear.service import answers

NAMES = st.sampled_from(["late", "income", "a", "a:b", 'q"', "\\", "é", "on", ""])
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**50), 10**50),
    st.sampled_from(["1.50", "-0.0", "1e5", "1E400", "NaN"]),
    NAMES,
)


@st.composite
def texts(draw: Callable[..., object], depth: int = 3) -> str:
    """A text of JSON, or nearly: objects with names given twice, white space anywhere, numbers in any form."""
    space = str(draw(st.sampled_from(["", " ", "\n", "\t"])))
    kind = draw(st.integers(0, 3 if depth else 1))
    if kind == 2:
        items = [draw(texts(depth - 1)) for _ in range(int(str(draw(st.integers(0, 3)))))]
        return f"[{space}{','.join(map(str, items))}]{space}"
    if kind == 3:
        pairs = [f"{_text(draw)}{space}:{draw(texts(depth - 1))}" for _ in range(int(str(draw(st.integers(0, 4)))))]
        return f"{{{space}{','.join(pairs)}{space}}}"
    leaf = draw(LEAVES)
    if isinstance(leaf, str):
        number = bool(leaf) and leaf[0] in "-1N"
        return leaf if number and draw(st.booleans()) else _text(draw, leaf)
    return json.dumps(leaf)


def _text(draw: Callable[..., object], text: str | None = None) -> str:
    name = str(draw(NAMES)) if text is None else text
    return json.dumps(name, ensure_ascii=bool(draw(st.booleans())))


def read(reader: Callable[[bytes, str], object], content: bytes) -> object:
    try:
        return reader(content, "the case")
    except CaseError as error:
        return error.faults


def same(one: object, other: object) -> bool:
    """Whether two documents are the same, types and digits of decimals among it."""
    if isinstance(one, dict) and isinstance(other, dict):
        return [*one] == [*other] and all(same(one[name], other[name]) for name in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, Decimal) and isinstance(other, Decimal):
        return one.as_tuple() == other.as_tuple()
    return type(one) is type(other) and one == other


@given(
    texts(), st.sampled_from([b"", b"\xef\xbb\xbf", b"\x0c", b"\x00"]), st.sampled_from([b"", b" \n", b"x", b"\xff"])
)
@settings(max_examples=300)
def test_both_ways_read_the_same(text: str, before: bytes, after: bytes) -> None:
    content = before + text.encode() + after
    assert same(read(answers.read, content), read(read_json, content))


@pytest.mark.parametrize(
    "content",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": {"b": 1, "b": 2}}',
        b'[{"a": "x", "a": "y"}]',
        b'{"a": "x:y", "b": 1, "b": "x:y"}',
        b'{"a" : 1, "a": 1}',
        b'{"a" : ":", "b": 1, "b": 2}',
        b'{"a": {"b" : 1}, "a": {"b": 2, "c": 3}}',
        b'{"cases": [{"a": 1}, {"a": 1, "a": 2}]}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": -' + b"9" * 4300 + b"}",
        b'{"a": 1.' + b"9" * 5000 + b"}",
        b"[" * 100_000 + b"]" * 100_000,
        b'{"a": ' + b"[" * 1_000 + b"]" * 1_000 + b"}",
        b'{"cases": [{"a": ' + b'{"b": ' * 1_000 + b"1" + b"}" * 1_000 + b"}]}",
        b'{"cases": [{"a": {"b": 1, "b": 2}}]}',
        b"[" + b"1," * 1_000_000 + b"1]",
        b"{" + b",".join(b'"n%d":1' % number for number in range(10_001)) + b"}",
        b'{"a": "\\ud800"}',
    ],
    ids=lambda content: content[:20].decode(),
)
def test_what_is_refused_is_refused_both_ways(content: bytes) -> None:
    faults = read(answers.read, content)
    assert isinstance(faults, tuple)
    assert faults == read(read_json, content)


@pytest.mark.parametrize(
    ("before", "after"),
    [(b"", b""), (b'{"a":', b"}"), (b'{"a":[{"b":', b"}]}"), (b'{"a":[{"b":[[{"c":', b"}]]}]}")],
    ids=["list", "in an object", "in a batch", "deeper"],
)
@pytest.mark.parametrize(("innermost", "its_depth"), [(b"[]", 1), (b"{}", 1), (b"1", 0), (b'{"d":{"d":1}}', 2)])
def test_both_ways_have_one_bound_of_depth(before: bytes, after: bytes, innermost: bytes, its_depth: int) -> None:
    outer = before.count(b"[") + before.count(b"{") + its_depth
    for depth in (MOST_DEPTH, MOST_DEPTH + 1):
        lists = depth - outer
        content = before + b"[" * lists + innermost + b"]" * lists + after
        for reader in (answers.read, read_json):
            found = read(reader, content)
            codes = [one.code for one in found] if isinstance(found, tuple) else []
            assert codes == (["too-deep"] if depth > MOST_DEPTH else []), (reader, depth)


def test_the_fast_way_is_taken() -> None:
    """A case of every kind of value goes it, or else the service would be slow and nothing would tell."""
    case = b'{"late": 5, "income": 12.50, "asked": true, "dispute": "none_known", "history": [{"at": "x"}]}'
    plain = b'{"late": 5, "income": 12.50, "at": "2026-03-01T09:00:00Z", "rate": null}'
    for content in (case, plain, b'{"cases": [%s, %s]}' % (plain, plain)):
        assert answers._has_all_names(answers._DECODER.decode(content), content)
