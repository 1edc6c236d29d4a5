"""`blocked-duty`: a rule requires what a safeguard never lets happen, in one case."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.pairs import Clash, clashing_pairs, pair_diagnostic
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.policy.typed import Effect
from forbear.space.regions import Box

_CLASH = Clash("blocked-duty", {Effect.REQUIRE: (Effect.NEVER,), Effect.NEVER: (Effect.REQUIRE,)})


def blocked_duties(view: View) -> Iterator[Candidate | int]:
    """A candidate for each pair, or a number that counts some exactly."""
    return clashing_pairs(view, _CLASH, _told)


def _told(view: View, one: int, other: int, actions: tuple[str, ...], box: Box) -> Diagnostic:
    rules = view.policy.rules
    requires, never = (one, other) if rules[one].effects[actions[0]] is Effect.REQUIRE else (other, one)
    return pair_diagnostic(
        view,
        "blocked-duty",
        one,
        other,
        f"`{rules[requires].name}` requires {listed(actions)}, what `{rules[never].name}` never allows",
        f"narrow the condition of `{rules[requires].name}`, or let the safeguard except this case",
        actions,
        box,
    )
