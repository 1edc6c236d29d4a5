"""The contents of a report page, as data: first sheet, chart, cases, findings, changes and rules."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence

from attrs import field, frozen

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.pair import paired
from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.analysis.run import Findings
from forbear.analysis.spans import Row, in_ladder_order, spans, to_the_day
from forbear.base.diagnostic import Code
from forbear.language.model.policy import TypedPolicy
from forbear.report.page.changes import Changes, changes
from forbear.report.page.chart import ChangeSide, Chart, draw, draw_change
from forbear.report.page.findings import Cases, ExampleRow, FindingGroup, example_rows, finding_groups
from forbear.report.page.first import Head, head
from forbear.report.page.rules import Numbering, Side, numbers_of_both, side
from forbear.semantics.composition.union import Domain, union

SPANS_OF_A_ROW = 80
SPANS = 900
"""The most spans of a chart. One that is cut says so."""


@frozen
class Report:
    """All contents of a page. `start` is the number of the case that it begins with; None for an ordinary one."""

    title: str
    head: Head
    sides: tuple[Side, ...]
    analysis: Analysis
    chart: Chart
    findings: tuple[FindingGroup, ...] = ()
    totals: Mapping[Code, int] = field(factory=dict)
    examples: tuple[ExampleRow, ...] = ()
    changes: Changes | None = None
    cases: Sequence[Mapping[str, object]] = ()
    start: int | None = None
    on: str | None = None

    @property
    def changed(self) -> bool:
        """Whether it is about a change."""
        return self.changes is not None


def policy_report(policy: TypedPolicy, findings: Findings, day: int | None) -> Report:
    """The contents for one policy, on one day (an ordinal) or, with None, on all its days."""
    analysis = analyse(policy, each_day=day is not None)
    start = analysis.space.cells.days[-1] if day is None else day
    analysis = to_the_day(analysis, day)
    cases = Cases(analysis)
    outcomes = tuple(try_examples(policy))
    actions = in_order(policy)
    rows = tuple(_rows(analysis, actions))
    return Report(
        title=_title(policy),
        head=head(policy, findings),
        sides=(side(Numbering(policy), policy, outcomes, ""),),
        analysis=analysis,
        chart=draw(analysis, rows, f"{_title(policy)}: the ladder in time"),
        findings=finding_groups(findings, policy, cases),
        totals=findings.totals,
        examples=example_rows(policy, outcomes, cases),
        cases=cases.all,
        on=None if start is None else datetime.date.fromordinal(start).isoformat(),
    )


def change_report(difference: Difference, old: str, new: str, day: int | None) -> Report:
    """The contents for a change. `old` and `new` are the names of the policies in messages."""
    both = union(difference.old, difference.new, Domain(day=day))
    pair = paired(both)
    cases = Cases(pair.analysis)
    shown_changes = changes(difference, old, new, cases)
    numbers = numbers_of_both(difference.old, difference.new)
    before, after = Numbering(difference.old, "old-", numbers[0]), Numbering(difference.new, "new-", numbers[1])
    return Report(
        title=f"{_title(difference.new)}: what changes",
        head=head(difference.new, None, difference.old),
        sides=(
            side(before, both.old, (), "before"),
            side(after, both.new, (), "after"),
        ),
        analysis=pair.analysis,
        chart=_change_chart(difference, pair.analysis, before, after),
        changes=shown_changes,
        cases=cases.all,
        start=0 if cases.all else None,
        on=_first_day(pair.analysis),
    )


def _change_chart(difference: Difference, both: Analysis, before: Numbering, after: Numbering) -> Chart:
    analysis = to_the_day(both)
    changed = {change.action for change in difference.changes} | set(difference.undecided)
    actions = [action for action in in_order(difference.new, difference.old) if action in changed]
    rows = _rows(analysis, [f"{side} {action}" for action in actions for side in ("old", "new")])
    return draw_change(
        analysis,
        (ChangeSide("before", 0, before), ChangeSide("after", len(before.policy.rules), after)),
        zip(actions, zip(rows, rows, strict=True), strict=True),
        {**difference.old.groups, **difference.new.groups},
        f"{_title(difference.new)}: before and after",
    )


def in_order(policy: TypedPolicy, second: TypedPolicy | None = None) -> list[str]:
    """The actions in the order of the ladder. Actions that only the other policy has come last."""
    return list(dict.fromkeys([*in_ladder_order(policy), *(second.actions if second is not None else ())]))


def _rows(analysis: Analysis, actions: Sequence[str]) -> Iterator[Row]:
    left = SPANS
    for action in actions:
        row = spans(analysis, action, min(SPANS_OF_A_ROW, left))
        left -= len(row.spans)
        yield row


def _title(policy: TypedPolicy) -> str:
    return policy.title or policy.name


def _first_day(analysis: Analysis) -> str | None:
    day = analysis.space.cells.days[-1]
    return None if day is None else datetime.date.fromordinal(day).isoformat()
