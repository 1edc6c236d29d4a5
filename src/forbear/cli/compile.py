"""`forbear compile`: a policy as a stand-alone module of Python or JavaScript, or as SQL."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import click

from forbear.analysis.run import findings
from forbear.backends.javascript_module import javascript_module
from forbear.backends.module_check import CompilerBug
from forbear.backends.python_module import compile_module
from forbear.cli.support.failing import fail, fail_case, wrong_use
from forbear.cli.support.options import day_option, policy_argument, settings_option
from forbear.cli.support.printing import print_diagnostics
from forbear.cli.support.project import is_by_hand, project_options, severities
from forbear.cli.support.reading import input_files, read_policy
from forbear.cli.support.writing import write_whole
from forbear.diagnostic import has_errors
from forbear.extras import missing_extra
from forbear.kernel import CaseError, decision_day
from forbear.model.policy import TypedPolicy

JAVASCRIPT = (".mjs", ".js")
TARGETS = ("python", "javascript", "sql")
DIALECTS = ("duckdb", "postgres", "spark", "snowflake", "bigquery")
MOST_REPORTED = 100
"""Findings of one code that are reported if a policy has errors. There may be millions of overlaps."""


@click.command("compile")
@policy_argument
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE.py",
    help="Where to write it, `-` for standard output; FILE.mjs or FILE.js gives JavaScript, FILE.sql gives SQL.",
)
@click.option("--target", "into", type=click.Choice(TARGETS), help="What to write, if FILE does not say.")
@click.option("--dialect", type=click.Choice(DIALECTS), help="The SQL of which warehouse.")
@click.option("--table", default="cases", show_default=True, metavar="TABLE", help="The table that the SQL reads.")
@click.option("--why", is_flag=True, help="In SQL: a column of the deciding rules for each action too.")
@day_option
@settings_option
@project_options
def command(
    policy: str,
    target: str,
    into: str | None,
    dialect: str | None,
    table: str,
    why: bool,
    on: datetime.date | None,
    settings: Mapping[str, object],
) -> None:
    """Write a policy as a typed Python module that needs nothing but the standard library, as a JavaScript module, or
    as one SELECT of SQL with a verdict column an action.

    A policy with errors, failing examples among them, is refused. Of a folder that holds versions, --on picks one; in
    SQL it is the day for which it decides.

    \b
    Exit code 0: written, 1: the policy has errors, or nothing can be written, 2: wrong use.
    Example: forbear compile house.forbear -o house_policy.py
             forbear compile house.forbear -o house.sql --dialect duckdb --on 2026-12-01
    """
    into = into or ("javascript" if target.endswith(JAVASCRIPT) else "sql" if target.endswith(".sql") else "python")
    if into == "sql" and dialect is None:
        wrong_use(f"say for which warehouse, with --dialect: {', '.join(DIALECTS)}")
    if into != "sql" and (why or is_by_hand("dialect")):
        wrong_use("--dialect and --why are for SQL: add --target sql, or name a file that ends in .sql")
    loaded = read_policy(policy, settings, on)
    found = severities().findings(findings(loaded.typed, loaded.warnings, limit=MOST_REPORTED)).diagnostics
    if has_errors(diagnostic for diagnostic in found if diagnostic.accepted is None):
        print_diagnostics(found, err=True)
        fail(f"`{loaded.name}` has errors, so nothing was written")
    try:
        if into == "sql":
            assert dialect is not None
            text = _sql(loaded.typed, dialect, on, table, why)
        else:
            text = (javascript_module if into == "javascript" else compile_module)(loaded.typed)
    except CompilerBug as bug:
        fail(f"Forbear has a bug, so nothing was written; please report it: {bug}")
    write_whole(target, text, input_files([policy], loaded.files))


def _sql(policy: TypedPolicy, dialect: str, on: datetime.date | None, table: str, why: bool) -> str:
    """The SQL statement of a policy. Ends the command with 1 if it has none."""
    try:
        from forbear.backends.sql.statement import NoStatement, select_statement
    except ModuleNotFoundError as error:
        fail(missing_extra("SQL", "sql", error))
    try:
        day = decision_day(policy.name, policy.dated, policy.since, policy.until, on)
        return select_statement(policy, dialect, day, table, why=why)
    except CaseError as error:
        fail_case(error)
    except NoStatement as error:
        fail(f"{error}, so nothing was written")
