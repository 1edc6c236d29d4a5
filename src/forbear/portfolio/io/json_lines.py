"""Reads lines of JSON by columns, with Arrow, if each holds one flat object of the requested fields.

Arrow reads the same as `strict_json` does: repeated names, `NaN`, half characters, control characters and everything
else that is not JSON are errors of Arrow too, and so is a number that the type of its column does not hold exactly.
Errors that Arrow ignores are looked for here: bytes that are not UTF-8, two objects in a line, one object in two lines.
If anything is wrong with a block, its parts are tried, down to a few lines that the caller reads one by one.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from itertools import islice

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.json
from attrs import frozen
from numpy.typing import NDArray

from forbear.kernel.cases import MAXIMUM_DIGITS, CaseError, FactSpec
from forbear.kernel.strict_json import MOST_BYTES, read_json
from forbear.language.model.kinds import Storage, kind_of
from forbear.portfolio.io.frames import of_arrow

_PARTS = 8
"""Parts into which a block with an odd line is divided."""
_FEW = 128
"""Lines that are not divided any more."""
_SAMPLE = 20
"""The number of lines from which the types of a block are learned."""
_DECIMALS = 9
_DECIMAL = pa.decimal128(MAXIMUM_DIGITS + _DECIMALS, _DECIMALS)
"""The type of numbers with decimals. Of more digits than it has, Arrow reads some as another number (31 nines, as a
decimal of 38 digits): in this type that cannot happen, since it is far from the end of 128 bits."""


@frozen(eq=False, slots=False)
class LineBlock:
    """Whole lines of a file. They are separated only on request, which takes as long as reading them."""

    text: bytes

    @cached_property
    def lines(self) -> list[bytes]:
        return io.BytesIO(self.text).readlines()

    @cached_property
    def height(self) -> int:
        """The number of lines."""
        return self.text.count(b"\n") + (not self.text.endswith(b"\n") and len(self.text) > 0)

    def first(self, count: int) -> list[bytes]:
        """The first lines, at most `count`."""
        return list(islice(io.BytesIO(self.text), count))

    def between(self, start: int, end: int) -> LineBlock:
        return self if (start, end) == (0, self.height) else LineBlock(b"".join(self.lines[start:end]))


@frozen(eq=False)
class _Part:
    """Some lines in a row: the number of the first, their fields, and their text."""

    start: int
    frame: pl.DataFrame
    text: bytes


@frozen(eq=False)
class Columns:
    """The lines that were read by columns."""

    frame: pl.DataFrame
    """The columns of the fields. A field that no line has is left out."""
    places: NDArray[np.intp]
    """The number of each among the lines given."""


class LineReader:
    """Reads lines of a file by columns. It remembers the types of the fields from block to block."""

    def __init__(self, fields: Mapping[str, FactSpec], keys: Iterable[str]) -> None:
        """`fields` are the facts by the names that they have in the file; `keys` are read as texts."""
        self._facts = fields
        self._keys = frozenset(keys)
        self._types: dict[str, pa.DataType] = {name: _first_type(spec) for name, spec in fields.items()}
        self._types |= dict.fromkeys(self._keys, pa.string())

    def read(self, block: LineBlock) -> Columns | None:
        """The lines that can be read by columns; None where there are none."""
        if not self._learn(block.first(_SAMPLE)):
            return None
        parts = _alike(self._parts(block, 0, block.height))
        if not parts:
            return None
        whole = pl.concat([part.frame for part in parts], how="vertical_relaxed")
        texts = [part.text for part in parts]
        occurring = [name for name in whole.columns if whole[name].null_count() < whole.height or _occurs(name, texts)]
        places = [np.arange(part.start, part.start + part.frame.height) for part in parts]
        return Columns(whole.select(occurring), np.concatenate(places))

    def _parts(self, block: LineBlock, start: int, end: int) -> Iterator[_Part]:
        """The parts from `start` to `end` that can be read."""
        part = block.between(start, end)
        text = part.text if part.text.endswith(b"\n") else part.text + b"\n"
        frame = self._by_arrow(text, end - start) if _is_regular(text, part) else None
        if frame is not None:
            yield _Part(start, frame, text)
        elif end - start > _FEW:
            size = -(-(end - start) // _PARTS)
            for first in range(start, end, size):
                yield from self._parts(block, first, min(first + size, end))
        else:
            self._learn(part.lines)

    def _by_arrow(self, text: bytes, rows: int) -> pl.DataFrame | None:
        """The fields of some lines; None where Arrow cannot read them exactly."""
        fields = _arrow(text, self._types, "error")
        if fields is None or fields.height != rows:
            return None
        decimals = [name for name, kind in self._types.items() if kind == _DECIMAL and fields[name].null_count() < rows]
        if decimals:
            # As a decimal, Arrow reads a text too, and a number of very many decimals as 0. As a float, neither.
            floats = _arrow(text, dict.fromkeys(decimals, pa.float64()), "ignore")
            if floats is None or not all(_is_near(fields[name], floats[name]) for name in decimals):
                return None
        return fields.cast({name: pl.Null for name in fields.columns if fields[name].null_count() == rows})

    def _learn(self, lines: Sequence[bytes]) -> bool:
        """Returns true if most of some lines can be read by columns. Remembers the type that most values of a field
        have; whole numbers among decimals are decimals.
        """
        types: dict[str, Counter[pa.DataType]] = {}
        plain = 0
        for line in lines:
            types_of_line = self._types_of(line)
            plain += types_of_line is not None
            for name, kind in (types_of_line or {}).items():
                types.setdefault(name, Counter())[kind] += 1
        for name, kinds in types.items():
            if _DECIMAL in kinds:
                kinds[_DECIMAL] += kinds.pop(pa.int64(), 0)
            (kind, _), *_ = kinds.most_common(1)
            self._types[name] = kind
        return 2 * plain > len(lines)

    def _types_of(self, line: bytes) -> dict[str, pa.DataType] | None:
        """The types of the fields of a line; None where it cannot be read by columns."""
        try:
            document = read_json(line)
        except CaseError:
            return None
        if not isinstance(document, dict) or not document.keys() <= self._types.keys():
            return None
        types = {name: self._type(name, value) for name, value in document.items() if value is not None}
        return None if None in types.values() else types

    def _type(self, name: str, value: object) -> pa.DataType | None:
        """Returns the type of a field that has a value; None for one that is not read by columns."""
        if isinstance(value, str):
            return pa.string()
        if name in self._keys:
            return pa.int64() if type(value) is int else None
        if isinstance(value, bool):
            return pa.bool_()
        if isinstance(value, int) and self._types[name] != _DECIMAL:
            return pa.int64()
        return _DECIMAL if isinstance(value, (int, Decimal)) else None


def _first_type(spec: FactSpec) -> pa.DataType:
    """The type of a fact of which no value has been seen."""
    match kind_of(spec.kind).storage:
        case Storage.NUMBER:
            return pa.int64()
        case Storage.FLAG:
            return pa.bool_()
        case _:
            return pa.string()


def _arrow(text: bytes, types: Mapping[str, pa.DataType], unexpected: str) -> pl.DataFrame | None:
    """Some fields of lines of JSON, by Arrow; `others` says what becomes of other fields. None if there are errors."""
    try:
        return of_arrow(
            pyarrow.json.read_json(
                pa.BufferReader(text),
                pyarrow.json.ReadOptions(use_threads=False, block_size=len(text) + 1),
                pyarrow.json.ParseOptions(
                    explicit_schema=pa.schema(list(types.items())), unexpected_field_behavior=unexpected
                ),
            )
        )
    except pa.ArrowException:
        return None


def _is_near(decimals: pl.Series, floats: pl.Series) -> bool:
    """Returns true if two columns hold the same numbers, as far as floats can show."""
    apart = (decimals.cast(pl.Float64) - floats).abs()
    return bool((apart <= floats.abs() * 1e-12).fill_null(True).all())


def _alike(parts: Iterable[_Part]) -> list[_Part]:
    """Returns the parts whose columns have the same types wherever they have values. If the types change, those of most
    lines.
    """
    groups: list[tuple[dict[str, pl.DataType], list[_Part]]] = []
    for part in parts:
        types = {name: kind for name, kind in part.frame.schema.items() if kind != pl.Null}
        for known, group in groups:
            if all(_is_alike(known.get(name, kind), kind) for name, kind in types.items()):
                known.update(types)
                group.append(part)
                break
        else:
            groups.append((types, [part]))
    return max((group for _, group in groups), key=lambda group: sum(part.frame.height for part in group), default=[])


def _is_alike(first: pl.DataType, second: pl.DataType) -> bool:
    """Returns true if columns may be joined: if one has whole numbers and one decimals, all become decimals,
    exactly.
    """
    return first == second or (first == pl.Int64 and second.is_decimal()) or (first.is_decimal() and second == pl.Int64)


def _is_regular(text: bytes, block: LineBlock) -> bool:
    """Returns true if each line begins with `{` and ends in `}`, and all are Unicode.

    No text continues in the next line, and no field is an object. So each line ends where an object ends, and if there
    are as many objects as lines, each line is one.
    """
    rows = block.height
    return (
        text.startswith(b"{")
        and text.count(b"\n{") == rows - 1
        and text.count(b"}\n") + text.count(b"}\r\n") == rows
        and (len(text) <= MOST_BYTES or max(map(len, block.lines)) <= MOST_BYTES)
        and _is_unicode(text)
    )


def _is_unicode(text: bytes) -> bool:
    try:
        return text.isascii() or bool(text.decode())
    except UnicodeDecodeError:
        return False


def _occurs(name: str, texts: Iterable[bytes]) -> bool:
    """Returns true if some line may have a field, if only as null."""
    written = json.dumps(name, ensure_ascii=False).encode("utf-8", "surrogatepass")
    escaped = b"\\u00" if name.isascii() and name.isidentifier() else b"\\"
    return any(written in text or escaped in text for text in texts)
