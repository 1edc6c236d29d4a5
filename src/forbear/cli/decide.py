"""`forbear decide`: the verdict on each action, for one case or for one a line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping

import click

from forbear.cli.options import case_option, day_option, format_option, moment_option, policy_argument, settings_option
from forbear.cli.printing import print_table
from forbear.cli.reading import Question, fail_case, open_binary, read_bytes, read_policy, read_question
from forbear.kernel import CaseError, Verdict, read_on
from forbear.library import Policy
from forbear.report.json import dumps
from forbear.runtime.decision import Decision


@click.command("decide")
@policy_argument
@case_option
@click.option("--lines", is_flag=True, help="Read one case a line, answer one line each, and go on.")
@day_option
@moment_option
@settings_option
@format_option()
def command(
    policy: str,
    case_path: str | None,
    lines: bool,
    on: datetime.date | None,
    at: str | None,
    settings: Mapping[str, object],
    output: str,
) -> None:
    """The verdict on each action for one case, with the rules that gave it and their reasons.

    A case is a JSON object from fact to value; it may hold its day under "on", or its moment under "at". With --lines
    each line of standard input (or of --case FILE) is a case, and a bad one is answered by a line with "error".
    """
    if case_path is None and not lines:
        raise click.UsageError("name the case, with --case FILE.json, or --case - for standard input")
    if policy == "-" and case_path in (None, "-"):
        raise click.UsageError("the policy and the case cannot both come from standard input")
    loaded = read_policy(policy, settings, on)
    if lines:
        _answer_lines(loaded, case_path, on, at)
        return
    assert case_path is not None
    try:
        question = read_question(read_bytes(case_path), on, at)
        decision = loaded.decide(question.case, question.on, question.at)
    except CaseError as error:
        fail_case(error)
    if output == "json":
        click.echo(dumps(_record(loaded, question, decision), indent=2))
    else:
        _print(loaded, decision)


def _answer_lines(policy: Policy, case_path: str | None, on: datetime.date | None, at: str | None) -> None:
    """Answers each line as it comes; the exit code says whether one was bad."""
    bad = False
    stream = sys.stdin.buffer if case_path in (None, "-") else open_binary(str(case_path))
    for number, line in enumerate(stream, 1):
        try:
            question = read_question(line, on, at)
            answer = _record(policy, question, policy.decide(question.case, question.on, question.at))
        except CaseError as error:
            bad = True
            faults = [{"fact": fault.fact, "message": fault.message} for fault in error.faults]
            answer = {"error": str(error), "faults": faults, "line": number}
        click.echo(dumps(answer))
    sys.exit(1 if bad else 0)


def _record(policy: Policy, question: Question, decision: Decision) -> dict[str, object]:
    """The document of a decision."""
    about: dict[str, object] = {"name": policy.name, "digest": policy.digest}
    if policy.version is not None:
        about["version"] = policy.version
    record: dict[str, object] = {"policy": about}
    if question.on is not None:
        record["on"] = datetime.date.fromordinal(read_on(question.on)).isoformat()
    if question.at is not None:
        record["at"] = question.at
    return {**record, "case": question.case, "decisions": decision.as_json()}


def _print(policy: Policy, decision: Decision) -> None:
    """A table of the actions that some rule speaks about, then those that are unsaid."""
    rows = []
    unsaid = []
    for action, decided in decision.items():
        if decided.verdict is Verdict.UNSAID and not decided.unknown:
            unsaid.append(action)
            continue
        reasons = list(decided.because)
        if decided.unknown:
            reasons.append(f"unknown: {', '.join(decided.unknown)}")
        rows.append([action, decided.verdict.value, ", ".join(decided.rules), "; ".join(reasons)])
    if rows:
        print_table(["action", "verdict", "rules", "because"], rows)
    if unsaid:
        click.echo(f"unsaid, so not permitted: {', '.join(unsaid)}")
