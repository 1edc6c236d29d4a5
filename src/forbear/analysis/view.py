"""What all findings look at: a policy's space, the region of each rule, and formulas for the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

from attrs import define, field, frozen

from forbear.analysis.verdicts import Standing, Verdicts, verdicts
from forbear.diagnostic import Diagnostic
from forbear.kernel import GridValue, Verdict
from forbear.lowered.actions import ActionTable, action_tables
from forbear.lowered.from_conditions import lower
from forbear.lowered.policy import lowered
from forbear.policy import meaning
from forbear.policy.conditions import Condition
from forbear.policy.standards import all_standards
from forbear.policy.typed import Effect, TypedPolicy, facts_read, own_rules
from forbear.source import Place
from forbear.space.axes import DAY, Space, space
from forbear.space.bound import Bound
from forbear.space.cover import cover
from forbear.space.formulas import All, Formula, Neither, any_of, inside
from forbear.space.possible import PossibleCases
from forbear.space.regions import (
    Box,
    RuleRegions,
    TooManyBoxes,
    full_masks,
    region,
    rule_regions,
)
from forbear.space.related import related_facts
from forbear.space.rows import Regions, Row
from forbear.space.search import Search
from forbear.space.witness import case_json, plain_cells, plainer, plainest, plainest_box

if TYPE_CHECKING:
    from forbear.analysis.containment import Containment, Speaking

BOUND = 4_000_000
"""Boxes that the searches for one code may compare before they say `undecided`: some seconds."""

_LOOKED_AT = 50

Witness = Mapping[str, object]


@frozen
class Point:
    """One case, on the grids, with its day, and as `decide` takes it."""

    case: Mapping[str, GridValue]
    day: int | None
    witness: Witness


@frozen
class Candidate:
    """Something that may be a finding: the names that an `accept` knows it by, and a search for it.

    `find` takes one more condition on the case, and gives the finding with a witness that meets it, or None. `place` is
    where it stands, if that is not where its names say.
    """

    names: tuple[str, ...]
    find: Callable[[Formula], Diagnostic | None]
    place: Place | None = None


@define(slots=False, eq=False)
class View:
    """A policy in the space of its cases. `regions` has, for each rule, where it holds."""

    policy: TypedPolicy
    cut: Space
    regions: tuple[RuleRegions, ...]
    too_large: tuple[str, ...]
    masks: Mapping[str, int]
    needed: tuple[str, ...]
    bound: Bound = field(factory=lambda: Bound(BOUND))
    """What the searches for the code at hand may still spend."""
    spare: Bound = field(factory=lambda: Bound(BOUND))
    """What may be spent on telling the findings of the code plainly, once they are found."""
    counting: set[str] = field(factory=set)
    """The codes of which enough findings are told: more of them are only counted."""
    _standing: dict[str, Standing] = field(factory=dict, init=False)
    _spoken: dict[tuple[str, ...], Formula] = field(factory=dict, init=False)
    _verdicts: dict[str, Verdicts] = field(factory=dict, init=False)
    _named: dict[str, Mapping[int, int]] = field(factory=dict, init=False)
    _covers: dict[str, tuple[Box, ...]] = field(factory=dict, init=False)

    @cached_property
    def possible_cases(self) -> PossibleCases:
        """Which cases are possible: facts that are derived from the same events are not independent."""
        return PossibleCases(related_facts(self.policy, self.cut.axes), self.cut)

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
    def of_standards(self) -> int:
        """The rules of standards, by their bits in the row."""
        return self.row.mask([number for number in range(len(self.policy.rules)) if not self.is_own(number)])

    @cached_property
    def set_aside(self) -> int:
        """The rules of standards that another one of the standard may set aside, by their bits in the row."""
        overridden = {
            other for rule in self.policy.rules for others in rule.overrides.values() for other in others.numbers
        }
        return self.of_standards & self.row.mask(sorted(overridden))

    def beside(self, number: int) -> int:
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

    def is_own(self, number: int) -> bool:
        """Whether a rule is no standard's."""
        return self.policy.rules[number].standard is None

    def permits_by_own(self, actions: Iterable[str]) -> bool:
        """Whether a rule of the policy's own permits one of the actions: else what is told of them is a standard's."""
        return any(
            rule.effects[action].permits
            for action in actions
            for rule in own_rules(self.policy)
            if action in rule.effects
        )

    @cached_property
    def row(self) -> Row:
        """The rules in a row of bits."""
        return Row([max(len(its.certain), len(its.possible)) for its in self.regions])

    @cached_property
    def certain(self) -> Regions:
        """The index of where rules certainly hold."""
        return Regions([its.certain for its in self.regions], self.row, self.masks, self.bound)

    @cached_property
    def possible(self) -> Regions:
        """The index of where rules do not certainly fail to hold."""
        if all(its.certain is its.possible for its in self.regions):
            return self.certain
        return Regions([its.possible for its in self.regions], self.row, self.masks, self.bound)

    def side(self, permits: bool) -> Regions:
        """The index of where rules hold, for effects that permit or for those that do not."""
        return self.certain if permits else self.possible

    @cached_property
    def speaking(self) -> Speaking:
        """Which rules have which effects."""
        from forbear.analysis.containment import Speaking

        return Speaking(self)

    @cached_property
    def containment(self) -> Containment:
        """Which rules add nothing to which others."""
        from forbear.analysis.containment import Containment

        return Containment(self)

    def looked_at(self, number: int) -> bool:
        """Whether a rule holds somewhere, and it is known where."""
        return number not in self.dead and self.policy.rules[number].name not in self.too_large

    def on_side(self, number: int, permits: bool) -> tuple[Box, ...]:
        """Where a rule holds, for effects that permit or for those that do not."""
        return self.regions[number].certain if permits else self.regions[number].possible

    def of_effect(self, number: int, effect: Effect) -> tuple[Box, ...]:
        """Where a rule holds, for one of its effects."""
        return self.regions[number].certain if effect.permits else self.regions[number].possible

    def of_rule(self, number: int) -> tuple[Box, ...]:
        """Where a rule holds, for any of its effects."""
        effects = {effect.permits: effect for effect in self.policy.rules[number].effects.values()}
        return tuple([box for effect in effects.values() for box in self.of_effect(number, effect)])

    def case(self, boxes: Sequence[Box], formula: Formula, more: Formula) -> Box | None:
        """A box of plain cases of some boxes that meet one more condition; the formula holds in the boxes."""
        if more is self.possible_cases.formula:
            some = list(islice(self.possible_cases.in_boxes(boxes), _LOOKED_AT))
            return plainest_box(some, self.cut) if some else None
        formula = All((formula, more))
        box = self.search().find(formula)
        return None if box is None else self.plainer(formula, box)

    def case_of_rule(self, number: int, more: Formula) -> Box | None:
        """A box of plain cases of a rule that meet one more condition."""
        boxes = self.of_rule(number)
        return self.case(boxes, inside(boxes), more)

    def plainer(self, formula: Formula, box: Box, lines: Mapping[str, bool] | None = None, **copies: int) -> Box:
        """A box of the formula with the plainest case, given one that was found; `copies` are those of its search.

        `lines` are axes to come to last, in this order, each with whether it prefers the highest value to the lowest.
        """
        masks = {**self.masks, **copies}
        axes = self.cut.axes
        names = sorted(axes, key=lambda name: (axes[name].fact.clock, axes[name].fact.usually is None))
        last = {name: range(masks[name].bit_length()) for name in lines or ()}
        orders: dict[str, Sequence[int]] = {name: plain_cells(axes[name]) for name in names if name not in last}
        orders[DAY] = range(len(self.cut.days))
        orders.update((name, cells[::-1] if (lines or {})[name] else cells) for name, cells in last.items())
        return plainer(box, formula, Search(masks, self.spare.part()), orders, [*self.needed, *last])

    def named(self, code: str) -> Mapping[int, int]:
        """For each rule its partners in the pairs that an `accept` of a code names, by their bits in the row."""
        if code not in self._named:
            self._named[code] = self._find_named(code)
        return self._named[code]

    def _find_named(self, code: str) -> Mapping[int, int]:
        numbers = {rule.name: number for number, rule in enumerate(self.policy.rules)}
        partners: dict[int, list[int]] = {}
        for accept in self.policy.accepts:
            if accept.code == code and len(accept.names) == 2 and numbers.keys() >= set(accept.names):
                one, other = (numbers[name] for name in accept.names)
                partners.setdefault(one, []).append(other)
                partners.setdefault(other, []).append(one)
        return {number: self.row.mask(others) for number, others in partners.items()}

    def search(self, **copies: int) -> Search:
        """A search; `copies` are the masks of axes on which a second or third case differs."""
        return Search({**self.masks, **copies}, self.bound)

    def condition(self, condition: Condition, *, when_unknown: bool) -> Formula:
        """A formula for a condition."""
        return inside(region(lower(condition, self.policy.facts, when_unknown=when_unknown), self.cut))

    def witness(self, box: Box) -> Witness:
        """The plainest case of a box, as `decide` takes it."""
        return self.point(box).witness

    def point(self, box: Box, ends: Mapping[str, bool] | None = None) -> Point:
        """The plainest case of a box; of a fact in `ends` with its greatest value there, or with its least."""
        case, day = plainest(box, self.policy, self.cut, self.needed, ends or {})
        case = self.possible_cases.settled(case, box)
        return Point(case, day, case_json(self.policy, case, day))

    def verdict(self, action: str, point: Point) -> Verdict:
        """An action's verdict by the reference interpreter, which has the last word on a witness."""
        return meaning.decide_action(self.policy, action, point.case, point.day).verdict

    def replayed(self, shown: bool, code: str, point: Point) -> None:
        """Stops where a witness does not show what it should: a bug of the analyser never becomes a finding."""
        if not shown:
            raise AssertionError(f"the witness {dict(point.witness)} does not show {code}")

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

    # Verdicts as formulas

    @cached_property
    def tables(self) -> Mapping[str, ActionTable]:
        """The rules on each action, and which of them override which."""
        return action_tables(self.policy.actions, self.policy.rules)

    def standing(self, action: str) -> Standing:
        """Where the rules on an action stand for it."""
        if action not in self._standing:
            self._standing[action] = Standing(self.tables[action], self.regions, self.bound)
        return self._standing[action]

    def verdicts(self, action: str) -> Verdicts:
        """The formulas of an action's verdicts."""
        if action not in self._verdicts:
            spoken = None if self._is_exempted(action) else self.spoken((action,))
            self._verdicts[action] = verdicts(self.standing(action), spoken)
        return self._verdicts[action]

    def verdicts_without(self, action: str, number: int) -> Verdicts:
        """As `verdicts`, if a rule were not there."""
        left_out = frozenset((number,))
        standing = Standing(self.tables[action], self.regions, self.bound, left_out)
        spoken = None if self._is_exempted(action) else inside(self._boxes_of_rules(action, left_out))
        return verdicts(standing, spoken)

    def spoken(self, actions: tuple[str, ...]) -> Formula:
        """Where one of the actions at least is not unsaid."""
        if actions not in self._spoken:
            if any(map(self._is_exempted, actions)):
                self._spoken[actions] = any_of(Neither((self.verdicts(action).unsaid,)) for action in actions)
            else:
                self._spoken[actions] = inside([box for action in actions for box in self.spoken_boxes(action)])
        return self._spoken[actions]

    def spoken_boxes(self, action: str) -> Sequence[Box]:
        """The boxes in which an action is not unsaid."""
        if not self._is_exempted(action):
            return self._boxes_of_rules(action)
        if action not in self._covers:
            spoken = Neither((self.verdicts(action).unsaid,))
            self._covers[action] = tuple(cover(spoken, self.search(), self.masks))
        return self._covers[action]

    def _boxes_of_rules(self, action: str, left_out: frozenset[int] = frozenset()) -> list[Box]:
        """The boxes of the rules on an action, some rules apart.

        Overrides do not matter here: where one rule sets another aside, it speaks itself, unless it only exempts.
        """
        return [
            box
            for number, rule in enumerate(self.policy.rules)
            if action in rule.effects and number not in left_out
            for box in self.of_effect(number, rule.effects[action])
        ]

    def _is_exempted(self, action: str) -> bool:
        """Whether a standard's own rules may set aside what it says of an action, and say nothing themselves."""
        return any(rule.effects.get(action) is Effect.EXEMPT for rule in self.policy.rules if rule.standard is not None)


def view(policy: TypedPolicy, more: Iterable[Condition] = ()) -> View:
    """The view of a policy, cut for `more` conditions too. A rule of too many boxes has none, and is named."""
    its = lowered(policy)
    cut = space(its, [lower(condition, policy.facts, when_unknown=False) for condition in more])
    regions = []
    too_large = []
    for rule, guards in zip(policy.rules, its.guards, strict=True):
        try:
            regions.append(rule_regions(rule, guards, cut))
        except TooManyBoxes:
            too_large.append(rule.name)
            regions.append(RuleRegions((), ()))
    return View(policy, cut, tuple(regions), tuple(too_large), full_masks(cut), facts_read(policy))


def permits(verdict: Verdict) -> bool:
    """Whether a verdict lets an action happen."""
    return verdict in (Verdict.ALLOWED, Verdict.REQUIRED)


def point_of(box: Box, name: str, copy: str) -> Box:
    """One of several cases that a box stands for, alike but for one fact: the one that has its value on `copy`."""
    plain = {axis: mask for axis, mask in box.items() if axis.isidentifier() and axis != name}
    return {**plain, name: box[copy]} if copy in box else plain
