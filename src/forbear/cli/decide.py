"""`forbear decide`: the verdict on each action, for one case or for one a line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator, Mapping
from typing import BinaryIO

import click

from forbear.book import Book
from forbear.cli.failing import case_error, fail_case, wrong_use
from forbear.cli.options import case_option, day_option, format_option, moment_option, policy_argument, settings_option
from forbear.cli.printing import print_json, print_table, print_text
from forbear.cli.reading import (
    Question,
    open_binary,
    read_bytes,
    read_each_once,
    read_question,
    read_versions,
    standard_input,
    version_of,
)
from forbear.kernel import CaseError, Verdict, read_on
from forbear.library import Policy
from forbear.runtime.decision import Decision
from forbear.source import MAXIMUM_BYTES


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

    \b
    Exit code 0: decided, 1: the policy or a case is in error, 2: wrong use.
    Example: forbear decide house.forbear --case case.json
             forbear decide house.forbear --lines < cases.jsonl
    """
    if case_path is None and not lines:
        wrong_use("name the case, with --case FILE.json, or --case - for standard input")
    read_each_once(policy, case_path or "-")
    found = read_versions(policy, settings)
    if lines:
        _answer_lines(found, case_path or "-", on, at)
        return
    assert case_path is not None
    try:
        question = read_question(read_bytes(case_path), on, at)
        decider = version_of(found, question.on, question.at)
        decision = decider.decide(question.case, question.on, question.at)
    except CaseError as error:
        fail_case(error)
    if output == "json":
        print_json(_record(decider, question, decision))
    else:
        _print(decision)


def _answer_lines(found: Policy | Book, case_path: str, on: datetime.date | None, at: str | None) -> None:
    """Answers each line as it comes; the exit code says whether one was bad."""
    bad = False
    for number, line in enumerate(_lines(standard_input() if case_path == "-" else open_binary(case_path)), 1):
        try:
            question = read_question(line, on, at)
            policy = version_of(found, question.on, question.at)
            answer = _record(policy, question, policy.decide(question.case, question.on, question.at))
        except CaseError as error:
            bad = True
            answer = {**case_error(error), "line": number}
        print_json(answer, indent=None)
    sys.exit(1 if bad else 0)


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream as they come; of one that is too long for a case, as much as shows that it is."""
    while line := stream.readline(MAXIMUM_BYTES + 1):
        yield line
        while len(line) > MAXIMUM_BYTES and not line.endswith(b"\n"):
            line = stream.readline(MAXIMUM_BYTES + 1)


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


def _print(decision: Decision) -> None:
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
        print_text(f"unsaid, so not permitted: {', '.join(unsaid)}")
