"""`forbear apply`: the verdict on each action for each row of a file."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forbear.base.characters import printable
from forbear.cli.cases.lines import CaseOptions, by_columns, check_keys, check_names, line_of
from forbear.cli.cases.on_spark import apply_on_spark
from forbear.cli.support import options
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import Asked, argument, declared, flag, option
from forbear.cli.support.printing import print_json, print_table, print_text, print_wrapped
from forbear.cli.support.progress import progress
from forbear.cli.support.project import is_by_hand, with_project_columns
from forbear.cli.support.reading import (
    blocks_of,
    facts_ahead,
    files_ahead,
    input_files,
    must_exist,
    read_looking_ahead,
    read_policy,
)
from forbear.cli.support.writing import whole_file
from forbear.kernel.cases import CaseError, unknown_name
from forbear.language.model.names import many
from forbear.library.policy import Policy
from forbear.report.portfolio import (
    Guard,
    Summary,
    action_rows,
    held,
    lacking_text,
    read_guard,
    reason_lines,
    rule_rows,
    summary_json,
)

if TYPE_CHECKING:
    from forbear.portfolio.lines import Batch
    from forbear.portfolio.workers import Workers

_TOP = 10
_HOW = """\
CASES is Parquet (.parquet), CSV (.csv) or JSON lines (.jsonl), a case per line as for `decide --lines`; so is OUT.
With `--engine spark` both are paths of Spark, folders too; without an ending they are Parquet."""


def _guards(ctx: click.Context, param: click.Parameter, values: tuple[str, ...]) -> list[Guard]:
    guards = []
    for value in values:
        guard = read_guard(value)
        if guard is None:
            raise click.BadParameter(
                f'{value!r} is not a guard; write such as "contact_related permitted <= 5%" or "sms forbidden < 1000"',
                ctx,
                param,
            )
        if guard.percent and guard.number > 100:
            raise click.BadParameter(f"{value!r} is about more than all rows: a share is 100% at most", ctx, param)
        guards.append(guard)
    return guards


@declared("apply", epilog=_HOW)
def command(
    policy: str = options.policy,
    cases: str = argument("CASES"),
    target: str = option("The file for the verdicts.", "OUT", "-o", "--output", required=True),
    key: Sequence[str] = options.key,
    why: bool = flag("Add the deciding rules, a column for each action."),
    when: Sequence[str] = option(
        "Add from when until when these are permitted, if nothing else happens: columns ACTION_from, ACTION_until, "
        "and ACTION_held with the facts that nothing moves, which end ACTION_until at midnight. `decide` and `when` "
        "report what must accompany them.",
        "ACTION,ACTION",
        multiple=True,
        callback=options.names_of,
    ),
    days: int = options.number(30, "How many days ahead `--when` looks.", least=1, most=3650),
    names: Mapping[str, str] = options.names,
    none: Sequence[str] = options.none,
    max_rejects: int = options.max_rejects,
    guards: Sequence[Guard] = option(
        'Write nothing unless this holds, such as "contact_related permitted <= 5%".',
        "GUARD",
        "--guard",
        multiple=True,
        callback=_guards,
    ),
    engine: str = option(
        "Decide here, or on Spark, by its active session or its configuration. Spark needs `--key`.",
        type=click.Choice(["local", "spark"]),
        default="local",
    ),
    jobs: int | None = options.jobs,
    on: datetime.date | None = options.day,
    at: str | None = options.moment,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats(),
) -> None:
    """The verdict on each action for each row of a file of cases, as `decide` would give it.

    A row that cannot be decided stays in OUT with the verdict `undecided` on every action, which is not permitted;
    OUT.rejects lists these rows, and why. Both files are written whole, at the end, or not at all.

    \b
    Exit code 0: written, 1: too many rejects, a guard, or the policy or the cases are in error, 2: wrong use.
    Example: forbear apply house.forbear cases.jsonl -o verdicts.jsonl
    """
    if is_by_hand("days") and not when:
        wrong_use("`--days` says how far `--when` looks: name the actions with it")
    if when and engine == "spark":
        wrong_use("Spark decides one moment only, so `--when` needs `--engine local`")
    asked = Asked(policy, settings, on, at)
    loaded = read_looking_ahead(asked, days) if when else read_policy(asked)
    for guard in guards:
        if guard.action not in loaded.typed.actions:
            raise CaseError([unknown_name(None, guard.action, loaded.typed.actions, "action")])
    with needing("`apply`", "apply"):
        from forbear.portfolio.io import files
        from forbear.portfolio.workers import WorkerEnded
    if when and on is not None and files.ending(cases) in files.LINES:
        wrong_use("JSON lines look ahead from a moment, not from a day: with `--when`, give `--at` in place of `--on`")
    names, none = with_project_columns(names, none, facts_ahead(loaded))
    reading = CaseOptions(names, key, none, why, on, at, jobs, when, days)
    summary = Summary(list(loaded.typed.actions), [rule.name for rule in loaded.typed.rules])
    inputs, check = input_files([policy], files_ahead([loaded])), partial(_check, guards, summary)
    decide = apply_on_spark if engine == "spark" else _apply_here
    try:
        decide(loaded, cases, target, reading, inputs, summary, check)
    except files.Unreadable as error:
        fail(f"{cases!r} cannot be read: {error}")
    except WorkerEnded as error:
        fail(f"{error}, so nothing was written")
    if output == "json":
        print_json(_record(loaded, summary, reading, target))
    else:
        _print(summary, target, [name for name, fact in loaded.typed.facts.items() if fact.or_none])
    sys.exit(1 if summary.undecided > max_rejects else 0)


def _apply_here(
    policy: Policy,
    cases: str,
    target: str,
    options: CaseOptions,
    inputs: Sequence[Path],
    summary: Summary,
    check: Callable[[], None],
) -> None:
    """Writes the answer and the rejects to files, and counts them in `summary`.

    `check` is called when all is counted, and ends the command if the files must not be published. `inputs` are the
    other files that the command reads. Raises `Unreadable` and `CaseError`.
    """
    from forbear.portfolio.io import files
    from forbear.portfolio.workers import Workers, cores

    for path in (cases, target):
        if files.ending(path) not in (*files.COLUMNAR, *files.LINES):
            wrong_use(f"{path!r} is an unsupported file type: use .parquet, .csv or .jsonl")
    inputs = [*inputs, Path(cases)]
    with (
        Workers(policy, options.jobs or cores()) as workers,
        whole_file(f"{target}.rejects", inputs) as rejects,
        whole_file(target, inputs) as out,
    ):
        total, batches = _batches(policy, cases, options, workers, summary)
        with files.writing(files.ending(target), out) as write, progress(cases, total=total) as advance:
            rejects.write(_line(["row", *options.key, "reason"]))
            for batch in batches:
                applied = batch.applied
                counts = (applied.verdicts, applied.decided_by, batch.lacking, applied.reasons)
                summary.add(applied.rows, len(batch.rejects), *counts)
                write(batch.frame)
                for reject in batch.rejects:
                    rejects.write(_line([reject.row, *reject.keys, printable(reject.reason)]))
                advance(applied.rows)
        check()
        rejects.flush()  # if the disk is full, this fails before OUT is replaced


def _check(guards: Iterable[Guard], summary: Summary) -> None:
    """Ends the command if a guard does not hold. Raises `CaseError` if no line has one of the keys."""
    check_keys(summary.lacking)
    outcomes = [(guard, *held(guard, summary)) for guard in guards]
    broken = [f"{guard.text}: {what}" for guard, holds, what in outcomes if not holds]
    if broken:
        fail(f"a guard does not hold, so nothing was written: {'; '.join(broken)}")


def _batches(
    policy: Policy, cases: str, options: CaseOptions, workers: Workers, summary: Summary
) -> tuple[int | None, Iterable[Batch]]:
    """The number of rows of a file, None if unknown, and its batches; `summary` has the facts of which it has no
    column. Raises `Unreadable` and `CaseError`."""
    from forbear.portfolio.io.files import LINES, ending, open_cases
    from forbear.portfolio.lines import Lines, decided_lines
    from forbear.portfolio.options import lacking
    from forbear.portfolio.portfolio import decided

    path, applier = must_exist(cases), policy.applier
    assert path is not None
    if ending(path) in LINES:
        check_names(facts_ahead(policy), options)
        request = applier.request_for_lines(options.key, why=options.why, when=options.when, days=options.days)
        lines = Lines(partial(line_of, options=options), request, options.key, by_columns(applier, options))
        return None, decided_lines(applier, blocks_of(cases), lines, workers)
    opened = open_cases(path)
    arguments = options.arguments("key", "why", "when", "days")
    request = applier.request(opened.columns, count=True, workers=workers, **arguments)
    versions = [version.tables for version in (applier.versions if options.when else [applier])]
    summary.no_column = lacking(versions, opened.columns, options.names, by_rows=request.plan is None)
    return opened.rows, decided(applier, opened, request, options.key)


def _line(cells: Iterable[object]) -> bytes:
    """A line of CSV."""
    texts = ["" if cell is None else str(cell) for cell in cells]
    quoted = [f'"{text.replace(chr(34), chr(34) * 2)}"' if set(text) & set(',"\r\n') else text for text in texts]
    return (",".join(quoted) + "\n").encode("utf-8", "backslashreplace")


def _record(policy: Policy, summary: Summary, options: CaseOptions, target: str) -> dict[str, object]:
    moment = {"on": options.on and options.on.isoformat(), "at": options.at}
    named = {name: value for name, value in moment.items() if value is not None}
    return {"policy": policy.about, **named, "output": target, **summary_json(summary)}


def _print(summary: Summary, target: str, or_none: Collection[str]) -> None:
    undecided = f", {summary.undecided:,} undecided: {target}.rejects says why" if summary.undecided else ""
    print_text(f"{many(summary.rows, 'row')}{undecided}")
    for line in reason_lines(summary.reasons, or_none):
        print_wrapped(f"  {line}")
    lacking = lacking_text(summary.no_column)
    if lacking is not None:
        print_wrapped(lacking)
    if summary.rows and summary.undecided == summary.rows:
        return
    header, *rows = action_rows(summary)
    print_table(header, rows)
    rules = list(rule_rows(summary, _TOP))
    if rules:
        print_table(["deciding rule", "verdicts"], rules)
        others = sum(map(bool, summary.by_rule.values())) - len(rules)
        if others:
            print_text(f"and {others} more deciding {'rule' if others == 1 else 'rules'}: `--format json` has all")
    unused = [name for name, verdicts in summary.by_rule.items() if not verdicts]
    if unused:
        more = f" and {len(unused) - _TOP} more" if len(unused) > _TOP else ""
        print_wrapped(f"decided nothing: {', '.join(unused[:_TOP])}{more}")
