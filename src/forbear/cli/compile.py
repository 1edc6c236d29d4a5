"""`forbear compile`: a policy as a stand-alone module of Python, or of JavaScript."""

from __future__ import annotations

import datetime
from collections.abc import Mapping

import click

from forbear.analysis.findings import findings
from forbear.backends.javascript_module import javascript_module
from forbear.backends.module_check import CompilerBug
from forbear.backends.python_module import compile_module
from forbear.cli.failing import fail
from forbear.cli.options import day_option, policy_argument, settings_option
from forbear.cli.printing import print_diagnostics
from forbear.cli.reading import input_files, read_policy
from forbear.cli.writing import write_whole
from forbear.diagnostic import has_errors

JAVASCRIPT = (".mjs", ".js")
TOLD = 100
"""Findings of one code that are told where a policy has errors: of overlaps there may be millions."""


@click.command("compile")
@policy_argument
@click.option(
    "-o",
    "--output",
    "target",
    required=True,
    metavar="FILE.py",
    help="Where to write it, `-` for standard output; FILE.mjs or FILE.js gives JavaScript.",
)
@day_option
@settings_option
def command(policy: str, target: str, on: datetime.date | None, settings: Mapping[str, object]) -> None:
    """Write a policy as a typed Python module that needs nothing but the standard library, or as a JavaScript module.

    A policy with errors, failing examples among them, is refused. Of a folder that holds versions, --on picks one.

    \b
    Exit code 0: written, 1: the policy has errors, or nothing can be written, 2: wrong use.
    Example: forbear compile house.forbear -o house_policy.py
    """
    loaded = read_policy(policy, settings, on)
    found = findings(loaded.typed, loaded.warnings, limit=TOLD).diagnostics
    if has_errors(diagnostic for diagnostic in found if diagnostic.accepted is None):
        print_diagnostics(found, err=True)
        fail(f"`{loaded.name}` has errors, so nothing was written")
    try:
        text = (javascript_module if target.endswith(JAVASCRIPT) else compile_module)(loaded.typed)
    except CompilerBug as bug:
        fail(f"Forbear has a bug, so nothing was written; please report it: {bug}")
    write_whole(target, text, input_files([policy], loaded.files))
