"""`forbear test`: examples, and which rules they cover."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

import click

from forbear.analysis.examples import Outcome, try_examples
from forbear.analysis.findings import findings
from forbear.cli.options import format_option, settings_option
from forbear.cli.printing import paint, print_diagnostics
from forbear.cli.reading import check_path, distinct_files
from forbear.cli.writing import write_whole
from forbear.diagnostic import Diagnostic
from forbear.policy.typed import TypedPolicy
from forbear.policy.union import Incomparable
from forbear.report.json import diagnostic_json, dumps


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

    Exit code 0: all hold, 1: one fails or a file has errors, 2: wrong use.
    """
    if examples is not None:
        write_whole(examples, _examples(paths, settings, old))
    elif old is not None:
        raise click.UsageError("--since goes with --write-examples")
    failed = False
    records: list[dict[str, object]] = []
    for file in distinct_files(paths):
        checked = check_path(file, settings)
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
        click.echo(dumps({"files": records}, indent=2))
    sys.exit(1 if failed else 0)


def _examples(paths: Sequence[str], settings: Mapping[str, object], old: str | None) -> str:
    """The cases of a change, or of the findings of files, as examples."""
    from forbear.report.examples import change_examples, witness_examples

    if old is None:
        checked = [check_path(file, settings) for file in distinct_files(paths)]
        return witness_examples(
            (one.policy, findings(one.policy, one.diagnostics, limit=100).diagnostics)
            for one in checked
            if one.policy is not None
        )
    from forbear.analysis.difference import difference
    from forbear.cli.comparing import fail_incomparable, read_policies

    if len(paths) != 1:
        raise click.UsageError("--since goes with one policy")
    try:
        before, after = read_policies([old, paths[0]], settings, None)
        return change_examples(difference(before, after))
    except Incomparable as error:
        fail_incomparable(error)


def _uncovered(policy: TypedPolicy, outcomes: list[Outcome]) -> list[str]:
    covered = {name for outcome in outcomes for name in outcome.deciding}
    return [rule.name for rule in policy.rules if rule.name not in covered]


def _promises(policy: TypedPolicy) -> int:
    return len(policy.ensures) + len(policy.conforms)


def _record(file: str, policy: TypedPolicy, outcomes: list[Outcome], broken: Sequence[Diagnostic]) -> dict[str, object]:
    uncovered = _uncovered(policy, outcomes)
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
        "coverage": {"rules": len(policy.rules), "covered": len(policy.rules) - len(uncovered), "uncovered": uncovered},
    }


def _print(file: str, policy: TypedPolicy, outcomes: list[Outcome], broken: Sequence[Diagnostic]) -> None:
    for outcome in outcomes:
        print_diagnostics(outcome.failures)
    print_diagnostics(broken)
    passed = sum(not outcome.failures for outcome in outcomes)
    uncovered = _uncovered(policy, outcomes)
    covered = len(policy.rules) - len(uncovered)
    kept = _promises(policy) - len({diagnostic.place for diagnostic in broken})
    good = passed == len(outcomes) and not broken
    ensures = f"{kept} of {_promises(policy)} ensures hold, " if _promises(policy) else ""
    line = f"{file}: {passed} of {len(outcomes)} examples hold, {ensures}{covered} of {len(policy.rules)} rules covered"
    click.echo(paint(line, "good" if good else "error"))
    for name in uncovered:
        click.echo(f"  no example makes `{name}` a deciding rule")
