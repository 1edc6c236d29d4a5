"""`forbear conform`: whether a policy keeps the bounds of standards."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping

from forbear.cli.support import options
from forbear.cli.support.comparing import read_policies
from forbear.cli.support.failing import wrong_use
from forbear.cli.support.options import argument, declared, flag, option
from forbear.cli.support.printing import print_file, print_json, print_lines
from forbear.library.comparing import conform
from forbear.semantics.composition.standards import not_read, with_standards


@declared("conform")
def command(
    policy: str = argument("POLICY"),
    more: tuple[str, ...] = argument("[STANDARD...]", nargs=-1),
    standards: tuple[str, ...] = option(
        "A standard; several may be named.", "STANDARD", "--to", multiple=True, required=True
    ),
    on: datetime.date | None = options.day,
    settings: Mapping[str, object] = options.settings,
    output: str = options.formats(),
    effort: int = options.effort,
    full: bool = options.full,
    strict: bool = flag("Also fail if rules of a standard rest on a text that nobody has read."),
    suggest: bool = flag("Print the missing rules, as text for the policy, and nothing else."),
) -> None:
    """Whether a policy ever permits what a standard forbids, or omits what one requires, each time with a case.

    What no rule of a standard covers is free; permitted actions that no standard covers are listed as unjudged. A
    standard that can refuse nothing here is reported as vacuous. POLICY and STANDARD are rule files, folders that
    hold versions, packs, or REV:PATH as for diff.

    \b
    Exit code 0: it conforms, 1: it does not, or nothing was judged, 2: they cannot be read or compared.
    Example: forbear conform house.forbear --to pack:regulation/us-reg-f
    """
    if suggest and output != "text":
        wrong_use("--suggest prints rules: leave out --format")
    judged, *bounds = read_policies([policy, *standards, *more], settings, on)
    outcome = conform(judged, *bounds, on=on, effort=effort)
    if suggest:
        from forbear.report.safeguards import suggested_rules

        print_file(suggested_rules(outcome))
    elif output == "json":
        print_json(outcome.as_json())
    else:
        from forbear.report.comparison import conformance_lines

        print_lines(conformance_lines(outcome, policy, full=full))
    unread = strict and any(not_read(standard) for standard in with_standards(outcome.standards))
    sys.exit(0 if outcome.conforms and not unread else 1)
