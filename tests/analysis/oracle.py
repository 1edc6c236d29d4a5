"""The findings of section 8 of the reference by brute force: every case of a small policy is visited.

Nothing is shared with the analyser, the index, compiled predicates or the kernel: rules are taken as data from the
typed policy, and conditions and verdicts are worked out here, from the text of the reference. Truth is 0 for false,
1 for unknown and 2 for true, so that Kleene's `and` is the minimum, `or` the maximum, and `not` what is left of 2.

A finding is a tuple: its code, then the names that tell it from others of its code (see each function). Where the
reference leaves a choice, a comment that begins with "Reading:" says which one was made.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from enum import Enum
from fractions import Fraction
from functools import cached_property
from typing import Final, NamedTuple, TypeAlias, assert_never

from forbear.language.model import kinds
from forbear.language.model.comparisons import Between, Compare, OneOf
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, atoms, facts_in
from forbear.language.model.facts import Fact, Grid, Ladder
from forbear.language.model.policy import Effect, Ensure, Expectation, Rule, Subject, TypedPolicy
from forbear.language.model.relations import Related, Term
from forbear.language.model.tables import Table


class Missing(Enum):
    """There is no value: it is unknown, or known not to exist."""

    UNKNOWN = "unknown"
    NONE = "none"


Value: TypeAlias = int | bool | str | Missing | Fraction
Case: TypeAlias = Mapping[str, Value]
Finding: TypeAlias = tuple[str, ...]
Pair: TypeAlias = tuple[int, int]
Real: TypeAlias = Callable[[Fact, Grid], Value]

FALSE: Final = 0
OPEN: Final = 1
TRUE: Final = 2
CODES: Final = frozenset(
    {
        *("contradiction", "blocked-duty", "dead-rule", "none-escapes", "duplicate", "subsumed", "overlap"),
        *("masked-rule", "hole", "skipped-rung", "falling-pressure", "no-floor", "unguarded", "unjudged"),
        *("vacuous-standard", "failed-ensure", "table-gap", "table-overlap"),
    }
)
_STRENGTH: Final = (Effect.NEVER, Effect.FORBID, Effect.REQUIRE, Effect.ALLOW, Effect.EXEMPT)
MOST_VALUES: Final = 200
"""A fact of more values is none of a small policy."""


def findings(policy: TypedPolicy) -> set[Finding]:
    """Every finding of section 8 about a policy, but for examples, accepts and what the checker finds."""
    return Oracle(policy).findings()


# Conditions: sections 4 and 6


def as_it_is(fact: Fact, value: Grid) -> Value:
    return value


def truth(condition: Condition, case: Case, facts: Mapping[str, Fact], real: Real = as_it_is) -> int:
    """Whether a condition holds of a case of these facts, by Kleene. `real` makes of a value on a grid what it is."""
    match condition:
        case Always():
            return TRUE
        case Not(part):
            return TRUE - truth(part, case, facts, real)
        case And(parts):
            return min(truth(part, case, facts, real) for part in parts)
        case Or(parts):
            return max(truth(part, case, facts, real) for part in parts)
        case IsKnown(fact, negated):
            return TRUE if (case[fact] is not Missing.UNKNOWN) != negated else FALSE
        case IsNone(fact, negated):
            return TRUE if (case[fact] is Missing.NONE) != negated else FALSE
        case Compare() | Between() | OneOf():
            value = case[condition.fact]
            if value is Missing.UNKNOWN:
                return OPEN
            return TRUE if _compared(condition, value, facts[condition.fact], real) else FALSE
        case Related():
            if id(condition) not in _RELATED:
                _RELATED[id(condition)] = condition, condition.facts, {}
            _, names, known = _RELATED[id(condition)]
            values = tuple([case[name] for name in names])
            if values not in known:
                known[values] = _related(condition.left, condition.operator, condition.right, case, facts)
            return known[values]
        case never:
            assert_never(never)


_RELATED: dict[int, tuple[Related, tuple[str, ...], dict[tuple[Value, ...], int]]] = {}
"""By the identity of a comparison of facts, which is kept: itself, its facts, and what it says of their values."""


def _related(left: Term, operator: str, right: Term, case: Case, facts: Mapping[str, Fact]) -> int:
    """A comparison of facts. Reading: where one is unknown and another one none, it is unknown."""
    values = [case[name] for term in (left, right) for name, _ in term.parts]
    if Missing.UNKNOWN in values:
        return OPEN
    if Missing.NONE in values:
        return TRUE if operator == "!=" else FALSE
    one, other = (_worth(term, facts, case) for term in (left, right))
    holds = {
        "=": one == other,
        "!=": one != other,
        "<": one < other,
        "<=": one <= other,
        ">=": one >= other,
        ">": one > other,
    }
    return TRUE if holds[operator] else FALSE


def _worth(term: Term, facts: Mapping[str, Fact], case: Case) -> Fraction:
    """What a term is worth, in the unit of its facts' type: a day, a second, a place among names."""
    total = term.offset
    for name, share in term.parts:
        value, fact = case[name], facts[name]
        assert isinstance(value, int)
        total += share * value * (fact.step if fact.kind.numeric else 1)
    return total


def _compared(atom: Compare | Between | OneOf, value: Value, fact: Fact, real: Real) -> bool:
    """A comparison with a value, or with none: equality and order with none are false, the rest are negations."""
    match atom:
        case Compare(operator="=", value=other):
            return value is not Missing.NONE and value == real(fact, other)
        case Compare(operator="!=", value=other):
            return value is Missing.NONE or value != real(fact, other)
        case OneOf(values=values, negated=negated):
            return (value is not Missing.NONE and value in [real(fact, one) for one in values]) != negated
        case Between(low=low, high=high, negated=negated):
            if not isinstance(value, int | Fraction):
                return negated
            least, most = real(fact, low), real(fact, high)
            assert isinstance(least, int | Fraction)
            assert isinstance(most, int | Fraction)
            # Only the span of a time may have its ends the other way round: it goes over midnight.
            inside = least <= value <= most if least <= most else least <= value or value <= most
            return inside != negated
        case Compare(operator=operator, value=other):
            than = real(fact, other)
            if not isinstance(value, int | Fraction):
                return False
            assert isinstance(than, int | Fraction)
            if operator == "<":
                return value < than
            if operator == "<=":
                return value <= than
            if operator == ">=":
                return value >= than
            return value > than


# Cases: the product of all facts' ranges


def values_of(fact: Fact, named: Sequence[str]) -> list[Value]:
    """The values that a fact may have, in order where there is one; then unknown or none."""
    values: list[Value]
    match fact.kind:
        case kinds.FLAG:
            values = [False, True]
        case kinds.CHOICE | kinds.CODE:
            values = list(fact.names)
        case kinds.TEXT:
            values = [*dict.fromkeys(named), "a string that the policy does not name"]
        case _:
            if fact.high - fact.low >= MOST_VALUES:
                raise ValueError(f"`{fact.name}` has too many values for a brute force")
            values = list(range(fact.low, fact.high + 1))
    if fact.optional:
        values.append(Missing.UNKNOWN)
    if fact.or_none:
        values.append(Missing.NONE)
    return values


def strings_named(conditions: Sequence[Condition], fact: str) -> list[str]:
    found: list[str] = []
    for condition in conditions:
        for atom in atoms(condition):
            if isinstance(atom, Related) or atom.fact != fact:
                continue
            if isinstance(atom, Compare):
                found.append(str(atom.value))
            elif isinstance(atom, OneOf):
                found.extend(str(value) for value in atom.values)
    return found


def days_of(policy: TypedPolicy) -> list[int | None]:
    """One day of each period between dates on which the policy is in force; None alone where nothing is dated."""
    if not policy.dated:
        return [None]
    first = policy.since if policy.since is not None else datetime.date.min.toordinal()
    last = policy.until if policy.until is not None else datetime.date.max.toordinal()
    starts = {first}
    for rule in policy.rules:
        if rule.since is not None:
            starts.add(rule.since)
        if rule.until is not None:
            starts.add(rule.until + 1)
    for ensure in policy.ensures:
        if ensure.on is not None:
            starts |= {ensure.on, ensure.on + 1}
    return [day for day in sorted(starts) if first <= day <= last]


def in_force(rule: Rule, day: int | None) -> bool:
    if day is None:
        return True
    return (rule.since is None or day >= rule.since) and (rule.until is None or day <= rule.until)


# Verdicts: "The decision" in section 5


class Verdict(NamedTuple):
    """What is said of an action, the rules that say it, and what has to go along with it."""

    word: str
    rules: tuple[int, ...]
    along: frozenset[str] = frozenset()

    @property
    def permits(self) -> bool:
        return self.word in ("allowed", "required")


class Verdicts:
    """The decision of a policy from the truth of each rule's own condition and dates, without some of its rules."""

    def __init__(self, policy: TypedPolicy, left_out: frozenset[int] = frozenset()) -> None:
        self._policy = policy
        self._rules = [number for number in range(len(policy.rules)) if number not in left_out]
        self._known: dict[tuple[int, ...], dict[str, Verdict]] = {}

    def __call__(self, truths: tuple[int, ...]) -> dict[str, Verdict]:
        if truths not in self._known:
            self._known[truths] = {action: self._decide(action, truths) for action in self._policy.actions}
        return self._known[truths]

    def active(self, number: int, action: str, truths: tuple[int, ...]) -> int:
        """Whether a rule is active on an action: it holds, and no rule that overrides it there is active."""
        value = truths[number]
        for other in self._rules:
            if number in self._policy.rules[other].overridden(action):
                value = min(value, TRUE - self.active(other, action, truths))
        return value

    def _decide(self, action: str, truths: tuple[int, ...]) -> Verdict:
        active = {
            number: self.active(number, action, truths)
            for number in self._rules
            if action in self._policy.rules[number].effects
        }

        def those(effect: Effect, least: int) -> tuple[int, ...]:
            return tuple(
                number
                for number, value in active.items()
                if self._policy.rules[number].effects[action] is effect and value >= least
            )

        for word, effect, least in (
            ("forbidden", Effect.NEVER, OPEN),
            ("forbidden", Effect.FORBID, OPEN),
            ("required", Effect.REQUIRE, TRUE),
            ("allowed", Effect.ALLOW, TRUE),
        ):
            rules = those(effect, least)
            if effect is Effect.NEVER:
                rules += tuple(number for number in self._rules if self.asks_in_vain(number, action, truths))
            if rules:
                return Verdict(word, rules, self.along(action, truths) if least == TRUE else frozenset())
        return Verdict("unsaid", ())

    # What goes along

    def companions(self, number: int, action: str) -> tuple[str, ...]:
        return self._policy.rules[number].along.get(action, ())

    def forbids(self, number: int, action: str, truths: tuple[int, ...]) -> bool:
        """Whether a rule forbids an action, or asks for something to go along with it that is forbidden."""
        its = self._policy.rules[number].effects.get(action) in (Effect.NEVER, Effect.FORBID)
        return (its and self.active(number, action, truths) >= OPEN) or self.asks_in_vain(number, action, truths)

    def asks_in_vain(self, number: int, action: str, truths: tuple[int, ...]) -> bool:
        """Whether a rule asks for something to go along with an action that is forbidden."""
        return truths[number] >= OPEN and any(
            self.forbids(other, companion, truths)
            for companion in self.companions(number, action)
            for other in self._rules
        )

    def along(self, action: str, truths: tuple[int, ...]) -> frozenset[str]:
        directly = {
            companion
            for number in self._rules
            if truths[number] >= OPEN
            for companion in self.companions(number, action)
        }
        return frozenset(directly).union(*[self.along(companion, truths) for companion in directly])

    def permits_alone(self, action: str, truths: tuple[int, ...]) -> bool:
        """Whether an action would be permitted if nothing had to go along with it."""
        having = {
            effect: max(
                [
                    self.active(number, action, truths)
                    for number in self._rules
                    if self._policy.rules[number].effects.get(action) is effect
                ],
                default=FALSE,
            )
            for effect in Effect
        }
        refused = max(having[Effect.NEVER], having[Effect.FORBID]) >= OPEN
        return not refused and max(having[Effect.ALLOW], having[Effect.REQUIRE]) == TRUE


def meets(verdict: Verdict, expectation: Expectation) -> bool:
    """Section 7: what an expectation asks of a verdict."""
    match expectation:
        case Expectation.ALLOWED:
            return verdict.permits
        case Expectation.NOT_ALLOWED:
            return not verdict.permits
        case Expectation.FORBIDDEN | Expectation.REQUIRED | Expectation.UNSAID:
            return verdict.word == expectation.value
        case Expectation.NOT_UNSAID:
            return verdict.word != "unsaid"
        case never:
            assert_never(never)


# Findings


class Compared(NamedTuple):
    """A case on a day, and the verdicts of two policies on each action."""

    values: dict[str, Value]
    day: int | None
    old: dict[str, Verdict]
    new: dict[str, Verdict]


def compared(
    old: TypedPolicy, new: TypedPolicy, axes: Mapping[str, Sequence[Value]], real: Real = as_it_is
) -> Iterator[Compared]:
    """Every case of two policies over these values of facts."""
    days = {day for policy in (old, new) for day in days_of(policy) if day is not None}
    decide = [(policy, Verdicts(policy)) for policy in (old, new)]
    for values in itertools.product(*axes.values()):
        case = dict(zip(axes, values, strict=True))
        for day in sorted(days) or (None,):
            both = [
                verdicts(
                    tuple(
                        truth(rule.condition, case, policy.facts, real) if in_force(rule, day) else FALSE
                        for rule in policy.rules
                    )
                )
                for policy, verdicts in decide
            ]
            yield Compared(case, day, *both)


class Point(NamedTuple):
    """A case with its day, and what every finding asks about it."""

    case: dict[str, Value]
    day: int | None
    truths: tuple[int, ...]
    verdicts: dict[str, Verdict]


class Oracle:
    """A policy with all its cases."""

    def __init__(self, policy: TypedPolicy) -> None:
        self.policy = policy
        self.rules = policy.rules
        conditions = [rule.condition for rule in policy.rules]
        conditions += [ensure.when for ensure in policy.ensures]
        conditions += [accept.when for accept in policy.accepts if accept.when is not None]
        conditions += [one for table in policy.tables for one in (table.when, *[row.condition for row in table.rows])]
        read = {name for condition in conditions for name in facts_in(condition)}
        read |= {fact for ladder in policy.ladders.values() for fact in ladder.rising}
        read |= {fact.name for fact in policy.facts.values() if fact.clock}
        self.facts = [fact for fact in policy.facts.values() if fact.name in read]
        self.clock = next((fact.name for fact in self.facts if fact.clock), None)
        self._conditions = conditions
        self._verdicts = Verdicts(policy)

    def findings(self) -> set[Finding]:
        return {
            *self.contradictions(),
            *self.blocked_duties(),
            *self.dead_rules(),
            *self.escaping_nones(),
            *self.duplicates(),
            *self.subsumed(),
            *self.overlaps(),
            *self.masked_rules(),
            *self.holes(),
            *self.skipped_rungs(),
            *self.falling_pressures(),
            *self.no_floors(),
            *self.unguarded(),
            *self.unjudged(),
            *self.vacuous_standards(),
            *self.failed_ensures(),
            *self.table_gaps(),
            *self.table_overlaps(),
        }

    # The space

    def point(self, case: dict[str, Value], day: int | None) -> Point:
        truths = tuple(
            truth(rule.condition, case, self.policy.facts) if in_force(rule, day) else FALSE for rule in self.rules
        )
        return Point(case, day, truths, self._verdicts(truths))

    @cached_property
    def points(self) -> list[Point]:
        """Every case on every day."""
        axes = [values_of(fact, strings_named(self._conditions, fact.name)) for fact in self.facts]
        days = days_of(self.policy)
        return [
            self.point(dict(zip((fact.name for fact in self.facts), values, strict=True)), day)
            for values in itertools.product(*axes)
            for day in days
        ]

    def lines(self, fact: str) -> Iterator[list[Point]]:
        """The cases that differ in this fact and in nothing else, the day included, from its lowest value up.

        Unknown and none are not on the line.
        """
        lines: dict[tuple[object, ...], list[Point]] = {}
        for point in self.points:
            if isinstance(point.case[fact], Missing):
                continue
            others = tuple((name, value) for name, value in point.case.items() if name != fact)
            lines.setdefault((point.day, others), []).append(point)
        yield from lines.values()

    # R(r), for a rule and one of its effects

    def in_region(self, number: int, effect: Effect, point: Point) -> bool:
        """Whether a case is in R(r): r's own condition and dates hold."""
        return point.truths[number] >= (TRUE if effect.permits else OPEN)

    def region(self, number: int, effect: Effect) -> frozenset[int]:
        """R(r), as the numbers of its cases."""
        key = (number, effect)
        if key not in self._regions:
            self._regions[key] = frozenset(
                [index for index, point in enumerate(self.points) if self.in_region(number, effect, point)]
            )
        return self._regions[key]

    @cached_property
    def _regions(self) -> dict[tuple[int, Effect], frozenset[int]]:
        return {}

    @cached_property
    def dead(self) -> frozenset[int]:
        """The rules whose R(r) is empty for all their effects."""
        return frozenset(
            number
            for number, rule in enumerate(self.rules)
            if all(not self.region(number, effect) for effect in rule.effects.values())
            and not (rule.along and self.region(number, Effect.ALONG))
        )

    @property
    def alive(self) -> list[int]:
        return [number for number in range(len(self.rules)) if number not in self.dead]

    def pairs(self) -> Iterator[Pair]:
        """Pairs of rules that are not dead, in file order."""
        yield from itertools.combinations(self.alive, 2)

    # Rules of standards, of which only what is between them and the policy is reported

    def own(self, *numbers: int) -> bool:
        return all(self.rules[number].standard is None for number in numbers)

    def inside_a_standard(self, one: int, other: int) -> bool:
        """Whether both rules came with one of the standards that the policy names."""
        names = {self.rules[one].standard, self.rules[other].standard}
        return any(names <= {its.name for its in with_those_over(subject)} for subject in self.policy.subject_to)

    def set_aside(self, number: int) -> bool:
        """Whether it is a standard's, and some rule overrides it."""
        return not self.own(number) and any(
            number in its.numbers for rule in self.rules for its in rule.overrides.values()
        )

    def permits_itself(self, actions: Sequence[str]) -> bool:
        """Whether a rule of the policy's own permits one of the actions."""
        effects = [rule.effects.get(action) for rule in self.rules if rule.standard is None for action in actions]
        return Effect.ALLOW in effects or Effect.REQUIRE in effects

    def adds_nothing(self, one: int, other: int) -> bool:
        """Each effect of one on an action is one of the other too, and one's R lies within the other's for each."""
        theirs = self.rules[other].effects
        asks_no_more = all(
            {*companions} <= {*self.rules[other].along.get(action, ())}
            and self.region(one, Effect.ALONG) <= self.region(other, Effect.ALONG)
            for action, companions in self.rules[one].along.items()
        )
        return asks_no_more and all(
            theirs.get(action) is effect and self.region(one, effect) <= self.region(other, effect)
            for action, effect in self.rules[one].effects.items()
        )

    def overrides(self, one: int, other: int, action: str) -> bool:
        return other in self.rules[one].overridden(action)

    def clash(self, one: int, other: int) -> Iterator[tuple[str, Effect, Effect]]:
        """The actions on which one of two rules permits what the other forbids, neither overriding the other there.

        Reading: an override "counts for those actions and for nothing else", so "neither overrides the other" is asked
        action by action: a pair may be resolved by an override on one action and contradict itself on another.
        """
        for action, effect in self.rules[one].effects.items():
            opposite = self.rules[other].effects.get(action)
            if opposite is None or Effect.NEVER in (effect, opposite) or effect.permits == opposite.permits:
                continue
            if not self.overrides(one, other, action) and not self.overrides(other, one, action):
                yield action, effect, opposite

    def blocks(self, one: int, other: int) -> Iterator[tuple[str, Effect, Effect]]:
        """The actions that one of two rules requires and the other never permits."""
        for action, effect in self.rules[one].effects.items():
            opposite = self.rules[other].effects.get(action)
            if opposite is not None and {effect, opposite} == {Effect.REQUIRE, Effect.NEVER}:
                yield action, effect, opposite

    def shares(self, one: int, other: int) -> Iterator[tuple[str, Effect, Effect]]:
        """The actions on which two rules have one effect other than `never`."""
        for action, effect in self.rules[one].effects.items():
            if effect is not Effect.NEVER and self.rules[other].effects.get(action) is effect:
                yield action, effect, effect

    def met_on(self, one: int, other: int, effects: Iterator[tuple[str, Effect, Effect]]) -> list[str]:
        """The actions, in the order of the vocabulary, on which two rules have a common case for these effects."""
        met = {action for action, its, others in effects if self.region(one, its) & self.region(other, others)}
        return [action for action in self.policy.actions if action in met]

    def meet(self, one: int, other: int, effects: Iterator[tuple[str, Effect, Effect]]) -> bool:
        """Whether two rules have a common case for one of these effects: in R of both."""
        return bool(self.met_on(one, other, effects))

    def names(self, *numbers: int) -> tuple[str, ...]:
        return tuple(self.rules[number].name for number in numbers)

    # Pairs of rules

    def contradictions(self) -> Iterator[Finding]:
        """Two rules in file order."""
        for one, other in self.pairs():
            if self.own(one, other) and self.meet(one, other, self.clash(one, other)):
                yield ("contradiction", *self.names(one, other))

    def blocked_duties(self) -> Iterator[Finding]:
        """Two rules in file order."""
        for one, other in self.pairs():
            if not self.inside_a_standard(one, other) and self.meet(one, other, self.blocks(one, other)):
                yield ("blocked-duty", *self.names(one, other))
        for one, other in itertools.permutations(self.alive, 2):
            if not self.inside_a_standard(one, other) and any(
                self.blocks_along(one, other, point) for point in self.points
            ):
                yield ("blocked-duty", *self.names(*sorted((one, other))))

    def blocks_along(self, one: int, other: int, point: Point) -> bool:
        """Whether a rule asks for what another forbids, or for what that one asks something for that is forbidden, with
        an action that would be permitted if nothing had to go along with it."""
        return point.truths[one] >= OPEN and any(
            self._verdicts.forbids(other, companion, point.truths)
            and self._verdicts.permits_alone(action, point.truths)
            for action, companions in self.rules[one].along.items()
            for companion in companions
        )

    def dead_rules(self) -> Iterator[Finding]:
        """The rule. Reading: a suspend statement whose days lie outside of the policy's is dead like any rule."""
        for number in filter(self.own, sorted(self.dead)):
            yield ("dead-rule", *self.names(number))

    def escaping_nones(self) -> Iterator[Finding]:
        """The rule and the fact. Reading: what a row's table says of none, the row says."""
        of_none = {
            fact.name: [point for point in self.points if point.case[fact.name] is Missing.NONE] for fact in self.facts
        }
        for number in filter(self.own, range(len(self.rules))):
            for fact in self.facts:
                if any(self.escapes(number, fact, point) for point in of_none[fact.name]):
                    yield ("none-escapes", *self.names(number), fact.name)

    def escapes(self, number: int, fact: Fact, point: Point) -> bool:
        """Whether a rule that refuses holds of a case with none as soon as each upper bound on the fact is met; or one
        that permits then holds no more."""
        rule = self.rules[number]
        refuses = bool({Effect.NEVER, Effect.FORBID} & set(rule.effects.values()))
        if point.case[fact.name] is not Missing.NONE or not in_force(rule, point.day):
            return False
        if not rule.effects or point.truths[number] != (FALSE if refuses else TRUE):
            return False
        together = [rule.condition]
        for table in self.policy.tables:
            if rule.name in [row.name for row in table.rows]:
                together += [row.condition for row in table.rows]
        if any(IsNone(fact.name, negated) in atoms(condition) for condition in together for negated in (True, False)):
            return False
        condition = rule.condition if refuses else Not(rule.condition)

        def if_met(*kinds: str) -> bool:
            return self._with_bounds_met(condition, fact, point.case, TRUE, kinds) >= OPEN

        return if_met("upper") or (if_met("upper", "lower") and not if_met("lower"))

    def _with_bounds_met(
        self, condition: Condition, fact: Fact, case: Case, sought: int, kinds: Collection[str]
    ) -> int:
        """The truth of a condition, if those bounds of the fact are met that would make it `sought`, and that none does
        not meet. Reading: a date is bounded from above where it has to be near, before or after."""
        bounds: str | None = None
        match condition:
            case Not(part):
                return TRUE - self._with_bounds_met(part, fact, case, TRUE - sought, kinds)
            case And(parts):
                return min(self._with_bounds_met(part, fact, case, sought, kinds) for part in parts)
            case Or(parts):
                return max(self._with_bounds_met(part, fact, case, sought, kinds) for part in parts)
            case Compare(fact=fact.name, operator=operator) if sought == TRUE:
                bounds = {"<": "upper", "<=": "upper", ">": "lower", ">=": "lower"}.get(operator)
            case Between(fact=fact.name, negated=negated) if (sought == TRUE) != negated:
                bounds = "upper"
            case Related(operator=operator) if sought == TRUE and fact.name in condition.facts:
                bounds = {"<": "upper", "<=": "upper", ">": "lower", ">=": "lower"}.get(operator)
                if bounds is not None and condition.shares[fact.name] < 0:
                    bounds = "lower" if bounds == "upper" else "upper"
        if bounds == "lower" and fact.kind.word == "date":
            bounds = "upper"
        return sought if bounds in kinds else truth(condition, case, self.policy.facts)

    def duplicates(self) -> Iterator[Finding]:
        """Two rules in file order. Reading: this is reported of two safeguards as well; only `subsumed` is not."""
        for one, other in self.pairs():
            if not self.own(one) or self.set_aside(other):
                continue
            if self.adds_nothing(one, other) and self.adds_nothing(other, one):
                yield ("duplicate", *self.names(one, other))

    def subsumed(self) -> Iterator[Finding]:
        """Two rules in file order, then the smaller one.

        Reading: "both safeguards only" means that every effect of both is `never`; suspend statements are such rules.
        """
        for one, other in self.pairs():
            within = (self.adds_nothing(one, other), self.adds_nothing(other, one))
            effects = {*self.rules[one].effects.values(), *self.rules[other].effects.values()}
            effects |= {Effect.ALONG} if self.rules[one].along or self.rules[other].along else set()
            smaller, larger = (one, other) if within[0] else (other, one)
            if not self.own(smaller) or self.set_aside(larger):
                continue
            if effects != {Effect.NEVER} and within[0] != within[1]:
                yield ("subsumed", *self.names(one, other), *self.names(smaller))

    def overlaps(self) -> Iterator[Finding]:
        """Two rules in file order."""
        for one, other in self.pairs():
            if not self.own(one, other) or self.adds_nothing(one, other) or self.adds_nothing(other, one):
                continue
            if self.meet(one, other, self.shares(one, other)):
                yield ("overlap", *self.names(one, other))

    # One rule among all

    def masked_rules(self) -> Iterator[Finding]:
        """The rule. Reading: as suspend statements "were not there", none of them is reported as masked."""
        for number in self.alive:
            if (
                self.own(number)
                and number not in self.suspends
                and not self.rules[number].along
                and self.masked(number)
            ):
                yield ("masked-rule", *self.names(number))

    @property
    def suspends(self) -> frozenset[int]:
        return frozenset(number for number, rule in enumerate(self.rules) if rule.suspends)

    @cached_property
    def verdicts_without_suspends(self) -> Verdicts:
        return Verdicts(self.policy, self.suspends)

    def masked(self, number: int) -> bool:
        """Whether a rule never decides and is not missed."""
        there, without = self.verdicts_without_suspends, Verdicts(self.policy, self.suspends | {number})
        for truths in {point.truths for point in self.points}:
            with_it, without_it = there(truths), without(truths)
            for action in self.policy.actions:
                if number in with_it[action].rules or with_it[action].word != without_it[action].word:
                    return False
        return True

    def keeps_from_deciding(self, other: int, rule: int, action: str, point: Point) -> bool:
        """Whether another rule has the last word over a rule on an action in a case, or sets it aside there.

        Suspend statements are not there. A permitting rule is set aside by one that is possibly active, and a `forbid`
        only by one that is certainly active.
        """
        effect, its = self.rules[rule].effects[action], self.rules[other].effects.get(action)
        if self.verdicts_without_suspends.asks_in_vain(other, action, point.truths):
            return True
        if its is None:
            return False
        active = self.verdicts_without_suspends.active(other, action, point.truths)
        stronger = _STRENGTH.index(its) < _STRENGTH.index(effect)
        if stronger and active >= (TRUE if its.permits else OPEN):
            return True
        return self.overrides(other, rule, action) and active >= (OPEN if effect.permits else TRUE)

    def mask_together(self, others: Collection[int], rule: int) -> bool:
        """Whether some rules mask another: one keeps it from deciding wherever it holds.

        Reading: "a smallest-as-found set of rules that mask it together" is such a set; each rule stands or falls as
        in the whole policy.
        """
        return all(
            any(self.keeps_from_deciding(other, rule, action, point) for other in others)
            for point in self.points
            for action, effect in self.rules[rule].effects.items()
            if self.in_region(rule, effect, point)
        )

    # Lines of cases. A standard leaves things unsaid on purpose.

    def holes(self) -> Iterator[Finding]:
        """The action."""
        if self.policy.standard or self.clock is None:
            return
        found: set[str] = set()
        for line in self.lines(self.clock):
            for action in self.policy.actions:
                verdicts = [point.verdicts[action] for point in line]
                if self.permits_itself([action]) and _has_hole(verdicts):
                    found.add(action)
        yield from (("hole", action) for action in found)

    def members(self, rung: str) -> tuple[str, ...]:
        group = self.policy.groups.get(rung)
        return group.actions if group is not None else (rung,)

    def permitted(self, rung: str, point: Point) -> bool:
        """A rung is permitted where any of its actions is."""
        return any(point.verdicts[action].permits for action in self.members(rung))

    def unsaid(self, rung: str, point: Point) -> bool:
        """A rung is unsaid where all its actions are."""
        return all(point.verdicts[action].word == "unsaid" for action in self.members(rung))

    def is_reported(self, rung: str) -> bool:
        """Whether findings about when a rung is permitted are reported for the policy."""
        return self.permits_itself(self.members(rung))

    def skips(self, ladder: Ladder, rung: str, line: Sequence[Point], at: int) -> Iterator[str]:
        """The milder rungs that are unsaid at every value of a clock line up to a place, that place included."""
        for milder in ladder.rungs[: ladder.rungs.index(rung)]:
            if milder in self.ever_permitted and all(self.unsaid(milder, point) for point in line[: at + 1]):
                lacks_consent = any(self.permitted_with_consent(milder, point) for point in line[: at + 1])
                if not lacks_consent and not self.was_taken(milder, line[at]):
                    yield milder

    def permitted_with_consent(self, rung: str, point: Point) -> bool:
        """Whether a rule that permits an action of the rung would hold, were some more of the consents given.

        Reading: a consent is a fact that is declared as one.
        """
        given = [fact.name for fact in self.facts if fact.consent and point.case[fact.name] is not True]
        return any(
            in_force(rule, point.day)
            and truth(rule.condition, {**point.case, **dict.fromkeys(more, True)}, self.policy.facts) == TRUE
            for number in range(1, len(given) + 1)
            for more in itertools.combinations(given, number)
            for rule in self.rules
            if any(action in rule.effects and rule.effects[action].permits for action in self.members(rung))
        )

    def was_taken(self, rung: str, point: Point) -> bool:
        """Whether a fact says that an event happened of which an attribute names an action of the rung.

        Reading: "names" is the action's name or the last word of it; a list of values has to name nothing else.
        """
        names = set(self.members(rung)) | {action.split("_")[-1] for action in self.members(rung)}

        def is_of(where: Condition) -> bool:
            if isinstance(where, And):
                return any(is_of(part) for part in where.parts)
            if isinstance(where, OneOf):
                return not where.negated and set(where.values) <= names
            return isinstance(where, Compare) and where.operator == "=" and where.value in names

        def happened(measure: str, value: Value) -> bool:
            if isinstance(value, Missing):
                return False
            return measure == "days since" or (measure in ("any", "count") and bool(value))

        return any(
            its.events is not None and is_of(its.events.where) and happened(its.measure, point.case[name])
            for name, its in self.policy.derived.items()
            if name in point.case
        )

    @cached_property
    def ever_permitted(self) -> frozenset[str]:
        """The rungs that some verdict permits, in some case on some day."""
        rungs = {rung for ladder in self.policy.ladders.values() for rung in ladder.rungs}
        return frozenset(rung for rung in rungs if any(self.permitted(rung, point) for point in self.points))

    def skipped_rungs(self) -> Iterator[Finding]:
        """The harsher rung, then the milder ones that it skips in some case, sorted.

        Reading: "one a harsher rung; `skips` names the milder ones" that it skips in any case at all, not those of one
        witness alone; and of any ladder, where a rung is on several.
        """
        if self.policy.standard or self.clock is None:
            return
        skipped: dict[str, set[str]] = {}
        lines = list(self.lines(self.clock))
        for ladder in self.policy.ladders.values():
            for rung in ladder.rungs:
                for line in lines:
                    for at, point in enumerate(line):
                        if self.is_reported(rung) and self.permitted(rung, point):
                            skipped.setdefault(rung, set()).update(self.skips(ladder, rung, line, at))
        yield from (("skipped-rung", rung, *sorted(milder)) for rung, milder in skipped.items() if milder)

    def harshest(self, ladder: Ladder, point: Point) -> int:
        """The place of the harshest permitted rung; -1 where none is permitted."""
        return max((place for place, rung in enumerate(ladder.rungs) if self.permitted(rung, point)), default=-1)

    def falls(self, ladder: Ladder, low: Point, high: Point) -> bool:
        """Whether the harshest rung that is permitted in the first case is lost and unsaid in the second."""
        rung = self.harshest(ladder, low)
        lost = ladder.rungs[rung]
        return rung > self.harshest(ladder, high) and self.unsaid(lost, high) and self.is_reported(lost)

    def falling_pressures(self) -> Iterator[Finding]:
        """The ladder and the fact. Reading: any two values of the fact count, not only neighbours."""
        if self.policy.standard:
            return
        for ladder in self.policy.ladders.values():
            for fact in ladder.rising:
                pairs = (pair for line in self.lines(fact) for pair in itertools.combinations(line, 2))
                if any(self.falls(ladder, low, high) for low, high in pairs):
                    yield ("falling-pressure", ladder.name, fact)

    def no_floors(self) -> Iterator[Finding]:
        """The rung. Reading: "one a rung", also where a rung is on several ladders."""
        if self.policy.standard or self.clock is None:
            return
        low = self.policy.facts[self.clock].low
        for rung in {rung for ladder in self.policy.ladders.values() for rung in ladder.rungs}:
            if self.is_reported(rung) and any(
                point.case[self.clock] == low and self.permitted(rung, point) for point in self.points
            ):
                yield ("no-floor", rung)

    def unguarded(self) -> Iterator[Finding]:
        """The actions, in the order of the vocabulary; nothing where there are none."""
        if self.policy.standard:
            return
        actions = [
            action
            for action in self.policy.actions
            if self.permits_itself([action])
            and any(point.verdicts[action].permits for point in self.points)
            and not any(point.verdicts[action].word == "forbidden" for point in self.points)
        ]
        if actions:
            yield ("unguarded", *actions)

    # Standards over the policy

    def unjudged(self) -> Iterator[Finding]:
        """The actions, in the order of the vocabulary; nothing where there are none.

        Reading: an `allow` of a standard speaks of its action too, whether or not it sets anything aside.
        """
        if self.policy.standard or not self.policy.subject_to:
            return
        spoken = {
            action
            for subject in self.policy.subject_to
            for its in with_those_over(subject)
            for rule in its.rules
            for action in (*rule.effects, *rule.along, *[name for names in rule.along.values() for name in names])
        }
        actions = [
            action
            for action in self.policy.actions
            if action not in spoken and any(point.verdicts[action].permits for point in self.points)
        ]
        if actions:
            yield ("unjudged", *actions)

    def vacuous_standards(self) -> Iterator[Finding]:
        """The standard. What it is subject to itself comes with it."""
        if self.policy.standard:
            return
        for subject in self.policy.subject_to:
            names = {its.name for its in with_those_over(subject)}
            others = [number for number, rule in enumerate(self.rules) if rule.standard not in names]
            its_own = Verdicts(self.policy, frozenset(others))
            decided = [its_own(point.truths) for point in self.points]
            said = {
                word: {action for verdicts in decided for action, its in verdicts.items() if its.word == word}
                for word in ("required", "forbidden")
            }
            if not said["required"] and said["forbidden"].isdisjoint(self.spoken_of):
                yield ("vacuous-standard", subject.standard.name)

    @cached_property
    def spoken_of(self) -> frozenset[str]:
        """The actions of which a rule of the policy's own speaks that holds in some case."""
        return frozenset(
            action
            for number, rule in enumerate(self.rules)
            if self.own(number)
            for action, effect in rule.effects.items()
            if self.region(number, effect)
        )

    # Promises

    def promised(self, ensure: Ensure, point: Point) -> bool:
        """Whether an ensure speaks of a case.

        It reads its condition as a rule would: expecting permission, where it is certainly true; else unless it is
        certainly false. Reading: `unsaid` and `not unsaid` are read as refusal is, since "permission is expected by
        `allowed` and `required`" and by nothing else.
        """
        if ensure.on is not None and point.day is not None and point.day != ensure.on:
            return False
        permission = ensure.expected.expectation in (Expectation.ALLOWED, Expectation.REQUIRED)
        return truth(ensure.when, point.case, self.policy.facts) >= (TRUE if permission else OPEN)

    def broken(self, ensure: Ensure, point: Point) -> bool:
        """Whether a case breaks an ensure."""
        if not self.promised(ensure, point):
            return False
        kept = [meets(point.verdicts[action], ensure.expected.expectation) for action in ensure.expected.actions]
        return not (any(kept) if ensure.any_of else all(kept))

    def keeps(self, ensure: Ensure, name: str) -> bool:
        """Whether a rule of the policy's own holds, by an effect that an ensure wants, in a case that it speaks of."""
        expectation = ensure.expected.expectation
        permission = expectation in (Expectation.ALLOWED, Expectation.REQUIRED)
        return any(
            rule.name == name
            and rule.standard is None
            and any(
                rule.effects[action].permits == permission and self.in_region(number, rule.effects[action], point)
                for action in ensure.expected.actions
                if action in rule.effects and rule.effects[action] is not Effect.EXEMPT
            )
            for number, rule in enumerate(self.rules)
            for point in self.points
            if self.promised(ensure, point)
        )

    def failed_ensures(self) -> Iterator[Finding]:
        """The place of the ensure among all, from 0."""
        for index, ensure in enumerate(self.policy.ensures):
            if any(self.broken(ensure, point) for point in self.points):
                yield ("failed-ensure", str(index))

    def holding(self, table: Table, point: Point) -> list[str]:
        """The rows of a table that certainly hold in a case."""
        return [row.name for row in table.rows if truth(row.condition, point.case, self.policy.facts) == TRUE]

    def table_gaps(self) -> Iterator[Finding]:
        """The table."""
        for table in self.policy.tables:
            if table.complete and any(self.gap(table, point) for point in self.points):
                yield ("table-gap", table.name)

    def gap(self, table: Table, point: Point) -> bool:
        """Whether a table speaks of a case, and none of its rows holds there."""
        return truth(table.when, point.case, self.policy.facts) == TRUE and not self.holding(table, point)

    def may_speak_of(self, table: Table, rung: str) -> bool:
        """Whether a further row of a table could permit a rung: a column is headed with actions of it, or rows say
        under `then` what they permit."""
        for heading in table.headings:
            listed, _, excepted = (part.replace(",", " ").split() for part in heading.partition(" except "))
            if listed == ["then"] or (self._of_names(listed) - self._of_names(excepted)) & set(self.members(rung)):
                return True
        return False

    def _of_names(self, names: Sequence[str]) -> set[str]:
        """The actions that these name; none of a fact."""
        named = {action for name in names for action in self.members(name)} & set(self.policy.actions)
        return set(self.policy.actions) if "everything" in names else named

    def table_overlaps(self) -> Iterator[Finding]:
        """The row that meets an earlier one, and the rows that it meets."""
        for table in self.policy.tables:
            together: dict[str, set[str]] = {}
            for point in self.points if table.no_overlap else ():
                holding = self.holding(table, point)
                for number, row in enumerate(holding):
                    together.setdefault(row, set()).update(holding[:number])
            order = [row.name for row in table.rows]
            for row, earlier in together.items():
                if earlier:
                    yield ("table-overlap", row, *sorted(earlier, key=order.index))


def with_those_over(subject: Subject) -> list[TypedPolicy]:
    """A standard, and those that it is subject to itself."""
    return [subject.standard, *(its for over in subject.standard.subject_to for its in with_those_over(over))]


def _has_hole(verdicts: Sequence[Verdict]) -> bool:
    """Permitted at p and at q, and unsaid at some m between."""
    return any(
        verdict.word == "unsaid"
        and any(earlier.permits for earlier in verdicts[:at])
        and any(later.permits for later in verdicts[at + 1 :])
        for at, verdict in enumerate(verdicts)
    )


# Witnesses


def case_of(oracle: Oracle, witness: Mapping[str, object]) -> Point:
    """A witness, as `forbear decide` takes it, as a point. A fact that no rule reads may be left out.

    Raises `AssertionError` for one that could not be decided.
    """
    facts = oracle.policy.facts
    days = days_of(oracle.policy)
    read = {name for rule in oracle.rules for name in facts_in(rule.condition)}
    day: int | None = None
    if days != [None]:
        day = datetime.date.fromisoformat(str(witness["on"])).toordinal()
        assert oracle.policy.since is None or day >= oracle.policy.since, "the policy is not yet in force"
        assert oracle.policy.until is None or day <= oracle.policy.until, "the policy is no longer in force"
    strange = [name for name in witness if name != "on" and name not in facts]
    assert not strange, f"there are no facts {strange}"
    for name in witness:
        if name != "on":
            value_of(facts[name], witness[name])
    case: dict[str, Value] = {}
    for fact in oracle.facts:
        if fact.name in witness:
            case[fact.name] = value_of(fact, witness[fact.name])
        elif fact.optional:
            case[fact.name] = Missing.UNKNOWN
        else:
            assert fact.name not in read, f"`{fact.name}` is missing"
            case[fact.name] = fact.low if fact.ordered else values_of(fact, ())[0]
    return oracle.point(case, day)


def value_of(fact: Fact, raw: object) -> Value:
    """A value as JSON gives it, on its fact's grid."""
    if raw is None:
        assert fact.optional, f"`{fact.name}` cannot be unknown"
        return Missing.UNKNOWN
    if raw == "none" and fact.or_none:
        return Missing.NONE
    value: Value
    match fact.kind:
        case kinds.FLAG:
            assert isinstance(raw, bool)
            return raw
        case kinds.TEXT:
            assert isinstance(raw, str)
            return raw
        case kinds.CHOICE | kinds.CODE:
            assert raw in fact.names
            return str(raw)
        case kinds.ORDER:
            return fact.names.index(str(raw))
        case kinds.DATE:
            value = datetime.date.fromisoformat(str(raw)).toordinal()
        case kinds.TIME:
            time = datetime.time.fromisoformat(str(raw))
            value = time.hour * 3600 + time.minute * 60 + time.second
        case _:
            assert not isinstance(raw, bool)
            steps = Fraction(str(raw).split(" ")[-1]) / fact.step
            assert steps.denominator == 1, f"{raw} is off the grid of `{fact.name}`"
            value = int(steps)
    assert fact.low <= value <= fact.high, f"{raw} is out of the range of `{fact.name}`"
    return value
