"""Which findings come of a row that a table lacks: what they lose, they lose in a case that no row speaks of, and a row
of that table could permit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from attrs import evolve

from forbear.analysis.findings.tables.table_gap import TABLE_GAP, cause_of
from forbear.base.diagnostic import Diagnostic
from forbear.kernel.cases import read_case
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs
from forbear.space.axes import DAY

_LOSING = frozenset({"hole", "falling-pressure"})
"""The findings of which the second case is one in which something is lost."""


def with_gaps(diagnostics: Iterable[Diagnostic], policy: TypedPolicy) -> list[Diagnostic]:
    """The findings; those that come of a gap that is found too have its cause among theirs."""
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
