"""`forbear diff --on-cases`: how many cases of a portfolio go from which verdict to which, and which these are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import evolve

from forbear.cli.case_lines import Wanted, check_names, line_case, read_lines
from forbear.cli.failing import fail, wrong_use
from forbear.cli.printing import print_json, print_table
from forbear.cli.reading import input_files, must_exist
from forbear.cli.writing import whole_file
from forbear.kernel import CaseError
from forbear.library import Policy
from forbear.report.text import counted
from forbear.runtime.decider import Decider

if TYPE_CHECKING:
    from forbear.columns.applier import Applier, Question
    from forbear.columns.portfolio import Changed, Line


def compare_on_cases(old: Policy, new: Policy, cases: str, target: str | None, wanted: Wanted, output: str) -> bool:
    """Prints what changes, writes the cases where something does, and says whether nothing does. Whatever is wrong
    ends the command with 2."""
    try:
        from forbear.columns import files
    except ModuleNotFoundError as error:
        fail(f"`--on-cases` needs the extra `apply` of forbear: there is no {error.name}", code=2)
    for path in (cases, *([target] if target else ())):
        if Path(path).suffix not in (*files.COLUMNAR, *files.LINES):
            wrong_use(f"{path!r} is of no kind that is known: name it .parquet, .csv or .jsonl")
    rows, changes = 0, Counter[tuple[str, str, str]]()
    try:
        found = _changed(old, new, cases, wanted)
        if target is None:
            for one in found:
                rows, changes = rows + one.rows, changes + one.changes
        else:
            inputs = input_files([cases], [*old.files, *new.files, Path(cases)])
            with whole_file(target, inputs) as file, files.writing(Path(target).suffix, file) as write:
                for one in found:
                    rows, changes = rows + one.rows, changes + one.changes
                    write(one.frame)
    except files.Unreadable as error:
        fail(f"{cases!r} cannot be read: {error}", code=2)
    except CaseError as error:
        fail(str(error), code=2)
    places = {action: place for place, action in enumerate(dict.fromkeys((*old.typed.actions, *new.typed.actions)))}
    ordered = sorted(changes.items(), key=lambda item: (places[item[0][0]], -item[1], item[0]))
    if output == "json":
        told = [dict(zip(("action", "before", "after"), its, strict=True), rows=number) for its, number in ordered]
        print_json({"equivalent": not ordered, "rows": rows, "changes": told})
    else:
        if ordered:
            print_table(["action", "before", "after", "rows"], [[*its, f"{number:,}"] for its, number in ordered])
        print(f"{counted(len({its[0] for its, _ in ordered}), 'action')} changed, in {rows:,} cases")
    return not ordered


def _changed(old: Policy, new: Policy, cases: str, wanted: Wanted) -> Iterable[Changed]:
    from forbear.columns.files import LINES, open_cases
    from forbear.columns.portfolio import changed, changed_lines

    path = must_exist(cases)
    if path is None:
        wrong_use(f"{cases!r} is no file of cases")
    before, after = _applier(old), _applier(new)
    if path.suffix in LINES:
        for applier in (before, after):
            check_names(applier.tables.facts, wanted)
        asked = before.question_of_lines((), why=False), after.question_of_lines((), why=False)

        def line_of(applier: Applier, line: bytes) -> Line:
            return line_case(applier.tables.facts, applier.decide, line, wanted)

        lines = ((line, line_of(before, line), line_of(after, line)) for line in read_lines(cases))
        return changed_lines(before, after, lines, asked)
    opened = open_cases(path)

    def question(applier: Applier) -> Question:
        return applier.question(opened.columns, wanted.on, wanted.at, names=wanted.names, none=wanted.none)

    return changed(before, after, opened, (question(before), question(after)))


def _applier(policy: Policy) -> Applier:
    """What decides for a policy, its own `in force` left aside."""
    from forbear.columns.applier import Applier

    typed = evolve(policy.typed, since=None, until=None)
    return Applier(typed, Decider(typed).decide)
