"""`forbear explain`: why, why not, and what would change it."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from functools import partial
from typing import Any

import click
from attrs import evolve

from forbear.base.resources import diagnostic_codes, page_of
from forbear.cli.cases.case_reader import assumed_json, of_example, print_assumed, read_asked, require_json
from forbear.cli.cases.recorded import RecordLine, by_another, one_line
from forbear.cli.support import options
from forbear.cli.support.failing import fail, wrong_use
from forbear.cli.support.options import Asked, AskedCase, argument, declared, option
from forbear.cli.support.printing import print_json, print_lines, print_text, print_wrapped
from forbear.cli.support.reading import read_each_once, read_recorded, read_versions
from forbear.deciding.records.replay import NotExplained, check_explained, explain_entry
from forbear.kernel.cases import CaseError, as_dict
from forbear.language.model.names import did_you_mean
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.report.explanation import explanation_lines

_NAMES = ("recorded", "request", "key")


@declared("explain")
def command(
    policy: str = options.policy,
    case_path: str | None = options.case,
    key: str | None = options.account,
    given: str | None = options.given,
    title: str | None = option("The case of the policy's example of this title.", "TITLE", "--example"),
    action: str | None = argument("[ACTION]", required=False),
    on: datetime.date | None = options.day,
    at: str | None = options.moment,
    settings: Mapping[str, object] = options.settings,
    record_path: str | None = option("A record: explain one of its lines.", "FILE", "--record"),
    request: str | None = option(
        "The line of this request. With --case: the field with the id of the request, which is not a fact.", "ID"
    ),
    number: int | None = option("The line with this number.", "N", "--line", type=click.IntRange(min=1)),
    full: bool = options.full,
    output: str = options.formats(),
) -> None:
    """Why an action has its verdict for a case, and the nearest changes of single facts that would alter it.

    The case is JSON (--case), or words (--given), or an example of the policy (--example TITLE). It gives the facts
    that the rules on the action read. The answer lists the values assumed for facts that words leave out. Inactive
    rules that permit nothing are only named, unless --full.

    With --record, it explains a recorded decision by the text that decided it, or by another, which the answer then
    says; POLICY may be the whole folder that was served. With only the code of a diagnostic, it prints its page.

    \b
    Exit code 0: explained, 1: the policy or the case is in error, 2: wrong use.
    Example: forbear explain house.forbear --case case.json contact_related
             forbear explain house.forbear --given "days_overdue 61, unreachable 3" contact_related
             forbear explain house.forbear --record decisions.jsonl --line 1 contact_related
             forbear explain dead-rule
    """
    asked = Asked(policy, settings, on, at)
    about = AskedCase(case_path, given, key, request)
    cases = [case for case in (case_path, given, title, record_path) if case is not None]
    if action is None and not cases and (page := page_of(policy)) is not None:
        for line in page.splitlines():
            print_text(line)
        return
    if action is None and not cases and not os.path.exists(policy):
        suggestion = did_you_mean(policy, diagnostic_codes())
        if suggestion is not None:
            wrong_use(f"no diagnostic has the code {policy!r}; {suggestion}")
    if record_path is None and (number is not None or (request is not None and case_path is None)):
        wrong_use("name the record of that line, with --record FILE")
    if record_path is not None:
        if len(cases) > 1 or on is not None or at is not None:
            wrong_use(
                "a line of a record has its own case and day: leave out --case, --given, --example, --on and --at"
            )
        if request is None and number is None:
            wrong_use("name the line of the record, with --request ID or --line N")
        _explain_line(asked, one_line(record_path, policy, request, number), action, full, output)
        return
    if action is None and title is None:
        wrong_use("name the action to explain, or the code of a diagnostic alone")
    require_json(about)
    if len(cases) != 1:
        wrong_use("name one case: --case FILE.json, or --case - for standard input, --given TEXT, or --example TITLE")
    read_each_once(policy, case_path or "-")
    loaded = read_versions(asked)
    expected: tuple[str, ...] = ()
    if title is None:
        case = read_asked(loaded, asked, about, action)
    elif at is not None:
        wrong_use("an example has its own moment: leave out --at")
    else:
        case, expected = of_example(loaded, title, on)
    version, request_read = case.policy, case.request
    actions = expected if action is None else (action,)
    explanations = [version.explain(name, *request_read) for name in actions]
    if case_path is None:
        explanations = [evolve(explanation, moment=case.local) for explanation in explanations]
    if output == "json":
        documents = [{**each.as_json(), **assumed_json(given, case.assumed)} for each in explanations]
        document = documents[0] if action is not None else {"explanations": documents}
        print_json({"policy": version.about, **document})
        return
    for place, explanation in enumerate(explanations):
        if place:
            print_text("")
        print_lines(explanation_lines(explanation, full=full))
    mattering = {fact.name for explanation in explanations for fact in explanation.facts if fact.matters}
    print_assumed(case.assumed, mattering, full=full, apart=True)


def _explain_line(asked: Asked, line: RecordLine, action: str | None, full: bool, output: str) -> None:
    """Explains the decision in a line of a record, or prints why its case was refused."""
    document = line.document
    by_name = read_recorded(asked.policy, asked.settings)
    entry = {"line": line.number, **{name: document[name] for name in _NAMES if name in document}}
    title = ", ".join(f"{name} {value}" for name, value in entry.items())
    if "faults" in document:
        if output == "json":
            print_json({"entry": entry, "policy": document["policy"], "faults": document["faults"]})
            return
        print_text(f"{title}: the case was refused")
        for fault in document["faults"]:
            print_text(f"  {fault.get('message')}")
        return
    action = document.get("permits") if action is None else action
    if action is None:
        wrong_use("name the action to explain")
    reason = by_another(by_name, document)
    if reason is not None:
        fail(f"line {line.number}: {reason}: give the text that decided")
    found, digest = by_name[document["policy"]["name"]], document["policy"].get("digest")
    loaded = next((version for version in found.versions if version.digest == digest), None)
    by_another_text = loaded is None
    try:
        loaded = loaded or _of_its_day(found, document)
        explanation = explain_entry(loaded.typed, partial(loaded.decide_alone, action), document, action)
        if not by_another_text:
            check_explained(document, explanation)
    except NotExplained as error:
        fail(f"line {line.number}: {error}")
    was = {"policy": document["policy"], **document["decisions"][action]}
    if output == "json":
        another = {"decided_by": was} if by_another_text else {}
        print_json({"entry": entry, "policy": loaded.about, **another, **explanation.as_json()})
        return
    print_text(title)
    if by_another_text:
        print_wrapped(
            f"another text of the policy decided it, {_called(document['policy'])}: {was['verdict']}"
            f"{' by ' if was['rules'] else ''}{', '.join(was['rules'])}. Explained by {_called(loaded.about)}:"
        )
    print_lines(explanation_lines(explanation, full=full))


def _of_its_day(found: Policy | Book, entry: Mapping[str, Any]) -> Policy:
    """Returns the policy, or the version of a book for the day of an entry. Raises `NotExplained` if there is none."""
    try:
        return found.deciding(as_dict(entry["case"]) or {}, entry.get("on"), entry.get("at"))
    except CaseError:
        decided = _called(entry["policy"])
        raise NotExplained(
            f"another text of the policy decided it, {decided}, and no version here is that text: "
            "give the text that decided"
        ) from None


def _called(policy: Mapping[str, object]) -> str:
    """A text, as entries and answers name it: `version 2, sha256:...`."""
    version, digest = policy.get("version"), policy.get("digest")
    return ", ".join([*([] if version is None else [f"version {version}"]), str(digest or "of no digest")])
