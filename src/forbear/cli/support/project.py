"""The project file of a command: found and read before its other options, which go before what the file says."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from forbear.base.diagnostic import Diagnostic, Severity
from forbear.check.project import KEYS, NO_PROJECT, Project, ProjectError, find_project, read_project
from forbear.cli.support.failing import fail_policy, wrong_use

if TYPE_CHECKING:
    from forbear.analysis.severities import Severities

_META = "forbear.project"
_OPTIONS = ("config", "isolated")
_BY_OPTION = (
    *("strict", "notes", "limit", "effort", "min-coverage", "min-score"),
    *("key", "max-rejects", "dialect", "table"),
)
"""The keys whose value an option, or an argument, takes as it is; the others are read where they are used."""


def read_named(ctx: click.Context, param: click.Parameter, value: object) -> None:
    """Takes the value of `--config` or `--isolated`, and reads the project file as soon as both are known."""
    options = ctx.meta.setdefault(f"{_META}.asked", {})
    options[param.name] = value
    if len(options) < len(_OPTIONS) or ctx.resilient_parsing:
        return
    if options["config"] and options["isolated"]:
        wrong_use("--isolated reads no project file, and --config names one: leave out one of the two")
    if options["isolated"]:
        return
    try:
        file = Path(options["config"]) if options["config"] else find_project(Path.cwd())
        if file is None:
            return
        project_file = ctx.meta[_META] = read_project(file)
        command = ctx.command.name
        named = {key: value for key, value in project_file.values.items() if command in KEYS[key].commands}
        defaults = {key.replace("-", "_"): value for key, value in named.items() if key in _BY_OPTION}
        if "severity" in named:
            severities()
        ctx.default_map = {**defaults, **({"paths": project_file.paths} if "paths" in named else {})}
    except ProjectError as error:
        fail_policy([error.diagnostic], code=2)


def project() -> Project:
    """Returns the project file of the running command; an empty one if it reads none."""
    context = click.get_current_context(silent=True)
    project_file: Project = NO_PROJECT if context is None else context.meta.get(_META, NO_PROJECT)
    return project_file


def unused_settings(used: Collection[str]) -> list[Diagnostic]:
    """Returns an error for each setting of the project that its rule files do not have."""
    return [project().unused_setting(name, used).diagnostic for name in project().settings if name not in used]


def with_project_columns(
    names: Mapping[str, str], none: Sequence[str], facts: Collection[str]
) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Returns the names of columns, and the facts whose null means none: those of the command line, and those of the
    project for facts that the policy has, and for which the command line names no column.
    """
    project_file = project()
    by_hand = {*names, *names.values()}
    added = {
        column: fact for column, fact in project_file.columns.items() if fact in facts and not {column, fact} & by_hand
    }
    own = [fact for fact in project_file.none if fact in facts]
    return {**added, **names}, tuple(dict.fromkeys([*none, *own]))


def is_by_hand(*names: str) -> bool:
    """Returns true if an option of one of these names is on the command line."""
    context = click.get_current_context()
    return any(context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE for name in names)


def severities(
    selected: frozenset[str] | None = None, ignored: frozenset[str] = frozenset(), asked: Sequence[str] = ()
) -> Severities:
    """Returns the severity of each code for the project, with the codes that the command line ignores or selects. Codes
    on request that are `asked` for have their own severity if the project does not set one.
    """
    from forbear.analysis.severities import WORDS, Severities, all_codes, cannot_be, unknown_code
    from forbear.language.model.names import did_you_mean, listed

    project_file = project()
    by_code: dict[str, Severity | None] = {}
    for code, word in project_file.severities.items():
        wrong = unknown_code(code)
        if wrong is None and word not in WORDS:
            wrong = f"`{word}` is not a severity", did_you_mean(word, WORDS) or f"write one of {listed(WORDS)}"
        wrong = wrong or cannot_be(code, WORDS[word])
        if wrong is not None:
            problem, helps = wrong
            error = project_file.error("severity", "severity", code, problem=problem, helps=f"{helps}")
            fail_policy([error.diagnostic], code=2)
        by_code[code] = WORDS[word]
    for code in selected or ():
        if by_code.get(code, ...) is None:
            del by_code[code]  # the command line goes before the file
    own = {code: all_codes()[code].severity for code in asked}
    return Severities(own | by_code | dict.fromkeys(ignored), selected)
