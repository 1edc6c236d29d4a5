"""Intermediate policies: the old one after some of the steps to the new one, in the space of both.

All their rules are rules of the two, so their regions are known; what differs is which rules are present, and which of
these override which.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from attrs import evolve, frozen

from forbear.analysis.comparison.pair import Pair
from forbear.analysis.comparison.telling.edits import Edits
from forbear.analysis.engine.verdicts import ActiveRules, Verdicts, verdicts
from forbear.kernel.cases import Verdict
from forbear.language.model.policy import Effect, Rule, RuleSet
from forbear.semantics.lowered.actions import action_tables
from forbear.space.formulas import All, Formula, Neither


@frozen(eq=False)
class Between:
    """An intermediate policy, reduced to the rules on one action.

    `effects` has them by their number among the rules of the pair, and `places` their numbers among the `active` ones.
    """

    effects: Mapping[int, Effect]
    places: Mapping[int, int]
    active: ActiveRules
    verdicts: Verdicts

    def deciding(self, *effects: Effect) -> Iterator[tuple[int, Formula]]:
        """Yields the rules with one of some effects, by their number in the pair, with the formula for when each is
        active.
        """
        for number, effect in self.effects.items():
            if effect in effects:
                yield number, self.active.decides_as(self.places[number])


def by_verdict(verdicts: Verdicts) -> Mapping[Verdict, Formula]:
    """Returns the formula for when an action has each verdict."""
    return {
        Verdict.FORBIDDEN: verdicts.forbidden,
        Verdict.REQUIRED: verdicts.required,
        Verdict.ALLOWED: All((verdicts.permitted, Neither((verdicts.required,)))),
        Verdict.UNSAID: verdicts.unsaid,
    }


def at_the_end(pair: Pair, action: str, *, newer: bool) -> Between:
    """The new policy of a pair or the old one, on one action."""
    name = f"{'new' if newer else 'old'} {action}"
    effects = pair.analysis.space.tables[name].effects
    active = pair.analysis.formulas.active(name)
    return Between(effects, {number: number for number in effects}, active, pair.analysis.formulas.verdicts(name))


def between(pair: Pair, edits: Edits, action: str, steps: Collection[int]) -> Between:
    """The old policy after some steps, on one action.

    Raises `graphlib.CycleError` if its rules override each other in a circle.
    """
    sides = (pair.union.old.rules, pair.union.new.rules)
    newer = {at: rule.step is None or rule.step in steps for at, rule in enumerate(edits.rules)}
    rules: dict[int, Rule] = {}
    for at, matched in enumerate(edits.rules):
        number = matched.new if newer[at] else matched.old
        if number is not None and action in sides[newer[at]][number].effects:
            rules[at] = sides[newer[at]][number]
    places = {at: place for place, at in enumerate(rules)}
    reduced = []
    for at, rule in rules.items():
        overridden = sorted(
            places[target] for target in _overridden(edits, sides, action, at, newer) if target in places
        )
        overrides = {action: RuleSet(tuple(overridden))} if overridden else {}
        reduced.append(evolve(rule, effects={action: rule.effects[action]}, overrides=overrides))
    numbers = {at: _number(edits, at, newer[at], len(sides[0])) for at in rules}
    regions = [pair.analysis.space.regions[number] for number in numbers.values()]
    active = ActiveRules(action_tables([action], reduced)[action], regions, pair.analysis.searcher.bound)
    return Between(
        {numbers[at]: rule.effects[action] for at, rule in rules.items()},
        {numbers[at]: place for at, place in places.items()},
        active,
        verdicts(active, None),
    )


def _number(edits: Edits, at: int, newer: bool, offset: int) -> int:
    number = edits.rules[at].new if newer else edits.rules[at].old
    assert number is not None
    return offset + number if newer else number


def _overridden(
    edits: Edits, sides: tuple[tuple[Rule, ...], tuple[Rule, ...]], action: str, at: int, newer: Mapping[int, bool]
) -> Iterator[int]:
    """Yields the rules that a rule overrides, whichever of their two versions are there.

    Whether one rule overrides another is read in a policy that has both versions; if there is none, in that of the
    overriding rule, or else in that of the other one.
    """
    by_side = []
    for side, places in enumerate(edits.places):
        number = edits.rules[at].new if side else edits.rules[at].old
        overridden = () if number is None else sides[side][number].overridden(action)
        by_side.append({places[target] for target in overridden})
    for target in by_side[0] | by_side[1]:
        same, other_same = edits.rules[at].step is None, edits.rules[target].step is None
        side = newer[target] if same and not other_same else newer[at]
        if None in [(edits.rules[place].new if side else edits.rules[place].old) for place in (at, target)]:
            side = not side
        if target in by_side[side]:
            yield target
