"""`forbear test`: examples, and which rules they cover."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from forbear.analysis.findings.promises.failed_example import Outcome, try_examples
from forbear.analysis.run import findings
from forbear.check.files.loading import Checked
from forbear.cli.support.failing import fail_policy, wrong_use
from forbear.cli.support.options import format_option, settings_option
from forbear.cli.support.printing import print_diagnostics, print_json, print_line, print_text
from forbear.cli.support.reading import check_paths, distinct_files, input_files, read_each_once
from forbear.cli.support.writing import write_with_report
from forbear.composition.union import Incomparable
from forbear.diagnostic import Diagnostic
from forbear.model.policy import TypedPolicy, own_rules
from forbear.report.formats.json import diagnostic_json


@click.command("test")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@settings_option
@format_option()
@click.option(
    "--write-examples",
    "examples",
    metavar="FILE",
    help="Write examples that pin what a policy says today of the cases of its findings, or of a change.",
)
@click.option("--since", "old", metavar="OLD", help="With --write-examples: what the policy was before, as for diff.")
def command(
    paths: tuple[str, ...], settings: Mapping[str, object], output: str, examples: str | None, old: str | None
) -> None:
    """Try the examples and ensures of rule files, and name the rules that no example makes a deciding rule.


    \b
    Exit code 0: all hold, 1: one fails or a file has errors, 2: wrong use.
    Example: forbear test rules
             forbear test house.forbear --write-examples changed.forbear --since HEAD:house.forbear
    """
    if examples is None and old is not None:
        wrong_use("--since goes with --write-examples")
    if len(paths) != 1 and old is not None:
        wrong_use("--since goes with one policy")
    read_each_once(*dict.fromkeys(paths), *([] if old is None else [old]))
    files = list(check_paths(distinct_files(paths), settings))
    if examples is not None:
        text, read = _examples([checked for _, checked in files], settings, old)
        write_with_report(examples, text, input_files(paths, read))
    failed = False
    records: list[dict[str, object]] = []
    for file, checked in files:
        if checked.policy is None:
            failed = True
            if output == "text":
                print_diagnostics(checked.diagnostics)
            records.append({"file": file, "errors": [diagnostic_json(found) for found in checked.diagnostics]})
            continue
        outcomes = list(try_examples(checked.policy))
        broken = findings(checked.policy, only=frozenset({"failed-ensure"})).diagnostics
        failed = failed or bool(broken) or any(outcome.failures for outcome in outcomes)
        if output == "text":
            _print(file, checked.policy, outcomes, broken)
        records.append(_record(file, checked.policy, outcomes, broken))
    if output == "json":
        print_json({"files": records})
    sys.exit(1 if failed else 0)


def _examples(files: Sequence[Checked], settings: Mapping[str, object], old: str | None) -> tuple[str, Sequence[Path]]:
    """Examples from the cases of a change, or from the findings of files; and the files that were read for them."""
    from forbear.report.examples import change_examples, witness_examples

    read = [path for checked in files for path in checked.files]
    if old is None:
        found = (
            (checked.policy, findings(checked.policy, checked.diagnostics, limit=100).diagnostics)
            for checked in files
            if checked.policy is not None
        )
        return witness_examples(found), read
    from forbear.analysis.comparison.difference import difference
    from forbear.cli.support.comparing import fail_incomparable, read_policies

    if len(files) != 1:
        wrong_use("--since goes with one policy, and no folder")
    [after] = files
    if after.policy is None:
        fail_policy(after.diagnostics, code=2)
    [before] = read_policies([old], settings, None, known=after.settings)
    try:
        return change_examples(difference(before.typed, after.policy)), [*read, *before.files]
    except Incomparable as error:
        fail_incomparable(error)


def _uncovered(policy: TypedPolicy, outcomes: list[Outcome]) -> list[str]:
    covered = {name for outcome in outcomes for name in outcome.deciding}
    return [rule.name for rule in own_rules(policy) if rule.name not in covered]


def _promises(policy: TypedPolicy) -> int:
    return len(policy.ensures) + len(policy.conforms)


def _record(file: str, policy: TypedPolicy, outcomes: list[Outcome], broken: Sequence[Diagnostic]) -> dict[str, object]:
    uncovered, rules = _uncovered(policy, outcomes), len(own_rules(policy))
    return {
        "file": file,
        "policy": policy.name,
        "examples": [
            {
                "title": outcome.example.title,
                "passed": not outcome.failures,
                "failures": [diagnostic_json(failure) for failure in outcome.failures],
            }
            for outcome in outcomes
        ],
        "ensures": {"total": _promises(policy), "failures": [diagnostic_json(found) for found in broken]},
        "coverage": {"rules": rules, "covered": rules - len(uncovered), "uncovered": uncovered},
    }


def _print(file: str, policy: TypedPolicy, outcomes: list[Outcome], broken: Sequence[Diagnostic]) -> None:
    for outcome in outcomes:
        print_diagnostics(outcome.failures)
    print_diagnostics(broken)
    passed = sum(not outcome.failures for outcome in outcomes)
    uncovered, rules = _uncovered(policy, outcomes), len(own_rules(policy))
    covered = rules - len(uncovered)
    kept = _promises(policy) - len({diagnostic.place for diagnostic in broken})
    good = passed == len(outcomes) and not broken
    ensures = f"{kept} of {_promises(policy)} ensures hold, " if _promises(policy) else ""
    line = f"{file}: {passed} of {len(outcomes)} examples hold, {ensures}{covered} of {rules} rules covered"
    print_line(((line, "good" if good else "error"),))
    for name in uncovered:
        print_text(f"  no example makes `{name}` a deciding rule")
