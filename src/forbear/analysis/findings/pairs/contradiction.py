"""`contradiction`: one rule permits what another forbids, in the same case, and neither overrides the other."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, last_word
from forbear.analysis.findings.pairs.clashes import Clash, clashing_pairs, pair_diagnostic
from forbear.base.diagnostic import Code, Diagnostic, Label, Severity
from forbear.language.model.names import listed
from forbear.language.model.policy import PERMITTING, Effect
from forbear.space.regions import Box

_CLASH = Clash(
    {
        Effect.ALLOW: (Effect.FORBID,),
        Effect.REQUIRE: (Effect.FORBID,),
        Effect.FORBID: PERMITTING,
    },
    unless_overridden=True,
)


def contradictions(analysis: Analysis) -> Iterator[Candidate | int]:
    """A candidate for each pair, or an exact number of pairs. Third rules and safeguards are not considered."""
    return clashing_pairs(analysis, CONTRADICTION.code, _CLASH, _finding)


def _finding(analysis: Analysis, first: int, second: int, actions: tuple[str, ...], box: Box) -> Diagnostic:
    rules = analysis.policy.rules
    # Rules of mixed effects may clash in both ways, and are one pair nevertheless.
    by_second = [action for action in actions if rules[first].effects[action].permits]
    by_first = [action for action in actions if action not in by_second]
    permits, forbids, forward, back = (
        (first, second, by_second, by_first) if by_second else (second, first, by_first, by_second)
    )
    weak, strong = rules[permits], rules[forbids]
    requires = any(weak.effects[action] is Effect.REQUIRE for action in forward)
    does = f"`{weak.name}` {'requires' if requires else 'permits'} {listed(forward)}"
    finding = pair_diagnostic(
        analysis,
        CONTRADICTION.code,
        f"contradiction.{'requires' if requires else 'permits'}",
        first,
        second,
        actions,
        box,
        weak=weak.name,
        strong=strong.name,
        forward=forward,
        back=back,
        overridden=f"overrides {weak.name}" if weak.named else None,
        overriding=f"overrides {strong.name}" if strong.named else "overrides all",
    )
    label = Label(weak.body, does + (f" and forbids {listed(back)}" if back else ""))
    unnamed = tuple([rule.name for rule in (rules[first], rules[second]) if not rule.named])
    return evolve(finding, place=strong.body, related=(label,), by=(strong.name,), unnamed=unnamed)


CONTRADICTION = Finding(
    Code("contradiction", Severity.ERROR, acceptable=True, of_pair=True),
    contradictions,
    of_rules_alone=True,
    causes=lambda finding: last_word(finding.by),
)
