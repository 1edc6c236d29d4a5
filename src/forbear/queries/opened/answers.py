"""The decision on an action as a function of open facts: a diagram over the cells of their axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from attrs import evolve, frozen

from forbear.kernel.cases import ActionDecision, Value, Verdict, bits
from forbear.kernel.history.strictest import strictest
from forbear.language.model.facts import Fact
from forbear.queries.opened.diagrams import Diagrams, Node
from forbear.queries.opened.following import Following, OnDay
from forbear.queries.opened.given import Given, condition_left, facts_left, is_unknown_value
from forbear.queries.opened.related import NoCase, OpenRelations
from forbear.semantics.composition.duties import reached
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.lowered.guards import FALSE, TRUE, AllOf, AnyOf, Guard, Guards, RelatedValues, among
from forbear.space.axes import Axis, Space, axes_of, forms_of, leaf_cells, related_cells
from forbear.space.predicates.specs import Specs
from forbear.space.related import cuts
from forbear.space.relations.forms import Form, form_name

_NO, _OPEN, _YES = 0, 1, 2
"""The truth of a condition: false, unknown, true."""


@frozen(slots=False, eq=False)
class Answers:
    """What a policy says of some actions where some facts are `opened`, and the rest is `given` in each time zone, but
    for the `ages` that follow from open dates. With `may_stay_unknown`, optional ones of the open facts may be unknown
    in the end."""

    tables: Specs
    given: Sequence[Given]
    opened: tuple[str, ...]
    ages: Following
    actions: tuple[str, ...]
    may_stay_unknown: bool

    @cached_property
    def _guards(self) -> list[dict[int, Guards]]:
        """What is left of the condition of each rule on the actions, in each time zone."""
        facts, opened = self.tables.policy.facts, (*self.opened, *self.ages.dates)
        left = self._left(opened)
        found = []
        for given, on_day in zip(self.given, self._on_days, strict=True):
            of_zone = {}
            for number in dict.fromkeys(one for action in self.actions for one in rules_on(self.tables, action)):
                of_zone[number] = Guards(FALSE, FALSE)
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
    def axes(self) -> tuple[Axis | Form, ...]:
        """The axes of the diagrams, in their order."""
        return (*self.space.axes.values(), *self.space.forms.values())

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the axes."""
        return (*self.space.axes, *self.space.forms)

    @cached_property
    def relations(self) -> OpenRelations:
        """What open facts have to do with each other, and with what is given in all time zones."""
        first, *others = self.given
        day = first.day if all(other.day == first.day for other in others) else None
        return OpenRelations(self.tables.policy, self.space, self.names, self._same, day)

    @cached_property
    def _same(self) -> dict[str, Value]:
        """What is given in all time zones."""
        first, *others = self.given
        return {
            name: value
            for name, value in first.values.items()
            if name not in first.unknown and all(other.values[name] == value for other in others)
        }

    @cached_property
    def _possible(self) -> Node:
        return self.relations.possible(self.diagrams)

    @cached_property
    def diagrams(self) -> Diagrams:
        return Diagrams([axis.everything.bit_length() for axis in self.axes])

    @cached_property
    def _truths(self) -> dict[tuple[int, int], Node]:
        return {}

    def truth(self, zone: int, number: int) -> Node:
        """The truth of a rule's condition: 0 false, 1 unknown, 2 true."""
        if (zone, number) not in self._truths:
            guards_of_rule = self._guards[zone][number]
            both = (guards_of_rule.certain, guards_of_rule.possible)
            certain, possible = (self._holds(guard) for guard in both)
            self._truths[zone, number] = self.diagrams.combined(_truth_of, certain, possible)
        return self._truths[zone, number]

    def _holds(self, guard: Guard) -> Node:
        match guard:
            case AllOf(parts):
                return self.diagrams.all_of([self._holds(part) for part in parts])
            case AnyOf(parts):
                return self.diagrams.any_of([self._holds(part) for part in parts])
            case RelatedValues(relation=relation):
                form = self.space.forms[form_name(relation.facts, relation.factors)]
                return self.diagrams.cells(self.names.index(form.name), related_cells(guard, form))
            case leaf:
                cells = leaf_cells(leaf, self.space.axes[leaf.fact])
                return self.diagrams.cells(self.names.index(leaf.fact), cells)

    def decided(self, action: str) -> Decided:
        """The decision on an action."""
        alike: dict[object, list[int]] = {}
        for number in rules_on(self.tables, action):
            alike.setdefault(self._says(action, number), []).append(number)
        zones = []
        for zone, given in enumerate(self.given):
            signature = self.diagrams.leaf((0, 0))
            for numbers in alike.values():
                truth = self.diagrams.leaf(_NO)
                for number in numbers:
                    truth = self.diagrams.combined(max, truth, self.truth(zone, number))
                signature = self.diagrams.combined(_with_bit(1 << numbers[0]), signature, truth)
            zones.append(self.diagrams.combined(self._deciding(action, given), signature))
        node = zones[0] if len(zones) == 1 else self.diagrams.combined(lambda *each: strictest(each), *zones)
        if self.relations.some:
            node = self.diagrams.combined(lambda decided, possible: decided if possible else None, node, self._possible)
        return Decided(self, tuple(zones), node, tuple(map(tuple, alike.values())))

    @cached_property
    def _numbered(self) -> Specs:
        """The tables with rules called by their numbers. One that asks for what goes along has others of its name."""
        rules = enumerate(self.tables.rules)
        named = [spec._replace(name=f"{number}", because=None, source=None) for number, spec in rules]
        return evolve(self.tables, rules=tuple(named))

    def _deciding(self, action: str, given: Given) -> Callable[[tuple[int, int]], ActionDecision]:
        """The decision by the rules that certainly and possibly hold."""

        def decide(masks: tuple[int, int]) -> ActionDecision:
            return self._numbered.decide(action, *masks, given.unknown)

        return decide

    def _says(self, action: str, number: int) -> object:
        """What a rule does to an action: its effects, what it overrides, and what overrides it. One that reads what is
        unknown is like no other, so that it is told apart whether it took part."""
        if any(not given.unknown.isdisjoint(self.tables.rules[number].facts) for given in self.given):
            return number
        said = []
        for name in _names(self.tables, action):
            table = self.tables.lowered.actions[name]
            if number in table.effects:
                overrides = frozenset([other for other in table.overridden if number in table.overriders(other)])
                said.append((name, table.effects[number], overrides, frozenset(table.overriders(number))))
        return tuple(said)


def _names(tables: Specs, action: str) -> list[str]:
    """An action, and its pairs with what may go along."""
    companions = reached(tables.lowered.companions, action)
    return [action, *[pair for of_action in companions.values() for _, pair in of_action]]


def rules_on(tables: Specs, action: str) -> list[int]:
    """The rules on an action, and on what may go along with it."""
    mask = 0
    for name in _names(tables, action):
        mask |= tables.actions[name].rules
    return bits(mask)


Answer = tuple[Verdict, tuple[str, ...]]
"""What an asker acts on: the verdict, and what has to go along."""


def answer(decided: ActionDecision) -> Answer:
    """The answer of a decision."""
    return decided.verdict, tuple([along.action for along in decided.along])


@frozen(slots=False, eq=False)
class Decided:
    """The decision on an action: in each time zone, and the strictest of these, with one rule for all that say the
    same (`alike`). It is None where there is no case."""

    answers: Answers
    zones: tuple[Node, ...]
    node: Node
    alike: tuple[tuple[int, ...], ...]

    @cached_property
    def answer(self) -> Node:
        """The answer to an asker."""
        return self.answers.diagrams.combined(lambda decided: None if decided is None else answer(decided), self.node)

    @cached_property
    def by_answer(self) -> Mapping[Answer, list[ActionDecision]]:
        """All decisions, by what they answer."""
        found: dict[Answer, list[ActionDecision]] = {}
        for decided in self.answers.diagrams.values(self.node) - {None}:
            found.setdefault(answer(decided), []).append(decided)
        return found

    @cached_property
    def deciding(self) -> Mapping[Answer, Mapping[str | None, Deciding]]:
        """For each answer the rules that decide it: on the action, by None; and for each action that goes along.

        Of rules that say the same, where one decides, each does whose condition holds.
        """
        answers = self.answers
        found: dict[Answer, dict[str | None, Deciding]] = {
            reply: {what: Deciding(set(), set()) for what in (None, *reply[1])} for reply in self.by_answer
        }
        rules = answers.tables.rules
        by_name: dict[str, list[tuple[str, int]]] = {}
        for numbers in self.alike:
            for number in numbers:
                by_name.setdefault(rules[number].name, []).append((f"{numbers[0]}", number))
        for name, numbered in by_name.items():
            truths = [answers.truth(zone, number) for _, number in numbered for zone in range(len(self.zones))]
            decides = _decides_by([first for first, _ in numbered], len(self.zones))
            where = answers.diagrams.combined(decides, self.node, *self.zones, *truths)
            in_some: dict[Answer, list[frozenset[str | None]]] = {}
            for reply, what in answers.diagrams.values(where) - {None}:
                in_some.setdefault(reply, []).append(what)
            for reply, all_of_it in in_some.items():
                for what in frozenset().union(*all_of_it):
                    throughout = all(what in one for one in all_of_it)
                    (found[reply][what].throughout if throughout else found[reply][what].sometimes).add(name)
        return found


@frozen
class Deciding:
    """The rules that decide throughout an answer, and those that decide in some cases of it alone."""

    throughout: set[str]
    sometimes: set[str]


def _decides_by(firsts: Sequence[str], zones: int) -> Callable[..., tuple[Answer, frozenset[str | None]] | None]:
    """What the rules of one name decide, by the numbers of those that stand for them: from the decision, that in each
    time zone, and the truth of each of the rules in each zone."""

    def decides(decided: ActionDecision | None, *of_zones: Any) -> tuple[Answer, frozenset[str | None]] | None:
        if decided is None:
            return None
        found: set[str | None] = set()
        for place, truth in enumerate(of_zones[zones:]):
            rule, in_zone = firsts[place // zones], of_zones[place % zones]
            least = _YES if decided.permitted else _OPEN
            if in_zone.verdict is decided.verdict and rule in in_zone.rules and truth >= least:
                found.add(None)
            if decided.permitted and truth >= _OPEN:
                found |= {along.action for along in in_zone.along if rule in along.rules}
        return answer(decided), frozenset(found)

    return decides


def _truth_of(certain: bool, possible: bool) -> int:
    return _YES if certain else _OPEN if possible else _NO


def _with_bit(bit: int) -> Callable[[tuple[int, int], int], tuple[int, int]]:
    def added(masks: tuple[int, int], truth: int) -> tuple[int, int]:
        certain, possible = masks
        return certain | bit if truth == _YES else certain, possible | bit if truth else possible

    return added


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
