"""`blocked-duty`: a rule requires what a safeguard never allows, in the same case.

A pair within a standard that the policy is subject to is reported for the standard alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding, last_word
from forbear.analysis.findings.pairs.clashes import Clash, clashing_pairs, pair_diagnostic
from forbear.diagnostic import Code, Diagnostic, Severity
from forbear.model.names import listed
from forbear.model.policy import Effect
from forbear.space.regions import Box

_CLASH = Clash({Effect.REQUIRE: (Effect.NEVER,), Effect.NEVER: (Effect.REQUIRE,)})


def blocked_duties(analysis: Analysis) -> Iterator[Candidate | int]:
    """A candidate for each pair, or an exact number of pairs."""

    def of_one_standard(number: int) -> tuple[int, int]:
        return (0 if analysis.space.is_own(number) else analysis.space.brought_with(number)), 0

    return clashing_pairs(analysis, BLOCKED_DUTY.code, _CLASH, _finding, of_one_standard)


def _finding(analysis: Analysis, first: int, second: int, actions: tuple[str, ...], box: Box) -> Diagnostic:
    rules = analysis.policy.rules
    requires, never = (first, second) if rules[first].effects[actions[0]] is Effect.REQUIRE else (second, first)
    found = pair_diagnostic(
        analysis,
        BLOCKED_DUTY.code,
        first,
        second,
        f"`{rules[requires].name}` requires {listed(actions)}, what `{rules[never].name}` never allows",
        _what_to_do(analysis, requires, never),
        actions,
        box,
    )
    return evolve(found, by=(rules[never].name,))


def _what_to_do(analysis: Analysis, requires: int, never: int) -> str:
    """The help. A policy cannot change a standard's rule."""
    rules = analysis.policy.rules
    own = [number for number in (requires, never) if analysis.space.is_own(number)]
    if len(own) == 2:
        return f"narrow the condition of `{rules[requires].name}`, or let the safeguard except this case"
    if own:
        return f"narrow the condition of `{rules[own[0]].name}`: the other comes from a standard"
    return "two standards are at odds here: in such a case the action is forbidden; `accept` it if that is meant"


BLOCKED_DUTY = Finding(
    Code("blocked-duty", Severity.WARNING, acceptable=True, of_pair=True),
    blocked_duties,
    of_rules_alone=True,
    causes=lambda found: last_word(found.by),
)
