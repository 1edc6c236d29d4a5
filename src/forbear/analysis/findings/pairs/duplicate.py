"""`duplicate` and `subsumed`: a rule that adds nothing to another.

Rule r adds nothing to rule s if s has each effect of r on an action too, and the region of r for each such effect is
within that of s. r is one of the policy's own rules. s may be a rule of a standard that the policy is subject to,
unless the standard itself overrides it somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.findings.pairs.clashes import reported_or_counted
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Effect
from forbear.space.formulas import Formula


def duplicates(analysis: Analysis) -> Iterator[Candidate | int]:
    """Yields a candidate for each two rules that add nothing to each other, or an exact number of such pairs."""
    for number, (larger, maybe_larger), (smaller, maybe_smaller) in _with_larger(analysis):
        later = -1 << analysis.space.row.bit(number)
        certain = larger & smaller & later
        pairs = (larger | maybe_larger) & (smaller | maybe_smaller) & later
        yield from reported_or_counted(
            analysis, DUPLICATE.code, number, certain, pairs & ~certain, partial(_candidate, analysis, DUPLICATE.code)
        )


def subsumed(analysis: Analysis) -> Iterator[Candidate | int]:
    """Yields a candidate for each rule that adds nothing to a larger one, or an exact number of such pairs.

    Pairs of safeguards are left out.
    """
    rules = analysis.policy.rules
    safeguards = analysis.space.row.mask(
        [n for n, rule in enumerate(rules) if set(rule.effects.values()) == {Effect.NEVER}]
    )
    for number, (larger, maybe_larger), (smaller, maybe_smaller) in _with_larger(analysis):
        out = smaller | (safeguards if safeguards >> analysis.space.row.bit(number) & 1 else 0)
        certain = larger & ~out & ~maybe_smaller
        pairs = (larger | maybe_larger) & ~out
        yield from reported_or_counted(
            analysis, SUBSUMED.code, number, certain, pairs & ~certain, partial(_candidate, analysis, SUBSUMED.code)
        )


def _with_larger(analysis: Analysis) -> Iterator[tuple[int, tuple[int, int], tuple[int, int]]]:
    """The rules that may add nothing to larger ones, each with these, and with the rules that may add nothing to it.

    Both are as in `Containment`: certain ones, and those for a search to decide.
    """
    for number in range(len(analysis.policy.rules)):
        if analysis.space.looked_at(number) and analysis.space.is_own(number):
            certain, maybe = analysis.containment.larger(number)
            larger = certain & ~analysis.space.overridden_in_standards, maybe & ~analysis.space.overridden_in_standards
            if any(larger):
                yield number, larger, analysis.containment.smaller(number)


def _candidate(analysis: Analysis, code: Code, smaller: int, larger: int) -> Candidate:
    """The candidate that rule `smaller` adds nothing to rule `larger`."""
    rules = analysis.policy.rules
    first, second = sorted((smaller, larger))
    shown, related = (second, first) if code == DUPLICATE.code and analysis.space.is_own(second) else (smaller, larger)

    def find(more: Formula) -> Diagnostic | None:
        if not analysis.containment.adds_nothing(smaller, larger):
            return None
        if analysis.containment.adds_nothing(larger, smaller) != (code == DUPLICATE.code):
            return None
        box = analysis.searcher.in_rule(smaller, more)
        if box is None:
            return None
        variant = "rules" if code != DUPLICATE.code or analysis.space.is_own(second) else "of-standard"
        if rules[smaller].overrides or rules[larger].overrides:
            variant = "overriding"
        return diagnosis(
            f"{code}.{variant}",
            rules[shown].body,
            code=code,
            related=(Label(rules[related].body, f"`{rules[related].name}`"),),
            rules=(rules[first].name, rules[second].name),
            actions=tuple(rules[smaller].effects),
            subsumed=rules[smaller].name if code == SUBSUMED.code else None,
            witness=analysis.space.witness(box),
            first=rules[first if code == DUPLICATE.code else smaller].name,
            second=rules[second if code == DUPLICATE.code else larger].name,
        )

    return Candidate((rules[first].name, rules[second].name), find)


def _same(finding: Diagnostic) -> tuple[str, ...]:
    return tuple([f"the same as {name}" for name in finding.rules])


def _larger(finding: Diagnostic) -> tuple[str, ...]:
    [larger] = [name for name in finding.rules if name != finding.subsumed]
    return f"more than {finding.subsumed}", f"less than {larger}"


DUPLICATE = Finding(
    Code("duplicate", Severity.WARNING, acceptable=True, of_pair=True), duplicates, of_rules_alone=True, causes=_same
)
SUBSUMED = Finding(
    Code("subsumed", Severity.WARNING, acceptable=True, of_pair=True), subsumed, of_rules_alone=True, causes=_larger
)
