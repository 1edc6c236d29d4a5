"""Reads the case for a command: JSON, words such as `--given "days_overdue 14, plan broken"`, or the case of an
example.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence
from typing import cast

from attrs import frozen

from forbear.check.promises.promises import (
    Assumed,
    case_of_example,
    written_case,
    written_day,
)
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import Asked, AskedCase
from forbear.cli.support.printing import print_text, print_wrapped
from forbear.cli.support.reading import read_bytes
from forbear.deciding.records.sink import Names
from forbear.kernel.cases import CaseError, Fault, Wrong
from forbear.kernel.faults import fault
from forbear.kernel.history.moments import moment_of, zones_of
from forbear.language.model.names import did_you_mean, listed
from forbear.language.model.policy import Example, TypedPolicy, facts_read
from forbear.library.answering import Asking, Request, read_case, request_of
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.semantics.composition.duties import alone

_FEW = 3
"""The most usual facts that are named nevertheless."""
_UNKNOWN = 8
"""The most unknown facts that are named."""


@frozen
class ReadCase:
    """The policy that decides, the case with its day or moment, and the facts that words leave out and that are not
    open.

    `local` is the intended moment, if facts follow from it or the command line names it: the borrower's local time, in
    the offset of the command line if it has one. It is None if the time of the decision is another one, given by a fact
    or assumed, and only the day is named.
    """

    policy: Policy
    request: Request
    assumed: tuple[Assumed, ...] = ()
    local: datetime.datetime | None = None


def written(
    loaded: Policy | Book,
    text: str,
    action: str | None,
    on: datetime.date | None,
    at: str | None,
    opened: Collection[str] | None = (),
) -> ReadCase:
    """Returns the case of a text, with the facts that the rules read, on one action or on all, except for those that
    are `opened` and those that follow from them; None opens all facts that the text leaves out. Raises `CaseError`.
    """
    moment = on if at is None else _moment(at)
    day = _day_of_text(loaded, text) if moment is None else on
    policy = loaded.deciding({}, day, at, action)
    case = written_case(text, policy.typed, _read(policy, action, opened), moment)
    request = Request(case.case, case.on, None)
    return ReadCase(policy, request, case.assumed, _local(case.example, policy.typed, moment))


def _day_of_text(loaded: Policy | Book, text: str) -> datetime.date | None:
    """Returns the day that a text names, which selects the version. Raises `CaseError`."""
    return written_day(text, loaded.versions[-1].typed) if isinstance(loaded, Book) else None


def _local(
    example: Example, policy: TypedPolicy, moment: datetime.date | datetime.datetime | None = None
) -> datetime.datetime | None:
    """Returns the moment of an example; `moment` is that of the command line, whose offset it has if it is the same."""
    past = example.past
    if past is None:
        return None
    times = {name for name, derivation in policy.derived.items() if derivation.measure == "time"}
    if not times.isdisjoint(example.given.keys() - past.follows):
        return None
    local = past.moment.replace(tzinfo=None)
    if isinstance(moment, datetime.datetime) and moment.replace(tzinfo=None, microsecond=0) == local:
        return local.replace(tzinfo=moment.tzinfo)
    return local if past.follows else None


def written_from_now_on(
    loaded: Policy | Book, text: str, at: str | None, zone: str
) -> tuple[dict[str, object], str, tuple[Assumed, ...]]:
    """The case of a text with its events, in a time zone; its moment, and the facts that were left out. Raises
    `CaseError`."""
    moment = None if at is None else _moment(at)
    if moment is not None and moment.tzinfo is not None:
        moment = moment.astimezone(_zone(zone)).replace(tzinfo=None)
    day = _day_of_text(loaded, text) if moment is None else moment.date()
    policy = loaded.versions[-1] if day is None else loaded.deciding({}, day)
    case = written_case(text, policy.typed, facts_read(policy.typed), moment)
    past = case.example.past
    if past is None:
        raise CaseError([fault("at", "no-start-in-option")])
    values = case_of_example(case.example, policy.typed)
    timed_case = {name: value for name, value in values.items() if name not in past.follows}
    timed_case |= {**past.case, "zone": zone}
    if "history" in timed_case:  # an example knows one zone without summer time; here it is another
        events = cast(list[dict[str, object]], timed_case["history"])
        timed_case["history"] = [{**event, "at": f"{event['at']:%Y-%m-%dT%H:%M:%S}"} for event in events]
    local = f"{past.moment:%Y-%m-%dT%H:%M:%S}"
    same = at is not None and moment is not None and moment.replace(microsecond=0) == past.moment.replace(tzinfo=None)
    return timed_case, at if same and at is not None else local, case.assumed


def _zone(name: str) -> datetime.tzinfo:
    faults: list[Fault] = []
    zones = zones_of({"zone": name}, None, faults)
    if faults:
        raise CaseError(faults)
    return zones[0]


def of_example(loaded: Policy | Book, title: str, on: datetime.date | None) -> tuple[ReadCase, tuple[str, ...]]:
    """The case of the example with a title, and the actions of which it expects something. One that names no day may be
    shown `on` any."""
    from forbear.analysis.findings.promises.failed_example import shown_day

    examples = [(version, example) for version in loaded.versions for example in version.typed.examples]
    chosen = next(((policy, example) for policy, example in examples if example.title == title), None)
    if chosen is None:
        near = did_you_mean(title, [example.title for _, example in examples])
        wrong_use(f"there is no example {title!r}" + (f"; {near}" if near else ""))
    policy, example = chosen
    actions = dict.fromkeys(action for expected in example.expected for action in expected.actions)
    if example.on is not None and on is not None:
        wrong_use("the example has its own day: leave out --on")
    case, day = case_of_example(example, policy.typed), on or shown_day(example, policy.typed)
    return ReadCase(policy, Request(case, day, None), local=_local(example, policy.typed)), tuple(actions)


def assumed_json(given: str | None, assumed: Sequence[Assumed]) -> dict[str, object]:
    """Returns the additional fields in the answer to a case in words."""
    return {} if given is None else {"assumed": [fact.name for fact in assumed]}


def print_assumed(
    assumed: Sequence[Assumed], mattering: Collection[str] = (), *, full: bool = False, apart: bool = False
) -> None:
    """Prints the facts that were assumed: what is not usual, and what is read by rules that matter; the others are
    counted, unless `full`. With `apart`, there is an empty line before them."""
    shown = [fact for fact in assumed if full or not fact.usual or fact.name in mattering]
    if len(assumed) - len(shown) <= _FEW:
        shown = list(assumed)
    more = len(assumed) - len(shown)
    unknown = [fact.name for fact in shown if fact.text == "unknown"]
    parts = [f"{fact.name} {fact.text}" for fact in shown if fact.name not in unknown]
    parts += [f"{more} {'more facts' if shown else 'facts'} as usual (--full)"] if more else []
    parts = [", ".join(parts)] * bool(parts)
    parts += [f"unknown: {listed(unknown, len(unknown) if full else _UNKNOWN, quote='')}"] if unknown else []
    if parts:
        if apart:
            print_text()
        print_wrapped(f"assumed, since it is not given: {'; '.join(parts)}")


def _moment(at: str) -> datetime.datetime:
    try:
        moment = datetime.datetime.fromisoformat(at)
    except ValueError:
        raise CaseError([fault("at", "no-moment-in-option", option=at)]) from None
    try:
        moment_of(moment, datetime.UTC, 1)
    except Wrong as wrong:
        raise CaseError([wrong.fault("at", name="at")]) from None
    return moment


def _read(policy: Policy, action: str | None, opened: Collection[str] | None = ()) -> tuple[str, ...]:
    if opened is None:
        return ()
    if action is None or action not in policy.actions:
        read = facts_read(policy.typed)
    else:
        read = facts_read(alone(policy.typed, action))
    sources = {name: its.sources(policy.typed.events) for name, its in policy.typed.derived.items()}
    return tuple([name for name in read if sources.get(name, {}).keys().isdisjoint(opened) and name not in opened])


def require_json(case: AskedCase) -> None:
    """Ends the command with 2 if a field is named and there is no case in JSON."""
    for option, field in (("--key", case.key), ("--request", case.request)):
        if field is not None and case.case_path is None:
            wrong_use(f"{option} is for a case in JSON (--case)")


def named_case(policy: Policy | Book, case: AskedCase) -> tuple[Names, dict[str, object]]:
    """Reads a case in JSON without the fields that name it; of no file, the empty one. Raises `CaseError`."""
    document = {} if case.case_path is None else read_case(read_bytes(case.case_path))
    return Asking(policy, key=case.key, request=case.request).named(document)


def read_asked(
    loaded: Policy | Book,
    asked: Asked,
    case: AskedCase,
    action: str | None = None,
    opened: Collection[str] | None = (),
) -> ReadCase:
    """Reads a case, on one action or on all, from a file or in words, of which None opens all that they leave out.
    Raises `CaseError`."""
    if case.given is not None:
        return written(loaded, case.given, action, asked.on, asked.at, opened)
    request = request_of(named_case(loaded, case)[1], asked.on, asked.at)
    return ReadCase(loaded.deciding(request.case, request.on, request.at, action), request)
