"""How a command ends where something is wrong: in words on standard error and, where the answer was to be JSON, with
one document in its place on standard output."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable
from typing import NoReturn

import click

from forbear.cli.support.printing import print_diagnostics, print_json, print_text
from forbear.diagnostic import Diagnostic, in_file_order
from forbear.kernel import CaseError
from forbear.report.formats.json import report_json


def fail(message: str, code: int = 1) -> NoReturn:
    """Ends the command for a reason that is said in one sentence."""
    _answer({"error": message})
    print_text(f"error: {message}", err=True)
    sys.exit(code)


def wrong_use(message: str) -> NoReturn:
    """Ends the command with 2: what it was asked for cannot be meant."""
    _answer({"error": message})
    raise click.UsageError(message)


def fail_policy(diagnostics: Iterable[Diagnostic], code: int = 1) -> NoReturn:
    """Ends the command with everything that is wrong with a policy: the document is that of `validate`."""
    found = in_file_order(diagnostics)
    _answer(report_json(found, Counter(diagnostic.code for diagnostic in found)))
    print_diagnostics(found, err=True)
    sys.exit(code)


def fail_case(error: CaseError) -> NoReturn:
    """Ends the command with everything that is wrong with a case."""
    _answer(case_error(error))
    for fault in error.faults:
        print_text(f"error: {fault.message}", err=True)
    sys.exit(1)


def case_error(error: CaseError) -> dict[str, object]:
    """The document of what is wrong with a case."""
    return {
        "error": str(error),
        "faults": [{"fact": fault.fact, "message": fault.message} for fault in error.faults],
    }


def _answer(document: dict[str, object]) -> None:
    """Prints a document if the command was asked for one, in one line if it was asked for lines."""
    context = click.get_current_context(silent=True)
    options = {} if context is None else context.params
    if options.get("output") == "json" or options.get("schema"):
        print_json(document, indent=None if options.get("lines") else 2)
