"""Ends a command after an error: with a message on standard error and, if the output is JSON, with one document on
standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import NoReturn

import click

from forbear.base.diagnostic import Diagnostic, PolicyError, in_file_order
from forbear.base.extras import missing_extra
from forbear.cli.support.printing import print_diagnostics, print_json, print_text
from forbear.kernel.cases import CaseError, Fault
from forbear.language.model.names import listed
from forbear.library.answering import case_error
from forbear.report.formats.json import report_json


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the command with a message of one sentence."""
    _answer({"error": message})
    print_text(f"error: {message}", err=True)
    sys.exit(code)


def wrong_use(message: str) -> NoReturn:
    """Ends the command with 2: it was used wrongly."""
    _answer({"error": message})
    raise click.UsageError(message)


def fail_policy(diagnostics: Iterable[Diagnostic], code: int = 1) -> NoReturn:
    """Ends the command with the errors of a policy. The document is that of `validate`."""
    ordered = in_file_order(diagnostics)
    _answer(report_json(ordered, Counter(diagnostic.code for diagnostic in ordered)))
    print_diagnostics(ordered, err=True)
    sys.exit(code)


def fail_case(error: CaseError) -> NoReturn:
    """Ends the command with all errors of a case."""
    _answer(case_error(error))
    by_source: dict[object, list[str]] = {}
    for fault in error.faults:
        if fault.code == "column-missing":
            by_source.setdefault(fault.arguments.get("other"), []).append(str(fault.arguments["name"]))
    for fault in error.faults:
        if fault.code != "column-missing" or len(by_source[fault.arguments.get("other")]) == 1:
            print_text(f"error: {fault.message}{_by_options(fault)}", err=True)
    for source, names in by_source.items():
        if len(names) > 1:
            follow = "" if source is None else f"; they follow from `{source}` if `at` gives the moment"
            print_text(f"error: {len(names)} facts have no column: {listed(names, len(names))}{follow}", err=True)
    sys.exit(1)


def end_with(error: Exception) -> None:
    """Ends the command with an error of policies, cases, records or processes; the caller handles any other."""
    from forbear.deciding.records.sink import RecordError
    from forbear.portfolio.workers import WorkerEnded
    from forbear.semantics.composition.union import Incomparable

    match error:
        case CaseError():
            fail_case(error)
        case PolicyError():
            fail_policy(error.diagnostics)
        case Incomparable():  # the policies use one name for different things
            fail(f"these cannot be compared: {error}", code=2)
        case RecordError() | WorkerEnded():
            fail(str(error))


@contextmanager
def needing(what: str, extra: str, code: int = 1) -> Iterator[None]:
    """Ends the command if the block imports what only an extra installs."""
    try:
        yield
    except ImportError as error:
        fail(missing_extra(what, extra, error), code)


def _by_options(fault: Fault) -> str:
    """The options by which this command is given the day that a case lacks, to follow the message."""
    if fault.code not in ("no-day", "book-without-day"):
        return ""
    context = click.get_current_context(silent=True)
    options = [f"`--{name}`" for name in ("on", "at") if context is not None and name in context.params]
    return f" ({', '.join(options)})" if options else ""


def _answer(document: dict[str, object]) -> None:
    """Prints a document if the output of the command is JSON; in one line with `--lines`."""
    context = click.get_current_context(silent=True)
    options = {} if context is None else context.params
    if options.get("output") == "json" or options.get("schema"):
        print_json(document, indent=None if options.get("lines") else 2)
