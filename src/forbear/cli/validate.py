"""`forbear validate`: the one gate that the CI of a rule repository needs."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import click
from attrs import evolve, frozen

from forbear.book import version_problems
from forbear.cli.support.options import day_option, format_option, settings_option
from forbear.cli.support.printing import print_json, print_line, print_text
from forbear.cli.support.reading import check_paths, distinct_files, input_files, read_each_once
from forbear.cli.validating.outcome import Outcome, Task, Version, outcome
from forbear.diagnostic import Code, Diagnostic, Severity, in_file_order
from forbear.model.policy import TypedPolicy
from forbear.report.formats.json import report_json


@frozen
class Report:
    """The diagnostics of some rule files.

    `totals` are the exact numbers by code; `diagnostics` may be cut by a limit. `by_policy` has each policy that could
    be analysed, with its findings, and `read` all files that were read, where these were asked for.
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
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Validate files in at most N processes at once; one for each core, if not given and there are many files.",
)
@click.option(
    "--no-cache",
    "remember",
    flag_value=False,
    default=True,
    help="Look at each file anew, and keep nothing of several files for the next time.",
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
    jobs: int | None,
    remember: bool,
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
    report = validate(
        files,
        settings,
        None if whole else limit,
        on or datetime.date.today(),
        effort,
        whole_policies=examples is not None,
        jobs=jobs,
        remember=remember,
    )
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
    files: list[str],
    settings: Mapping[str, object],
    limit: int | None,
    today: datetime.date,
    effort: int = 1,
    *,
    whole_policies: bool = False,
    jobs: int | None = None,
    remember: bool = True,
) -> Report:
    """Checks files, and the books that they make. At most `limit` findings of one code are reported.

    With `whole_policies`, the report has the policies themselves. These are analysed in this process, and nothing that
    is remembered takes their place; so are files with `settings`, of which one may be meant for another file.
    """
    tasks = [Task(file, limit, today, effort) for file in files]
    policies: list[tuple[TypedPolicy, Outcome]] = []
    read: list[Path] = []
    made: Iterable[Outcome]
    if whole_policies or settings or (len(files) == 1 and jobs is None):
        made = _one_by_one(tasks, settings, policies, read)
    else:
        from forbear.cli.validating.jobs import outcomes
        from forbear.cli.validating.remembered import memory

        made = outcomes(tasks, memory() if remember else None, jobs)
    found: list[Diagnostic] = []
    totals: Counter[Code] = Counter()
    books: dict[tuple[Path, str], list[Version]] = {}
    known: set[Diagnostic] = set()
    for file, its in zip(files, made, strict=True):
        for diagnostic in its.checked:
            whichever = evolve(diagnostic, accepted=None)
            if whichever not in known:  # a file that several use is checked for each, but reported once
                found.append(diagnostic)
                totals[diagnostic.code] += diagnostic.accepted is None
            known.add(whichever)
        found += its.found
        totals.update(its.totals)
        if its.version is not None and file != "-":
            books.setdefault((Path(file).parent, its.version.name), []).append(its.version)
    for versions in books.values():
        problems = version_problems(versions)
        found += problems
        totals.update(problem.code for problem in problems)
    by_policy = tuple([(policy, (*its.checked, *its.found)) for policy, its in policies])
    return Report(in_file_order(_limited(found, limit)), +totals, len(files), by_policy, tuple(read))


def _one_by_one(
    tasks: Sequence[Task],
    settings: Mapping[str, object],
    policies: list[tuple[TypedPolicy, Outcome]],
    read: list[Path],
) -> Iterator[Outcome]:
    """The outcome for each file. The policies, and the files that were read, are added to the lists."""
    for task, (_, checked) in zip(tasks, check_paths([task.path for task in tasks], settings), strict=True):
        made = outcome(task, checked)
        read += checked.files
        if checked.policy is not None:
            policies.append((checked.policy, made))
        yield made


def _limited(diagnostics: Iterable[Diagnostic], limit: int | None) -> Iterable[Diagnostic]:
    """The first `limit` diagnostics of each code that are not accepted, and all that are accepted."""
    seen: Counter[Code] = Counter()
    for diagnostic in diagnostics:
        if diagnostic.accepted is None:
            seen[diagnostic.code] += 1
        if diagnostic.accepted is not None or limit is None or seen[diagnostic.code] <= limit:
            yield diagnostic
