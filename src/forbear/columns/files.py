"""Files of cases, read in batches, and files of verdicts, written batch by batch: memory does not grow with rows.

Parquet and CSV are read by columns. A CSV file has no types: each of its values is a text, and an empty one is null.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from errno import EIO
from pathlib import Path
from queue import Full, Queue
from typing import BinaryIO

import polars as pl
from attrs import frozen
from polars.io.plugins import register_io_source

from forbear.columns.csv_lines import Broken, rows_from

BATCH = 1 << 20
"""Rows that are read, decided and written at a time."""
COLUMNAR = (".parquet", ".csv")
LINES = (".jsonl", ".ndjson")
"""Files with one JSON object a line."""
_POLARS = (pl.exceptions.PolarsError, pl.exceptions.PanicException)
"""What Polars raises, the second where it was never taught something, as to write bytes as JSON."""


class Unreadable(Exception):
    """A file of cases that cannot be read; the message says why."""


@frozen(eq=False)
class Read:
    """Some rows of a file, and what is wrong with those, by their place among them, that are no rows of such a file."""

    frame: pl.DataFrame
    lost: Mapping[int, str] = {}


@frozen(eq=False)
class Cases:
    """A file of cases: its columns, how many rows it has where that is known, whether all its values are texts, and
    what reads some of its columns."""

    columns: tuple[str, ...]
    rows: int | None
    texts: bool
    batches: Callable[[Sequence[str]], Iterator[Read]]


def open_cases(path: Path) -> Cases:
    """A file of Parquet or CSV, by its ending. Raises `Unreadable`."""
    if not path.is_file():
        raise Unreadable("it is no file of its own, which could be read twice")
    with _readable():
        with path.open("rb"):
            rows: int | None = None
        if path.suffix == ".parquet":
            scanned = pl.scan_parquet(path, glob=False)
            rows = scanned.select(pl.len()).collect().item()  # the file says so at its end
        else:
            scanned = pl.scan_csv(path, infer_schema=False, glob=False)
        columns = tuple(scanned.collect_schema().names())
        if path.suffix == ".csv" and any("_duplicated_" in name for name in columns):
            _check_header(path)

    def batches(wanted: Sequence[str]) -> Iterator[Read]:
        wanted = wanted or columns[:1]
        rows = 0
        with _readable():
            try:
                for frame in scanned.select(wanted).collect_batches(chunk_size=BATCH, maintain_order=True):
                    yield Read(frame)
                    rows += frame.height
            except pl.exceptions.ComputeError:
                if path.suffix != ".csv":
                    raise
                for frame, lost in rows_from(path, columns, wanted, rows):
                    yield Read(frame, lost)
                    rows += frame.height
            if not rows:  # an answer to no rows has its columns too
                yield Read(pl.DataFrame(schema=scanned.select(wanted).collect_schema()))

    return Cases(columns, rows, path.suffix != ".parquet", batches)


def _check_header(path: Path) -> None:
    """Raises `Unreadable` where two columns of CSV have one name: Polars would give the second another one."""
    header = pl.read_csv(path, has_header=False, n_rows=1, infer_schema=False, glob=False).row(0)
    for name in header:
        if name is not None and header.count(name) > 1:
            raise Unreadable(f"two of its columns are called `{name}`")


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (*_POLARS, Broken, OSError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise Unreadable(first) from None


def read_flags(frame: pl.DataFrame, columns: Iterable[str]) -> pl.DataFrame:
    """The flags of a frame whose columns are texts, where each value is `true` or `false`; others stay texts."""
    words = {"true": True, "false": False}
    changed = []
    for name in columns:
        read = frame[name].replace_strict(words, default=None, return_dtype=pl.Boolean)
        if read.null_count() == frame[name].null_count():
            changed.append(read.alias(name))
        else:
            whole = [words.get(text, text) for text in frame[name].to_list()]
            changed.append(pl.Series(name, whole, dtype=pl.Object))
    return frame.with_columns(changed)


Write = Callable[[pl.DataFrame], None]


@contextmanager
def writing(suffix: str, file: BinaryIO) -> Iterator[Write]:
    """What writes frames of the same columns to a file, in the format of its ending. A frame is written while the next
    one is made; what goes wrong is raised at the next, or at the end."""
    frames: Queue[pl.DataFrame | None] = Queue(1)
    with ThreadPoolExecutor(1) as behind:
        written = behind.submit(_write, suffix, file, frames)

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


_LOOK = 0.1
"""Seconds after which it is looked whether somebody still writes."""


def _write(suffix: str, file: BinaryIO, frames: Queue[pl.DataFrame | None]) -> None:
    """Writes frames until there is None. Polars takes them one by one, and shares the work among its threads."""
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
            whole.with_columns(pl.col(lists).list.join(" ")).sink_csv(file)
        else:
            whole.sink_ndjson(file)
    except (*_POLARS, OSError) as error:
        # Polars keeps the system's error to itself. The file is of no use any more: so the system is asked once more.
        file.write(bytes(1 << 20))
        file.flush()
        raise OSError(EIO, str(error).splitlines()[0]) from None
