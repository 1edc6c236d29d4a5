"""`forbear validate`: the one gate that the CI of a rule repository needs."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from forbear.analysis.findings import findings
from forbear.book import version_problems
from forbear.cli.options import format_option, settings_option
from forbear.cli.printing import paint, print_diagnostics
from forbear.cli.reading import check_path, must_exist
from forbear.diagnostic import Diagnostic, Severity, in_file_order
from forbear.policy.files import SUFFIX
from forbear.policy.typed import TypedPolicy
from forbear.report.json import counts, dumps, limited, report_json, totals
from forbear.report.text import summary


@click.command("validate")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True)
@settings_option
@format_option()
@click.option("--strict", is_flag=True, help="Let warnings fail too.")
@click.option("--limit", default=100, show_default=True, metavar="N", help="Print at most N findings of one code.")
def command(paths: tuple[str, ...], settings: Mapping[str, object], output: str, strict: bool, limit: int) -> None:
    """Check rule files: syntax, names, types, findings and examples.

    A folder means every rule file in it, and the versions of a policy that it holds. Exit code 0: no error, 1: errors,
    2: wrong use.
    """
    files = [file for path in paths for file in rule_files(path)]
    found: list[Diagnostic] = []
    books: dict[tuple[Path, str], list[TypedPolicy]] = {}
    for file in dict.fromkeys(files):
        checked = check_path(file, settings)
        found.extend(checked.diagnostics)
        if checked.policy is not None:
            found.extend(findings(checked.policy))
            if checked.policy.headed and file != "-":
                books.setdefault((Path(file).parent, checked.policy.name), []).append(checked.policy)
    for versions in books.values():
        found.extend(version_problems(versions))
    diagnostics = in_file_order(dict.fromkeys(found))
    if output == "json":
        click.echo(dumps(report_json(diagnostics, limit), indent=2))
    else:
        _print(diagnostics, len(files), limit)
    worst = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    sys.exit(1 if any(diagnostic.severity in worst for diagnostic in diagnostics) else 0)


def rule_files(path: str) -> Iterable[str]:
    """The rule files that a path stands for: itself, or all in a folder. Ends the command with 2 where none is."""
    where = must_exist(path)
    if where is None or not where.is_dir():
        return [path]
    files = sorted(str(file) for file in where.rglob(f"*{SUFFIX}") if file.is_file())
    if not files:
        raise click.UsageError(f"the folder {path!r} holds no rule file (*{SUFFIX})")
    return files


def _print(diagnostics: tuple[Diagnostic, ...], files: int, limit: int) -> None:
    print_diagnostics(limited(diagnostics, limit))
    for code, number in totals(diagnostics).items():
        if number > limit:
            click.echo(f"{number - limit} more of {code} (--limit {number} prints all)")
    numbers = counts(diagnostics)
    click.echo(paint(summary(numbers, files), "error" if numbers["error"] else "good"))
