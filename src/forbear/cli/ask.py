"""`forbear ask`: which facts still matter for an action."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import click

from forbear.cli.cases.named import require_json
from forbear.cli.cases.open_facts import read_open, rules_text
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import (
    account_option,
    case_option,
    day_option,
    format_option,
    moment_option,
    policy_argument,
    request_option,
    settings_option,
)
from forbear.cli.support.printing import print_json, print_table, print_text
from forbear.cli.support.project import project_options
from forbear.cli.support.reading import read_each_once, read_versions
from forbear.deciding.decision import verdict_text
from forbear.library.answering import questions_document
from forbear.queries.opened.questions import Questions


@click.command("ask")
@policy_argument
@click.argument("action", metavar="ACTION")
@case_option
@account_option
@request_option
@click.option(
    "--given",
    metavar="TEXT",
    help='The case as an example writes it: "days_overdue 14, hardship plan_active". Facts left out are open.',
)
@day_option
@moment_option
@settings_option
@format_option()
@project_options
def command(
    policy: str,
    action: str,
    case_path: str | None,
    key: str | None,
    request_field: str | None,
    given: str | None,
    on: datetime.date | None,
    at: str | None,
    settings: Mapping[str, object],
    output: str,
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
    if given is not None and case_path is not None:
        wrong_use("--given is the whole case: leave out --case")
    require_json(key, request_field, case_path)
    read_each_once(policy, *([case_path] if case_path else []))
    case = read_open(read_versions(policy, settings), case_path, given, on, at, None, key, request_field, action)
    request = case.request
    if output == "json":
        print_json(questions_document(case.policy, request, action))
    else:
        _print(case.policy.ask(action, request.case, request.on, request.at))


def _print(questions: Questions) -> None:
    if questions.settled is not None:
        settled = verdict_text(questions.settled.verdict, questions.settled.along)
        print_text(f"{questions.action} is {settled}, whatever the rest will be")
        print_text(f"  {rules_text(questions.settled)}".rstrip())
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
    print_table(["fact", "narrows by", "choices"], rows)


def _percent(share: float) -> str:
    """A share of more than nothing. A fact that matters tells something, however little."""
    return f"{share:.0%}" if share >= 0.005 else "<1%"
