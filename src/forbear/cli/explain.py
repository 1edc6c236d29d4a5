"""`forbear explain`: why, why not, and what would change it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import click

from forbear.cli.support.explanation import explanation_lines
from forbear.cli.support.failing import fail_case, wrong_use
from forbear.cli.support.options import (
    case_option,
    day_option,
    format_option,
    moment_option,
    policy_argument,
    settings_option,
)
from forbear.cli.support.printing import print_file, print_json, print_line
from forbear.cli.support.project import project_options
from forbear.cli.support.reading import read_bytes, read_each_once, read_request, read_versions, version_of
from forbear.kernel import CaseError
from forbear.resources import page_of


@click.command("explain")
@policy_argument
@case_option
@click.argument("action", metavar="[ACTION]", required=False)
@day_option
@moment_option
@settings_option
@format_option()
@project_options
def command(
    policy: str,
    case_path: str | None,
    action: str | None,
    on: datetime.date | None,
    at: str | None,
    settings: Mapping[str, object],
    output: str,
) -> None:
    """Why an action has its verdict for a case, why not, and the nearest changes of single facts to alter it.

    With the code of a diagnostic alone: its page, with what it means and what to do.

    \b
    Exit code 0: explained, 1: the policy or the case is in error, 2: wrong use.
    Example: forbear explain house.forbear --case case.json contact_related
             forbear explain dead-rule
    """
    if action is None and case_path is None and (page := page_of(policy)) is not None:
        print_file(f"{page}\n")
        return
    if action is None:
        wrong_use("name the action to explain, or the code of a diagnostic alone")
    if case_path is None:
        wrong_use("name the case, with --case FILE.json, or --case - for standard input")
    read_each_once(policy, case_path)
    found = read_versions(policy, settings)
    try:
        request = read_request(read_bytes(case_path), on, at)
        loaded = version_of(found, request.on, request.at)
        explanation = loaded.explain(action, request.case, request.on, request.at)
    except CaseError as error:
        fail_case(error)
    if output == "json":
        print_json(explanation.as_json())
        return
    for line in explanation_lines(explanation):
        print_line(line)
