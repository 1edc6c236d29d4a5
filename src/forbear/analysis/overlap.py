"""`overlap`: two rules do the same to an action in a case that they share, and neither adds nothing to the other."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.pairs import Clash, clashing_pairs, pair_diagnostic
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.policy.typed import Effect
from forbear.space.regions import Box

_CLASH = Clash("overlap", {effect: (effect,) for effect in (Effect.ALLOW, Effect.FORBID, Effect.REQUIRE)})


def overlaps(view: View) -> Iterator[Candidate | int]:
    """A candidate for each pair of the policy's own rules, or a number that counts some exactly."""

    def left_out(number: int) -> tuple[int, int]:
        if not view.is_own(number):
            return -1, 0
        larger, maybe_larger = view.containment.larger(number)
        smaller, maybe_smaller = view.containment.smaller(number)
        return larger | smaller | view.of_standards, maybe_larger | maybe_smaller

    return clashing_pairs(view, _CLASH, _told, left_out)


def _told(view: View, one: int, other: int, actions: tuple[str, ...], box: Box) -> Diagnostic | None:
    rules = view.policy.rules
    if view.containment.adds_nothing(one, other) or view.containment.adds_nothing(other, one):
        return None
    return pair_diagnostic(
        view,
        "overlap",
        one,
        other,
        f"`{rules[one].name}` and `{rules[other].name}` do the same to {listed(actions)} in a case that they share",
        "nothing need change; both are named where both decide",
        actions,
        box,
    )
