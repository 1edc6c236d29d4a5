"""`forbear compile`: a policy as a stand-alone module of Python or JavaScript, as a Java class, or as SQL."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Mapping
from pathlib import Path

import click
from attrs import frozen

from forbear.analysis.run import findings
from forbear.base.diagnostic import has_errors
from forbear.cli.support import options
from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import Asked, declared, flag, option
from forbear.cli.support.printing import print_diagnostics
from forbear.cli.support.project import is_by_hand, severities
from forbear.cli.support.reading import input_files, read_policy
from forbear.cli.support.writing import is_stream, keep_apart, whole_file, write_whole
from forbear.kernel.cases import decision_day
from forbear.language.model.names import one_of
from forbear.language.model.policy import TypedPolicy
from forbear.targets import NotWritten
from forbear.targets.java.module import java_class
from forbear.targets.javascript.module import javascript_module, typescript_declarations
from forbear.targets.json_form import json_form
from forbear.targets.python.check import CompilerBug
from forbear.targets.python.module import compile_module

JAVASCRIPT = {".mjs": ".d.mts", ".js": ".d.ts"}
"""The endings of JavaScript, each with that of the declarations that TypeScript looks for next to it."""
DIALECTS = ("duckdb", "postgres", "spark")
MOST_REPORTED = 100
"""Findings of one code that are reported if a policy has errors. There may be millions of overlaps."""


@frozen
class How:
    """How a policy is written: into which file, and the options of single targets."""

    target: str
    package: str | None
    dialect: str | None
    table: str
    why: bool


def _java(policy: TypedPolicy, how: How, on: datetime.date | None) -> str:
    return java_class(policy, "Policy" if is_stream(how.target) else Path(how.target).stem, how.package)


def _sql(policy: TypedPolicy, how: How, on: datetime.date | None) -> str:
    with needing("SQL", "sql"):
        from forbear.targets.sql.statement import select_statement
    assert how.dialect is not None
    day = decision_day(policy.name, policy.dated, policy.since, policy.until, on)
    return select_statement(policy, how.dialect, day, how.table, why=how.why)


TARGETS: Mapping[str, tuple[tuple[str, ...], Callable[[TypedPolicy, How, datetime.date | None], str]]] = {
    "python": ((".py",), lambda policy, *_: compile_module(policy)),
    "javascript": ((*JAVASCRIPT,), lambda policy, *_: javascript_module(policy)),
    "java": ((".java",), _java),
    "sql": ((".sql",), _sql),
    "json": ((".json",), lambda policy, *_: json_form(policy)),
}
"""The targets, each with the endings of its files, and the function that writes it."""
_ENDINGS = [ending for endings, _ in TARGETS.values() for ending in endings]


@declared("compile")
def command(
    policy: str = options.policy,
    target: str = option(
        f"The file to write, `-` for standard output. Its ending selects the target: {one_of(_ENDINGS)}.",
        "FILE.py",
        "-o",
        "--output",
        required=True,
    ),
    into: str | None = option(
        "What to write, if the ending of FILE does not say.", None, "--target", type=click.Choice([*TARGETS])
    ),
    declarations: bool = flag("With JavaScript, also write TypeScript types: FILE.d.mts next to FILE.mjs."),
    package: str | None = option("The package of the Java class, which is named after its file.", "NAME"),
    dialect: str | None = option("The warehouse whose SQL to write.", type=click.Choice(DIALECTS)),
    table: str = option("The table that the SQL reads.", "TABLE", default="cases"),
    why: bool = flag("In SQL, add a column with the deciding rules of each action."),
    vectors_target: str | None = option(
        "With JSON, also write cases with their decisions, to test an evaluator.", "FILE.json", "--vectors"
    ),
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
) -> None:
    """Write a policy as a typed Python module that needs nothing but the standard library, as a JavaScript module, as a
    Java class, as one SELECT of SQL with a verdict column for each action, or as JSON for an evaluator in
    another language.

    It refuses a policy with errors or failing examples. If a folder holds versions, --on picks one; in SQL, --on is the
    day of the decisions.

    Python and Java read the events of a case. JavaScript and SQL derive no facts: their heads name the facts to give.

    \b
    Exit code 0: written, 1: the policy has errors, or nothing can be written, 2: wrong use.
    Example: forbear compile house.forbear -o house_policy.py
             forbear compile house.forbear -o house.mjs --declarations
             forbear compile house.forbear -o House.java --package com.example.policies
             forbear compile house.forbear -o house.sql --dialect duckdb --on 2026-12-01
             forbear compile house.forbear -o house.json --vectors house.vectors.json
    """
    into = into or _target_of(target)
    if into == "sql" and dialect is None:
        wrong_use(f"say for which warehouse, with --dialect: {', '.join(DIALECTS)}")
    if into != "sql" and (why or is_by_hand("dialect")):
        wrong_use("--dialect and --why are for SQL: add --target sql, or name a file that ends in .sql")
    if package is not None and into != "java":
        wrong_use("--package is for Java: add --target java, or name a file that ends in .java")
    if vectors_target is not None:
        if into != "json":
            wrong_use("--vectors is for JSON: add --target json, or name a file that ends in .json")
        if os.path.realpath(vectors_target) == os.path.realpath(target):
            wrong_use(f"the policy and its vectors cannot both be {target!r}: name another file for one of the two")
    if declarations and (into != "javascript" or not target.endswith((*JAVASCRIPT,))):
        wrong_use("--declarations are for a file of JavaScript: name a FILE.mjs or FILE.js")
    loaded = read_policy(Asked(policy, settings, on))
    diagnostics = (
        severities().findings(findings(loaded.typed, loaded.warnings, limit=MOST_REPORTED)).by_cause().diagnostics
    )
    if has_errors(diagnostic for diagnostic in diagnostics if diagnostic.accepted is None):
        print_diagnostics(diagnostics, err=True)
        fail(f"`{loaded.name}` has errors, so nothing was written")
    inputs = input_files([policy], loaded.files)
    for written in (target, vectors_target):  # both before one of them is written
        if written is not None and not is_stream(written):
            keep_apart(written, inputs)
    if into is None:
        wrong_use(f"unknown kind of file {target!r}: name one that ends in {', '.join(_ENDINGS)}, or add --target")
    try:
        text = TARGETS[into][1](loaded.typed, How(target, package, dialect, table, why), on)
        if vectors_target is not None:
            from forbear.targets.vectors import vectors  # slow to import, and rarely needed

            test_vectors = vectors(loaded.typed)
    except CompilerBug as bug:
        fail(f"Forbear has a bug, so nothing was written; please report it: {bug}")
    except NotWritten as error:
        fail(f"{error}, so nothing was written")
    if vectors_target is not None:
        write_whole(vectors_target, test_vectors, inputs)
    if not declarations:
        write_whole(target, text, inputs)
        return
    ending = next(ending for ending in JAVASCRIPT if target.endswith(ending))
    beside = target.removesuffix(ending) + JAVASCRIPT[ending]
    with whole_file(beside, inputs) as types, whole_file(target, inputs) as module:
        types.write(typescript_declarations(loaded.typed).encode())
        module.write(text.encode())


def _target_of(path: str) -> str | None:
    """Returns the target with the ending of a path; None if no target has it. For a stream, even one that leads to a
    file, it is Python.
    """
    if is_stream(path) or path.startswith("/dev/"):
        return "python"
    return next((target for target, (endings, _) in TARGETS.items() if path.lower().endswith(endings)), None)
