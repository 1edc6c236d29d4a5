"""`dead-rule`: a rule whose condition and dates hold in no case."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.messages import diagnosis
from forbear.space.formulas import Formula


def dead_rules(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each rule that holds in no case. The finding has no witness, because there is no case to
    show.
    """
    for number in filter(analysis.space.is_own, sorted({*analysis.space.dead, *analysis.space.in_doubt})):
        yield _candidate(analysis, number)


def _candidate(analysis: Analysis, number: int) -> Candidate:
    rule = analysis.policy.rules[number]

    def find(more: Formula) -> Diagnostic | None:
        if number in analysis.space.in_doubt:
            raise analysis.space.in_doubt[number]
        derived = [(name, one.calendar) for name, one in analysis.policy.derived.items() if one.calendar]
        calendars = {calendar.name for name, calendar in derived if name in analysis.space.needed}
        otherwise = [row.name for table in analysis.policy.tables for row in table.rows if row.otherwise]
        return diagnosis(
            f"dead-rule.{'otherwise' if rule.name in otherwise else 'condition'}",
            rule.body,
            code=DEAD_RULE.code,
            rules=(rule.name,),
            rule=rule.name,
            calendars=" or ".join(f"`{name}`" for name in sorted(calendars)) or None,
        )

    return Candidate((rule.name,), find)


DEAD_RULE = Finding(Code("dead-rule", Severity.WARNING, acceptable=True), dead_rules, of_rules_alone=True)
