"""`overlap`: two rules that do the same to an action in a case that they share, and neither adds nothing to the other.

There can be millions of them; what is not looked at is counted by the index.
"""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.containment import Speaking
from forbear.analysis.pairs import clashing_effects, common_boxes, common_case, pair_diagnostic
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.kernel import bits
from forbear.policy.names import listed
from forbear.policy.typed import Effect
from forbear.predicates.specs import mask_of
from forbear.space.search import Formula


def overlaps(view: View) -> Iterator[Candidate | int]:
    """A candidate for each pair that is asked for; after the first of a rule's, a number counts its exact rest."""
    speaking = Speaking(view)
    rules = view.policy.rules
    boxes = mask_of([number for number in range(len(rules)) if view.boxed[number]])
    nothing_new: dict[int, list[int]] = {}
    for one, other in view.smaller:
        nothing_new.setdefault(min(one, other), []).append(max(one, other))
    for number, rule in enumerate(rules):
        if number in view.dead:
            continue
        effects = [(action, effect) for action, effect in rule.effects.items() if effect is not Effect.NEVER]
        later = speaking.any_of(effects) >> (number + 1) << (number + 1)
        if not later:
            continue
        meeting = view.index.meeting(view.hulls[number]) & later & ~mask_of(nothing_new.get(number, []))
        exact = meeting & boxes if view.boxed[number] else 0
        if "overlap" in view.counting:
            yield exact.bit_count()
            meeting &= ~exact
        for other in bits(meeting):
            yield _candidate(view, number, other)


def _same(effect: Effect, other: Effect) -> bool:
    return effect is other and effect is not Effect.NEVER


def _candidate(view: View, one: int, other: int) -> Candidate:
    rules = view.policy.rules

    def find(more: Formula) -> Diagnostic | None:
        found = []
        actions = []
        for action, effect, its in clashing_effects(view, one, other, _same):
            common = list(common_boxes(view, (one, effect), (other, its)))
            found += common
            if common:
                actions.append(action)
        box = common_case(view, found, more)
        if box is None:
            return None
        shown = tuple(actions)
        return pair_diagnostic(
            view,
            "overlap",
            one,
            other,
            f"`{rules[one].name}` and `{rules[other].name}` do the same to {listed(shown)} in a case that they share",
            "nothing need change; both are named where both decide",
            shown,
            box,
        )

    return Candidate((rules[one].name, rules[other].name), find)
