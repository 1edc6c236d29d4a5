"""Two policies in one space, so that a search is about both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from attrs import evolve, frozen

from forbear.analysis.comparison.vacuous import Vacuous, vacuous
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


@frozen(eq=False, slots=False)
class Pair:
    """Two policies of one vocabulary in one space: first the rules of the old one, then those of the new one.

    Each has actions of its own there, `old sms` and `new sms`, which are names that no author can write.
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
        """Where each action has to go along with an action in the old policy."""
        return self._along("old", action)

    def new_along(self, action: str) -> Mapping[str, Formula]:
        """Where each action has to go along with an action in the new policy."""
        return self._along("new", action)

    def _along(self, side: str, action: str) -> Mapping[str, Formula]:
        formulas = self.analysis.formulas.along(f"{side} {action}")
        return {companion.removeprefix(f"{side} "): formula for companion, formula in formulas.items()}

    def blocks(self, action: str) -> bool:
        """Whether something has to go along with an action that is forbidden in some case, in either policy."""
        return any(self.analysis.formulas.is_blocked(f"{side} {action}") for side in ("old", "new"))

    def vacuous(self) -> Vacuous | None:
        """How the old policy, a standard, is vacuous for the new one; None if it is not. Raises `BoundReached`."""
        first = len(self.union.old.rules)
        own = {first + number for number, rule in enumerate(self.union.new.rules) if rule.standard is None}
        return vacuous(self.analysis, set(range(first)), own, lambda action: action.replace("old ", "new ", 1))

    def too_large(self, action: str) -> bool:
        """Whether a rule on an action has too many boxes to be analysed."""
        space = self.analysis.space
        return any(space.is_too_large(f"{side} {action}") for side in ("old", "new"))


def _verdict(decision: ActionDecision, companion: str | None = None) -> Verdict:
    if companion is None:
        return decision.verdict
    return Verdict.REQUIRED if any(needed.action == companion for needed in decision.along) else Verdict.UNSAID


def called(about: tuple[str, ...]) -> str:
    """The name of an action, or of one with what goes along."""
    return about[0] if len(about) == 1 else pair_of(*about)


def paired(both: Union, effort: int = 1) -> Pair:
    """Puts two policies into one space."""
    rules = [*_renamed(both.old.rules, "old", 0), *_renamed(both.new.rules, "new", len(both.old.rules))]
    actions = {
        f"{side} {name}": evolve(action, name=f"{side} {name}")
        for side in ("old", "new")
        for name, action in both.new.actions.items()
    }
    return Pair(both, analyse(evolve(both.new, rules=tuple(rules), actions=actions), effort=effort))


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
