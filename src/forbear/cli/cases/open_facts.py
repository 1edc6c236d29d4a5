"""Cases of which some facts are open: how they are read, and how what may come of them is printed."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Sequence

from attrs import frozen

from forbear.check.promises.written_case import Assumed
from forbear.cli.cases.named import named_case
from forbear.cli.cases.unsaid import print_unsaid
from forbear.cli.cases.written import assumed_text, written
from forbear.cli.support.printing import print_json, print_line, print_table, print_text, print_wrapped
from forbear.deciding.decision import verdict_text
from forbear.deciding.records.sink import NAMELESS
from forbear.kernel.cases import Verdict
from forbear.library.answering import Answer, Request, open_document, request_of, version_of
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.queries.opened.outcomes import Outcome
from forbear.queries.opened.partial import Partial
from forbear.report.moments import decided_text


@frozen
class OpenCase:
    """A case of which some facts are open, and the policy that is asked about it."""

    policy: Policy
    request: Request
    assumed: Sequence[Assumed] = ()
    """What a case in words leaves out, and is not open."""
    local: datetime.datetime | None = None
    """The moment that a case in words means."""


def read_open(
    loaded: Policy | Book,
    path: str | None,
    given: str | None,
    on: datetime.date | None,
    at: str | None,
    opened: Collection[str] | None,
    key: str | None = None,
    request_field: str | None = None,
    action: str | None = None,
) -> OpenCase:
    """Reads a case, on one action or on all, from a file or in words; None opens all that it leaves out. The fields
    `key` and `request_field` of a file name the account and the request. Raises `CaseError`."""
    if given is not None:
        case = written(loaded, given, action, on, at, opened)
        return OpenCase(case.policy, Request(case.case, case.on, None), case.assumed, case.local)
    case_read = {} if path is None else named_case(loaded, path, key, request_field)[1]
    request = request_of(case_read, on, at)
    return OpenCase(version_of(loaded, request.on, request.at, request.case, action), request)


def answer_open(case: OpenCase, opened: tuple[str, ...], output: str) -> None:
    """Prints what may come of each action. Raises `CaseError`."""
    request = case.request
    if output == "json":
        assumed = {"assumed": [fact.name for fact in case.assumed]} if case.assumed else {}
        print_json({**open_document(case.policy, request, opened), **assumed})
        return
    _print(case.policy.partial(request.case, opened, request.on, request.at))
    moments = Answer(NAMELESS, request, case.policy).moments if case.local is None else [case.local]
    if moments:
        print_wrapped(decided_text(moments, in_words=case.local is not None))
    text = assumed_text(case.assumed, (), full=False)
    if text is not None:
        print_wrapped(text)


def _print(partial: Partial) -> None:
    settled = []
    unsaid = []
    for action, outcomes in partial.items():
        first = outcomes[0]
        if len(outcomes) > 1:
            print_line(((action, "strong"),))
            for outcome in outcomes:
                print_outcome(outcome)
        elif first.verdict is Verdict.UNSAID and not first.unknown:
            unsaid.append(action)
        else:
            settled.append([action, verdict_text(first.verdict, first.along), rules_text(first)])
    if settled:
        if len(settled) + len(unsaid) < len(partial):
            print_text()
        print_text(f"whatever {', '.join(partial.opened)} will be:")
        print_table(["action", "verdict", "rules"], settled)
    companions = {along.action for outcomes in partial.values() for outcome in outcomes for along in outcome.along}
    print_unsaid(unsaid, companions)


def print_outcome(outcome: Outcome) -> None:
    """Prints a verdict with its condition, an alternative a line, and its rules."""
    verdict = verdict_text(outcome.verdict, outcome.along)
    for number, text in enumerate(outcome.alternatives):
        print_text(f"  {verdict} when {text}" if number == 0 else f"  {' ' * len(verdict)}   or {text}")
    rules = rules_text(outcome)
    if rules:
        print_text(f"  {' ' * len(verdict)} {rules}")


def rules_text(outcome: Outcome) -> str:
    """The rules that decide, and what is unknown."""
    rules, sometimes = ", ".join(outcome.rules), " or ".join(outcome.sometimes)
    parts = [f"by {rules or sometimes}"] if rules or sometimes else []
    parts += [f"in part by {sometimes}"] if rules and sometimes else []
    parts += [f"unknown: {', '.join(outcome.unknown)}"] if outcome.unknown else []
    return "; ".join(parts)
