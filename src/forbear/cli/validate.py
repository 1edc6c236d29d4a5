"""`forbear validate`: the one gate that the CI of a rule repository needs."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

import click
from attrs import frozen

from forbear.analysis.run import findings
from forbear.book import version_problems
from forbear.cli.support.options import day_option, format_option, settings_option
from forbear.cli.support.printing import print_json, print_line, print_text
from forbear.cli.support.reading import check_paths, distinct_files, input_files, read_each_once
from forbear.diagnostic import Code, Diagnostic, Severity, in_file_order
from forbear.model.policy import TypedPolicy
from forbear.report.formats.json import report_json


@frozen
class Report:
    """The diagnostics of some rule files.

    `totals` are the exact numbers by code; `diagnostics` may be cut by a limit. `by_policy` has the findings of each
    policy that could be analysed. `read` are all files that were read.
    """

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[Code, int]
    files: int
    by_policy: tuple[tuple[TypedPolicy, tuple[Diagnostic, ...]], ...]
    read: tuple[Path, ...]


@click.command("validate")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@day_option
@settings_option
@format_option("sarif", "github")
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="N",
    help="Report at most N findings of one code.",
)
@click.option("--all", "whole", is_flag=True, help="Report every finding, each at full length.")
@click.option(
    "--effort",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    metavar="N",
    help="Look N times as far, in up to N times the time, before something is `undecided`.",
)
@click.option("--notes", is_flag=True, help="Print notes and accepted findings too, not only how many there are.")
@click.option(
    "--write-examples", "examples", metavar="FILE", help="Write the witnesses as examples, for you to decide on."
)
def command(
    paths: tuple[str, ...],
    on: datetime.date | None,
    settings: Mapping[str, object],
    output: str,
    strict: bool,
    limit: int,
    whole: bool,
    effort: int,
    notes: bool,
    examples: str | None,
) -> None:
    """Check rule files: syntax, names, types, examples, ensures, and everything that the analyser finds.

    A folder means every rule file in it, and the versions of a policy that it holds. Without a PATH it is the current
    folder.

    \b
    Exit code 0: no error, 1: errors, 2: wrong use.
    Example: forbear validate rules --strict
    """
    paths = paths or (".",)
    read_each_once(*dict.fromkeys(paths))
    files = distinct_files(paths)
    report = validate(files, settings, None if whole else limit, on or datetime.date.today(), effort)
    if examples is not None:
        from forbear.cli.support.writing import write_with_report
        from forbear.report.examples import witness_examples

        write_with_report(examples, witness_examples(report.by_policy), input_files(files, report.read))
    if output == "json":
        print_json(report_json(report.diagnostics, report.totals))
    elif output == "sarif":
        from forbear.report.formats.sarif import sarif

        print_json(sarif(report.diagnostics, report.totals))
    elif output == "github":
        from forbear.report.formats.github import workflow_lines

        for line in workflow_lines(report.diagnostics, report.totals):
            print_text(line)
    else:
        from forbear.report.summary import report_lines

        for line_of_report in report_lines(report.diagnostics, report.totals, report.files, notes=notes, whole=whole):
            print_line(line_of_report)
    worst = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    sys.exit(1 if any(code.severity in worst for code in report.totals) else 0)


def validate(
    files: list[str], settings: Mapping[str, object], limit: int | None, today: datetime.date, effort: int = 1
) -> Report:
    """Checks files, and the books that they make. At most `limit` findings of one code are reported."""
    found: list[Diagnostic] = []
    totals: Counter[Code] = Counter()
    books: dict[tuple[Path, str], list[TypedPolicy]] = {}
    by_policy: list[tuple[TypedPolicy, tuple[Diagnostic, ...]]] = []
    known: set[Diagnostic] = set()
    read: list[Path] = []
    for file, checked in check_paths(files, settings):
        read += checked.files
        new = [diagnostic for diagnostic in checked.diagnostics if diagnostic not in known]
        known.update(new)  # a file that several use is checked for each, but reported once
        if checked.policy is None:
            found += new
            totals.update(diagnostic.code for diagnostic in new)
            continue
        result = findings(checked.policy, new, limit=limit, today=today, effort=effort)
        found += result.diagnostics
        totals.update(result.totals)
        by_policy.append((checked.policy, result.diagnostics))
        if checked.policy.headed and file != "-":
            books.setdefault((Path(file).parent, checked.policy.name), []).append(checked.policy)
    for versions in books.values():
        problems = version_problems(versions)
        found += problems
        totals.update(problem.code for problem in problems)
    return Report(in_file_order(_limited(found, limit)), totals, len(files), tuple(by_policy), tuple(read))


def _limited(diagnostics: Iterable[Diagnostic], limit: int | None) -> Iterable[Diagnostic]:
    """The first `limit` diagnostics of each code that are not accepted, and all that are accepted."""
    seen: Counter[Code] = Counter()
    for diagnostic in diagnostics:
        if diagnostic.accepted is None:
            seen[diagnostic.code] += 1
        if diagnostic.accepted is not None or limit is None or seen[diagnostic.code] <= limit:
            yield diagnostic
