"""`forbear validate`: the one gate that the CI of a rule repository needs."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path

import click

from forbear.analysis.causes import totals_by_cause
from forbear.analysis.severities import all_codes
from forbear.base.diagnostic import Diagnostic, Fix, Severity
from forbear.base.source import Source
from forbear.check.files.locations import pack_of
from forbear.cli.support import options
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import argument, declared, flag, option
from forbear.cli.support.printing import print_json, print_line, print_lines, print_table, print_text
from forbear.cli.support.project import is_by_hand, project, severities, unused_settings
from forbear.cli.support.reading import distinct_files, input_files, paths_or, read_each_once
from forbear.cli.support.writing import write_whole
from forbear.cli.validating.report import Report, validate
from forbear.language.formatting.format import with_fixes
from forbear.report.formats.json import report_json


def _json(report: Report) -> None:
    print_json(report_json(report.diagnostics, report.totals))


def _sarif(report: Report) -> None:
    from forbear.report.formats.sarif import sarif

    print_json(sarif(report.diagnostics, report.totals, project().help_uri))


def _github(report: Report) -> None:
    from forbear.report.formats.github import workflow_lines

    for line in workflow_lines(report.diagnostics, report.totals):
        print_text(line)


FORMATS: Mapping[str, Callable[[Report], None]] = {"json": _json, "sarif": _sarif, "github": _github}
"""The printers of findings in each format except text."""


@declared("validate")
def command(
    paths: Sequence[str] = argument("[PATH]...", nargs=-1),
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats(*FORMATS),
    strict: bool = flag("Fail on warnings too, and on rules whose source nobody has read.", "--strict/--no-strict"),
    selected: frozenset[str] = options.select,
    ignored: frozenset[str] = options.ignore,
    limit: int = options.number(100, "Report at most N findings of one code."),
    affected: bool = flag(
        "Also check the files that use these, and the versions beside them, in the paths of the project file, "
        "otherwise in the current folder."
    ),
    fix: bool = flag("Apply the fixes that change no verdict."),
    unsafe_fixes: bool = flag("Like --fix; also write what was probably meant in a file with errors."),
    whole: bool = flag("Report every finding, each at full length.", "--all"),
    full: bool = options.full,
    effort: int = options.effort,
    jobs: int | None = option(
        "Use at most N processes; by default one per core if there are many files.", "N", type=click.IntRange(min=1)
    ),
    remember: bool = flag(
        "Check each file anew, and keep nothing for the next run.", "--no-cache", flag_value=False, default=True
    ),
    notes: bool = flag("Print notes and accepted findings too, not only how many there are.", "--notes/--no-notes"),
    quiet: bool = options.quiet,
    stdin_name: str | None = options.stdin_name,
    examples: str | None = option(
        "Write the cases of findings as examples, for you to decide on.", "FILE", "--write-examples"
    ),
) -> None:
    """Check rule files: syntax, names, types, examples, ensures, and everything that the analyser finds.

    A folder means every rule file in it, except in hidden folders; versions of one policy are compared. Without a PATH:
    the paths of the project file, otherwise the current folder.

    \b
    Exit code 0: no error, 1: errors, 2: wrong use.
    Example: forbear validate rules --strict
             forbear validate rules --fix
    """
    paths = paths_or((".",), paths, stdin_name)
    read_each_once(*dict.fromkeys(paths))
    files = distinct_files(paths)
    if affected:
        files = _with_affected(files)
    if (fix or unsafe_fixes) and any(file == "-" or pack_of(file) is not None for file in files):
        wrong_use("fixes are written into files: standard input and packs cannot be fixed")
    make_report = partial(
        validate,
        files,
        settings,
        None if whole else limit,
        on or datetime.date.today(),
        severities(selected or None, ignored, asked=("not-read",) if strict else ()),
        effort=effort,
        whole_policies=examples is not None,
        stdin_name=stdin_name,
        jobs=jobs,
        remember=remember,
    )
    report = make_report()
    if fix or unsafe_fixes:
        report = _fixed(report, files, make_report, unsafe=unsafe_fixes, quiet=quiet or output != "text")
    if stdin_name is None and not is_by_hand("paths"):
        report = report.with_more(unused_settings(report.settings))
    if examples is not None:
        from forbear.cli.support.writing import write_with_report
        from forbear.report.examples import witness_examples

        write_with_report(examples, witness_examples(report.by_policy), input_files(files, report.read))
    if output in FORMATS:
        FORMATS[output](report)
    else:
        notes = notes or any(_is_note(code) for code in selected)
        _print(report, notes=notes, whole=whole, full=full, quiet=quiet)
    worst = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    sys.exit(1 if any(code.severity in worst for code in report.totals) else 0)


_ROUNDS = 20
"""The most times that files are fixed and validated again: a fix may reveal an error that the next one mends."""


def _fixed(
    report: Report, files: Sequence[str], make_report: Callable[[], Report], *, unsafe: bool, quiet: bool
) -> Report:
    """Writes fixes until there is none left, and returns the report of the rest."""
    written = 0
    for _ in range(_ROUNDS):
        number = _write_fixes(report.diagnostics, frozenset(files), unsafe=unsafe)
        if not number:
            break
        written += number
        report = make_report()
    if written and not quiet:
        print_text(f"{written} {'fix' if written == 1 else 'fixes'} written")
    return report


def _with_affected(files: Sequence[str]) -> list[str]:
    """Returns some files, and the files that depend on them in the project, or else in the current folder."""
    from forbear.check.files.users import affected_by

    on_disk = [file for file in files if file != "-" and pack_of(file) is None]
    candidates = distinct_files(project().paths or (".",))
    affected = affected_by([Path(file) for file in on_disk], [Path(file) for file in candidates])
    return distinct_files([*files, *map(str, affected)])


def _is_note(code: str) -> bool:
    return all_codes()[code].severity is Severity.NOTE


def _print(report: Report, *, notes: bool, whole: bool, full: bool, quiet: bool) -> None:
    """The findings, then a table of the files if there are several, and the numbers of all."""
    from forbear.report.summary import file_rows, report_lines, summary_line

    lines = [*report_lines(report.diagnostics, report.totals, notes=notes, whole=whole, full=full, quiet=quiet)]
    print_lines(lines)
    if quiet:
        return
    by_file = {
        file: totals_by_cause(
            totals, [diagnostic for diagnostic in report.diagnostics if diagnostic.place.source.name == file]
        )
        for file, totals in report.by_file.items()
    }
    head, rows = file_rows(by_file, notes=notes)
    if report.files > 1 and rows:
        if lines and lines[-1]:
            print_text()
        print_table(head, rows)
        print_text()
    print_line(summary_line(totals_by_cause(report.totals, report.diagnostics), report.files))


def _write_fixes(diagnostics: Iterable[Diagnostic], files: Collection[str], *, unsafe: bool) -> int:
    """Writes the fixes of some files, only safe ones unless `unsafe`; gives how many were written.

    Fixes that meet each other are left for the next time. A file is replaced whole, or stays as it was.
    """
    by_file: dict[str, tuple[Source, list[Fix]]] = {}
    for diagnostic in diagnostics:
        source = diagnostic.place.source
        if diagnostic.fix is not None and (diagnostic.fix.safe or unsafe) and source.name in files:
            by_file.setdefault(source.name, (source, []))[1].append(diagnostic.fix)
    written = 0
    for file, (source, fixes) in by_file.items():
        text, number = with_fixes(source, fixes)
        write_whole(file, text)
        written += number
    return written
