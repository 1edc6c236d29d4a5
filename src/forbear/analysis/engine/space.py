"""What every finding looks at: a policy's cases, and where each of its rules holds. It never changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property

from attrs import frozen

from forbear.composition.standards import all_standards
from forbear.kernel import GridValue, Verdict
from forbear.lowered.actions import ActionTable, action_tables
from forbear.lowered.from_conditions import lower
from forbear.lowered.from_policy import lowered
from forbear.model.conditions import Condition
from forbear.model.policy import Effect, TypedPolicy, facts_read, own_rules
from forbear.semantics import meaning
from forbear.source import Place
from forbear.space.axes import Space, space_of
from forbear.space.formulas import Formula, inside
from forbear.space.possible import PossibleCases
from forbear.space.regions import Box, RuleRegions, TooManyBoxes, full_masks, region, rule_regions
from forbear.space.related import related_facts
from forbear.space.search.rows import Row
from forbear.space.search.witness import case_json, plainest

Witness = Mapping[str, object]


@frozen
class Point:
    """One case, on the grids, with its day, and as `decide` takes it."""

    case: Mapping[str, GridValue]
    day: int | None
    witness: Witness


@frozen(slots=False, eq=False)
class PolicySpace:
    """A policy in the space of its cases. `regions` has, for each rule, where it holds; `too_large` names the rules of
    too many boxes, which have no region."""

    policy: TypedPolicy
    cells: Space
    regions: tuple[RuleRegions, ...]
    too_large: tuple[str, ...]
    masks: Mapping[str, int]
    needed: tuple[str, ...]

    @cached_property
    def tables(self) -> Mapping[str, ActionTable]:
        """The rules on each action, and which of them override which."""
        return action_tables(self.policy.actions, self.policy.rules)

    @cached_property
    def possible_cases(self) -> PossibleCases:
        """Which cases are possible: facts that are derived from the same events are not independent."""
        return PossibleCases(related_facts(self.policy, self.cells.axes), self.cells)

    @cached_property
    def dead(self) -> frozenset[int]:
        """The rules that hold in no case."""
        found = set()
        for number, rule in enumerate(self.policy.rules):
            effects = set(rule.effects.values())
            its = self.regions[number]
            permits = any(effect.permits for effect in effects) and its.certain
            refuses = any(not effect.permits for effect in effects) and its.possible
            boxes = self.of_rule(number) if permits or refuses else ()
            if next(self.possible_cases.in_boxes(boxes), None) is None and rule.name not in self.too_large:
                found.add(number)
        return frozenset(found)

    @cached_property
    def row(self) -> Row:
        """The rules in a row of bits."""
        return Row([max(len(its.certain), len(its.possible)) for its in self.regions])

    # Rules

    def is_own(self, number: int) -> bool:
        """Whether a rule is no standard's."""
        return self.policy.rules[number].standard is None

    @cached_property
    def of_standards(self) -> int:
        """The rules of standards, by their bits in the row."""
        return self.row.mask([number for number in range(len(self.policy.rules)) if not self.is_own(number)])

    @cached_property
    def set_aside(self) -> int:
        """The rules of standards that another rule of the standard overrides, by their bits in the row."""
        overridden = {number for table in self.tables.values() for number in table.overridden}
        return self.of_standards & self.row.mask(sorted(overridden))

    def brought_with(self, number: int) -> int:
        """The rules that came to the policy with the standard of a rule, by their bits in the row."""
        standard = self.policy.rules[number].standard
        names = {
            one.standard.name
            for subject in self.policy.subject_to
            for brought in [list(all_standards([subject]))]
            for one in brought
            if standard in {its.standard.name for its in brought}
        }
        return self.row.mask([other for other, rule in enumerate(self.policy.rules) if rule.standard in names])

    def permits_by_own(self, actions: Iterable[str]) -> bool:
        """Whether a rule of the policy's own permits one of the actions: else a finding about them is a standard's."""
        return any(
            rule.effects[action].permits
            for action in actions
            for rule in own_rules(self.policy)
            if action in rule.effects
        )

    def is_exempted(self, action: str) -> bool:
        """Whether a standard's own rules may set aside what it says of an action, and say nothing themselves."""
        return any(rule.effects.get(action) is Effect.EXEMPT for rule in self.policy.rules if rule.standard is not None)

    def looked_at(self, number: int) -> bool:
        """Whether a rule holds somewhere, and it is known where."""
        return number not in self.dead and self.policy.rules[number].name not in self.too_large

    def accepted_with(self, code: str) -> Mapping[int, int]:
        """For each rule its partners in the pairs that an `accept` of a code names, by their bits in the row."""
        numbers = {rule.name: number for number, rule in enumerate(self.policy.rules)}
        partners: dict[int, list[int]] = {}
        for accept in self.policy.accepts:
            if accept.code == code and len(accept.names) == 2 and numbers.keys() >= set(accept.names):
                one, other = (numbers[name] for name in accept.names)
                partners.setdefault(one, []).append(other)
                partners.setdefault(other, []).append(one)
        return {number: self.row.mask(others) for number, others in partners.items()}

    # Regions

    def on_side(self, number: int, permits: bool) -> tuple[Box, ...]:
        """Where a rule holds, for effects that permit or for those that do not."""
        return self.regions[number].certain if permits else self.regions[number].possible

    def of_effect(self, number: int, effect: Effect) -> tuple[Box, ...]:
        """Where a rule holds, for one of its effects."""
        return self.on_side(number, effect.permits)

    def of_rule(self, number: int) -> tuple[Box, ...]:
        """Where a rule holds, for any of its effects."""
        sides = dict.fromkeys(effect.permits for effect in self.policy.rules[number].effects.values())
        return tuple([box for permits in sides for box in self.on_side(number, permits)])

    def boxes_on(self, action: str, left_out: frozenset[int] = frozenset()) -> list[Box]:
        """The boxes of the rules on an action, some rules apart.

        Overrides do not matter here: where one rule sets another aside, it speaks itself, unless it only exempts.
        """
        return [
            box
            for number, effect in self.tables[action].effects.items()
            if number not in left_out
            for box in self.of_effect(number, effect)
        ]

    def condition(self, condition: Condition, *, when_unknown: bool) -> Formula:
        """A formula for a condition."""
        return inside(region(lower(condition, self.policy.facts, when_unknown=when_unknown), self.cells))

    # Cases

    def witness(self, box: Box) -> Witness:
        """The plainest case of a box, as `decide` takes it."""
        return self.point(box).witness

    def point(self, box: Box, ends: Mapping[str, bool] | None = None) -> Point:
        """The plainest case of a box; of a fact in `ends` with its greatest value there, or with its least."""
        case, day = plainest(box, self.policy, self.cells, self.needed, ends or {})
        case = self.possible_cases.settled(case, box)
        return Point(case, day, case_json(self.policy, case, day))

    def verdict(self, action: str, point: Point) -> Verdict:
        """An action's verdict by the oracle, which has the last word on a witness."""
        return meaning.decide_action(self.policy, action, point.case, point.day).verdict

    def place_of(self, *actions: str, point: Point | None = None) -> Place:
        """Where one of the actions is permitted: by the rule that decides in a case, or by the first that ever does."""
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


def policy_space(policy: TypedPolicy, more: Iterable[Condition] = ()) -> PolicySpace:
    """The space of a policy, cut for `more` conditions too."""
    its = lowered(policy)
    space = space_of(its, [lower(condition, policy.facts, when_unknown=False) for condition in more])
    regions = []
    too_large = []
    for rule, guards in zip(policy.rules, its.guards, strict=True):
        try:
            regions.append(rule_regions(rule, guards, space))
        except TooManyBoxes:
            too_large.append(rule.name)
            regions.append(RuleRegions((), ()))
    return PolicySpace(policy, space, tuple(regions), tuple(too_large), full_masks(space), facts_read(policy))


def check_witness(shown: bool, code: str, point: Point) -> None:
    """Stops where the oracle says that a witness does not show what it should: a bug of the analyser never becomes a
    finding."""
    if not shown:
        raise AssertionError(f"the witness {dict(point.witness)} does not show {code}")


def permits(verdict: Verdict) -> bool:
    """Whether a verdict lets an action happen."""
    return verdict in (Verdict.ALLOWED, Verdict.REQUIRED)


def point_of(box: Box, name: str, copy: str) -> Box:
    """One of several cases that a box stands for, alike but for one fact: the one that has its value on `copy`."""
    plain = {axis: mask for axis, mask in box.items() if axis.isidentifier() and axis != name}
    return {**plain, name: box[copy]} if copy in box else plain
