"""Two policies in one space, so that a search is about both."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from enum import StrEnum
from functools import cached_property
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.engine.short_cases import ShortCases
from forbear.analysis.engine.space import Point
from forbear.analysis.engine.verdicts import Verdicts
from forbear.kernel.cases import ActionDecision, Verdict
from forbear.language.model.policy import Effect, Rule, renumbered
from forbear.semantics import meaning
from forbear.semantics.composition.duties import pair_of
from forbear.semantics.composition.union import Union
from forbear.space.formulas import Formula

# Whether a standard is vacuous for a policy: it requires nothing, and forbids no action that the policy decides.
#
# This is searched for in a space in which both have rules: that of a policy under its standards, or of a pair.


Vacuous: TypeAlias = Literal["holds nowhere", "forbids nothing"]
"""How a standard is vacuous: none of its rules holds in any case; or the policy has no rule on the actions that it
forbids.
"""


def vacuous(
    analysis: Analysis, standard: Set[int], policy: Set[int], called: Callable[[str], str] = str
) -> Vacuous | None:
    """Returns how a standard is vacuous for a policy; None if it is not. Raises `BoundReached`.

    `standard` and `policy` are the rules of each by their numbers, and `called` returns the policy's name of an action.
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


@frozen(eq=False, slots=False)
class Pair:
    """Two policies of one vocabulary in one space: first the rules of the old one, then those of the new one.

    Each has its own actions there, `old sms` and `new sms`, with names that no author can write.
    """

    union: Union
    analysis: Analysis

    @cached_property
    def short_cases(self) -> ShortCases:
        """Shortens cases in which the two differ."""
        return ShortCases(self.analysis.policy, (self.union.old, self.union.new))

    def old(self, action: str) -> Verdicts:
        """The formulas of an action's verdicts in the old policy."""
        return self.analysis.formulas.verdicts(f"old {action}")

    def new(self, action: str) -> Verdicts:
        """The formulas of an action's verdicts in the new policy."""
        return self.analysis.formulas.verdicts(f"new {action}")

    def old_decision(self, action: str, point: Point) -> ActionDecision:
        """The old policy's decision by the oracle, against which every witness is checked."""
        return meaning.decide_action(self.union.old, action, point.case, point.day)

    def new_decision(self, action: str, point: Point) -> ActionDecision:
        """The new policy's decision by the oracle."""
        return meaning.decide_action(self.union.new, action, point.case, point.day)

    def verdicts(self, about: tuple[str, ...], point: Point) -> tuple[Verdict, Verdict]:
        """The verdict of each policy by the oracle on an action or, with a second one, on that going along with it."""
        old, new = self.old_decision(about[0], point), self.new_decision(about[0], point)
        return _verdict(old, *about[1:]), _verdict(new, *about[1:])

    def rules_on(self, action: str) -> tuple[tuple[int, Effect, tuple[int, ...]], ...]:
        """The rules of both policies on an action, each with its effect and the rules that it overrides there.

        Two actions for which they are equal have the same verdicts in every case.
        """
        rules = enumerate((*self.union.old.rules, *self.union.new.rules))
        return tuple(
            [(n, rule.effects[action], rule.overridden(action)) for n, rule in rules if action in rule.effects]
        )

    def old_along(self, action: str) -> Mapping[str, Formula]:
        """Returns the formula for when each action must accompany an action in the old policy."""
        return self._along("old", action)

    def new_along(self, action: str) -> Mapping[str, Formula]:
        """Returns the formula for when each action must accompany an action in the new policy."""
        return self._along("new", action)

    def _along(self, side: str, action: str) -> Mapping[str, Formula]:
        formulas = self.analysis.formulas.along(f"{side} {action}")
        return {companion.removeprefix(f"{side} "): formula for companion, formula in formulas.items()}

    def blocks(self, action: str) -> bool:
        """Returns true if, in either policy, an action has a companion that is forbidden in some case."""
        return any(self.analysis.formulas.is_blocked(f"{side} {action}") for side in ("old", "new"))

    def vacuous(self) -> Vacuous | None:
        """Returns how the old policy, a standard, is vacuous for the new one; None if it is not. Raises
        `BoundReached`.
        """
        first = len(self.union.old.rules)
        own = {first + number for number, rule in enumerate(self.union.new.rules) if rule.standard is None}
        return vacuous(self.analysis, set(range(first)), own, lambda action: action.replace("old ", "new ", 1))

    def too_large(self, action: str) -> bool:
        """Returns true if a rule on an action has too many boxes to be analysed."""
        space = self.analysis.space
        return any(space.is_too_large(f"{side} {action}") for side in ("old", "new"))


def _verdict(decision: ActionDecision, companion: str | None = None) -> Verdict:
    if companion is None:
        return decision.verdict
    return Verdict.REQUIRED if any(needed.action == companion for needed in decision.along) else Verdict.UNSAID


def called(about: tuple[str, ...]) -> str:
    """Returns the name of an action, or of an action with a companion."""
    return about[0] if len(about) == 1 else pair_of(*about)


def paired(both: Union, effort: int = 1, between: Callable[[], None] = lambda: None, *, each_day: bool = False) -> Pair:
    """Puts two policies into one space, as `analyse` does one."""
    rules = [*_renamed(both.old.rules, "old", 0), *_renamed(both.new.rules, "new", len(both.old.rules))]
    actions = {
        f"{side} {name}": evolve(action, name=f"{side} {name}")
        for side in ("old", "new")
        for name, action in both.new.actions.items()
    }
    renamed = evolve(both.new, rules=tuple(rules), actions=actions)
    return Pair(both, analyse(renamed, effort=effort, between=between, each_day=each_day))


def _renamed(rules: Sequence[Rule], side: str, first: int) -> list[Rule]:
    """Rules on the actions of one side, numbered from `first`."""
    places = {number: first + number for number in range(len(rules))}
    return [
        evolve(
            rule,
            name=f"{side} {rule.name}",
            effects={f"{side} {action}": effect for action, effect in rule.effects.items()},
            overrides={f"{side} {action}": overridden for action, overridden in rule.overrides.items()},
            along={
                f"{side} {action}": tuple([f"{side} {companion}" for companion in companions])
                for action, companions in rule.along.items()
            },
        )
        for rule in renumbered(rules, places)
    ]


# The effects of a changed verdict on the borrower, the most dangerous first.


class ChangeEffect(StrEnum):
    """The effect of a changed verdict on the borrower, in the order in which changes are reported."""

    NEWLY_PERMITTED = "newly permitted"
    NEWLY_REQUIRED = "newly required"
    NO_LONGER_PERMITTED = "no longer permitted"
    NO_LONGER_REQUIRED = "no longer required"
    REFUSED_OTHERWISE = "refused for another reason"

    @property
    def rank(self) -> int:
        """Its place in the order in which changes are reported: 0 is the most dangerous."""
        return list(ChangeEffect).index(self)

    @property
    def newly(self) -> bool:
        """Whether the new policy does more than the old one."""
        return self in (ChangeEffect.NEWLY_PERMITTED, ChangeEffect.NEWLY_REQUIRED)

    @property
    def of_duty(self) -> bool:
        """Whether the change is about a requirement."""
        return self in (ChangeEffect.NEWLY_REQUIRED, ChangeEffect.NO_LONGER_REQUIRED)


def effect_of(before: Verdict, after: Verdict) -> ChangeEffect:
    """Returns the effect of a change of verdict. A requirement that is new or gone counts as such, and not as a
    permission.
    """
    if after is Verdict.REQUIRED:
        return ChangeEffect.NEWLY_REQUIRED
    if before is Verdict.REQUIRED:
        return ChangeEffect.NO_LONGER_REQUIRED
    if after is Verdict.ALLOWED:
        return ChangeEffect.NEWLY_PERMITTED
    return ChangeEffect.NO_LONGER_PERMITTED if before is Verdict.ALLOWED else ChangeEffect.REFUSED_OTHERWISE


TRANSITIONS: Mapping[ChangeEffect, tuple[tuple[Verdict, Verdict], ...]] = {
    effect: tuple(
        [
            (before, after)
            for before in Verdict
            for after in Verdict
            if before is not after and effect_of(before, after) is effect
        ]
    )
    for effect in ChangeEffect
}
"""The verdicts before and after of each effect."""
