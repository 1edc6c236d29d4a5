"""The findings of `validate` about one file, independently of the other files."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping

from attrs import field, frozen

from forbear.base.diagnostic import Code, Diagnostic
from forbear.base.source import Place
from forbear.check.files.gather import Checked


@frozen
class Task:
    """A file to be validated, and how: at most `limit` findings of one code, accepts by the day `today`, and codes on
    request if they are `asked` for.
    """

    path: str
    limit: int | None
    today: datetime.date
    effort: int
    asked: frozenset[str] = frozenset()


@frozen
class Version:
    """The data of a policy's version that its book needs; the days are ordinals."""

    name: str
    since: int | None
    until: int | None
    place: Place


@frozen
class Outcome:
    """The diagnostics of a file's text, names and types, which another file that uses the same ones has too; and the
    analyser's findings, with the numbers by code. `version` is that of a policy with a head.

    The outcome is the same on all days from `first` to `last` (ordinals): only expiry depends on the day.
    """

    checked: tuple[Diagnostic, ...]
    found: tuple[Diagnostic, ...] = ()
    totals: Mapping[Code, int] = field(factory=dict)
    version: Version | None = None
    first: int | None = None
    last: int | None = None


def outcome(task: Task, checked: Checked) -> Outcome:
    """The outcome for a file that was checked."""
    policy = checked.policy
    if policy is None:
        return Outcome(checked.diagnostics)
    from forbear.analysis.findings.expired import last_days
    from forbear.analysis.run import findings

    result = findings(
        policy, checked.diagnostics, limit=task.limit, today=task.today, effort=task.effort, asked=task.asked
    )
    number = len(checked.diagnostics)
    judged = result.diagnostics[:number]
    totals = Counter(result.totals)
    totals.subtract(diagnostic.code for diagnostic in judged if diagnostic.accepted is None)
    day = task.today.toordinal()
    ends = [*[accept.until for accept in policy.accepts if accept.until is not None], *last_days(policy)]
    return Outcome(
        judged,
        result.diagnostics[number:],
        +totals,
        Version(policy.name, policy.since, policy.until, policy.place) if policy.headed else None,
        max([end + 1 for end in ends if end < day], default=None),
        min([end for end in ends if end >= day], default=None),
    )
