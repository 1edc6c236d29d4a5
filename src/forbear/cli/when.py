"""`forbear when`: from when until when an action has which verdict, if nothing else happens."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, groupby, takewhile

import click

from forbear.check.promises.promises import Assumed
from forbear.cli.cases.case_reader import assumed_json, named_case, print_assumed, require_json, written_from_now_on
from forbear.cli.support import options
from forbear.cli.support.failing import needing, wrong_use
from forbear.cli.support.options import Asked, AskedCase, argument, declared, option
from forbear.cli.support.printing import marked, print_described, print_file, print_json, print_text, print_wrapped
from forbear.cli.support.reading import read_each_once, read_versions
from forbear.deciding.decision import verdict_text
from forbear.deciding.records.sink import NAMELESS, shown_case
from forbear.kernel.cases import CaseError
from forbear.kernel.faults import fault
from forbear.library.answering import Request, request_of, when_document, when_of
from forbear.library.policy import Policy
from forbear.queries.when import Interval, When
from forbear.report.formats.json import dumps
from forbear.report.hours import repeated
from forbear.report.moments import offset_text

_MOST_ROWS = 12
"""The number of rows beyond which the text lists what repeats."""


def _no_days(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """Refuses the option that `plan` has."""
    if value is not None:
        raise click.UsageError("No such option '--days'. Did you mean '--until'?", ctx)


@declared("when")
@click.option("--days", hidden=True, expose_value=False, callback=_no_days)
def command(
    policy: str = options.policy,
    action: str = argument("ACTION"),
    case_path: str | None = options.case,
    key: str | None = options.account,
    request: str | None = options.request,
    given: str | None = options.given,
    zone: str | None = option("With --given: the borrower's time zone; UTC by default.", "ZONE"),
    at: str | None = options.moment,
    until: str = option('A moment, or how long: "30 days", "12 hours".', "MOMENT", default="30 days"),
    settings: Mapping[str, object] = options.settings,
    full: bool = options.full,
    output: str = options.formats("ics"),
) -> None:
    """From when until when an action has which verdict, by which rules, and what ends it, if nothing else happens.

    A case is JSON (--case), or words (--given). It is decided at --at, or at its own "at"; from there time moves on:
    days past due, the time of day, what leaves a window, ages, dates of rules, the version of a book. In text, a row
    lasts as long as its verdict, and more than 12 rows are summarised by what repeats; with --full each change of the
    deciding rules has its own row. --format ics writes the permitted times as a calendar (extra `ics`); with --key each
    event names the account, and replaces an earlier one that began at the same time.

    \b
    Exit code 0: answered, 1: the policy or the case is in error, 2: wrong use.
    Example: forbear when house.forbear phone_call --case case.json --at now --until "7 days"
             forbear when house.forbear visit --given "days_overdue 55" --at 2026-03-07T10:00 --zone Europe/Berlin
    """
    about = AskedCase(case_path, given, key, request)
    if (case_path is None) == (given is None):
        wrong_use("name one case: --case FILE.json, or --case - for standard input, or --given TEXT")
    require_json(about)
    if zone is not None and given is None:
        wrong_use('--zone is for a case in words: a case in JSON has its "zone"')
    read_each_once(policy, case_path or "-")
    loaded = read_versions(Asked(policy, settings, at=at))
    assumed: Sequence[Assumed] = ()
    names = NAMELESS
    if given is not None:
        case, moment, assumed = written_from_now_on(loaded, given, at, "UTC" if zone is None else zone)
        question = Request(case, None, moment)
    else:
        names, case = named_case(loaded, about)
        question = request_of(case, None, at)
        if question.at is None:
            raise CaseError([fault("at", "no-start-at-all")])
        case = question.case
    answer = when_of(loaded, action, question, until)
    version = loaded.deciding({}, answer.intervals[0].start.date())
    if output == "ics":
        print_file(_calendar(answer, version, case, names.key))
        return
    if output == "json":
        print_json({**when_document(loaded, version, case, answer), **assumed_json(given, assumed)})
        return
    _print(answer, full=full)
    if answer.held:
        print_wrapped(f"held at the value that is given or assumed: {', '.join(answer.held)}")
    print_assumed(assumed, full=full)


def _calendar(answer: When, version: Policy, case: Mapping[str, object], account: str | None) -> str:
    """The times at which the action is permitted, as a calendar, of an account if it is named. Ends the command with 1
    without the extra."""
    with needing("`--format ics`", "ics"):
        from forbear.queries.ics import to_ics
    title = f"{answer.action}: {version.title or version.name}"
    if account is not None:
        return to_ics(answer, f"{account}, {title}", f"{version.name} {account}", account)
    shown = shown_case(version.typed, {name: value for name, value in case.items() if name != "history"})
    return to_ics(answer, title, f"{version.name} {dumps(shown)}")


def _print(answer: When, *, full: bool) -> None:
    print_text(f"{answer.action} {_permission(answer.intervals)}")
    print_text("")
    runs = [[interval] for interval in answer] if full else [list(run) for _, run in groupby(answer, _verdict)]
    if len(runs) > _MOST_ROWS and not full:
        _print_repeated(answer, runs)
        return
    rows = []
    for run in runs:
        last = run[-1]
        ends = "; ".join(cause.sentence for cause in last.causes) or "what was asked ends"
        rows.append([offset_text(run[0].start), offset_text(last.end), _verdict(last), _by(run), ends])
    print_described(["from", "until", "verdict", "by", "what ends it"], rows)


def _print_repeated(answer: When, runs: Sequence[Sequence[Interval]]) -> None:
    """Prints when the action is permitted, what repeats as one, and what it is at other times."""
    by_verdict: dict[str, list[Sequence[Interval]]] = {}
    for run in runs:
        by_verdict.setdefault(_verdict(run[0]), []).append(run)
    asked = (answer.intervals[0].start, answer.intervals[-1].end)
    rest = []
    for verdict, found in by_verdict.items():
        by = _by(chain.from_iterable(found))
        told = f"{verdict} by {by}" if by else verdict
        if not found[0][0].permitted:
            rest.append(told)
            continue
        print_wrapped(f"{marked(told)}:")
        for text in repeated([(run[0].start, run[-1].end) for run in found], asked):
            print_wrapped(f"  {text}", "    ")
    if rest:
        print_wrapped(f"at {'all' if len(rest) == len(by_verdict) else 'all other'} times: {'; or '.join(rest)}")
    print_text(f"{len(runs)} intervals; --full shows each, and what ends it")


def _permission(intervals: Sequence[Interval]) -> str:
    """Returns when an action is first permitted. Nothing is known of the time after the period asked about."""
    asked = intervals[-1].end
    first = next((interval for interval in intervals if interval.permitted), None)
    if first is None:
        return f"is not permitted in the time asked (until {offset_text(asked)})"
    start = "now" if first is intervals[0] else f"from {offset_text(first.start)}"
    *_, last = takewhile(lambda interval: interval.permitted, intervals[intervals.index(first) :])
    if last.end == asked:
        return f"is permitted {start}, to the end of the time asked ({offset_text(asked)})"
    return f"is permitted {start}{',' if start == 'now' else ''} until {offset_text(last.end)}"


def _verdict(interval: Interval) -> str:
    if interval.decision is None:
        return "undecided"
    return verdict_text(interval.decision.verdict, interval.decision.along)


def _by(intervals: Iterable[Interval]) -> str:
    """The rules that give a verdict, and what is unknown; or what is wrong."""
    rules, unknown = dict[str, None](), dict[str, None]()
    for interval in intervals:
        if interval.decision is None:
            rules.update(dict.fromkeys([fault.message for fault in interval.faults]))
        else:
            rules.update(dict.fromkeys(interval.decision.rules))
            unknown.update(dict.fromkeys(interval.decision.unknown))
    return "; ".join(filter(None, [", ".join(rules), f"unknown: {', '.join(unknown)}" if unknown else ""]))
