"""Describes what edits change, as a person would: where an edited rule acts differently, and which rules decide there.

The region of a change is often many boxes, since each rule that forbids more cuts it up. Named by these rules it is
short. Such a description is a formula like any other, and a search in both directions proves that it is the region of
the change. Where that cannot be proved, the boxes themselves are the description.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from graphlib import CycleError
from itertools import islice

from attrs import evolve, field, frozen

from forbear.analysis.comparison.pair import TRANSITIONS, ChangeEffect, Pair
from forbear.analysis.comparison.telling.between import Between, at_the_end, between, by_verdict
from forbear.analysis.comparison.telling.consequence import Consequence, Unless
from forbear.analysis.comparison.telling.edits import Edits, of_steps
from forbear.analysis.comparison.telling.where import Where, own_difference, steps_on, together, wheres, widened
from forbear.analysis.engine.space import BOUND, Witness
from forbear.kernel.cases import Verdict
from forbear.language.model.policy import Effect, Rule
from forbear.semantics.lowered.actions import stronger
from forbear.space.formulas import FALSE, TRUE, All, Any, Formula, Neither, any_of, differing, inside
from forbear.space.regions import Box
from forbear.space.relations.systems import Unsolved
from forbear.space.search.bound import BoundReached
from forbear.space.search.witness import cover

PLAIN = 5
"""The most comparisons of a condition that is shown as it is, without the names of rules."""
_BOXES = 4
_TERMS = 12
"""The most boxes of the difference of a rule that are shown, and the most comparisons in all of them. A larger
difference is shown by the name of the rule.
"""
_FEW = 2
"""The most boxes that are shown as they are, without the names of rules."""
_BOUND = 2 * BOUND
"""The number of boxes that the searches for one effect on one action may compare."""
_STEPS = 20
"""The most steps on one action that are separated, and the most parts that they have."""


@frozen
class Known:
    """Cases of which the verdicts are known before and after, with a witness."""

    before: Verdict
    after: Verdict
    where: Where
    witness: Witness = field(hash=False)


@frozen
class _Told:
    """A description of a region, and the formula that it expresses."""

    where: tuple[Where, ...]
    where_otherwise: tuple[str, ...]
    by: tuple[str, ...]
    holding: tuple[str, ...]
    unless: Unless
    formula: Formula


_NOTHING = _Told((), (), (), (), Unless(), FALSE)


class Teller:
    """Describes what changes for one action. `differing` is where a rule on it differs."""

    def __init__(self, pair: Pair, edits: Edits, action: str, differing: Formula) -> None:
        self._pair = pair
        self._edits = edits
        self._action = action
        self._differing = differing
        self._steps = steps_on(pair, edits, action)
        self._old = at_the_end(pair, action, newer=False)
        self._new = at_the_end(pair, action, newer=True)
        self._search = pair.analysis.searcher.search()
        self._possible = pair.analysis.space.possible_cases.formula

    def consequences(self, effect: ChangeEffect, known: Sequence[Known] | None) -> Iterator[Consequence]:
        """The consequences with an effect; `known` are all its cases, if these are known.

        Where the search reaches its bound, these cases are the description. Raises `BoundReached` if there are none.
        """
        bound = self._pair.analysis.searcher.bound
        bound.left = _BOUND * self._pair.analysis.space.effort
        region = All((self._differing, _change(effect, self._old, self._new)))
        try:
            if known is None and not self._find(region):
                return
            consequences = list(self._in_parts(effect, region, known))
        except BoundReached:
            if known is None:
                raise
            where = tuple([case.where for case in known])
            consequences = [self._consequence(effect, self._steps, evolve(_NOTHING, where=where), region, known)]
        yield from consequences

    def _in_parts(self, effect: ChangeEffect, region: Formula, known: Sequence[Known] | None) -> Iterator[Consequence]:
        if effect is ChangeEffect.REFUSED_OTHERWISE:
            yield self._consequence(effect, self._steps, _NOTHING, region, known)
            return
        parts = list(self._by_steps(effect, region))
        for steps, part in parts:
            of_part = known if len(parts) == 1 else None
            description = self._told(effect, steps, part, of_part, whole=len(parts) == 1)
            yield self._consequence(effect, steps, description, part, of_part)

    def _consequence(
        self,
        effect: ChangeEffect,
        steps: Sequence[int],
        description: _Told,
        region: Formula,
        known: Sequence[Known] | None,
    ) -> Consequence:
        if known is None:
            transitions, witness = self._transitions(effect, region), self._witness(region)
        else:
            transitions = [(case.before, case.after) for case in known]
            witness = min([case.witness for case in known], key=self._pair.short_cases.unusual)
            if self._pair.analysis.space.cells.forms:  # a box in which facts are compared has cases far from usual
                with suppress(BoundReached, Unsolved):
                    witness = min(self._witness(region), witness, key=self._pair.short_cases.unusual)
        return Consequence(
            effect,
            self._action,
            tuple([verdict for verdict in Verdict if verdict in {before for before, _ in transitions}]),
            tuple([verdict for verdict in Verdict if verdict in {after for _, after in transitions}]),
            of_steps(self._edits, steps),
            description.where,
            description.where_otherwise,
            description.by,
            description.holding,
            description.unless,
            witness,
            self._pair.short_cases.of(witness, (self._action,)),
        )

    def _transitions(self, effect: ChangeEffect, region: Formula) -> list[tuple[Verdict, Verdict]]:
        """The verdicts before and after in a part of the cases with an effect."""
        befores, afters = by_verdict(self._old.verdicts), by_verdict(self._new.verdicts)
        return [
            (before, after)
            for before, after in TRANSITIONS[effect]
            if self._find(region, befores[before], afters[after])
        ]

    def _witness(self, region: Formula) -> Witness:
        point = self._pair.analysis.searcher.possible_case(region)
        assert point is not None
        return point.witness

    # Which steps make it

    def _by_steps(self, effect: ChangeEffect, region: Formula) -> Iterator[tuple[tuple[int, ...], Formula]]:
        """Yields the parts of the region, each with its steps. A part that a step alone makes belongs to that step,
        starting with a step that makes all; the rest belongs to the steps without which it does not occur, or else to
        all steps together.
        """
        if len(self._steps) == 1 or len(self._steps) > _STEPS:
            yield self._steps, region
            return
        try:
            alone = {step: _change(effect, self._old, self._with([step])) for step in self._steps}
            without = {
                step: _change(effect, self._old, self._with([other for other in self._steps if other != step]))
                for step in self._steps
            }
        except CycleError:
            yield self._steps, region
            return
        parts: list[tuple[tuple[int, ...], Formula]] = []
        rest = region
        for step in sorted(self._steps, key=lambda step: self._find(region, Neither((alone[step],)))):
            if self._find(rest, alone[step]):
                parts.append(((step,), All((rest, alone[step]))))
                rest = All((rest, Neither((alone[step],))))
        together: list[tuple[tuple[int, ...], Formula]] = [((), rest)] if self._find(rest) else []
        for step, others in without.items():
            needed = Neither((others,))
            split: list[tuple[tuple[int, ...], Formula]] = []
            for steps, part in together:
                for name, piece in (((*steps, step), All((part, needed))), (steps, All((part, others)))):
                    if self._find(piece):
                        split.append((name, piece))
            together = split
            if len(together) > _STEPS:
                yield self._steps, region
                return
        for steps, part in (*parts, *together):
            yield steps or self._steps, part

    def _with(self, steps: Iterable[int]) -> Between:
        unrelated = set(range(len(self._edits.steps))) - set(self._steps)
        return between(self._pair, self._edits, self._action, {*steps, *unrelated})

    # The description

    def _told(
        self,
        effect: ChangeEffect,
        steps: tuple[int, ...],
        region: Formula,
        known: Sequence[Known] | None,
        *,
        whole: bool,
    ) -> _Told:
        """The description of a region, which is all that changes with the effect if `whole`, else a part of it."""
        few = len(known) <= _BOXES if known is not None else not whole
        boxes = self._few_boxes(region) if few else None
        plain = None if boxes is None else wheres(boxes, self._pair.analysis.space.cells)
        if plain is None or sum(where.terms for where in plain) > PLAIN:
            for description in self._attempts(effect, steps, region):
                if whole or self._same(description.formula, region):
                    return description
        if plain is None and known is not None:
            return evolve(_NOTHING, where=tuple([case.where for case in known]))
        if boxes is None or plain is None:
            boxes = list(cover(region, self._search, self._pair.analysis.space.masks))
            plain = wheres(boxes, self._pair.analysis.space.cells)
        by = self._by(self._new if effect.newly else self._old, _effect(effect), region)
        names = tuple(map(self._name, by))
        return _Told(tuple(plain), (), names, names if len(by) == 1 else (), Unless(), inside(boxes))

    def _few_boxes(self, region: Formula) -> list[Box] | None:
        """The boxes of a region, if they are few and soon found."""
        bound = self._pair.analysis.searcher.bound
        left = bound.left
        bound.left = min(left, BOUND // 80)
        try:
            boxes = list(islice(cover(region, self._search, self._pair.analysis.space.masks), _FEW + 1))
        except BoundReached:
            return None
        finally:
            bound.left = left
        return boxes if len(boxes) <= _FEW else None

    def _same(self, first: Formula, second: Formula) -> bool:
        """Returns true if two formulas hold in the same cases."""
        return self._search.find(differing(first, second)) is None

    def _attempts(self, effect: ChangeEffect, steps: tuple[int, ...], region: Formula) -> Iterator[_Told]:
        """Possible descriptions of a region, in the order in which they are tried."""
        own = {step: own_difference(self._pair, self._edits, self._action, [step], effect) for step in self._steps}
        differences = tuple([own[step] for step in steps])
        no_other = Neither(tuple([own[step] for step in self._steps if step not in steps]))
        one_of_them = any_of(differences)
        candidates: list[Formula] = [one_of_them]
        candidates += [All(differences)] if len(steps) > 1 else []
        candidates += [All((no_other, one_of_them)), All((no_other, *differences))] if no_other.parts else []
        for formula in candidates:
            where, within = self._where(formula, region)
            if self._search.find(All((self._differing, Neither((within,)), region))) is not None:
                continue
            if where or formula is one_of_them:
                named = () if where else self._speaking(steps)
                yield self._by_names(effect, steps, region, (where, named, within))

    def _where(self, formula: Formula, region: Formula) -> tuple[tuple[Where, ...], Formula]:
        """Returns the cases in which rules act differently, as conditions and as a formula; no conditions if there
        would be many.
        """
        space = self._pair.analysis.space
        boxes = [
            box
            for box in islice(cover(formula, self._search, space.masks), 3 * _BOXES)
            if self._search.find(All((inside([box]), region))) is not None
        ]
        boxes = widened(boxes, formula, self._search) if len(boxes) <= _BOXES else []
        where = together(boxes, space.cells)
        if where and len(where) <= _BOXES and sum(clause.terms for clause in where) <= _TERMS:
            return tuple(where), inside(boxes)
        return (), formula

    def _speaking(self, steps: Sequence[int]) -> tuple[str, ...]:
        """The rules on the action by which some steps differ."""
        rules = self._pair.union.new.rules + self._pair.union.old.rules
        speaking = {rule.name for rule in rules if self._action in rule.effects}
        names = [name for number in of_steps(self._edits, steps) for name in self._edits.edits[number].rules]
        return tuple(dict.fromkeys(name for name in names if name in speaking))

    def _by_names(
        self,
        effect: ChangeEffect,
        steps: tuple[int, ...],
        region: Formula,
        where: tuple[tuple[Where, ...], tuple[str, ...], Formula],
    ) -> _Told:
        """Describes a region by the cases in which rules act differently, by the rules that decide there, and by those
        that do not.

        If the region is all that changes, the description is exact. It covers no other case: one of the rules `by`
        holds there, and no rule is active that takes precedence or overrides it, because a search excluded each that is
        not named in `unless`, and each by which the other policy would give the same verdict. And it misses no case:
        the region is within `where`, some rule `by` is active in all of it, and none of the rules in `unless` is.
        """
        side, opposite = (self._new, self._old) if effect.newly else (self._old, self._new)
        find = self._search.find
        by = self._by(side, _effect(effect), region, where[2])
        holds = {number: inside(self._pair.analysis.space.of_effect(number, _effect(effect))) for number in by}
        within: Formula = All((where[2], any_of(holds.values())))
        against: dict[Effect, dict[int, Formula]] = {}
        for precedence in stronger(_effect(effect)):
            against[precedence] = {
                number: active
                for number, active in side.deciding(precedence)
                if find(All((active, within))) is not None
            }
        stops = [active for rules in against.values() for active in rules.values()]
        within = All((within, Neither((any_of(stops),))))
        stands = opposite.verdicts.required if effect.of_duty else opposite.verdicts.permitted
        effects = (Effect.REQUIRE,) if effect.of_duty else (Effect.REQUIRE, Effect.ALLOW)
        already = {
            number: active
            for number, active in opposite.deciding(*effects)
            if find(All((active, within, stands))) is not None
        }
        if already:
            within = All((within, Neither((All((stands, any_of(already.values()))),))))
        forbid = [*against.get(Effect.NEVER, ()), *against.get(Effect.FORBID, ())]
        require = list(against.get(Effect.REQUIRE, ()))
        touched = {name for number in of_steps(self._edits, steps) for name in self._edits.edits[number].rules}
        names = [tuple(dict.fromkeys(map(self._name, numbers))) for numbers in (forbid, require, already)]
        edited = tuple(dict.fromkeys(name for group in names for name in group if name in touched))
        holding = [] if where[1] else [number for number in by if not self._find(Neither((holds[number],)), where[2])]
        return _Told(
            where[0],
            where[1],
            tuple(map(self._name, by)),
            tuple(map(self._name, holding)),
            Unless(names[0], names[1], names[2], edited),
            within,
        )

    def _by(self, side: Between, effect: Effect, region: Formula, where: Formula = TRUE) -> dict[int, Formula]:
        """Returns the rules that decide in a region, which is within `where`: one that does in all of it, or else all
        that do in some of it.
        """
        touched = {rule.name for rule in self._touched()}
        rules = sorted(side.deciding(effect), key=lambda pair: self._name(pair[0]) not in touched)
        meeting = {number: active for number, active in rules if self._find(active, where, region)}
        for number, active in meeting.items():
            if not self._find(where, Neither((active,)), region):
                return {number: active}
        return meeting

    def _find(self, *formulas: Formula) -> bool:
        """Returns true if some possible case is in all of the formulas; the most restrictive should come first."""
        return self._search.find(All((*formulas, self._possible))) is not None

    def _touched(self) -> Iterator[Rule]:
        """The rules that differ."""
        for matched in self._edits.rules:
            if matched.step is not None:
                if matched.new is not None:
                    yield self._pair.union.new.rules[matched.new]
                if matched.old is not None:
                    yield self._pair.union.old.rules[matched.old]

    def _name(self, number: int) -> str:
        old = self._pair.union.old.rules
        return old[number].name if number < len(old) else self._pair.union.new.rules[number - len(old)].name


def _effect(effect: ChangeEffect) -> Effect:
    return Effect.REQUIRE if effect.of_duty else Effect.ALLOW


def _change(effect: ChangeEffect, old: Between, new: Between) -> Formula:
    """Returns the formula for when a change between two policies has an effect."""
    if effect is ChangeEffect.REFUSED_OTHERWISE:
        befores, afters = by_verdict(old.verdicts), by_verdict(new.verdicts)
        return Any(tuple([All((befores[before], afters[after])) for before, after in TRANSITIONS[effect]]))
    side, opposite = (new, old) if effect.newly else (old, new)
    if effect.of_duty:
        return All((side.verdicts.required, Neither((opposite.verdicts.required,))))
    return All((side.verdicts.permitted, Neither((side.verdicts.required, opposite.verdicts.permitted))))
