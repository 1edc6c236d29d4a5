"""Cases of which some facts are open: how what may come of them is printed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from forbear.cli.cases.case_reader import ReadCase, assumed_json, print_assumed
from forbear.cli.support.printing import marked, print_described, print_json, print_line, print_text, print_wrapped
from forbear.deciding.decision import verdict_text
from forbear.deciding.records.sink import NAMELESS
from forbear.kernel.cases import Verdict
from forbear.library.answering import Answer, open_document
from forbear.report.moments import decided_text

if TYPE_CHECKING:  # most cases have no open facts
    from forbear.queries.opened.asker import Partial
    from forbear.queries.opened.outcomes import Outcome


def answer_open(case: ReadCase, opened: tuple[str, ...], output: str) -> None:
    """Prints what may come of each action. Raises `CaseError`."""
    request = case.request
    if output == "json":
        assumed = assumed_json("" if case.assumed else None, case.assumed)
        print_json({**open_document(case.policy, request, opened), **assumed})
        return
    _print(case.policy.partial(request.case, opened, request.on, request.at))
    moments = Answer(NAMELESS, request, case.policy).moments if case.local is None else [case.local]
    if moments:
        print_wrapped(decided_text(moments, in_words=case.local is not None))
    print_assumed(case.assumed)


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
        print_described(["action", "verdict", "rules"], settled)
    for name, (begin, end) in partial.covered.items():
        print_text(
            f"no outcome is about a `{name}` before {begin} or after {end}, whose working days no calendar counts"
        )
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


def print_unsaid(unsaid: Sequence[str], companions: Collection[str], *, wrapped: bool = True) -> None:
    """Prints the actions without a rule: those among the `companions`, which accompany permitted actions,
    separately.
    """
    for goes_along, what in ((True, "no rule, so permitted only along"), (False, "no rule, so not permitted")):
        named = [action for action in unsaid if (action in companions) is goes_along]
        if named:
            (print_wrapped if wrapped else print_text)(f"{marked(what)}: {', '.join(named)}")
