"""`blocked-duty`: a rule requires what a safeguard never lets happen, in one case."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.containment import Speaking
from forbear.analysis.pairs import clashing_effects, common_boxes, common_case, pair_diagnostic, partners
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.policy.typed import Effect
from forbear.space.search import Formula


def blocked_duties(view: View) -> Iterator[Candidate]:
    """A candidate for each pair."""
    speaking = Speaking(view)
    pairs: dict[tuple[int, int], None] = {}
    for number, rule in enumerate(view.policy.rules):
        required = [action for action, effect in rule.effects.items() if effect is Effect.REQUIRE]
        safeguards = speaking.any_of((action, Effect.NEVER) for action in required)
        if number in view.dead or not safeguards:
            continue
        for other in partners(view, number, safeguards):
            pairs.setdefault((min(number, other), max(number, other)))
    for one, other in pairs:
        yield _candidate(view, one, other)


def _clash(effect: Effect, other: Effect) -> bool:
    return {effect, other} == {Effect.REQUIRE, Effect.NEVER}


def _candidate(view: View, one: int, other: int) -> Candidate:
    rules = view.policy.rules

    def find(more: Formula) -> Diagnostic | None:
        boxes = []
        actions = []
        for action, effect, its in clashing_effects(view, one, other, _clash):
            found = list(common_boxes(view, (one, effect), (other, its)))
            boxes += found
            if found:
                actions.append(action)
        box = common_case(view, boxes, more)
        if box is None:
            return None
        shown = tuple(action for action in view.policy.actions if action in actions)
        requires = one if rules[one].effects[shown[0]] is Effect.REQUIRE else other
        never = other if requires == one else one
        return pair_diagnostic(
            view,
            "blocked-duty",
            one,
            other,
            f"`{rules[requires].name}` requires {listed(shown)}, what `{rules[never].name}` never allows",
            f"narrow the condition of `{rules[requires].name}`, or let the safeguard except this case",
            shown,
            box,
        )

    return Candidate((rules[one].name, rules[other].name), find)
