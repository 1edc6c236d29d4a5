"""`forbear decide`: the verdict on each action, for one case or for one a line."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from forbear.book import Book
from forbear.cli.support.failing import case_error, fail, fail_case, wrong_use
from forbear.cli.support.options import (
    case_option,
    day_option,
    format_option,
    moment_option,
    policy_argument,
    settings_option,
)
from forbear.cli.support.printing import print_json, print_table, print_text
from forbear.cli.support.project import project_options
from forbear.cli.support.reading import (
    Request,
    lines_of,
    read_bytes,
    read_each_once,
    read_request,
    read_versions,
    version_of,
)
from forbear.cli.support.writing import keep_apart
from forbear.kernel import CaseError, Verdict, read_on
from forbear.library import Policy
from forbear.model.names import did_you_mean
from forbear.runtime.decision import Decision
from forbear.runtime.records.hiding import shown_case
from forbear.runtime.records.record import Record, RecordError


@click.command("decide")
@policy_argument
@case_option
@click.option("--lines", is_flag=True, help="Read one case a line, answer one line each, and go on.")
@day_option
@moment_option
@settings_option
@click.option("--record", "record_path", metavar="FILE", help="Add each decision to FILE, before it is answered.")
@click.option(
    "--record-key", "key_path", metavar="FILE", help="The key in FILE hashes private facts, which else are left out."
)
@click.option(
    "--require", "required", multiple=True, metavar="ACTION", help="Exit with 1 where ACTION is not permitted."
)
@format_option()
@project_options
def command(
    policy: str,
    case_path: str | None,
    lines: bool,
    on: datetime.date | None,
    at: str | None,
    settings: Mapping[str, object],
    record_path: str | None,
    key_path: str | None,
    required: tuple[str, ...],
    output: str,
) -> None:
    """The verdict on each action for one case, with the rules that gave it and their reasons.

    A case is a JSON object from fact to value; it may hold its day under "on", or its moment under "at". With --lines
    each line of standard input (or of --case FILE) is a case, and a bad one is answered by a line with "error".

    \b
    Exit code 0: decided, 1: an error of the policy or a case, or of --require, 2: wrong use.
    Example: forbear decide house.forbear --case case.json
             forbear decide house.forbear --lines < cases.jsonl
    """
    if case_path is None and not lines:
        wrong_use("name the case, with --case FILE.json, or --case - for standard input")
    read_each_once(policy, case_path or "-")
    found = read_versions(policy, settings)
    inputs = [Path(path) for path in (case_path, key_path) if path and path != "-"]
    policies = [found] if isinstance(found, Policy) else found.versions
    inputs += [file for policy_read in policies for file in policy_read.files]
    for action in required:
        if not any(action in one.actions for one in policies):
            wrong_use(f"there is no action {action!r} in {policy!r}{_perhaps(action, policies)}")
    record = _open_record(record_path, key_path, inputs)
    if lines:
        _answer_lines(found, case_path or "-", on, at, record, required)
        return
    assert case_path is not None
    try:
        request = read_request(read_bytes(case_path), on, at)
        decider = version_of(found, request.on, request.at)
        decision = decider.decide(request.case, request.on, request.at, record)
    except CaseError as error:
        fail_case(error)
    except RecordError as error:
        fail(str(error))
    if output == "json":
        print_json(_document(decider, request, decision))
    else:
        _print(decision)
    sys.exit(0 if _permitted(decision, required) else 1)


def _perhaps(action: str, policies: Iterable[Policy]) -> str:
    suggestion = did_you_mean(action, [name for policy in policies for name in policy.actions])
    return f": {suggestion}" if suggestion else ""


def _permitted(decision: Decision, required: Iterable[str]) -> bool:
    """Whether all these actions are permitted. An action that a version of a book lacks is not."""
    return all(action in decision and decision[action].permitted for action in required)


def _open_record(path: str | None, key_path: str | None, inputs: Iterable[Path]) -> Record | None:
    if path is None:
        if key_path is not None:
            wrong_use("a key is for a record: name its file, with --record FILE")
        return None
    if path == "-":
        wrong_use("a record is added to a file, and `-` is none")
    keep_apart(path, inputs)
    try:
        return Record(path, None if key_path is None else read_bytes(key_path))
    except RecordError as error:
        fail(str(error))


def _answer_lines(
    found: Policy | Book,
    case_path: str,
    on: datetime.date | None,
    at: str | None,
    record: Record | None,
    required: Iterable[str],
) -> None:
    """Answers each line as it is read.

    The exit code is 1 if a line was in error, or a required action was not permitted.
    """
    bad = False
    for number, line in enumerate(lines_of(case_path), 1):
        try:
            request = read_request(line, on, at)
            policy = version_of(found, request.on, request.at)
            decision = policy.decide(request.case, request.on, request.at, record)
            answer = _document(policy, request, decision)
            bad = bad or not _permitted(decision, required)
        except CaseError as error:
            bad = True
            answer = {**case_error(error), "line": number}
        except RecordError as error:
            fail(str(error))
        print_json(answer, indent=None)
    sys.exit(1 if bad else 0)


def _document(policy: Policy, request: Request, decision: Decision) -> dict[str, object]:
    """The JSON document of a decision. Private values are hidden."""
    about: dict[str, object] = {"name": policy.name, "digest": policy.digest}
    if policy.version is not None:
        about["version"] = policy.version
    record: dict[str, object] = {"policy": about}
    if request.on is not None:
        record["on"] = datetime.date.fromordinal(read_on(request.on)).isoformat()
    if request.at is not None:
        record["at"] = request.at
    return {**record, "case": shown_case(policy.typed, request.case), "decisions": decision.as_json()}


def _print(decision: Decision) -> None:
    """A table of the actions on which rules speak, and then the unsaid actions."""
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
