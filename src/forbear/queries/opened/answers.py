"""The answers of a policy about an action if some facts are open: a formula over their cells for each answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property, reduce

from attrs import evolve, frozen

from forbear.analysis.comparison.telling.between import by_verdict
from forbear.analysis.engine.verdicts import ActiveRules, Verdicts, verdicts
from forbear.kernel.cases import PERMITTED, InPart, Value, Verdict, bits
from forbear.language.model.facts import Fact
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.queries.opened.given import Following, Given, OnDay, condition_left, facts_left, is_unknown_value
from forbear.semantics.composition.duties import companions_first
from forbear.semantics.lowered.actions import PRECEDENCE
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.lowered.guards import FALSE, TRUE, AllOf, AnyOf, Guard, Guards, RelatedValues, Values, among
from forbear.space import formulas
from forbear.space.axes import Axis, Space, axes_of, forms_of, leaf_cells
from forbear.space.by_day import dates
from forbear.space.formulas import All, At, Formula, Neither, any_of, both, but_not, inside
from forbear.space.possible import PossibleCases
from forbear.space.predicates.specs import Specs
from forbear.space.regions import Box, RuleRegions, region
from forbear.space.related import cuts, related_facts
from forbear.space.relations.systems import Reason, Unsolved
from forbear.space.search.bound import Bound
from forbear.space.search.search import Search

# Which cases of open facts are possible beside what is given: those of the analyser, in the cells of the given facts.
#
# Facts that rules compare, or that follow from the same events, or from a date and the day of the decision, have to do
# with each other. The last two hold of what is given too: of 2 calls in 7 days, no more than 2 are of today.


_MOST_CASES = 2_000
_MOST_WORK = 3_000_000
"""The most work that may be done to find the cases of facts that constrain one another: a few seconds."""


class TooManyCases(Exception):
    """Facts that constrain one another have too many cases."""


@frozen(slots=False, eq=False)
class OpenCases:
    """The possible cases. What uses them raises `BoundReached` where it is not known whether there is one."""

    policy: TypedPolicy
    space: Space
    given: Mapping[str, Value]
    """The values of other facts. Those of private ones exclude nothing, because an answer would reveal them."""
    day: int | None
    """The day of the decision, if it is given."""

    @cached_property
    def _given(self) -> dict[str, tuple[Axis, int]]:
        """The axes of facts that are given, and the cells of their values."""
        derived = self.policy.derived
        linked = derived.keys() | {derivation.of for derivation in derived.values()}
        if linked.isdisjoint(self.space.axes):
            return {}
        cells_of_given = {}
        for name, value in self.given.items():
            fact = evolve(self.policy.facts[name], optional=False)
            if name in linked and not fact.private and not isinstance(value, str):
                if isinstance(value, InPart):
                    leaf = Values(name, ((value.low, value.high),), True, value.none)
                else:
                    leaf = among(name, () if value is None else (value,), True, value is None)
                axis = axes_of({name: fact}, [leaf])[name]
                cells_of_given[name] = axis, leaf_cells(leaf, axis)
        return cells_of_given

    @cached_property
    def _possible(self) -> PossibleCases:
        axes = {**self.space.axes, **{name: axis for name, (axis, _) in self._given.items()}}
        pairs = [
            pair
            for pair in related_facts(self.policy, axes)
            if pair.fewer in self.space.axes or pair.more in self.space.axes
        ]
        periods = () if self.day is None else ((self.day, self.day),)
        by_day = dates(self.policy, axes, self.space.forms, periods)
        if by_day is not None and by_day.names.isdisjoint(self.space.axes):
            by_day = None  # given facts are not checked against each other
        return PossibleCases(pairs, evolve(self.space, axes=axes), by_day)

    @cached_property
    def masks(self) -> dict[str, int]:
        """All cells of each open fact, and of each sum in which two of them are compared."""
        return {name: self.space.everything(name) for name in (*self.space.axes, *self.space.forms)}

    @cached_property
    def possible(self) -> Formula:
        """The formula that holds for possible cases."""
        excluded = [
            {name: mask for name, mask in box.items() if name in self.masks}
            for box in self._possible.excluded
            if not any(name in self._given and self._given[name][1] & ~mask for name, mask in box.items())
        ]
        parts = [inside(self._together(part)) for part in self._parts]
        return All((Neither((inside(excluded),)), *parts)) if excluded or parts else formulas.TRUE

    def _together(self, part: set[str]) -> list[Box]:
        """Returns the cells of facts that constrain one another which have a case in common."""
        bound = Bound(_MOST_WORK)
        boxes: list[Box] = [{}]
        for name, mask in self.masks.items():
            if name in part:
                boxes = [{**box, name: 1 << cell} for box in boxes for cell in bits(mask)]
                if len(boxes) > _MOST_CASES:
                    raise TooManyCases
                boxes = [box for box in boxes if self._has_case(box, bound)]
        return boxes

    def _has_case(self, box: Box, bound: Bound) -> bool:
        """Returns true if the relations allow a case in a box, or if only its ages are too hard to compare."""
        assert self._possible.relations is not None
        given = {name: cells for name, (_, cells) in self._given.items()}
        try:
            return self._possible.relations.excluded({**given, **box}, self._possible.masks, bound) is None
        except Unsolved as why:
            if why.reason is not Reason.AGES:
                raise
            return True

    def differs(self, fact: str, formulas: Sequence[Formula]) -> bool:
        """Returns true if two cases that differ only in a fact, which rules compare with another one, differ in whether
        one of some formulas holds.
        """
        copy, relations = f"another {fact}", self._possible.relations
        assert relations is not None
        renamed = {fact: copy, **relations.renamed(fact, copy)}
        masks = self._possible.masks | {new: self._possible.masks[name] for name, new in renamed.items()}
        search = Search(masks, Bound(_MOST_WORK), relations.copied(fact, [copy], ()))
        given = {name: cells for name, (_, cells) in self._given.items()}
        two = [
            All((formula, At(but_not(self.possible, formula), fact, copy, renamed), self.possible))
            for formula in formulas
        ]
        try:
            return any(search.find(both_of, given) is not None for both_of in two)
        except Unsolved as why:
            if why.reason is not Reason.AGES:
                raise
            return True

    @cached_property
    def _dated(self) -> set[str]:
        """The open facts that constrain one another through dates."""
        return set() if self._possible.relations is None else self._possible.relations.dated & self.space.axes.keys()

    def tied(self, fact: str) -> set[str]:
        """The other open facts of the same events or dates."""
        sets = [self._dated, *[{pair.fewer, pair.more} & self.space.axes.keys() for pair in self._possible.pairs]]
        tied = {fact}
        while more := set().union(*[together for together in sets if together & tied]) - tied:
            tied |= more
        return tied - {fact}

    def forms_of(self, fact: str) -> list[str]:
        """The sums in which a fact is compared."""
        return [name for name, form in self.space.forms.items() if fact in form.facts]

    @property
    def together(self) -> list[str]:
        """The facts that rules compare, or that constrain one another through dates."""
        return [name for name in self.space.axes if any(name in part for part in self._parts)]

    @cached_property
    def _parts(self) -> list[set[str]]:
        """The axes of relations, and of what hangs together by dates, in parts that have no fact in common."""
        parts: list[set[str]] = []
        groups = [{name, *form.facts} for name, form in self.space.forms.items()]
        for together in (*groups, self._dated):
            apart = [part for part in parts if part.isdisjoint(together)]
            parts = [*apart, together.union(*[part for part in parts if part not in apart])]
        return [part for part in parts if part]


MOST_WORK = 4_000_000
"""The most work that may be done for one action, in comparisons of boxes: some seconds."""


class NoCase(Exception):
    """The given facts exclude every value of the open ones."""


@frozen(slots=False, eq=False)
class Answers:
    """The answers of a policy about some actions if some facts are `opened`, and the others are `given` in each time
    zone, except for the `ages` that follow from open dates. With `may_stay_unknown`, optional facts among the open ones
    may stay unknown.
    """

    tables: Specs
    given: Sequence[Given]
    opened: tuple[str, ...]
    ages: Following
    actions: tuple[str, ...]
    may_stay_unknown: bool

    @cached_property
    def _guards(self) -> list[dict[int, Guards]]:
        """The rest of the condition of each rule on the actions that is in force, in each time zone."""
        facts, opened = self.tables.policy.facts, (*self.opened, *self.ages.dates)
        left = self._left(opened)
        numbers = dict.fromkeys(one for action in self.actions for one in rules_on(self.tables, action))
        found = []
        for given, on_day in zip(self.given, self._on_days, strict=True):
            of_zone = {}
            for number in numbers:
                if given.in_force >> number & 1:
                    condition = self.tables.policy.rules[number].condition
                    remaining = guards(condition_left(condition, facts, given.values, opened), left)
                    certain, possible = (on_day.of_dates(each) for each in (remaining.certain, remaining.possible))
                    of_zone[number] = Guards(_decided(certain), _decided(possible))
            found.append(of_zone)
        return found

    def _left(self, opened: Sequence[str]) -> dict[str, Fact]:
        return facts_left(self.tables.policy, opened, self.may_stay_unknown)

    @cached_property
    def _on_days(self) -> list[OnDay]:
        left = self._left((*self.opened, *self.ages.dates))
        return [OnDay(self.tables.policy, left, self.ages, given.day or 0) for given in self.given]

    @cached_property
    def _facts_left(self) -> dict[str, Fact]:
        """The facts of the space. Dates are those that have their ages in each time zone."""
        left = self._left((*self.opened, *self.ages.compared))
        for on_day in self._on_days:
            for name, low, high in on_day.limits():
                left[name] = evolve(left[name], low=max(low, left[name].low), high=min(high, left[name].high))
                if left[name].low > left[name].high:
                    raise NoCase
        return left

    @cached_property
    def covered(self) -> dict[str, tuple[int, int]]:
        """The first and the last of those open dates by which working days are counted: their calendars cover no other
        days."""
        derived, facts = self.tables.policy.derived, self._facts_left
        dates = [date for name, date in self.ages.dates.items() if derived[name].calendar is not None]
        return {date: (facts[date].low, facts[date].high) for date in dates}

    @cached_property
    def space(self) -> Space:
        """The cells of the open facts on which an answer depends, and of the sums in which two of them are compared."""
        every = [
            guard for of_zone in self._guards for both in of_zone.values() for guard in (both.certain, both.possible)
        ]
        facts = self._facts_left
        every += [
            among(name, (), True, None) for name in dict.fromkeys(map(self.ages.dates.__getitem__, self.ages.compared))
        ]
        every += cuts(self.tables.policy, facts, every, self._same)
        return Space(axes_of(facts, every), (None,), (), forms_of(facts, every))

    @cached_property
    def cases(self) -> OpenCases:
        """The possible cases of the open facts."""
        first, *others = self.given
        day = first.day if all(other.day == first.day for other in others) else None
        return OpenCases(self.tables.policy, self.space, self._same, day)

    @cached_property
    def _same(self) -> dict[str, Value]:
        """The values that are given in all time zones."""
        first, *others = self.given
        return {
            name: value
            for name, value in first.values.items()
            if name not in first.unknown and all(other.values[name] == value for other in others)
        }

    @cached_property
    def regions(self) -> list[list[RuleRegions]]:
        """The regions in which each rule is in force and holds, in each time zone."""
        nowhere = RuleRegions((), ())
        found = []
        for of_zone in self._guards:
            regions = [nowhere] * len(self.tables.rules)
            for number, left in of_zone.items():
                sides = tuple(region(left.certain, self.space)), tuple(region(left.possible, self.space))
                regions[number] = RuleRegions(*sides)
            found.append(regions)
        return found

    def decided(self, action: str) -> Decided:
        """Returns the possible decisions on an action. Raises `NoCase` or, if it takes too long, `BoundReached`,
        `TooManyBoxes` or `TooManyCases`.
        """
        bound = Bound(MOST_WORK)
        search = Search(self.cases.masks, bound)
        if search.find(self.cases.possible) is None:
            raise NoCase
        zones = [
            _Zone(self.tables, action, regions, given.unknown, bound)
            for regions, given in zip(self.regions, self.given, strict=True)
        ]
        return Decided(self, search, zones)


def names_on(tables: Specs, action: str) -> Iterator[tuple[str, str | None, str]]:
    """Yields an action, and its pairs with its possible companions, each with the companion and the name of the pair.
    An action precedes its companions.
    """
    yield action, None, action
    for host in reversed(companions_first(tables.lowered.companions, action)):
        yield from [(host, companion, pair) for companion, pair in tables.lowered.companions.get(host, ())]


def rules_on(tables: Specs, action: str) -> list[int]:
    """Returns the rules on an action, and on its possible companions."""
    mask = 0
    for _, _, name in names_on(tables, action):
        mask |= tables.actions[name].rules
    return bits(mask)


Answer = tuple[Verdict, tuple[str, ...]]
"""The part of a decision that a caller acts on: the verdict, and the companions."""


@frozen
class _Part:
    """The effect of a rule on an action (`companion` None), or on one of its companions: the formula for when it
    decides, and the one for when it takes part although something in it is unknown.
    """

    companion: str | None
    number: int
    verdict: Verdict | None
    deciding: Formula
    unknown: Formula


@frozen(slots=False, eq=False)
class _Zone:
    """The rules on an action, and on its possible companions, in one time zone."""

    tables: Specs
    action: str
    regions: Sequence[RuleRegions]
    unknown: frozenset[str]
    bound: Bound

    @cached_property
    def _active(self) -> dict[str, ActiveRules]:
        tables = self.tables.lowered.actions
        return {
            name: ActiveRules(tables[name], self.regions, self.bound)
            for _, _, name in names_on(self.tables, self.action)
        }

    @cached_property
    def verdicts(self) -> Verdicts:
        return verdicts(self._active[self.action], None)

    @cached_property
    def along(self) -> dict[str, Formula]:
        """The formula for when each companion must accompany the action, if that is permitted; for the action itself,
        always.
        """
        where = {self.action: formulas.TRUE}
        for host, companion, name in names_on(self.tables, self.action):
            if companion is not None and host in where:
                asked = both(where[host], self._active[name].with_effect(Effect.ALONG))
                where[companion] = any_of((where.get(companion, formulas.FALSE), asked))
        return where

    @cached_property
    def parts(self) -> list[_Part]:
        """Returns the effects of the rules."""
        found = []
        for host, companion, name in names_on(self.tables, self.action):
            active, permitted = self._active[name], self.verdicts.permitted
            for number, effect in self.tables.lowered.actions[name].effects.items():
                deciding = unknown = formulas.FALSE
                if effect in PRECEDENCE:
                    deciding = both(self.along[host], active.gives_verdict(number))
                if not self.unknown.isdisjoint(self.tables.rules[number].facts):
                    unknown = any_of((deciding, but_not(active.of(number, False), active.of(number, True))))
                    if companion is not None:
                        asked = active.with_effect(Effect.ALONG)
                        unknown = All((unknown, self.along[host], permitted, asked))
                found.append(_Part(companion, number, PRECEDENCE.get(effect), deciding, unknown))
        return found


@frozen
class Deciding:
    """The data that decide an answer: the rules that do so throughout it, and those that do in some of its cases only;
    for each companion, the rules that ask for it; and the unknown facts that take part.
    """

    throughout: set[str]
    sometimes: set[str]
    along: Mapping[str, set[str]]
    unknown: set[str]


@frozen(slots=False, eq=False)
class Decided:
    """The possible decisions on an action: the strictest of those in each time zone."""

    answers: Answers
    search: Search
    zones: Sequence[_Zone]

    @cached_property
    def by_verdict(self) -> Mapping[Verdict, Formula]:
        """The formula for when the action has each verdict."""
        zones = [by_verdict(zone.verdicts) for zone in self.zones]
        if len(zones) == 1:
            return zones[0]
        found: dict[Verdict, Formula] = {}
        for verdict in (Verdict.FORBIDDEN, Verdict.UNSAID, Verdict.REQUIRED, Verdict.ALLOWED):
            found[verdict] = but_not(any_of([zone[verdict] for zone in zones]), any_of(found.values()))
        return found

    @cached_property
    def along(self) -> Mapping[str, Formula]:
        """The formula for when each companion must accompany the action, if that is permitted."""
        names = sorted({name for zone in self.zones for name in zone.along} - {self.zones[0].action})
        return {name: any_of(zone.along.get(name, formulas.FALSE) for zone in self.zones) for name in names}

    def where(self, answer: Answer) -> Formula:
        """Returns the formula for when an answer is given."""
        verdict, along = answer
        asked = self.along.items() if verdict in PERMITTED else ()
        companions = [formula if name in along else Neither((formula,)) for name, formula in asked]
        return reduce(both, [self.by_verdict[verdict], *companions, self.answers.cases.possible])

    @cached_property
    def by_answer(self) -> Mapping[Answer, Formula]:
        """The formula for when each answer is given; answers that no case has are left out."""
        found: dict[Answer, Formula] = {}
        for verdict in self.by_verdict:
            left = both(self.by_verdict[verdict], self.answers.cases.possible)
            while (box := self.search.find(left)) is not None:
                needed = []
                for name, asked in self.along.items() if verdict in PERMITTED else ():
                    within = self.search.find(asked, box)
                    needed += [] if within is None else [name]
                    box = box if within is None else within
                found[verdict, tuple(needed)] = self.where((verdict, tuple(needed)))
                left = but_not(left, found[verdict, tuple(needed)])
        return found

    def deciding(self, answer: Answer) -> Deciding:
        """Returns the data that decide an answer."""
        where, rules = self.where(answer), self.answers.tables.rules
        found = Deciding(set(), set(), {name: set() for name in answer[1]}, set())
        deciding: dict[tuple[str | None, str], list[Formula]] = {}
        for zone in self.zones:
            for part in zone.parts:
                if part.companion in found.along or (part.companion is None and part.verdict is answer[0]):
                    deciding.setdefault((part.companion, rules[part.number].name), []).append(part.deciding)
                unknown = zone.unknown.intersection(rules[part.number].facts) - found.unknown
                if unknown and self._some(where, part.unknown):
                    found.unknown.update(unknown)
        for (companion, name), parts in deciding.items():
            decides = any_of(parts)
            if self._some(where, decides):
                if companion is not None:
                    found.along[companion].add(name)
                else:
                    always = self.search.find(but_not(where, decides)) is None
                    (found.throughout if always else found.sometimes).add(name)
        return found

    def _some(self, where: Formula, more: Formula) -> bool:
        return more is not formulas.FALSE and self.search.find(both(where, more)) is not None


def _decided(guard: Guard) -> Guard:
    """A guard without what is decided: what says that something is unknown, and parts that hold always or never."""
    match guard:
        case AllOf(parts):
            left = [part for part in map(_decided, parts) if part != TRUE]
            return FALSE if FALSE in left else left[0] if len(left) == 1 else AllOf(tuple(left))
        case AnyOf(parts):
            left = [part for part in map(_decided, parts) if part != FALSE]
            return TRUE if TRUE in left else left[0] if len(left) == 1 else AnyOf(tuple(left))
        case RelatedValues():
            return guard
        case leaf:
            if not is_unknown_value(leaf.fact):
                return guard
            return TRUE if leaf.absent else FALSE
