"""Whether a standard is vacuous for a policy: it requires nothing, and forbids no action that the policy decides.

This is searched for in a space in which both have rules: that of a policy under its standards, or of a pair.
"""

from __future__ import annotations

from collections.abc import Callable, Set
from typing import Literal, TypeAlias

from forbear.analysis.engine.analysis import Analysis
from forbear.language.model.policy import Effect

Vacuous: TypeAlias = Literal["holds nowhere", "forbids nothing"]
"""How a standard is vacuous: no rule of it holds in any case; or what it forbids, the policy does not speak of."""


def vacuous(
    analysis: Analysis, standard: Set[int], policy: Set[int], called: Callable[[str], str] = str
) -> Vacuous | None:
    """How a standard is vacuous for a policy; None if it is not. Raises `BoundReached`.

    `standard` and `policy` are the rules of each by their numbers, and `called` gives the policy's name of an action.
    """
    space = analysis.space
    rules = space.policy.rules
    somewhere = analysis.searcher.is_possible

    spoken_of = {
        action
        for number in policy
        for action, effect in rules[number].effects.items()
        if space.holds_somewhere(number, effect)
    }
    not_of_standard = frozenset(range(len(rules))) - standard
    for action in dict.fromkeys(action for number in sorted(standard) for action in rules[number].effects):
        verdicts = analysis.formulas.verdicts_without(action, not_of_standard)
        if somewhere(verdicts.required) or (called(action) in spoken_of and somewhere(verdicts.forbidden)):
            return None
    for number in standard:
        if any(called(action) in spoken_of for action in rules[number].along) and space.holds_somewhere(
            number, Effect.ALONG
        ):
            return None
    holding = any(
        space.holds_somewhere(number, effect) for number in standard for effect in space.effects[number].values()
    )
    return "forbids nothing" if holding else "holds nowhere"
