"""`forbear plan`: the workload that a policy causes on the days ahead."""

from __future__ import annotations

import datetime
import hashlib
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attrs import evolve

from forbear.analysis.comparison.coming import BROKEN, findings_between
from forbear.analysis.comparison.telling.promises import change_of, promises_between, weakens
from forbear.cli.support import options
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import Asked, argument, declared, option
from forbear.cli.support.printing import print_json, print_table, print_text, print_wrapped
from forbear.cli.support.progress import progress
from forbear.cli.support.project import severities, with_project_columns
from forbear.cli.support.reading import facts_ahead, files_ahead, input_files, must_exist, read_looking_ahead
from forbear.cli.support.writing import keep_apart, write_with_report
from forbear.kernel.faults import NO_ERRORS, Tally
from forbear.language.model.names import listed
from forbear.report.difference import lines_of
from forbear.report.formats.json import dumps
from forbear.report.planned import Counted, Plan, Promise, actions_of, as_csv, as_json, beginnings, rows_of
from forbear.report.portfolio import reason_lines
from forbear.semantics.to_text import digest, period_text

if TYPE_CHECKING:
    from forbear.library.policy import Policy
    from forbear.portfolio.io.files import Cases

_TARGETS = (".csv", ".json", ".html", ".svg")


@declared("plan")
def command(
    policy: str = options.policy,
    cases: str = argument("CASES"),
    days: int = options.number(90, "How many days ahead.", least=1, most=3650),
    against: str | None = options.against,
    target: str | None = option(
        "Write the table by days (.csv, .json), or a chart (.html, .svg).", "OUT", "-o", "--output"
    ),
    names: Mapping[str, str] = options.names,
    none: tuple[str, ...] = options.none,
    on: datetime.date | None = options.day,
    at: str | None = options.moment,
    settings: Mapping[str, object] = options.settings,
    jobs: int | None = options.jobs,
    output: str = options.formats(),
) -> None:
    """How many accounts become due for which action on which day, if nothing else happens.

    CASES is a file of Parquet or CSV, as `apply` reads it, as it is on day 0. An account is due on the day on which an
    action becomes permitted. Time moves the clock and what else counts days; all other facts stay as they are.
    With --at, what follows from events, dates and the moment moves too, at the same time of each day.
    With a book, each day is decided by the version in force then. OLD's own `in force` is ignored unless it is a book,
    as it may have ended. If POLICY begins during the days ahead, OLD decides until then.

    \b
    Exit code 0: counted, 1: the policy or the cases are in error, no account can be decided, or a promise of
    OLD is broken, gone or changed, 2: wrong use.
    Example: forbear plan house.forbear cases.csv --days 90 -o plan.html
             forbear plan house.forbear cases.csv --against rules/house.forbear
    """
    if target is not None and Path(target).suffix.lower() not in _TARGETS:
        wrong_use(f"{target!r} is an unsupported file type: use {', '.join(_TARGETS[:-1])} or {_TARGETS[-1]}")
    called = [policy] if against is None else [policy, against]
    with needing("`plan`", "apply"):
        from forbear.portfolio.io import files
        from forbear.portfolio.options import lacking
        from forbear.portfolio.planners import PlanRequest, following, planned, planner
        from forbear.portfolio.workers import WorkerEnded, cores
        from forbear.queries.timeline import first_day
    first = first_day(on, at)
    asked = Asked(policy, settings, on, at)
    new = read_looking_ahead(asked, days, early=against is not None)
    loaded: list[Any] = [new]
    put_aside = ""
    if against is not None:
        named = read_looking_ahead(evolve(asked, policy=against), days)
        old = named.undated
        if old.typed is not named.typed:
            put_aside = period_text(named.typed.since, named.typed.until).strip()
        loaded = [following(new, old, on, at, days) or new, old]
    path = must_exist(cases)
    inputs = input_files([*called, cases], [cases, *files_ahead(loaded)])
    if target is not None:
        keep_apart(target, inputs)
    if path is None or files.ending(path) not in files.COLUMNAR:
        wrong_use(f"{cases!r} is read by columns: name a file of Parquet (.parquet) or CSV (.csv)")
    try:
        opened = files.open_cases(path)
        with ExitStack() as stack:
            readings, no_column = [], dict[str, str | None]()
            for version in loaded:
                read = with_project_columns(names, none, facts_ahead(version))
                readings.append((version, *read))
                tables = [each.applier.tables for each in version.versions]
                no_column |= lacking(tables, opened.columns, read[0], by_rows=at is not None)
            counting = planner(readings, opened.columns, PlanRequest(days, on, at, jobs or cores()), stack)
            with progress(cases, total=opened.rows) as advance:
                workload = planned(counting, opened, advance)
            counts, reasons = workload.counts, NO_ERRORS
            if counts[0].undecided[0]:
                reading = {"names": readings[0][1], "none": readings[0][2]}
                reasons = _reasons(loaded[0].versions[0], opened, on, at, jobs or cores(), reading)
    except files.Unreadable as error:
        fail(f"{cases!r} cannot be read: {error}")
    except WorkerEnded as error:
        fail(f"{error}, so nothing was written")
    versions = [beginnings(version.versions, first, days) for version in loaded]
    names_shown = [
        version.name if version.version is None or len(begun) > 1 else f"{version.name} {version.version}"
        for version, begun in zip(loaded, versions, strict=True)
    ]
    if len(set(names_shown)) < len(names_shown):
        here = Path()  # a folder that is called `.` says less than the name in it
        names_shown = [each.name if Path(path) == here else path for path, each in zip(called, loaded, strict=True)]
    moves = counting.moves
    promises = _lost(loaded[1], new) if against is not None else ()
    made_of = [_counted(each) for version in loaded for each in version.versions]
    with path.open("rb") as file:
        digest_of_cases = hashlib.file_digest(file, "sha256").hexdigest()
    made_of.append(Counted(path.name, "", None, f"sha256:{digest_of_cases}"))
    plan = Plan(
        tuple(names_shown),
        first,
        counts[0].rows,
        tuple([tuple(each.undecided.tolist()) for each in counts]),
        tuple(moves.by_day),
        tuple(moves.held),
        tuple(actions_of(counts, workload.alike)),
        tuple(versions),
        put_aside,
        no_column,
        reasons,
        promises,
        tuple(made_of),
    )
    if counts[0].rows and counts[0].undecided[0] == counts[0].rows:
        or_none = [fact.name for version in new.versions for fact in version.typed.facts.values() if fact.or_none]
        plan = evolve(plan, actions=())
        if target is not None and Path(target).suffix.lower() == ".html":
            write_with_report(target, _text(plan, ".html"), inputs)
        if output == "json":
            print_json(as_json(plan))
        for line in (plan.headline or "", *plan.lost, *reason_lines(reasons, or_none)):
            print_text(line, err=True)
        sys.exit(1)
    if target is not None:
        write_with_report(target, _text(plan, Path(target).suffix.lower()), inputs)
    if output == "json":
        print_json(as_json(plan))
    else:
        _print(plan)
    sys.exit(1 if promises else 0)


def _counted(policy: Policy) -> Counted:
    typed = policy.typed
    return Counted(typed.name, typed.title or typed.name, typed.version, digest(typed))


def _lost(old: Policy, new: Policy) -> tuple[Promise, ...]:
    """The promises of a policy that another one breaks, no longer makes, or makes otherwise."""
    coming = findings_between(old.typed, old.warnings, new.typed, new.warnings, severities())
    found = [each for finding in coming.come if finding.code in BROKEN for each in (finding, *finding.also)]
    broken = [Promise("broken", "; case: ".join([finding.message, *finding.in_short[:1]])) for finding in found]
    edits = [(change_of(edit), edit) for edit in promises_between(old.typed, new.typed)]
    lost = [
        Promise(change, f"{edit.kind} {edit.name}, {lines_of(edit)}")
        for change, edit in edits
        if change == "gone" or (change == "changed" and weakens(edit))
    ]
    return (*broken, *lost)


def _reasons(
    policy: Policy, cases: Cases, on: datetime.date | None, at: str | None, jobs: int, reading: Mapping[str, Any]
) -> Tally:
    """Why rows of a file cannot be decided on day 0. Raises `CaseError` and `Unreadable`."""
    from forbear.portfolio.portfolio import decided
    from forbear.portfolio.workers import Workers

    with Workers(policy, jobs) as workers:
        request = policy.applier.request(cases.columns, on, at, workers=workers, **reading)
        return sum((batch.applied.reasons for batch in decided(policy.applier, cases, request, ())), NO_ERRORS)


def _text(plan: Plan, suffix: str) -> str:
    if suffix == ".csv":
        return as_csv(plan)
    if suffix == ".json":
        return dumps(as_json(plan), indent=2) + "\n"
    with needing("the chart of a plan", "report"):
        import jinja2  # noqa: F401 - imported here, so that a missing package is a plain error
    from forbear.report.page.workload import page, svg

    return page(plan, datetime.date.today()) if suffix == ".html" else svg(plan)


def _print(plan: Plan) -> None:
    for line in (*([plan.headline] if plan.headline else ()), *plan.about):
        print_wrapped(line)
    header, rows = rows_of(plan)
    print_table(header, rows)
    never = [action.name for action in plan.actions if action.idle]
    if never:
        print_wrapped(f"never permitted on these days: {listed(never, 6, quote='')}")
