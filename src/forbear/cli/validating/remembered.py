"""Validates files on all cores, with a cache of the findings of unchanged files, kept in the user's cache folder.

An entry is used only if all its inputs are the same: the text and location of each file that was read, the files that
were looked for and missing, this Forbear with its packs, and the options. It is data, with a digest of itself: a
damaged entry is ignored. It is written to a temporary file and then renamed, so that other runs see all of it or
nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen

from forbear.base import resources
from forbear.base.diagnostic import Code, Diagnostic, Fix, Label, Severity, TextEdit, Undecided
from forbear.base.source import Place, Source
from forbear.check.files.gather import Checked, locate
from forbear.check.files.locations import SUFFIX, identity_of, is_folder, read_rule_file
from forbear.cli.support.reading import open_path
from forbear.cli.support.writing import is_stream
from forbear.cli.validating.outcome import Outcome, Task, Version, outcome
from forbear.kernel.cases import CaseError
from forbear.kernel.strict_json import MOST_BYTES, read_json
from forbear.language.model.names import Suggestion, Worded
from forbear.library.loading import check_opened
from forbear.portfolio.workers import WorkerEnded, Workers, cores
from forbear.version import __version__

_MOST = 5_000
"""The number of entries that are kept; beyond that, those unused for longest are removed, a tenth at a time."""


@frozen
class Memory:
    """The entries in a folder, and what is known in this run of files that take part in several."""

    folder: Path
    _seen: dict[str, tuple[str, str | None]] = field(factory=dict, init=False, repr=False, eq=False)

    def recall(self, task: Task) -> Outcome | None:
        """The outcome for a file, if it is known and nothing has changed."""
        entry = self._entry(task)
        if entry is None:
            return None
        try:
            with open(entry, "rb") as file:
                digest, _, content = file.read(MOST_BYTES).partition(b"\n")
            if hashlib.sha256(content).hexdigest().encode() != digest:
                return None
            record: Any = read_json(content)
            if any(self._now(path) != (identity, digest) for path, identity, digest in record["files"]):
                return None
            if any(os.path.lexists(path) for path in record["absent"]):
                return None
            outcome = from_json(record["outcome"])
        except (OSError, CaseError, LookupError, TypeError, ValueError, ArithmeticError, AttributeError):
            return None
        day = task.today.toordinal()
        if (outcome.first is not None and day < outcome.first) or (outcome.last is not None and day > outcome.last):
            return None
        with suppress(OSError):
            os.utime(entry)
        return outcome

    def keep(self, task: Task, checked: Checked, outcome: Outcome) -> None:
        """Remembers the outcome for a file. Where nothing can be written, nothing is remembered.

        Nor is what is in error, as that may be because of files that are not there.
        """
        entry = self._entry(task)
        if entry is None or checked.policy is None or checked.origin is None:
            return
        texts = checked.origin.reads.texts()
        files = {str(path.absolute()): identity_of(path) for path in checked.files}
        if set(files.values()) != set(texts):
            return
        record = {
            "files": [[path, identity, _digest(texts[identity])] for path, identity in files.items()],
            "absent": sorted({absent for path, identity in files.items() for absent in _absent(path, texts[identity])}),
            "outcome": to_json(outcome),
        }
        try:
            content = json.dumps(record, ensure_ascii=True, separators=(",", ":")).encode()
        except TypeError:
            return
        if len(content) > MOST_BYTES // 2:
            return
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, exist_ok=True)
            handle, aside = tempfile.mkstemp(dir=self.folder, prefix="aside-")
            try:
                with open(handle, "wb") as file:
                    file.write(hashlib.sha256(content).hexdigest().encode() + b"\n" + content)
                os.replace(aside, entry)
            except OSError:
                os.unlink(aside)

    def tidy(self) -> None:
        """Removes the entries that have been unused for longest, if there are too many."""
        with suppress(OSError):
            entries = list(os.scandir(self.folder))
            if len(entries) <= _MOST:
                return
            oldest = sorted(entries, key=lambda entry: entry.stat().st_mtime)
            for entry in oldest[: len(entries) - _MOST + _MOST // 10]:
                with suppress(OSError):
                    os.unlink(entry)

    def _now(self, path: str) -> tuple[str, str | None]:
        """Returns the location of a file, and the digest of its text; None if it cannot be read."""
        if path not in self._seen:
            source = read_rule_file(Path(path), path)
            digest = _digest(source) if isinstance(source, Source) else None
            self._seen[path] = identity_of(Path(path)), digest
        return self._seen[path]

    def _entry(self, task: Task) -> Path | None:
        """Returns the file of the entry; None if the task cannot be remembered, for example because it is a pipe."""
        where = locate(task.path)
        if isinstance(where, Diagnostic) or not where.is_file():
            return None
        parts = [_forbear(), task.path, str(where.absolute()), task.limit, task.effort, sorted(task.asked)]
        return self.folder / hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def memory() -> Memory | None:
    """Returns the memory of this user; None if there is no folder that only the user can access."""
    folder = resources.cache_folder()
    return None if folder is None else Memory(folder / "validate")


def outcomes(tasks: Sequence[Task], memory: Memory | None, jobs: int | None) -> Iterator[Outcome]:
    """Yields the outcome for each file, from memory if it is there. `jobs` are the most processes; None uses the
    cores.
    """
    recalled = [None if memory is None else memory.recall(task) for task in tasks]
    left = [task for task, recalled_outcome in zip(tasks, recalled, strict=True) if recalled_outcome is None]
    made_here = _made(left, memory, 1 if any(is_stream(task.path) for task in left) else jobs or cores())
    for recalled_outcome in recalled:
        yield next(made_here) if recalled_outcome is None else recalled_outcome
    if memory is not None and left:
        memory.tidy()


def _made(tasks: Sequence[Task], memory: Memory | None, jobs: int) -> Iterator[Outcome]:
    done = 0
    with suppress(WorkerEnded), Workers(memory, jobs) as workers:
        for result in workers.each(_make, tasks):
            done += 1
            yield result
    for task in tasks[done:]:  # a process was killed, or none can be started here: this one does the rest
        yield _make(memory, task)


def _make(memory: Memory | None, task: Task) -> Outcome:
    checked = check_opened(open_path(task.path), {})
    result = outcome(task, checked)
    if memory is not None:
        memory.keep(task, checked, result)
    return result


def _digest(source: Source) -> str:
    return hashlib.sha256(source.written.encode()).hexdigest()


def _absent(path: str, source: Source) -> Iterator[str]:
    """Yields the paths of files that would precede the bundled packs whose bare names a text has."""
    for name in resources.pack_names():
        if f'"{name}"' in source.written:
            for beside in (Path(path).parent / name, Path(path).parent / f"{name}{SUFFIX}"):
                if not beside.is_file() and not is_folder(beside):
                    yield str(beside)


@cache
def _forbear() -> str:
    """This Forbear: its version, and when each of its files was written, the packs among them."""
    folders = {Path(__file__).resolve().parent.parent.parent, resources.folder("rules"), resources.folder("grammar")}
    kinds = (".py", ".txt", ".lark", SUFFIX)
    files = sorted(path for folder in folders for path in folder.rglob("*") if path.suffix in kinds)
    written = [(str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in files]
    return hashlib.sha256(repr((__version__, sys.version_info[:2], written)).encode()).hexdigest()


# Outcomes as JSON, from which they are read back as they were: what a cache keeps, it keeps as data, never as code.


_CLASS = ""
"""The key of the class of an object; no fact is called so."""
_PARTS = "parts"
"""The key of what makes an object, if that is not its fields by name."""
_CLASSES: Mapping[str, Callable[..., Any]] = {
    "Code": lambda name, severity, *traits: Code(name, Severity(severity), *traits),
    **{kind.__name__: kind for kind in (Diagnostic, Label, Fix, TextEdit, Undecided, Version)},
    **{kind.__name__: kind for kind in (Decimal, Worded, Suggestion)},
}
"""What makes an object again of its parts."""


def to_json(outcome: Outcome) -> dict[str, object]:
    """An outcome as an object of JSON."""
    sources: dict[str, str] = {}
    totals = list(outcome.totals.items())
    parts = (outcome.checked, outcome.found, totals, outcome.version, outcome.first, outcome.last)
    return {"parts": _written(parts, sources), "sources": list(sources.items())}


def _written(value: object, sources: dict[str, str]) -> object:
    """A value as JSON. The texts that places are in are added to `sources`."""
    parts: Iterable[object]
    match value:
        case Mapping():
            return {name: _written(inner, sources) for name, inner in value.items()}
        case list() | tuple():
            return [_written(inner, sources) for inner in value]
        case Place(source, span):
            sources.setdefault(source.name, source.written)
            parts = (list(sources).index(source.name), span)
        case Decimal():
            parts = (str(value),)
        case Code():
            parts = value.parts
        case Worded():
            parts = (str(value), value.code)
        case None | bool() | int() | str():
            return value
        case _:
            kind: type[Any] = type(value)
            said = [(field, getattr(value, field.name)) for field in fields(kind)]
            named = {field.name: _written(inner, sources) for field, inner in said if inner != field.default}
            return {_CLASS: kind.__name__, **named}
    return {_CLASS: type(value).__name__, _PARTS: [_written(part, sources) for part in parts]}


def from_json(record: Any) -> Outcome:
    """The outcome that was written. Raises an exception of any kind where the record is none."""
    sources = [Source(name, written) for name, written in record["sources"]]
    checked, found, totals, *rest = _read(record["parts"], sources)
    return Outcome(checked, found, dict(totals), *rest)


def _read(value: Any, sources: list[Source], sequence: Callable[[list[Any]], Any] = tuple) -> Any:
    """A value of JSON. A list is a tuple, but in a case."""
    if isinstance(value, list):
        return sequence([_read(inner, sources, sequence) for inner in value])
    if not isinstance(value, dict):
        return value
    if _CLASS not in value:
        return {name: _read(inner, sources, list) for name, inner in value.items()}
    named = {name: _read(inner, sources) for name, inner in value.items()}
    kind, parts = named.pop(_CLASS), named.pop(_PARTS, ())
    return Place(sources[parts[0]], parts[1]) if kind == "Place" else _CLASSES[kind](*parts, **named)
