"""`forbear diff --on-cases`: how many cases of a portfolio change from which verdict to which, and which cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from forbear.analysis.comparison.difference import days_json, other_days
from forbear.analysis.comparison.pair import ChangeEffect, effect_of
from forbear.cli.cases.lines import CaseOptions, check_keys, check_names, line_case, shown_line
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.printing import print_json, print_line, print_table, print_text
from forbear.cli.support.reading import lines_of, must_exist
from forbear.cli.support.writing import whole_file
from forbear.deciding.deciders.decider import decider
from forbear.kernel.cases import CaseError, Verdict
from forbear.language.model.names import counted, verdict_word
from forbear.library.policy import Policy
from forbear.report.comparison import days_remark
from forbear.semantics.composition.union import with_private_of

if TYPE_CHECKING:
    from forbear.portfolio.applier import Applier
    from forbear.portfolio.asked import Request
    from forbear.portfolio.io.files import Write
    from forbear.portfolio.lines import CaseLine
    from forbear.portfolio.portfolio import Changed


class _Found:
    """The counts of rows, changes, and rows that neither policy can decide."""

    def __init__(self, batches: Iterable[Changed], write: Write) -> None:
        """Counts and writes what changes. Raises `Unreadable` and `CaseError`."""
        self.rows = self.undecided = 0
        self.changes: Counter[tuple[str, str, str]] = Counter()
        self.first: tuple[int, str] | None = None
        lacking = []
        for batch in batches:
            self.rows += batch.rows
            self.changes.update(batch.changes)
            self.undecided += len(batch.undecided)
            self.first = self.first or next(iter(batch.undecided.items()), None)
            lacking.append(batch.lacking)
            write(batch.frame)
        check_keys(lacking)


def compare_on_cases(
    old: Policy,
    new: Policy,
    cases: str,
    target: str | None,
    inputs: Iterable[Path],
    options: CaseOptions,
    max_rejects: int,
    output: str,
) -> bool:
    """Prints the changes, and writes the cases that change to `target`, which must not be one of the `inputs`.

    Returns true if no verdict changes, and at most `max_rejects` rows can be decided by neither policy. Any error ends
    the command with 2.
    """
    with needing("`--on-cases`", "apply", code=2):
        from forbear.portfolio.io import files
    for path in (cases, *([target] if target else ())):
        if files.ending(path) not in (*files.COLUMNAR, *files.LINES):
            wrong_use(f"{path!r} is an unsupported file type: use .parquet, .csv or .jsonl")
    try:
        changes = _changed(old, new, cases, options)
        if target is None:
            totals = _Found(changes, lambda frame: None)
        else:
            read = [*inputs, *old.files, *new.files, Path(cases)]
            with whole_file(target, read) as file, files.writing(files.ending(target), file) as write:
                totals = _Found(changes, write)
    except files.Unreadable as error:
        fail(f"{cases!r} cannot be read: {error}", code=2)
    except CaseError as error:
        fail(str(error), code=2)
    places = {action: place for place, action in enumerate(dict.fromkeys((*old.typed.actions, *new.typed.actions)))}
    ordered = sorted(totals.changes.items(), key=lambda item: (_rank(item[0]), places[item[0][0]], -item[1], item[0]))
    equivalent = not ordered and totals.undecided <= max_rejects
    days = other_days(old.typed, new.typed)
    if output == "json":
        names = ("action", "before", "after")
        counts = [dict(zip(names, change, strict=True), rows=number) for change, number in ordered]
        record: dict[str, object] = {"equivalent": equivalent, "rows": totals.rows, "undecided": totals.undecided}
        if totals.first is not None:
            record["first_undecided"] = dict(zip(("row", "reason"), totals.first, strict=True))
        print_json({**record, "changes": counts, "in_force": days_json(days)})
    else:
        if days is not None:
            subject, text = days_remark(days)
            print_line(((f"{subject}: ", "place"), (text, "plain")))
        if ordered:
            rows = [[*map(verdict_word, change), f"{number:,}"] for change, number in ordered]
            print_table(["action", "before", "after", "rows"], rows)
        actions, of = counted(len({change[0] for change, _ in ordered}), "action"), counted(totals.rows, "case")
        if not totals.rows or totals.undecided < totals.rows:
            print_text(f"{actions} changed, in {of}")
        if totals.first is not None:
            row, reason = totals.first
            share = "all " if totals.undecided == totals.rows else ""
            print_text(f"{share}{totals.undecided:,} undecided under both, the first in row {row:,}: {reason}")
    return equivalent


def _rank(change: tuple[str, str, str]) -> int:
    """How dangerous a change is: the least number is the worst. A companion that changes is a requirement, and last is
    a case that a policy cannot decide."""
    before, after = [verdict.partition(" ")[0] for verdict in change[1:]]
    if "undecided" in (before, after):
        return len(ChangeEffect)
    return ChangeEffect.NO_LONGER_REQUIRED.rank if before == after else effect_of(Verdict(before), Verdict(after)).rank


def _changed(old: Policy, new: Policy, cases: str, options: CaseOptions) -> Iterable[Changed]:
    from forbear.portfolio.io.files import LINES, ending, open_cases
    from forbear.portfolio.portfolio import changed, changed_lines

    path = must_exist(cases)
    if path is None:
        wrong_use(f"{cases!r} is not a file of cases")
    before, after = _applier(old, new), _applier(new, old)
    if ending(path) in LINES:
        for applier in (before, after):
            check_names(applier.tables.facts, options)
        requests = before.request_for_lines((), why=False), after.request_for_lines((), why=False)

        def line_of(applier: Applier, line: bytes) -> CaseLine:
            return line_case(applier.tables.facts, applier.decide, line, options)

        def shown(line: bytes) -> bytes:
            for policy, counterpart in ((old, new), (new, old)):
                line = shown_line(with_private_of(policy.typed, counterpart.typed), line, options)
            return line

        lines = ((shown(line), line_of(before, line), line_of(after, line)) for line in lines_of(cases))
        return changed_lines(before, after, lines, requests, options.key)
    opened = open_cases(path)

    def request(applier: Applier) -> Request:
        return applier.request(opened.columns, **options.arguments())

    return changed(before, after, opened, (request(before), request(after)), options.key)


def _applier(policy: Policy, counterpart: Policy) -> Applier:
    """Decides by a policy, whatever its `in force`. What is private in the other policy is private in it too."""
    from forbear.portfolio.applier import Applier

    typed = with_private_of(evolve(policy.typed, since=None, until=None), counterpart.typed)
    return Applier(typed, decider(typed).decide)
