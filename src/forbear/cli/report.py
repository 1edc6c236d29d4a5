"""`forbear report`: pictures and tables of a policy, or of a change of one, in one self-contained page."""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attrs import evolve

from forbear.analysis.comparison.coming import findings_between
from forbear.analysis.comparison.difference import difference
from forbear.analysis.run import Findings, findings
from forbear.cli.support import options
from forbear.cli.support.comparing import both, read_policies
from forbear.cli.support.failing import needing, wrong_use
from forbear.cli.support.options import Asked, argument, declared, flag, option
from forbear.cli.support.printing import print_text
from forbear.cli.support.project import severities
from forbear.cli.support.reading import input_files, read_policy
from forbear.cli.support.writing import is_stream, keep_apart, to_standard_output, write_whole
from forbear.kernel.cases import decision_day
from forbear.library.policy import Policy
from forbear.semantics.composition.union import Domain

if TYPE_CHECKING:
    from forbear.report.page.contents import Report

MOST_REPORTED = 100
"""Findings of one code on the page. Its counts cover all findings."""


@declared("report")
def command(
    policies: tuple[str, ...] = argument("POLICY [NEW]", nargs=-1, required=True),
    against: str | None = options.against,
    target: str | None = option("Where to write the page, `-` for standard output.", "FILE.html", "-o", "--output"),
    picture: str | None = option("Write the chart alone, for a document.", "FILE.svg", "--svg"),
    to_sign: bool = flag("Leave room on the page for names and signatures.", "--sign-off"),
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
    effort: int = options.effort,
) -> None:
    """Show a policy to people who do not read rule files, in one page that needs no network.

    The page has the ladder in time, a case to try with the verdicts and why, the findings and the rules. With two
    policies, or --against an old one, it shows what changes. With --on it shows only that day.

    \b
    Exit code 0: written, 1: the policy has errors of syntax, names or types, 2: wrong use, or two policies that
    cannot be read or compared.
    Example: forbear report house.forbear -o report.html
             forbear report house.forbear --against HEAD:house.forbear -o change.html
    """
    if target is None and picture is None:
        wrong_use("say where to write: -o FILE.html for the page, --svg FILE.svg for the chart alone")
    if target is not None and picture is not None and to_standard_output(target) and to_standard_output(picture):
        wrong_use("only one of the page and the chart can go to standard output")
    if target is not None and picture is not None and os.path.realpath(target) == os.path.realpath(picture):
        wrong_use(f"the page and the chart cannot both be {target!r}: name another file for one of the two")
    if len(policies) > 1 or against is not None:
        policies = both("report", policies, against)
    with needing("`report`", "report"):
        import jinja2  # noqa: F401 - imported here, so that a missing package is a plain error
    from forbear.report.page.page import page, svg

    day = None if on is None else on.toordinal()
    if len(policies) == 2:
        loaded = read_policies(policies, settings, on)
        report = _of_change(loaded, policies, day, effort, whole=target is not None)
    else:
        loaded = [read_policy(Asked(policies[0], settings, on))]
        report = _of_policy(loaded[0], on, effort, whole=target is not None)
    inputs = input_files(policies, [file for policy in loaded for file in policy.files])
    files = [name for name in (target, picture) if name is not None and not is_stream(name)]
    for file in files:  # both before one of them is written
        keep_apart(file, inputs)
    if target is not None:
        write_whole(target, page(report, datetime.date.today(), to_sign=to_sign), inputs)
    if picture is not None:
        write_whole(picture, svg(report.chart), inputs)
    if files:
        print_text(f"{' and '.join(files)} written", err=True)


def _of_policy(loaded: Policy, on: datetime.date | None, effort: int, *, whole: bool) -> Report:
    """The report of one policy. The analyser runs only if `whole`, for the page; the chart alone has no findings."""
    from forbear.report.page.contents import policy_report

    policy = loaded.typed
    day = None if on is None else decision_day(policy.name, policy.dated, policy.since, policy.until, on)
    today = on or datetime.date.today()
    levels, raw = severities(), Findings((), {})
    if whole:
        raw = findings(policy, loaded.warnings, limit=MOST_REPORTED, today=today, asked=levels.asked, effort=effort)
    return policy_report(policy, levels.findings(raw).by_cause(), day)


def _of_change(loaded: Sequence[Policy], called: Sequence[str], day: int | None, effort: int, *, whole: bool) -> Report:
    """The report of a change, for the page with the findings that come and go."""
    from forbear.report.page.contents import change_report

    old, new = loaded
    change = difference(old.typed, new.typed, Domain(day=day), effort)
    if whole:
        coming = findings_between(old.typed, old.warnings, new.typed, new.warnings, severities(), effort=effort)
        change = evolve(change, findings=coming)
    return change_report(change, called[0], called[1], day)
