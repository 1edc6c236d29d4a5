"""`forbear replay`: recorded decisions, decided again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import click

from forbear.book import Book
from forbear.cli.options import format_option, settings_option
from forbear.cli.printing import print_json, print_text
from forbear.cli.reading import lines_of, read_each_once, read_versions, version_of
from forbear.kernel import CaseError
from forbear.library import Policy
from forbear.runtime.replay import Replayed, Said, is_record, replay
from forbear.strict_json import read_json

_RESULTS = {
    "same": "the same",
    "differs": "otherwise",
    "undecided": "not to be decided again",
    "unreadable": "no record of one",
}


@click.command("replay")
@click.argument("file", metavar="FILE")
@click.option("--policy", required=True, metavar="POLICY", help="The policy that decides again.")
@settings_option
@click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, metavar="N", help="Tell at most N lines."
)
@format_option()
def command(file: str, policy: str, settings: Mapping[str, object], limit: int, output: str) -> None:
    """Decides each decision of FILE again, as `forbear decide --record` wrote it, and tells what differs.

    \b
    Exit code 0: all are the same, 1: one differs or cannot be decided again, 2: FILE or POLICY cannot be read.
    Example: forbear replay decisions.jsonl --policy house.forbear
    """
    read_each_once(policy, file)
    found = read_versions(policy, settings)
    counts: Counter[str] = Counter()
    other = 0
    told: list[dict[str, object]] = []
    for number, replayed in enumerate(_replayed(found, file), 1):
        counts[replayed.result] += 1
        other += replayed.other_digest
        if replayed.result == "same" or sum(counts.values()) - counts["same"] > limit:
            continue
        if output == "json":
            told.append({"line": number, **replayed.as_json()})
        else:
            _print(number, replayed)
    total = sum(counts.values())
    if output == "json":
        numbers = {result: counts[result] for result in _RESULTS}
        print_json({"policy": found.name, "counts": numbers, "other_digest": other, "lines": told})
    else:
        parts = [f"{counts[result]} {words}" for result, words in _RESULTS.items() if counts[result]]
        print_text(f"{total} {'decision' if total == 1 else 'decisions'}{': ' if parts else ''}{', '.join(parts)}")
        if other:
            print_text(f"{other} of them by another text of the policy than this one")
    sys.exit(0 if counts["same"] == total else 1)


def _replayed(found: Policy | Book, file: str) -> Iterator[Replayed]:
    for line in lines_of(file):
        try:
            document: Any = read_json(line)
        except CaseError:
            document = None
        if document is None or not is_record(document):
            yield Replayed("unreadable", reason="the line is no record of a decision")
            continue
        try:
            policy = version_of(found, document.get("on"), document.get("at"))
        except CaseError as error:
            yield Replayed("undecided", reason=str(error))
            continue
        yield replay(policy.typed, policy.digest, policy.decide, document)


def _print(number: int, replayed: Replayed) -> None:
    if replayed.reason is not None:
        print_text(f"line {number}: {replayed.reason}")
    for action, (recorded, now) in replayed.changes.items():
        print_text(f"line {number}: {action}: {_said(recorded)} -> {_said(now)}")


def _said(said: Said) -> str:
    rules = said["rules"]
    by = f" by {', '.join(map(str, rules))}" if isinstance(rules, list) and rules else ""
    return f"{said['verdict']}{by}"
