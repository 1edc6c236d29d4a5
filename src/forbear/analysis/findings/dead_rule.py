"""`dead-rule`: a rule whose condition and dates hold in no case."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.space.formulas import Formula


def dead_rules(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each rule that holds in no case. The finding has no witness, as there is no case to show."""
    for number in filter(analysis.space.is_own, sorted({*analysis.space.dead, *analysis.space.in_doubt})):
        yield _candidate(analysis, number)


def _candidate(analysis: Analysis, number: int) -> Candidate:
    rule = analysis.policy.rules[number]

    def find(more: Formula) -> Diagnostic | None:
        if number in analysis.space.in_doubt:
            raise analysis.space.in_doubt[number]
        return Diagnostic(
            code=DEAD_RULE.code,
            message=f"`{rule.name}` never applies: no case meets its condition on a day on which it is in force",
            place=rule.body,
            help=_help(analysis, rule.name),
            rules=(rule.name,),
        )

    return Candidate((rule.name,), find)


def _help(analysis: Analysis, rule: str) -> str:
    derived = analysis.policy.derived
    names = sorted(
        {
            derivation.calendar.name
            for name, derivation in derived.items()
            if derivation.calendar and name in analysis.space.needed
        }
    )
    covered = f", or for days that {' or '.join(map('`{}`'.format, names))} does not cover" if names else ""
    if any(row.otherwise and row.name == rule for table in analysis.policy.tables for row in table.rows):
        return f"the rows above leave no case to it{covered}; take it out, or look at these rows and the table's `when`"
    return f"look for two parts of its condition that exclude each other, or for its dates{covered}; or take it out"


DEAD_RULE = Finding(Code("dead-rule", Severity.WARNING, acceptable=True), dead_rules, of_rules_alone=True)
