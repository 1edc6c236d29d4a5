"""The report of `forbear validate` about some files: about each file, and about the books that they make."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attrs import evolve, frozen

from forbear.analysis.causes import by_cause
from forbear.analysis.severities import Severities
from forbear.base.diagnostic import Code, Diagnostic, in_file_order
from forbear.check.files.gather import Checked
from forbear.cli.support.project import project
from forbear.cli.support.reading import check_paths
from forbear.cli.validating.outcome import Outcome, Task, Version, outcome
from forbear.language.model.policy import TypedPolicy
from forbear.library.book import version_problems
from forbear.report.formats.json import left_out


@frozen
class Report:
    """The diagnostics of some rule files.

    `totals` are the exact numbers by code, and `by_file` those of each file, where each finding counts, whatever its
    cause; `diagnostics` may be cut by a limit. `by_policy` has each policy that could be analysed, with its findings,
    and `read` all files that were read, if these were requested; `settings` are those that some file has, if values for
    settings were given.
    """

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[Code, int]
    files: int
    by_policy: tuple[tuple[TypedPolicy, tuple[Diagnostic, ...]], ...]
    read: tuple[Path, ...]
    settings: frozenset[str]
    by_file: Mapping[str, Mapping[Code, int]]

    def with_more(self, errors: Sequence[Diagnostic]) -> Report:
        """Returns the report with errors of the project file, which come first."""
        totals = Counter(self.totals) + Counter(error.code for error in errors)
        return evolve(self, diagnostics=(*errors, *self.diagnostics), totals=totals)


def validate(
    files: Sequence[str],
    settings: Mapping[str, object],
    limit: int | None,
    today: datetime.date,
    severities: Severities,
    *,
    effort: int,
    whole_policies: bool,
    stdin_name: str | None,
    jobs: int | None,
    remember: bool,
) -> Report:
    """Checks files, and the books that they make. At most `limit` findings of one code are reported.

    With `whole_policies`, the report has the policies themselves. They are analysed in this process, and never taken
    from memory. The same holds for files with `settings`, or those of a project, because a setting may be meant for
    another file; and for all files if standard input is among them, and represents the file `stdin_name`.

    Searches and memory do not depend on the `severities`: they are applied to the outcomes.
    """
    tasks = [Task(file, limit, today, effort, severities.asked) for file in files]
    local: list[tuple[Checked, Outcome]] = []
    of_one_file = len(files) == 1 and jobs is None
    if whole_policies or settings or project().settings or stdin_name is not None or of_one_file:
        checks = zip(tasks, check_paths(files, settings, stdin_name), strict=True)
        local = [(checked, outcome(task, checked)) for task, (_, checked) in checks]
        outcomes_made: Iterable[Outcome] = [result for _, result in local]
    else:
        from forbear.cli.validating.remembered import memory, outcomes

        outcomes_made = outcomes(tasks, memory() if remember else None, jobs)
    found = _Found(severities)
    for file, result in zip(files, outcomes_made, strict=True):
        found.add_file(file, result)
    found.add_books()
    return Report(
        in_file_order(_limited(found.diagnostics, limit)),
        sum(found.by_file.values(), Counter[Code]()),
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
        found.by_file,
    )


class _Found:
    """The report of the files, as it grows: the diagnostics, and the numbers of each file."""

    def __init__(self, severities: Severities) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.by_file: dict[str, Counter[Code]] = {}
        self._severities = severities
        self._known: set[Diagnostic] = set()
        self._books: dict[tuple[Path, str], list[Version]] = {}

    def add_file(self, file: str, result: Outcome) -> None:
        """Adds what is reported of a file, but for what is known of a file that it uses."""
        of_text = []
        for diagnostic in result.checked:
            whichever = evolve(diagnostic, accepted=None, causes=())
            if whichever not in self._known:  # a file that several use is checked for each, but reported once
                of_text.append(diagnostic)
            self._known.add(whichever)
        reported = self._add(result.found, of_text)
        for code, number in left_out(reported, self._severities.totals(result.totals)):
            self._count(file, code, number)
        if result.version is not None and file != "-":
            self._books.setdefault((Path(file).parent, result.version.name), []).append(result.version)

    def add_books(self) -> None:
        """Adds what is wrong between the versions of a book."""
        for versions in self._books.values():
            self._add(version_problems(versions))

    def _add(self, diagnostics: Iterable[Diagnostic], checked: Iterable[Diagnostic] = ()) -> Counter[Code]:
        """Adds diagnostics and those that were `checked`; returns the numbers of the former that no accept covers."""
        of_text, taken = self._severities.diagnostics(checked), self._severities.diagnostics(diagnostics)
        self.diagnostics.extend(by_cause([*of_text, *taken]))
        for diagnostic in (*of_text, *taken):
            if diagnostic.accepted is None:
                self._count(diagnostic.place.source.name, diagnostic.code)
        return Counter(diagnostic.code for diagnostic in taken if diagnostic.accepted is None)

    def _count(self, file: str, code: Code, number: int = 1) -> None:
        self.by_file.setdefault(file, Counter())[code] += number


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
