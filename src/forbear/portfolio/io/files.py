"""Reads files of cases, and writes files of verdicts, in batches: memory does not grow with the rows.

Parquet and CSV are read by columns. CSV has no types: each value is a text, and an empty one is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from errno import EIO
from pathlib import Path
from queue import Full, Queue
from typing import Any, BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
from attrs import frozen
from polars.io.plugins import register_io_source

from forbear.kernel.cases import FactSpec
from forbear.language.model.kinds import FLAG
from forbear.portfolio.applying import MOMENT, Options
from forbear.portfolio.io.csv_lines import Broken, Part, read_columns, read_rows
from forbear.portfolio.io.frames import of_arrow

BATCH = 1 << 20
"""Rows that are read, decided and written at a time."""
_ROOM = 1 << 27
"""Bytes of texts at which a batch ends early."""
_MOST_ROWS, _MOST_BYTES = 4 * BATCH, 1 << 30
"""Rows and bytes up to which a row group of Parquet is read as a whole."""
COLUMNAR = (".parquet", ".csv")
LINES = (".jsonl", ".ndjson")
"""Files with one JSON object a line."""
_POLARS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""The exceptions of Polars. It panics at unsupported data, such as bytes in JSON."""


def ending(path: Path | str) -> str:
    """The ending of a path, in small letters: `CASES.CSV` is of CSV."""
    return Path(path).suffix.lower()


class Unreadable(Exception):
    """A file of cases that cannot be read; the message says why."""


@frozen(eq=False)
class Read:
    """Some rows of a file, and the errors of the malformed ones, by their position among them."""

    frame: pl.DataFrame
    lost: Mapping[int, str] = {}


@frozen(eq=False)
class Cases:
    """A file of cases by columns."""

    columns: tuple[str, ...]
    rows: int | None
    """The number of rows of the file; None if that is not known in advance."""
    texts: bool
    """Whether all values are texts."""
    batches: Callable[[Sequence[str]], Iterator[Read]]
    """Reads some of the columns."""


def open_cases(path: Path) -> Cases:
    """Opens a file of Parquet or CSV, by its suffix. Raises `Unreadable`."""
    if not path.is_file():
        raise Unreadable("it is not a regular file, which could be read twice")
    with _readable():
        return _open_parquet(path) if ending(path) == ".parquet" else _open_csv(path)


def _open_csv(path: Path) -> Cases:
    columns = read_columns(path)

    def batches(wanted: Sequence[str]) -> Iterator[Read]:
        wanted = wanted or columns[:1]
        with _readable():
            yield from _in_batches(_sliced(read_rows(path, wanted)), wanted)

    return Cases(columns, None, True, batches)


def _sliced(parts: Iterable[Part]) -> Iterator[Part]:
    """The same rows, in parts of at most `BATCH` rows."""
    for frame, lost in parts:
        if lost:  # rows that were read one by one are fewer
            yield frame, lost
        else:
            yield from ((piece, {}) for piece in frame.iter_slices(BATCH))


def _in_batches(parts: Iterable[Part], wanted: Sequence[str]) -> Iterator[Read]:
    """Parts, combined into batches of about equal size; of no rows, one batch that has the columns."""
    frames: list[pl.DataFrame] = []
    lost: dict[int, str] = {}
    rows = room = 0
    none = True
    for frame, lost_in_frame in parts:
        lost.update({rows + row: why for row, why in lost_in_frame.items()})
        frames.append(frame)
        rows, room, none = rows + frame.height, room + int(frame.estimated_size()), False
        if rows >= BATCH or room >= _ROOM:
            yield Read(pl.concat(frames), lost)
            frames, lost, rows, room = [], {}, 0, 0
    if frames or none:
        yield Read(pl.concat([pl.DataFrame(schema=dict.fromkeys(wanted, pl.String)), *frames]), lost)


def _open_parquet(path: Path) -> Cases:
    with path.open("rb"):
        pass
    scanned = pl.scan_parquet(path, glob=False)
    schema = scanned.collect_schema()
    rows_in_all, at_a_time = _size(path, scanned)

    def frames(wanted: Sequence[str]) -> Iterator[pl.DataFrame]:
        if at_a_time is None:
            return scanned.select(wanted).collect_batches(chunk_size=BATCH, maintain_order=True)
        return _slices(path, {name: schema[name] for name in wanted}, at_a_time)

    def batches(wanted: Sequence[str]) -> Iterator[Read]:
        wanted = wanted or schema.names()[:1]
        rows = 0
        with _readable():
            for frame in frames(wanted):
                yield Read(frame)
                rows += frame.height
            if not rows:  # an answer to no rows has its columns too
                yield Read(pl.DataFrame(schema=scanned.select(wanted).collect_schema()))

    return Cases(tuple(schema.names()), rows_in_all, False, batches)


def _size(path: Path, scanned: pl.LazyFrame) -> tuple[int, int | None]:
    """Returns the number of rows of a Parquet file, and how many of them fit into memory, None if each of its groups
    does.
    """
    try:
        with pq.ParquetFile(path) as file:
            return file.metadata.num_rows, _rows_at_a_time(file.metadata)
    except pa.ArrowNotImplementedError:  # a type that Polars has and Arrow lacks: only Polars reads such a file
        rows: int = scanned.select(pl.len()).collect().item()
        if rows > _MOST_ROWS:
            raise
        return rows, None


def _rows_at_a_time(metadata: Any) -> int | None:
    """Returns how many rows of a Parquet file to read at a time; None if each row group may be read as a whole."""
    groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    if all(group.num_rows <= _MOST_ROWS and group.total_byte_size <= _MOST_BYTES for group in groups):
        return None
    wide: int = max(group.total_byte_size // max(group.num_rows, 1) for group in groups) + 1
    return max(min(BATCH, _ROOM // wide), 1)


def _slices(path: Path, schema: Mapping[str, pl.DataType], rows: int) -> Iterator[pl.DataFrame]:
    """Columns of a file of Parquet, `rows` rows at a time.

    Polars would load a whole row group. Texts are read as dictionaries: Arrow would otherwise store an equal text once
    for each row.
    """
    texts = [name for name, kind in schema.items() if kind == pl.String]
    with pq.ParquetFile(path, pre_buffer=False, read_dictionary=texts) as file:
        for batch in file.iter_batches(rows, columns=[*schema]):
            without_texts = of_arrow(batch.drop_columns(texts))
            yield pl.DataFrame(
                [_of_dictionary(batch, name) if name in texts else without_texts[name] for name in schema]
            )


def _of_dictionary(batch: pa.RecordBatch, name: str) -> pl.Series:
    """A column of texts from a dictionary. Equal texts share memory."""
    column = batch.column(name)
    texts, places = pl.from_arrow(column.dictionary), pl.from_arrow(column.indices)
    assert isinstance(texts, pl.Series)
    assert isinstance(places, pl.Series)
    return texts.cast(pl.String).gather(places).alias(name)


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (*_POLARS, pa.ArrowException, Broken, OSError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unreadable(first) from None


FLAGS = {"true": True, "false": False, "yes": True, "no": False, "y": True, "n": False}
"""The words for a flag in CSV, in small letters or capitals: those that spreadsheets and warehouses write."""


def read_flags(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """The frame with some columns of texts as flags, `true` and `no` for example; other texts stay."""
    changed = []
    for name in columns:
        read = frame[name].str.to_lowercase().replace_strict(FLAGS, default=None, return_dtype=pl.Boolean)
        if read.null_count() == frame[name].null_count():
            changed.append(read.alias(name))
        else:
            whole = [text if flag is None else flag for text, flag in zip(frame[name], read, strict=True)]
            changed.append(pl.Series(name, whole, dtype=pl.Object))
    return frame.with_columns(changed)


def typed(frame: pl.DataFrame, facts: Mapping[str, FactSpec], options: Options, *, texts: bool) -> pl.DataFrame:
    """Returns a frame, with the flags as flags if it is one of `texts`, as from CSV."""
    if not texts:
        return frame
    columns = options.facts.items()
    return read_flags(frame, [column for column, fact in columns if fact in facts and facts[fact].kind == FLAG.reader])


Write = Callable[[pl.DataFrame], None]


@contextmanager
def writing(suffix: str, file: BinaryIO) -> Iterator[Write]:
    """Gives a function that writes frames of the same columns to a file, in the format of the suffix.

    A frame is written while the next one is made. An error is raised at the next frame, or at the end of the block.
    """
    frames: Queue[pl.DataFrame | None] = Queue(1)
    with ThreadPoolExecutor(1) as thread:
        written = thread.submit(_write, suffix, file, frames)

        def put(frame: pl.DataFrame | None) -> None:
            while not written.done():
                with suppress(Full):
                    frames.put(frame, timeout=_LOOK)
                    break

        def write(frame: pl.DataFrame) -> None:
            put(frame)
            if written.done():
                written.result()

        try:
            yield write
        finally:
            put(None)
        written.result()


_ISO = "%Y-%m-%dT%H:%M:%S%.f%:z"
_LOOK = 0.1
"""Seconds between checks whether the writing thread has ended."""


def _write(suffix: str, file: BinaryIO, frames: Queue[pl.DataFrame | None]) -> None:
    """Writes frames until there is None. Polars takes them one by one, and uses all its threads."""
    first = frames.get()
    if first is None:
        return

    def given(*_: object) -> Iterator[pl.DataFrame]:
        yield first
        while (frame := frames.get()) is not None:
            yield frame

    whole = register_io_source(given, schema=first.schema)
    try:
        if suffix == ".parquet":
            whole.sink_parquet(file)
        elif suffix == ".csv":
            lists = [name for name, kind in first.schema.items() if isinstance(kind, pl.List)]
            moments = [name for name, kind in first.schema.items() if kind == MOMENT]
            texts = [pl.col(lists).list.join(" "), pl.col(moments).dt.to_string(_ISO)]
            whole.with_columns(*texts).sink_csv(file)
        else:
            whole.sink_ndjson(file)
    except (*_POLARS, OSError) as error:
        # Polars hides the system's error. The file is lost anyway, so another write makes the system raise it again.
        file.write(bytes(1 << 20))
        file.flush()
        raise OSError(EIO, str(error).splitlines()[0]) from None
