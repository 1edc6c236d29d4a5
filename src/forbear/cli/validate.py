"""`forbear validate`: the one gate that the CI of a rule repository needs."""

from __future__ import annotations

import datetime
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

import click
from attrs import evolve, frozen

from forbear.analysis.causes import by_cause, totals_by_cause
from forbear.analysis.severities import Severities, all_codes
from forbear.check.files.loading import Checked
from forbear.check.files.naming import pack_of
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import (
    day_option,
    effort_option,
    format_option,
    full_option,
    quiet_option,
    settings_option,
    stdin_filename_option,
)
from forbear.cli.support.printing import print_json, print_line, print_table, print_text
from forbear.cli.support.project import (
    code_options,
    help_uri,
    is_by_hand,
    project_options,
    project_paths,
    project_settings,
    severities,
    unused_settings,
)
from forbear.cli.support.reading import check_paths, distinct_files, input_files, paths_or, read_each_once
from forbear.cli.validating.outcome import Outcome, Task, Version, outcome
from forbear.diagnostic import Code, Diagnostic, Severity, in_file_order
from forbear.library.book import version_problems
from forbear.model.policy import TypedPolicy
from forbear.report.formats.json import left_out, report_json
from forbear.report.text import Line


@frozen
class Report:
    """The diagnostics of some rule files.

    `totals` are the exact numbers by code, and `by_file` those of each file, where each finding counts, whatever its
    cause; `diagnostics` may be cut by a limit.
    `by_policy` has each policy that could be analysed, with its findings, and `read` all files that were read, where
    these were asked for; `settings` are those that some file has, where values for settings were given.
    """

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[Code, int]
    files: int
    by_policy: tuple[tuple[TypedPolicy, tuple[Diagnostic, ...]], ...]
    read: tuple[Path, ...]
    settings: frozenset[str]
    by_file: Mapping[str, Mapping[Code, int]]

    def with_more(self, errors: Sequence[Diagnostic]) -> Report:
        """With errors of the project file, which come first."""
        totals = Counter(self.totals) + Counter(error.code for error in errors)
        return evolve(self, diagnostics=(*errors, *self.diagnostics), totals=totals)


@click.command("validate")
@click.argument("paths", metavar="[PATH]...", nargs=-1)
@day_option
@settings_option
@format_option("sarif", "github")
@click.option("--strict/--no-strict", help="Let warnings fail too.")
@code_options
@click.option(
    "--limit",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    metavar="N",
    help="Report at most N findings of one code.",
)
@click.option(
    "--affected",
    is_flag=True,
    help="Check also what these files take part in: their users, and the versions beside them. They are looked for in "
    "the paths of the project file, or else in the current folder.",
)
@click.option("--fix", is_flag=True, help="Write the fixes that change no verdict into the files.")
@click.option("--unsafe-fixes", is_flag=True, help="As --fix, and what was probably meant where a file has errors.")
@click.option("--all", "whole", is_flag=True, help="Report every finding, each at full length.")
@full_option
@effort_option
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
@click.option("--notes/--no-notes", help="Print notes and accepted findings too, not only how many there are.")
@quiet_option
@stdin_filename_option
@click.option(
    "--write-examples", "examples", metavar="FILE", help="Write the witnesses as examples, for you to decide on."
)
@project_options
def command(
    paths: Sequence[str],
    on: datetime.date | None,
    settings: Mapping[str, object],
    output: str,
    strict: bool,
    selected: frozenset[str],
    ignored: frozenset[str],
    limit: int,
    affected: bool,
    fix: bool,
    unsafe_fixes: bool,
    whole: bool,
    full: bool,
    effort: int,
    jobs: int | None,
    remember: bool,
    notes: bool,
    quiet: bool,
    stdin_name: str | None,
    examples: str | None,
) -> None:
    """Check rule files: syntax, names, types, examples, ensures, and everything that the analyser finds.

    A folder means every rule file in it, and the versions of a policy that it holds. Without a PATH they are those of
    the project file, or else the current folder.

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
        wrong_use("fixes are written into files, and standard input and packs are none")
    make_report = partial(
        validate,
        files,
        settings,
        None if whole else limit,
        on or datetime.date.today(),
        severities(selected or None, ignored),
        effort,
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
    if output == "json":
        print_json(report_json(report.diagnostics, report.totals))
    elif output == "sarif":
        from forbear.report.formats.sarif import sarif

        print_json(sarif(report.diagnostics, report.totals, help_uri()))
    elif output == "github":
        from forbear.report.formats.github import workflow_lines

        for line in workflow_lines(report.diagnostics, report.totals):
            print_text(line)
    else:
        notes = notes or any(_is_note(code) for code in selected)
        _print(report, notes=notes, whole=whole, full=full, quiet=quiet)
    worst = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    sys.exit(1 if any(code.severity in worst for code in report.totals) else 0)


_ROUNDS = 20
"""How often files are fixed and validated again at most: a fix may lay bare what the next one mends."""


def _fixed(
    report: Report, files: Sequence[str], make_report: Callable[[], Report], *, unsafe: bool, quiet: bool
) -> Report:
    """Writes fixes until there is none left, and gives the report of what remains."""
    from forbear.cli.support.fixing import write_fixes

    written = 0
    for _ in range(_ROUNDS):
        number = write_fixes(report.diagnostics, frozenset(files), unsafe=unsafe)
        if not number:
            break
        written += number
        report = make_report()
    if written and not quiet:
        print_text(f"{written} {'fix' if written == 1 else 'fixes'} written")
    return report


def _with_affected(files: Sequence[str]) -> list[str]:
    """Some files, and those of the project, or else of the current folder, that they take part in."""
    from forbear.check.files.users import affected_by

    on_disk = [file for file in files if file != "-" and pack_of(file) is None]
    candidates = distinct_files(project_paths() or (".",))
    affected = affected_by([Path(file) for file in on_disk], [Path(file) for file in candidates])
    return distinct_files([*files, *map(str, affected)])


def _is_note(code: str) -> bool:
    return all_codes()[code].severity is Severity.NOTE


def _print(report: Report, *, notes: bool, whole: bool, full: bool, quiet: bool) -> None:
    """The findings, then a table of the files if there are several, and the numbers of all."""
    from forbear.report.summary import file_rows, report_lines, summary_line

    line: Line = ()
    for line in report_lines(report.diagnostics, report.totals, notes=notes, whole=whole, full=full, quiet=quiet):
        print_line(line)
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
        if line:
            print_text()
        print_table(head, rows)
        print_text()
    print_line(summary_line(totals_by_cause(report.totals, report.diagnostics), report.files))


def validate(
    files: Sequence[str],
    settings: Mapping[str, object],
    limit: int | None,
    today: datetime.date,
    severities: Severities,
    effort: int = 1,
    *,
    whole_policies: bool = False,
    stdin_name: str | None = None,
    jobs: int | None = None,
    remember: bool = True,
) -> Report:
    """Checks files, and the books that they make. At most `limit` findings of one code are reported.

    With `whole_policies`, the report has the policies themselves. These are analysed in this process, and nothing that
    is remembered takes their place. So are files with `settings`, or those of a project, of which one may be meant for
    another file; and all files where standard input is among them, and stands for the file `stdin_name`.

    What is searched for, and remembered, is the same whatever the `severities` are: they are applied to the outcomes.
    """
    tasks = [Task(file, limit, today, effort, severities.asked) for file in files]
    local: list[tuple[Checked, Outcome]] = []
    outcomes_made: Iterable[Outcome]
    of_one_file = len(files) == 1 and jobs is None
    if whole_policies or settings or project_settings() or stdin_name is not None or of_one_file:
        outcomes_made = _one_by_one(tasks, settings, stdin_name, local)
    else:
        from forbear.cli.validating.jobs import outcomes
        from forbear.cli.validating.remembered import memory

        outcomes_made = outcomes(tasks, memory() if remember else None, jobs)
    reported_all: list[Diagnostic] = []
    by_file: dict[str, Counter[Code]] = {}
    books: dict[tuple[Path, str], list[Version]] = {}
    known: set[Diagnostic] = set()

    def add(diagnostics: Iterable[Diagnostic], checked: Iterable[Diagnostic] = ()) -> Counter[Code]:
        """Adds what is reported of some diagnostics and those that were `checked`; gives the numbers of the former that
        no accept covers."""
        of_text, taken = severities.diagnostics(checked), severities.diagnostics(diagnostics)
        reported_all.extend(by_cause([*of_text, *taken]))
        for diagnostic in (*of_text, *taken):
            if diagnostic.accepted is None:
                by_file.setdefault(diagnostic.place.source.name, Counter())[diagnostic.code] += 1
        return Counter(diagnostic.code for diagnostic in taken if diagnostic.accepted is None)

    for file, result in zip(files, outcomes_made, strict=True):
        of_text = []
        for diagnostic in result.checked:
            whichever = evolve(diagnostic, accepted=None, causes=())
            if whichever not in known:  # a file that several use is checked for each, but reported once
                of_text.append(diagnostic)
            known.add(whichever)
        reported = add(result.found, of_text)
        for code, number in left_out(reported, severities.totals(result.totals)):
            by_file.setdefault(file, Counter())[code] += number
        if result.version is not None and file != "-":
            books.setdefault((Path(file).parent, result.version.name), []).append(result.version)
    for versions in books.values():
        add(version_problems(versions))
    return Report(
        in_file_order(_limited(reported_all, limit)),
        sum(by_file.values(), Counter[Code]()),
        len(files),
        tuple(
            [
                (checked.policy, severities.diagnostics((*result.checked, *result.found)))
                for checked, result in local
                if checked.policy is not None
            ]
        ),
        tuple([path for checked, _ in local for path in checked.files]),
        frozenset[str]().union(*[checked.settings for checked, _ in local if not _is_standard(checked)]),
        by_file,
    )


def _one_by_one(
    tasks: Sequence[Task],
    settings: Mapping[str, object],
    stdin_name: str | None,
    local: list[tuple[Checked, Outcome]],
) -> Iterator[Outcome]:
    """The outcome for each file, made in this process. It is added to the list `local`, with what was checked."""
    paths = [task.path for task in tasks]
    for task, (_, checked) in zip(tasks, check_paths(paths, settings, stdin_name), strict=True):
        result = outcome(task, checked)
        local.append((checked, result))
        yield result


def _is_standard(checked: Checked) -> bool:
    return checked.policy is not None and checked.policy.standard


def _limited(diagnostics: Iterable[Diagnostic], limit: int | None) -> Iterable[Diagnostic]:
    """The first `limit` diagnostics of each code that are not accepted, and all that are accepted."""
    counts: Counter[Code] = Counter()
    for diagnostic in diagnostics:
        if diagnostic.accepted is None:
            counts[diagnostic.code] += 1
        if diagnostic.accepted is not None or limit is None or counts[diagnostic.code] <= limit:
            yield diagnostic
