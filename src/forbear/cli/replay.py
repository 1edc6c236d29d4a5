"""`forbear replay`: recorded decisions, decided again."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Mapping
from functools import partial

import click

from forbear.cli.cases.recorded import RecordLine, Records, chain_options
from forbear.cli.support.options import format_option, settings_option
from forbear.cli.support.printing import print_json, print_text
from forbear.cli.support.project import project_options
from forbear.cli.support.reading import read_versions
from forbear.kernel import CaseError, as_dict
from forbear.library.answering import version_of
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.model.names import counted
from forbear.runtime.records.replay import Decide, Entry, Replayed, replay

_RESULTS = {
    "same": "the same",
    "differs": "otherwise",
    "undecided": "not to be decided again",
    "unreadable": "no record of one",
}


@click.command("replay")
@click.argument("files", metavar="FILE...", nargs=-1, required=True)
@click.option("--policy", required=True, metavar="POLICY", help="The policy that decides again.")
@settings_option
@chain_options
@click.option("--key", metavar="ACCOUNT", help="Decide the lines with this key alone.")
@click.option("--request", metavar="ID", help="Decide the lines of this request alone.")
@click.option(
    "--limit", type=click.IntRange(min=0), default=100, show_default=True, metavar="N", help="Report at most N lines."
)
@format_option()
@project_options
def command(
    files: tuple[str, ...],
    policy: str,
    settings: Mapping[str, object],
    anchors: tuple[str, ...],
    key_path: str | None,
    key: str | None,
    request: str | None,
    limit: int,
    output: str,
) -> None:
    """Decides each decision of FILE again, as `forbear decide --record` wrote it, and reports what differs, and where
    the chain of its lines breaks. Several files, the oldest first, are one record. A case that was refused is the same
    where it is refused again.

    \b
    Exit code 0: all the same in an unbroken chain, 1: something differs or is broken, 2: FILE or POLICY is unreadable.
    Example: forbear replay decisions.jsonl --policy house.forbear
    """
    records = Records(files, key_path, anchors, policy)
    loaded = read_versions(policy, settings)
    counts: Counter[str] = Counter()
    by_other_digest = 0
    lines: list[dict[str, object]] = []
    for line in records.lines():
        if not line.is_of(key, request):
            continue
        replayed = _replayed(loaded, line)
        counts[replayed.result] += 1
        by_other_digest += replayed.other_digest
        if replayed.result == "same" or sum(counts.values()) - counts["same"] > limit:
            continue
        if output == "json":
            file = {} if len(files) == 1 else {"file": line.file}
            lines.append({**file, "line": line.number, **replayed.as_json()})
        else:
            _print(records.where(line), replayed)
    total = sum(counts.values())
    if output == "json":
        numbers = {result: counts[result] for result in _RESULTS}
        chain = records.as_json()
        print_json(
            {
                "policy": loaded.name,
                "counts": numbers,
                "other_digest": by_other_digest,
                "lines": lines,
                "chain": chain,
            }
        )
    else:
        records.print_breaks(limit)
        parts = [f"{counts[result]} {words}" for result, words in _RESULTS.items() if counts[result]]
        print_text(f"{counted(total, 'decision')}{': ' if parts else ''}{', '.join(parts)}")
        if by_other_digest:
            print_text(f"{by_other_digest} of them by another text of the policy than this one")
        records.print_summary()
    sys.exit(0 if counts["same"] == total and records.is_whole else 1)


def _replayed(loaded: Policy | Book, line: RecordLine) -> Replayed:
    document = line.document
    if document is None:
        what = "is cut off, as a crash or a full disk leaves it" if line.cut_off else "is no record of a decision"
        return Replayed("unreadable", reason=f"the line {what}")
    try:
        policy = version_of(loaded, document.get("on"), document.get("at"), as_dict(document.get("case")))
    except CaseError as error:
        return Replayed("same") if "faults" in document else Replayed("undecided", reason=str(error))
    return replay(policy.typed, policy.digest, _deciding(policy, document.get("permits")), document)


def _deciding(policy: Policy, action: str | None) -> Decide:
    """What decides, on all actions or on one alone."""
    return policy.decide if action is None else partial(policy.decide_alone, action)


def _print(where: str, replayed: Replayed) -> None:
    if replayed.reason is not None:
        print_text(f"{where}: {replayed.reason}")
    for action, (recorded, now) in replayed.changes.items():
        print_text(f"{where}: {action}: {_said(recorded)} -> {_said(now)}")


def _said(entry: Entry) -> str:
    rules = entry["rules"]
    by = f" by {', '.join(map(str, rules))}" if isinstance(rules, list) and rules else ""
    return f"{entry['verdict']}{by}"
