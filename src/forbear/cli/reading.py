"""What commands read: policies and cases. What is wrong with them is printed, and ends the command with 1."""

from __future__ import annotations

import datetime
import json
import os
import sys
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import BinaryIO, NoReturn

import click
from attrs import frozen

from forbear.book import load_book
from forbear.cli.printing import print_diagnostics
from forbear.diagnostic import Diagnostic
from forbear.kernel import CaseError, Fault
from forbear.library import Policy, PolicyError, check_file, load
from forbear.policy.files import PACK, SUFFIX, pack_of, read_file
from forbear.policy.from_ast import Checked, check
from forbear.report.text import printable
from forbear.source import Source
from forbear.syntax.parser import read_source


def must_exist(path: str) -> Path | None:
    """The path, or None for a pack and for standard input. Ends the command with 2 where nothing is there."""
    if path == "-" or pack_of(path) is not None:
        return None
    if not Path(path).exists():
        raise click.UsageError(f"there is no file or folder {path!r}")
    return Path(path)


def rule_files(path: str) -> Iterable[str]:
    """The rule files that a path stands for: itself, or all in a folder. Ends the command with 2 where none is."""
    where = must_exist(path)
    if where is None or not where.is_dir():
        return [path]
    files = sorted(str(file) for file in where.rglob(f"*{SUFFIX}") if file.is_file())
    if not files:
        raise click.UsageError(f"the folder {path!r} holds no rule file (*{SUFFIX})")
    return files


def distinct_files(paths: Iterable[str]) -> list[str]:
    """The rule files that some paths stand for, each once, by the first of the ways in which it is named."""
    files: dict[str, str] = {}
    for path in paths:
        for file in rule_files(path):
            pack = pack_of(file)
            identity = file if file == "-" else os.path.realpath(file) if pack is None else f"{PACK}{pack}"
            files.setdefault(identity, file)
    return list(files.values())


def read_rule_file(path: str) -> Source | Diagnostic:
    """The text of a rule file, or of standard input."""
    if path != "-":
        return read_file(Path(path), path)
    return read_source("<standard input>", sys.stdin.buffer.read())


def check_path(path: str, settings: Mapping[str, object]) -> Checked:
    """What there is to say of a rule file, a pack, or standard input."""
    if path != "-":
        return check_file(path, settings)
    source = read_rule_file(path)
    return Checked(None, (source,)) if isinstance(source, Diagnostic) else check(source, None, settings)


def read_policy(path: str, settings: Mapping[str, object], on: datetime.date | None) -> Policy:
    """A policy. A folder is a book, and its version is that of the day."""
    where = must_exist(path)
    try:
        if where is not None and where.is_dir():
            book = load_book(where, settings)
            if on is None:
                fail(f"the folder {path!r} holds versions of `{book.name}`: say for which day, with --on")
            return book.on(on)
        if path != "-":
            return load(path, settings)
        checked = check_path(path, settings)
        if checked.policy is None:
            raise PolicyError(checked.diagnostics)
        return Policy(checked)
    except PolicyError as error:
        print_diagnostics(error.diagnostics, err=True)
        sys.exit(1)
    except CaseError as error:
        fail_case(error)


def read_bytes(path: str) -> bytes:
    """A file, or standard input."""
    if path == "-":
        return sys.stdin.buffer.read()
    with open_binary(path) as file:
        return file.read()


def open_binary(path: str) -> BinaryIO:
    """A file to read. Ends the command with 2 where it cannot be opened."""
    try:
        return (must_exist(path) or Path(path)).open("rb")
    except OSError as error:
        raise click.UsageError(f"{path!r} cannot be read: {(error.strerror or 'error').lower()}") from None


@frozen
class Question:
    """A case, and the day or the moment for which it is to be decided."""

    case: dict[str, object]
    on: datetime.date | str | None
    at: str | None


def read_question(content: bytes, on: datetime.date | None, at: str | None) -> Question:
    """A case in JSON, which may name its day with `"on"` or its moment with `"at"`, beside those of the command line.

    Raises `CaseError`.
    """
    case = _read_object(content)
    named_on, named_at = case.pop("on", None), case.pop("at", None)
    if named_on is not None and not isinstance(named_on, str):
        raise CaseError([Fault("on", '`on` needs a date such as "2015-09-22"')])
    if named_at is not None and not isinstance(named_at, str):
        raise CaseError([Fault("at", '`at` needs a date and time such as "2026-03-01T09:30:00-05:00"')])
    if on is not None and named_on is not None and on.isoformat() != named_on:
        raise CaseError([Fault("on", f"the case says `on` {named_on}, and the command line {on.isoformat()}")])
    if at is not None and named_at is not None and at != named_at:
        raise CaseError([Fault("at", f"the case says `at` {named_at}, and the command line {at}")])
    return Question(case, named_on if on is None else on, named_at if at is None else at)


def _read_object(content: bytes) -> dict[str, object]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise CaseError([Fault(None, "the case is not UTF-8 text")]) from None
    try:
        case = json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_no_repeats)
    except json.JSONDecodeError as error:
        message = f"the case is no JSON: line {error.lineno}, column {error.colno}: {error.msg.lower()}"
        raise CaseError([Fault(None, message)]) from None
    except RecursionError:
        raise CaseError([Fault(None, "the case is no object from fact to value: it nests too deep")]) from None
    except CaseError:
        raise
    except (ValueError, ArithmeticError):
        raise CaseError([Fault(None, "the case holds a number with more digits than can be read")]) from None
    if not isinstance(case, dict):
        what = "a list" if isinstance(case, list) else "a single value"
        raise CaseError([Fault(None, f"a case is an object from fact to value, not {what}")])
    return case


def _no_number(text: str) -> NoReturn:
    raise CaseError([Fault(None, f"`{text}` is no number that a case may hold")])


def _no_repeats(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    case: dict[str, object] = {}
    for name, value in pairs:
        if name in case:
            raise CaseError([Fault(name, f"`{name}` is given twice")])
        case[name] = value
    return case


def fail(message: str) -> NoReturn:
    """Ends the command with 1."""
    click.echo(f"error: {printable(message)}", err=True)
    sys.exit(1)


def fail_case(error: CaseError) -> NoReturn:
    """Prints everything that is wrong with a case."""
    for fault in error.faults:
        click.echo(f"error: {printable(fault.message)}", err=True)
    sys.exit(1)
