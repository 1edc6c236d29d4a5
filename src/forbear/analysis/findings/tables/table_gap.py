"""`table-gap`: a case in which no row holds of a table that says it is complete."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.space import Point, check_witness
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.base.source import Place
from forbear.kernel.cases import read_case
from forbear.language.model.conditions import And, Condition, facts_in
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.tables import Row, Table
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs
from forbear.semantics.to_text import condition_text
from forbear.space.axes import DAY
from forbear.space.formulas import All, Formula, Neither, any_of, inside
from forbear.space.in_words import box_text
from forbear.space.search.witness import cover


def table_gaps(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each table that says it is complete. None can be accepted."""
    for table in analysis.policy.tables:
        if table.complete:
            yield _candidate(analysis, table)


def _candidate(analysis: Analysis, table: Table) -> Candidate:
    space, facts = analysis.space, analysis.policy.facts

    def find(more: Formula) -> Diagnostic | None:
        rows = any_of(space.condition(row.condition, when_unknown=False) for row in table.rows)
        gap = All((space.condition(table.when, when_unknown=False), Neither((rows,)), more))
        box = next(cover(gap, analysis.searcher.search(), space.masks), None)
        if box is None:
            return None
        read = (table.when, *[row.condition for row in table.rows])  # a row without effects makes no rule
        point = space.point(analysis.searcher.shrunk(All((gap, inside([box]))), box), more=read)
        check_witness(meaning.truth(table.when, facts, point.case) is True, TABLE_GAP.code, point)
        held = [row for row in table.rows if meaning.truth(row.condition, facts, point.case) is True]
        check_witness(not held, TABLE_GAP.code, point)
        tested = {name for condition in read for name in facts_in(condition)}
        forms = space.cells.forms  # of no other fact: the gap is there whatever these are
        about = {name: {*forms[name].facts} if name in forms else {name} for name in box}
        where = box_text({name: mask for name, mask in box.items() if about[name] <= tested}, space.cells)
        unsaid = all(meaning.truth(row.condition, facts, point.case) is False for row in table.rows)
        return diagnosis(
            f"table-gap.{'unsaid' if unsaid else 'unknown'}",
            table.place,
            code=TABLE_GAP.code,
            related=tuple(_nearest(analysis, table.rows, point)),
            rules=tuple([row.name for row in table.rows if row.makes_rule]),
            witness=point.witness,
            table=table.name,
            where=None if where == "always" else where,
        )

    return Candidate((), find, table.place)


_MOST_SHOWN = 2


def _nearest(analysis: Analysis, rows: Sequence[Row], point: Point) -> Iterator[Label]:
    """The rows of which only one cell keeps each from holding in a case."""
    facts = analysis.policy.facts
    shown = 0
    for row in rows:
        parts: Sequence[Condition] = row.condition.parts if isinstance(row.condition, And) else (row.condition,)
        failing = [part for part in parts if meaning.truth(part, facts, point.case) is not True]
        if len(failing) == 1 and shown < _MOST_SHOWN:
            shown += 1
            yield Label(row.place, f"`{row.name}` would, but for: {condition_text(failing[0], facts)}")


def cause_of(place: Place) -> str:
    """The cause of what comes of a gap in the table at a place."""
    return f"a gap of the table at {place}"


TABLE_GAP = Finding(
    Code("table-gap", Severity.ERROR),
    table_gaps,
    applies=lambda policy: any(table.complete for table in policy.tables),
    causes=lambda finding: (cause_of(finding.place),),
)


# Which findings come of a row that a table lacks: what they lose, they lose in a case that no row speaks of, and a row
# of that table could permit it.


_LOSING = frozenset({"hole", "falling-pressure"})
"""The findings of which the second case is one in which something is lost."""


def with_gaps(diagnostics: Iterable[Diagnostic], policy: TypedPolicy) -> list[Diagnostic]:
    """Returns the findings; those that result from a reported gap have its cause among theirs."""
    findings = list(diagnostics)
    places = {finding.place for finding in findings if finding.code == TABLE_GAP.code}
    gaps = [table for table in policy.tables if table.place in places]
    if not gaps:
        return findings
    specs = fact_specs(policy)

    def case_of(witness: Mapping[str, object]) -> meaning.Case:
        values = {name: value for name, value in witness.items() if name != DAY}
        return {**dict.fromkeys(policy.facts), **read_case(specs, (), values)}

    def with_causes(finding: Diagnostic) -> Diagnostic:
        if finding.code not in _LOSING or finding.accepted is not None:
            return finding
        case = case_of(finding.witnesses[1])
        lost = {
            action
            for name in finding.actions
            for action in (policy.groups[name].actions if name in policy.groups else (name,))
        }
        causes = [
            cause_of(table.place)
            for table in gaps
            if (table.actions is None or table.actions & lost)
            and meaning.truth(table.when, policy.facts, case) is True
            and all(meaning.truth(row.condition, policy.facts, case) is not True for row in table.rows)
        ]
        return evolve(finding, causes=(*finding.causes, *causes))

    return [with_causes(finding) for finding in findings]
