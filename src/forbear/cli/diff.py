"""`forbear diff`: which cases a change of a policy touches."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping, Sequence

from attrs import evolve

from forbear.analysis.comparison.coming import findings_between
from forbear.base.diagnostic import Severity
from forbear.cli.cases.lines import CaseOptions
from forbear.cli.cases.on_cases import compare_on_cases
from forbear.cli.support import options
from forbear.cli.support.comparing import both, read_policies
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import argument, declared, flag, option
from forbear.cli.support.printing import print_json, print_lines, print_text
from forbear.cli.support.project import is_by_hand, severities, with_project_columns
from forbear.cli.support.reading import input_files
from forbear.library.comparing import diff


@declared("diff")
def command(
    policies: tuple[str, ...] = argument("[OLD] NEW", nargs=-1, required=True),
    against: str | None = options.against,
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats("markdown"),
    effort: int = options.effort,
    limit: int = options.number(3, "Show at most N conditions of one change, in text and in Markdown."),
    whole: bool = flag("Name every rule and show every condition, in text and in Markdown.", "--all"),
    full: bool = options.full,
    cases: str | None = option("Compare them on a file of cases, as `apply` reads it.", "CASES", "--on-cases"),
    target: str | None = option("With --on-cases: the file for the rows that change.", "OUT", "-o", "--output"),
    key: Sequence[str] = options.key,
    names: Mapping[str, str] = options.names,
    none: Sequence[str] = options.none,
    max_rejects: int = options.max_rejects,
    at: str | None = options.moment,
) -> None:
    """For each action, exactly the cases whose verdict differs, with one of them, and the promises that are broken,
    gone, changed or new; or that the two are equivalent.

    OLD and NEW are rule files, folders that hold versions, packs, or REV:PATH: PATH as it was in a revision of the git
    repository of the working folder. With --on they are compared on that day only.

    With --on-cases it counts the rows of a file whose verdict changes, from which to which, and writes them to OUT.
    Rows that neither can decide count as rejects.

    \b
    Exit code 0: equivalent, 1: a verdict or a promise differs, a new error, or too many rejects, 2: they cannot be
    read or compared.
    Example: forbear diff HEAD:house.forbear house.forbear
             forbear diff house.forbear --against HEAD:house.forbear
    """
    old, new = both("diff", policies, against)
    before, after = read_policies([old, new], settings, on)
    if cases is None:
        if is_by_hand("target", "key", "names", "none", "max_rejects", "at"):
            wrong_use("-o, --key, --map, --none, --max-rejects and --at belong to --on-cases: name a file of cases")
    else:
        if output == "markdown":
            wrong_use("what changes on cases is printed as text or as JSON")
        facts = {**before.typed.facts, **after.typed.facts}
        names, none = with_project_columns(names, none, facts)
        reading = CaseOptions(names, key, none, on=on, at=at)
        inputs = input_files([old, new], [])
        sys.exit(0 if compare_on_cases(before, after, cases, target, inputs, reading, max_rejects, output) else 1)
    outcome = diff(before, after, on, effort=effort)
    coming = findings_between(before.typed, before.warnings, after.typed, after.warnings, severities(), effort=effort)
    outcome = evolve(outcome, findings=coming)
    if output == "json":
        from forbear.report.formats.json import findings_between_json

        print_json({**outcome.as_json(), "findings": findings_between_json(outcome.findings)})
    elif output == "markdown":
        from forbear.report.formats.markdown import difference_markdown

        for line in difference_markdown(outcome, old, new, limit, whole=whole, full=full):
            print_text(line)
    else:
        from forbear.report.comparison import difference_lines

        print_lines(difference_lines(outcome, old, new, limit, whole=whole, full=full))
    worse = any(finding.severity is Severity.ERROR for finding in coming.come)
    sys.exit(0 if outcome.equivalent and not worse else 1)
