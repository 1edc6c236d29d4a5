"""`forbear ask`: which facts still matter for an action."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

from forbear.cli.cases.case_reader import read_asked, require_json
from forbear.cli.cases.open_facts import rules_text
from forbear.cli.support import options
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import Asked, AskedCase, argument, declared, option
from forbear.cli.support.printing import print_described, print_json, print_text
from forbear.cli.support.reading import read_each_once, read_versions
from forbear.deciding.decision import verdict_text
from forbear.kernel.cases import Verdict
from forbear.language.model.names import UNSAID
from forbear.library.answering import questions_document
from forbear.queries.opened.questions import Questions


@declared("ask")
def command(
    policy: str = options.policy,
    action: str = argument("ACTION"),
    case_path: str | None = options.case,
    key: str | None = options.account,
    request: str | None = options.request,
    given: str | None = option(
        'The case as an example writes it: "days_overdue 14, hardship plan_active". Facts left out are open.', "TEXT"
    ),
    on: datetime.date | None = options.day,
    at: str | None = options.moment,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats(),
) -> None:
    """The facts that still matter for an action, the most decisive first, or the verdict if none does.

    A fact that the case leaves out is open; an optional one that is null there is unknown, and not asked for. Without
    a case nothing is known yet. The percentage of a fact is how far it narrows the answer: the share of what is open
    about the verdict that it is expected to settle, if all its choices are equally likely.

    \b
    Exit code 0: answered, 1: an error of the policy or the case, 2: wrong use.
    Example: forbear ask house.forbear contact_related --given "days_overdue 61"
             forbear ask house.forbear contact_related --case case.json --format json
    """
    asked = Asked(policy, settings, on, at)
    about = AskedCase(case_path, given, key, request)
    if given is not None and case_path is not None:
        wrong_use("--given is the whole case: leave out --case")
    require_json(about)
    read_each_once(policy, *([case_path] if case_path else []))
    case = read_asked(read_versions(asked), asked, about, action, None)
    if output == "json":
        print_json(questions_document(case.policy, case.request, action))
    else:
        _print(case.policy.ask(action, *case.request))


def _print(questions: Questions) -> None:
    if questions.settled is not None:
        settled, why = verdict_text(questions.settled.verdict, questions.settled.along), rules_text(questions.settled)
        if questions.settled.verdict is Verdict.UNSAID:
            settled, why = UNSAID[0], "; ".join(filter(None, [UNSAID[1], why]))
        print_text(f"{questions.action} is {settled}, whatever the rest will be")
        print_text(f"  {why}")
        return
    number = len(questions)
    what = f"{questions.action} is open"
    if questions.permitted is not None:
        permitted = "permitted" if questions.permitted else "not permitted"
        what = f"{questions.action} is {permitted}, whatever the rest will be; by which verdict is open"
    print_text(f"{what}: {number} {'fact matters' if number == 1 else 'facts matter'}")
    rows = []
    for question in questions:
        choices = [choice.when for choice in question.choices]
        none = "(compared with a fact that is open too)"
        if question.hidden:
            none = "(its choices would tell a private fact)"
        rows += [
            [question.fact if not at else "", _percent(question.telling) if not at else "", choice]
            for at, choice in enumerate(choices or [none])
        ]
    print_described(["fact", "narrows by", "choices"], rows)


def _percent(share: float) -> str:
    """A share of more than nothing. A fact that matters tells something, however little."""
    return f"{share:.0%}" if share >= 0.005 else "<1%"
