"""`overlap`: two rules have the same effect on an action in the same case, and each adds something to the other."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.findings.pairs.clashes import Clash, clashing_pairs, pair_diagnostic
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.policy import Effect
from forbear.space.regions import Box

_CLASH = Clash({effect: (effect,) for effect in (Effect.ALLOW, Effect.FORBID, Effect.REQUIRE)})


def overlaps(analysis: Analysis) -> Iterator[Candidate | int]:
    """A candidate for each pair of the policy's own rules, or an exact number of pairs."""

    def left_out(number: int) -> tuple[int, int]:
        if not analysis.space.is_own(number):
            return -1, 0
        larger, maybe_larger = analysis.containment.larger(number)
        smaller, maybe_smaller = analysis.containment.smaller(number)
        return larger | smaller | analysis.space.of_standards, maybe_larger | maybe_smaller

    return clashing_pairs(analysis, OVERLAP.code, _CLASH, _finding, left_out)


def _finding(analysis: Analysis, first: int, second: int, actions: tuple[str, ...], box: Box) -> Diagnostic | None:
    rules = analysis.policy.rules
    if analysis.containment.adds_nothing(first, second) or analysis.containment.adds_nothing(second, first):
        return None
    one, other = rules[first].name, rules[second].name
    return pair_diagnostic(
        analysis, OVERLAP.code, "overlap.rules", first, second, actions, box, one=one, other=other, shared=[*actions]
    )


OVERLAP = Finding(
    Code("overlap", Severity.NOTE, acceptable=True, of_pair=True, on_request=True),
    overlaps,
    of_rules_alone=True,
)
