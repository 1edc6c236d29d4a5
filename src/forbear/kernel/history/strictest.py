"""Combines the decisions on a case in several time zones into the strictest."""

from __future__ import annotations

from collections.abc import Sequence

from forbear.kernel.cases import ActionDecision, Along, Verdict


def strictest(decisions: Sequence[ActionDecision]) -> ActionDecision:
    """The decision on a case with several time zones, from those in each: an action is permitted if it is in all."""
    if len(decisions) == 1:
        return decisions[0]
    verdicts = {decision.verdict for decision in decisions}
    verdict = next(
        verdict
        for verdict in (Verdict.FORBIDDEN, Verdict.UNSAID, Verdict.REQUIRED, Verdict.ALLOWED)
        if verdict in verdicts
    )
    giving = [decision for decision in decisions if decision.verdict is verdict]
    return ActionDecision(
        verdict,
        tuple(dict.fromkeys(rule for decision in giving for rule in decision.rules)),
        tuple(dict.fromkeys(because for decision in giving for because in decision.because)),
        tuple(dict.fromkeys(source for decision in giving for source in decision.source)),
        tuple(sorted({fact for decision in decisions for fact in decision.unknown})),
        _along(decisions) if giving[0].permitted else (),
    )


def _along(decisions: Sequence[ActionDecision]) -> tuple[Along, ...]:
    """Returns the actions that must accompany an action by any of some decisions."""
    rules: dict[str, dict[str, None]] = {}
    for companion in [companion for decision in decisions for companion in decision.along]:
        rules.setdefault(companion.action, {}).update(dict.fromkeys(companion.rules))
    return tuple([Along(action, tuple(rules[action])) for action in sorted(rules)])
