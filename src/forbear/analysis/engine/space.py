"""The space of a policy, from which all findings are made: its cases, and where each rule holds."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from attrs import field, frozen

from forbear.base.source import Place
from forbear.kernel.cases import GridValue, Verdict
from forbear.language.model.conditions import Condition, facts_in
from forbear.language.model.policy import Effect, TypedPolicy, actions_of, facts_read, own_rules
from forbear.semantics import meaning
from forbear.semantics.composition.duties import Companions, companions_first, companions_of, effects_with_pairs
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.dates import fits_some_day
from forbear.semantics.lowered.actions import ActionTable, action_tables
from forbear.semantics.lowered.from_conditions import lower
from forbear.semantics.lowered.from_policy import Lowered, lowered
from forbear.semantics.lowered.guards import Guard, RelatedValues, at_least, leaves
from forbear.space.axes import DAY, Space, space_of
from forbear.space.boundaries import periods_of
from forbear.space.by_day import dates
from forbear.space.formulas import Formula, inside
from forbear.space.possible import PossibleCases
from forbear.space.regions import MAXIMUM_BOXES, Box, RuleRegions, TooManyBoxes, full_masks, region, rule_regions
from forbear.space.related import cuts, related_facts
from forbear.space.relations.cases import RelatedCases
from forbear.space.relations.systems import Unsolved
from forbear.space.search.bound import Bound, BoundReached
from forbear.space.search.index import Row
from forbear.space.search.witness import case_json, minimal_case

Witness = Mapping[str, object]
BOUND = 4_000_000
"""The number of boxes that the searches for one code may compare before findings are `undecided`: some seconds."""


@frozen
class Point:
    """One case: on the grids, with its day (an ordinal), and in the form that `decide` takes."""

    case: Mapping[str, GridValue]
    day: int | None
    witness: Witness


@frozen(slots=False, eq=False)
class PolicySpace:
    """A policy in the space of its cases. It never changes.

    `cells` has the axes and periods, `masks` the mask of all cells of each axis, and `regions` where each rule holds.
    `too_large` names the rules of too many boxes, whose regions are left empty. `needed` are the facts that rules read.
    """

    policy: TypedPolicy
    cells: Space
    regions: tuple[RuleRegions, ...]
    too_large: tuple[str, ...]
    masks: Mapping[str, int]
    needed: tuple[str, ...]
    effort: int = 1
    """The factor by which the bounds are raised."""
    bound: Bound = field(factory=lambda: Bound(BOUND))
    """The bound left for searching the space, and for finding its cases."""

    @cached_property
    def tables(self) -> Mapping[str, ActionTable]:
        """The action tables."""
        return action_tables(self.policy.actions, self.policy.rules)

    @cached_property
    def effects(self) -> tuple[Mapping[str, Effect], ...]:
        """The effects of each rule on actions, and on pairs of an action and a companion."""
        return tuple([effects_with_pairs(rule) for rule in self.policy.rules])

    @cached_property
    def companions(self) -> Companions:
        """The possible companions of each action."""
        return companions_of(self.policy) if any(rule.along for rule in self.policy.rules) else {}

    @cached_property
    def possible_cases(self) -> PossibleCases:
        """The possible cases: facts that are derived from the same events, or the same day, are not independent."""
        axes = self.cells.axes
        periods = periods_of(self.cells.starts, self.policy.until)
        by_day = dates(self.policy, axes, self.cells.forms, periods)
        return PossibleCases(related_facts(self.policy, axes), self.cells, by_day, self.bound)

    @property
    def relations(self) -> RelatedCases | None:
        """The relations of facts, if there are any."""
        return self.possible_cases.relations

    @cached_property
    def dead(self) -> frozenset[int]:
        """The rules that hold in no case, but for those in `in_doubt`."""
        return self._dead_or_in_doubt[0]

    @cached_property
    def in_doubt(self) -> Mapping[int, Unsolved | BoundReached]:
        """The rules of which it is not known whether they hold in some case, and why."""
        return self._dead_or_in_doubt[1]

    @cached_property
    def _dead_or_in_doubt(self) -> tuple[frozenset[int], Mapping[int, Unsolved | BoundReached]]:
        dead = set()
        in_doubt: dict[int, Unsolved | BoundReached] = {}
        for number, rule in enumerate(self.policy.rules):
            effects = set(self.effects[number].values())
            region = self.regions[number]
            permits = any(effect.permits for effect in effects) and region.certain
            refuses = any(not effect.permits for effect in effects) and region.possible
            boxes = self.of_rule(number) if permits or refuses else ()
            try:
                if next(self.possible_cases.in_boxes(boxes), None) is None and rule.name not in self.too_large:
                    dead.add(number)
            except (Unsolved, BoundReached) as why:
                in_doubt[number] = why
        return frozenset(dead), in_doubt

    @cached_property
    def row(self) -> Row:
        """The rules in a row of bits."""
        return Row([max(len(region.certain), len(region.possible)) for region in self.regions])

    # Rules

    def is_own(self, number: int) -> bool:
        """Returns true if a rule is the policy's own, not a standard's."""
        return self.policy.rules[number].standard is None

    @cached_property
    def of_standards(self) -> int:
        """The rules of standards, by their bits in the row."""
        return self.row.mask([number for number in range(len(self.policy.rules)) if not self.is_own(number)])

    @cached_property
    def overridden_in_standards(self) -> int:
        """The rules of standards that another rule of the standard overrides, by their bits in the row."""
        overridden = {number for table in self.tables.values() for number in table.overridden}
        return self.of_standards & self.row.mask(sorted(overridden))

    def brought_with(self, number: int) -> int:
        """The rules of all standards that come with the standard of a rule, by their bits in the row."""
        standard = self.policy.rules[number].standard
        names = {
            member.standard.name
            for subject in self.policy.subject_to
            for together in [list(all_standards([subject]))]
            for member in together
            if standard in {member.standard.name for member in together}
        }
        return self.row.mask([place for place, rule in enumerate(self.policy.rules) if rule.standard in names])

    def permits_by_own(self, actions: Iterable[str]) -> bool:
        """Returns true if the policy's own rules permit one of the actions. If not, findings about them are the
        standard's.
        """
        return any(
            rule.effects[action].permits
            for action in actions
            for rule in own_rules(self.policy)
            if action in rule.effects
        )

    def is_exempted(self, action: str) -> bool:
        """Returns true if a rule of a standard exempts an action: it overrides others, and gives no verdict itself."""
        return any(rule.effects.get(action) is Effect.EXEMPT for rule in self.policy.rules if rule.standard is not None)

    def is_too_large(self, action: str) -> bool:
        """Returns true if a rule on an action, or on one of its companions, has too many boxes to be analysed."""
        names, actions = set(self.too_large), set(companions_first(self.companions, action))
        return bool(names) and any(
            rule.name in names and not actions.isdisjoint(actions_of(rule)) for rule in self.policy.rules
        )

    def looked_at(self, number: int) -> bool:
        """Returns true if a rule holds in some case, and its region is known."""
        return number not in self.dead and self.policy.rules[number].name not in self.too_large

    # Regions

    def on_side(self, number: int, permits: bool) -> tuple[Box, ...]:
        """Returns the boxes in which a rule certainly holds, as effects that permit require; or possibly, as the other
        effects do.
        """
        return self.regions[number].certain if permits else self.regions[number].possible

    def of_effect(self, number: int, effect: Effect) -> tuple[Box, ...]:
        """Returns the boxes in which a rule holds, for one of its effects."""
        return self.on_side(number, effect.permits)

    def holds_somewhere(self, number: int, effect: Effect) -> bool:
        """Returns true if a rule holds in some case, for one of its effects."""
        return next(self.possible_cases.in_boxes(self.of_effect(number, effect)), None) is not None

    def of_rule(self, number: int) -> tuple[Box, ...]:
        """Returns the boxes in which a rule holds, for any of its effects."""
        sides = dict.fromkeys(effect.permits for effect in self.effects[number].values())
        return tuple([box for permits in sides for box in self.on_side(number, permits)])

    def boxes_on(self, action: str, left_out: frozenset[int] = frozenset()) -> list[Box]:
        """Returns the boxes of the rules on an action, except for those in `left_out`.

        The action is not unsaid in them: an overriding rule gives a verdict itself, unless it exempts. It is not unsaid
        either if a companion of it is forbidden.
        """
        return [
            box
            for number, effect in self.tables[action].effects.items()
            if number not in left_out
            for box in self.of_effect(number, effect)
        ]

    def condition(self, condition: Condition, *, when_unknown: bool) -> Formula:
        """The formula of a condition: where it is true, and with `when_unknown` also where it is unknown."""
        return inside(self.boxes(condition, when_unknown=when_unknown))

    def boxes(self, condition: Condition, *, when_unknown: bool) -> list[Box]:
        """The boxes of a condition: where it is true, and with `when_unknown` also where it is unknown."""
        guard = lower(condition, self.policy.facts, when_unknown=when_unknown)
        return region(guard, self.cells, MAXIMUM_BOXES * self.effort)

    # Cases

    def witness(self, box: Box) -> Witness:
        """The minimal case of a box, in the form that `decide` takes."""
        return self.point(box).witness

    def point(self, box: Box, relations: RelatedCases | None = None, more: Iterable[Condition] = ()) -> Point:
        """Returns the minimal case of a box. `relations` are those of its search, if they are not the ones of the
        space. The facts that `more` conditions read are in the case too.
        """
        read = {name for condition in more for name in facts_in(condition)}
        case, day = self.minimal(box, {}, read)
        return self.point_at(*self.possible_cases.case_in(box, case, day, relations))

    def minimal(
        self, box: Box, ends: Mapping[str, bool], more: Iterable[str] = ()
    ) -> tuple[dict[str, GridValue], int | None]:
        """Returns the minimal case of a box and its day, whether it is possible or not, with `more` facts. A fact in
        `ends` has its greatest value there if that is True, else its least.
        """
        return minimal_case(box, self.policy, self.cells, (*self.needed, *more), ends)

    def point_at(self, case: Mapping[str, GridValue], day: int | None) -> Point:
        """Returns a case on a day: each witness ends here. Raises `AssertionError` if the case is impossible, so that a
        bug of the analyser never becomes a finding: if a fact is missing that `decide` needs, if its ages and working
        days fit no dates and no day, or if facts that follow from the same events contradict one another.
        """
        facts = self.policy.facts
        missing = [
            name for name in self.needed if case[name] is None and not facts[name].or_none | facts[name].optional
        ]
        assert not missing, f"nothing is said of {missing} in {dict(case)}"
        assert fits_some_day(self.policy, case, day), f"no day has the case {dict(case)}"
        assert self.possible_cases.meets_pairs(case), f"no events have the case {dict(case)}"
        ordered = {name: case[name] for name in self.policy.facts if name in case}
        return Point(ordered, day, case_json(self.policy, ordered, day))

    def cells_of(self, point: Point) -> Box:
        """The cells that a case is in. Facts that it lacks are in their first."""
        axes, forms = self.cells.axes, self.cells.forms
        case = {name: point.case.get(name, axis.first[0]) for name, axis in axes.items()}
        days = {DAY: 1 << (0 if point.day is None else max(bisect_right(self.cells.starts, point.day) - 1, 0))}
        facts = {name: 1 << axis.cell_of(case[name]) for name, axis in axes.items()}
        return {**facts, **{name: form.cell_of(case) for name, form in forms.items()}, **days}

    def verdict(self, action: str, point: Point) -> Verdict:
        """An action's verdict by the oracle, against which every witness is checked."""
        return meaning.decide_action(self.policy, action, point.case, point.day).verdict

    def place_of(self, *actions: str, point: Point | None = None) -> Place:
        """Returns the place of a rule that permits one of the actions: one that decides at `point`, or else the first
        one.
        """
        if point is not None:
            names = {
                name
                for action in actions
                for name in meaning.decide_action(self.policy, action, point.case, point.day).rules
            }
            for rule in self.policy.rules:
                if rule.name in names:
                    return rule.body
        for rule in self.policy.rules:
            if any(action in rule.effects and rule.effects[action].permits for action in actions):
                return rule.body
        return self.policy.place


def policy_space(
    policy: TypedPolicy, more: Iterable[Condition] = (), effort: int = 1, *, each_day: bool = False
) -> PolicySpace:
    """The space of a policy, with cells in which `more` conditions agree too; with `each_day`, also of the days for
    which nobody has to ask."""
    low = lowered(policy)
    extra: list[Guard] = [lower(condition, policy.facts, when_unknown=False) for condition in more]
    extra += list(_cuts(low, extra))
    space = space_of(low, extra, related=True, each_day=each_day)
    regions = []
    too_large = []
    for rule, guards in zip(policy.rules, low.guards, strict=False):  # after them those that say duties
        try:
            regions.append(rule_regions(rule, guards, space, MAXIMUM_BOXES * effort))
        except TooManyBoxes:
            too_large.append(rule.name)
            regions.append(RuleRegions((), ()))
    masks = full_masks(space)
    return PolicySpace(policy, space, tuple(regions), tuple(too_large), masks, facts_read(policy), effort)


def _cuts(low: Lowered, more: Iterable[Guard]) -> Iterator[Guard]:
    """Further cuts of the axes of facts that are compared with others, since cases of one cell may differ there.

    They are at the first day of the clock, and where facts that are derived from the same events constrain each other.
    """
    facts = low.policy.facts
    guards = (*[guards.certain for guards in low.guards], *more)
    relations = [leaf.relation for guard in guards for leaf in leaves(guard) if isinstance(leaf, RelatedValues)]
    compared = {name for relation in relations for name in relation.facts}
    yield from [at_least(name, facts[name].low + 1) for name in compared if facts[name].clock]
    yield from cuts(low.policy, facts, guards)


def check_witness(shown: bool, code: str, point: Point) -> None:
    """Raises `AssertionError` where a witness does not show its finding (`code`), according to the oracle (`shown`).

    So a bug of the analyser never becomes a finding.
    """
    if not shown:
        raise AssertionError(f"the witness {dict(point.witness)} does not show {code}")
