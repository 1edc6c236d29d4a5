"""`forbear decide`: the verdict on each action, for one case or for one a line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping

import click

from forbear.cli.options import case_option, day_option, format_option, policy_argument, settings_option
from forbear.cli.printing import print_table
from forbear.cli.reading import day_of, fail_case, open_binary, read_bytes, read_case, read_policy
from forbear.kernel import CaseError, Verdict, read_on
from forbear.library import Policy
from forbear.report.json import dumps
from forbear.runtime.decision import Decision


@click.command("decide")
@policy_argument
@case_option
@click.option("--lines", is_flag=True, help="Read one case a line, answer one line each, and go on.")
@day_option
@settings_option
@format_option()
def command(
    policy: str,
    case_path: str | None,
    lines: bool,
    on: datetime.date | None,
    settings: Mapping[str, object],
    output: str,
) -> None:
    """The verdict on each action for one case, with the rules that gave it and their reasons.

    A case is a JSON object from fact to value; it may hold its day under "on". With --lines each line of standard
    input (or of --case FILE) is a case, and a bad one is answered by a line with "error".
    """
    if case_path is None and not lines:
        raise click.UsageError("name the case, with --case FILE.json, or --case - for standard input")
    if policy == "-" and case_path in (None, "-"):
        raise click.UsageError("the policy and the case cannot both come from standard input")
    loaded = read_policy(policy, settings, on)
    if lines:
        _answer_lines(loaded, case_path, on)
        return
    assert case_path is not None
    try:
        case, named = read_case(read_bytes(case_path))
        day = day_of(on, named)
        decision = loaded.decide(case, day)
    except CaseError as error:
        fail_case(error)
    if output == "json":
        click.echo(dumps(_record(loaded, case, day, decision), indent=2))
    else:
        _print(loaded, decision)


def _answer_lines(policy: Policy, case_path: str | None, on: datetime.date | None) -> None:
    """Answers each line as it comes; the exit code says whether one was bad."""
    bad = False
    stream = sys.stdin.buffer if case_path in (None, "-") else open_binary(str(case_path))
    for number, line in enumerate(stream, 1):
        try:
            case, named = read_case(line)
            day = day_of(on, named)
            answer = _record(policy, case, day, policy.decide(case, day))
        except CaseError as error:
            bad = True
            faults = [{"fact": fault.fact, "message": fault.message} for fault in error.faults]
            answer = {"error": str(error), "faults": faults, "line": number}
        click.echo(dumps(answer))
    sys.exit(1 if bad else 0)


def _record(
    policy: Policy, case: Mapping[str, object], day: datetime.date | str | None, decision: Decision
) -> dict[str, object]:
    """The document of a decision."""
    about: dict[str, object] = {"name": policy.name, "digest": policy.digest}
    if policy.version is not None:
        about["version"] = policy.version
    record: dict[str, object] = {"policy": about}
    if day is not None:
        record["on"] = datetime.date.fromordinal(read_on(day)).isoformat()
    return {**record, "case": dict(case), "decisions": decision.as_json()}


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
