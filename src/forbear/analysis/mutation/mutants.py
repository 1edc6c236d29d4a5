"""The mutants of a policy: the policies that one slip of its author, in one of its own rules, would make of it.

Mutation testing as in DeMillo, Lipton and Sayward, "Hints on Test Data Selection", Computer 11 (1978): a good test
distinguishes the program from those that are nearly like it.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Mapping, Set
from enum import StrEnum
from fractions import Fraction
from itertools import takewhile

from attrs import evolve, frozen

from forbear.language.model.comparisons import NEGATED, Between, Compare, Comparison, OneOf, Operator
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Effect, Rule, RuleSet, TypedPolicy, actions_of
from forbear.language.model.relations import Related, Term, unit
from forbear.language.model.tables import Table
from forbear.semantics.composition.duties import companions_first, companions_of
from forbear.semantics.to_text import condition_text


class SlipKind(StrEnum):
    """The kinds of slips that an author may make in a rule."""

    RULE = "rule left out"
    CONDITION = "condition left out"
    CLAUSE = "clause left out"
    THRESHOLD = "threshold moved"
    VALUE = "value left out"
    NEGATION = "comparison negated"
    EFFECT = "effect swapped"
    ACTION = "action left out"
    OVERRIDE = "override left out"
    ALONG = "duty left out"
    DATE = "date moved"
    WINDOW = "window moved"


@frozen
class Slip:
    """One slip: the text before and after it; None for a part that was left out."""

    kind: SlipKind
    before: str
    after: str | None = None


@frozen(eq=False)
class Mutant:
    """A policy after one slip. `rules` are the changed rules by their numbers; several where rules share a condition.
    The slip is in `rule`, in the `when` or `unless` of `table`, or in the derivation of `fact`; the others are None."""

    rule: Rule | None
    slip: Slip
    policy: TypedPolicy
    rules: Mapping[int, Rule]
    fact: Fact | None = None
    table: Table | None = None


_SWAPPED = {
    Effect.ALLOW: Effect.FORBID,
    Effect.REQUIRE: Effect.ALLOW,
    Effect.FORBID: Effect.ALLOW,
    Effect.NEVER: Effect.ALLOW,
}


def mutants(policy: TypedPolicy) -> Iterator[Mutant]:
    """The mutants of a policy, rule by rule. The rules of standards over it are not changed."""
    own = {number: rule for number, rule in enumerate(policy.rules) if rule.standard is None}
    tables = [
        (table, rows)
        for table in policy.tables
        if len(rows := _rows(table, own)) > 1 or any(row.otherwise for row in table.rows)
    ]
    of_table = {number: frozenset(_parts(table.when)) for table, rows in tables for number in rows}
    otherwise = {
        row.name: (table, number)
        for table, rows in tables
        for number, rule in rows.items()
        if table.rows[-1].otherwise and rule.name == table.rows[-1].name
        for row in table.rows
    }
    loose = [rule for number, rule in own.items() if number not in of_table]
    applies = _shared(own.values()) if loose or len(tables) > 1 or not tables else ()
    for number, rule in own.items():
        table, last = otherwise.get(rule.name, (None, number))
        untouched = of_table.get(number, frozenset())
        if table is not None and last == number:
            untouched |= {*_parts(rule.condition)}
        for slip, mutated in _of_rule(policy, rule, applies, untouched):
            changed = {number: mutated}
            left_out = slip.kind is SlipKind.RULE
            if table is not None and last != number and (left_out or mutated.condition != rule.condition):
                changed[last] = _after(own[last], table, rule.name, None if left_out else mutated.condition)
            yield _mutant(policy, rule, slip, changed)
    for table, rows in tables:
        for part in _parts(table.when):
            for slip, mutated_part in () if part in (*applies, Always()) else _of_part(policy.facts, part):
                changed = {
                    number: evolve(
                        rule,
                        condition=_joined(
                            mutated_part if own_part == part else own_part for own_part in _parts(rule.condition)
                        ),
                    )
                    for number, rule in rows.items()
                }
                yield evolve(_mutant(policy, None, slip, changed), table=table)
    if applies:
        for slip, condition in _of_condition(policy.facts, _joined(applies)):
            changed = {
                number: evolve(rule, condition=_joined((condition, *_parts(rule.condition)[len(applies) :])))
                for number, rule in own.items()
            }
            yield _mutant(policy, None, slip, changed)


def without_standards(policy: TypedPolicy) -> Mutant | None:
    """The policy without the standards over it; None where there are none. This is not a slip, and does not count."""
    left_out = {
        number: evolve(rule, effects={}, overrides={}, along={})
        for number, rule in enumerate(policy.rules)
        if rule.standard is not None
    }
    return _mutant(policy, None, Slip(SlipKind.RULE, "subject to"), left_out) if left_out else None


def concerned(mutant: Mutant, policy: TypedPolicy) -> list[str]:
    """Returns the actions whose verdicts, or whose companions, a slip may change."""
    rules = [rule for number, after in mutant.rules.items() for rule in (policy.rules[number], after)]
    spoken_of = {action for rule in rules for action in actions_of(rule)}
    companions = companions_of(policy)
    return [action for action in policy.actions if not spoken_of.isdisjoint(companions_first(companions, action))]


def _rows(table: Table, own: Mapping[int, Rule]) -> dict[int, Rule]:
    names = {row.name for row in table.rows}
    return {number: rule for number, rule in own.items() if rule.name in names}


def _after(last: Rule, table: Table, name: str, condition: Condition | None) -> Rule:
    """Returns the rule of a row `otherwise` after the row with a name has another condition, or is left out."""
    of_table = _parts(table.when)
    above = [
        _joined(part for part in _parts(of_row) if part not in of_table)
        for row in table.rows[:-1]
        if (of_row := condition if row.name == name else row.condition) is not None
    ]
    negated = [Not(Or(tuple(above)) if len(above) > 1 else above[0])] if above else []
    return evolve(last, condition=_joined((*[part for part in _parts(last.condition) if part in of_table], *negated)))


def _parts(condition: Condition) -> tuple[Condition, ...]:
    return condition.parts if isinstance(condition, And) else (condition,)


def _joined(parts: Iterable[Condition]) -> Condition:
    left = tuple([part for part in parts if part != Always()])
    return And(left) if len(left) > 1 else left[0] if left else Always()


def _of_part(facts: Mapping[str, Fact], part: Condition) -> Iterator[tuple[Slip, Condition]]:
    """A part of a condition left out, and after each slip in it."""
    yield Slip(SlipKind.CLAUSE, condition_text(part, facts)), Always()
    yield from _inside(facts, part)


def _mutant(policy: TypedPolicy, rule: Rule | None, slip: Slip, changed: Mapping[int, Rule]) -> Mutant:
    rules = tuple([changed.get(number, old) for number, old in enumerate(policy.rules)])
    return Mutant(rule, slip, evolve(policy, rules=rules), changed)


def _shared(rules: Iterable[Rule]) -> tuple[Condition, ...]:
    """Returns the conditions that `applies when` adds to the front of each rule's condition."""
    conditions = [_parts(rule.condition) for rule in rules]
    if len(conditions) < 2:
        return ()
    columns = zip(*conditions, strict=False)
    return tuple([column[0] for column in takewhile(lambda column: len(set(column)) == 1, columns)])


def _of_rule(
    policy: TypedPolicy, rule: Rule, applies: tuple[Condition, ...], of_table: Set[Condition]
) -> Iterator[tuple[Slip, Rule]]:
    """Yields the rule after each slip, except those in the conditions that a row shares with its table (`of_table`). A
    rule that is left out keeps its number, and has no effects.
    """
    yield Slip(SlipKind.RULE, rule.name), evolve(rule, effects={}, overrides={}, along={})
    own = _joined(_parts(rule.condition)[len(applies) :])
    for slip, condition in _of_condition(policy.facts, own, of_table):
        yield slip, evolve(rule, condition=_joined((*applies, condition)))
    yield from _of_effects(rule)
    yield from _of_along(rule)
    yield from _of_overrides(policy, rule)
    for slip, day in _of_day(rule.since):
        yield slip, evolve(rule, since=day)
    for slip, day in _of_day(rule.until):
        yield slip, evolve(rule, until=day)


def _of_day(day: int | None) -> Iterator[tuple[Slip, int]]:
    """A day of a rule, one day off."""
    if day is None:
        return
    for moved in (day - 1, day + 1):
        if 1 <= moved <= datetime.date.max.toordinal():
            yield (
                Slip(SlipKind.DATE, *[datetime.date.fromordinal(ordinal).isoformat() for ordinal in (day, moved)]),
                moved,
            )


def _of_effects(rule: Rule) -> Iterator[tuple[Slip, Rule]]:
    """Each effect swapped for all actions that have it, and each of several actions left out."""
    for effect in dict.fromkeys(rule.effects.values()):
        swapped = _SWAPPED.get(effect)
        if swapped is not None:
            effects = {
                action: swapped if own_effect is effect else own_effect for action, own_effect in rule.effects.items()
            }
            yield Slip(SlipKind.EFFECT, effect.value, swapped.value), evolve(rule, effects=effects)
    for action in rule.effects if len(rule.effects) > 1 else ():
        effects = {name: own_effect for name, own_effect in rule.effects.items() if name != action}
        overrides = {name: overridden for name, overridden in rule.overrides.items() if name != action}
        along = {name: companions for name, companions in rule.along.items() if name != action}
        yield Slip(SlipKind.ACTION, action), evolve(rule, effects=effects, overrides=overrides, along=along)


def _of_along(rule: Rule) -> Iterator[tuple[Slip, Rule]]:
    """Yields the rule without each companion that it asks for, and without each action that these accompany."""
    companions = dict.fromkeys(
        companion for companions_of_action in rule.along.values() for companion in companions_of_action
    )
    for companion in companions:
        left = {
            action: tuple([name for name in companions_of_action if name != companion])
            for action, companions_of_action in rule.along.items()
        }
        along = {action: companions_left for action, companions_left in left.items() if companions_left}
        yield Slip(SlipKind.ALONG, f"with {companion}" if rule.effects else companion), evolve(rule, along=along)
    for action in rule.along if len(rule.along) > 1 and not rule.effects else ():
        along = {name: companions_of_action for name, companions_of_action in rule.along.items() if name != action}
        yield Slip(SlipKind.ACTION, action), evolve(rule, along=along)


def _of_overrides(policy: TypedPolicy, rule: Rule) -> Iterator[tuple[Slip, Rule]]:
    """The rule without each rule that it overrides."""
    for number in sorted({number for overridden in rule.overrides.values() for number in overridden.numbers}):
        left = {
            action: RuleSet(tuple([target for target in overridden.numbers if target != number]))
            for action, overridden in rule.overrides.items()
        }
        yield Slip(SlipKind.OVERRIDE, policy.rules[number].name), evolve(rule, overrides=left)


def _of_condition(
    facts: Mapping[str, Fact], condition: Condition, untouched: Set[Condition] = frozenset()
) -> Iterator[tuple[Slip, Condition]]:
    """A condition after each slip, except those in the `untouched` parts."""
    if condition != Always() and not untouched >= {*_parts(condition)}:
        yield Slip(SlipKind.CONDITION, condition_text(condition, facts)), Always()
    yield from _inside(facts, condition, untouched)


def _inside(
    facts: Mapping[str, Fact], condition: Condition, untouched: Set[Condition] = frozenset()
) -> Iterator[tuple[Slip, Condition]]:
    if condition in untouched:
        return
    match condition:
        case And(parts) | Or(parts):
            for place, part in enumerate(parts):
                if part in untouched:
                    continue
                rest = (*parts[:place], *parts[place + 1 :])
                left_out = Slip(SlipKind.CLAUSE, condition_text(part, facts))
                yield left_out, rest[0] if len(rest) == 1 else evolve(condition, parts=rest)
                for slip, mutated in _inside(facts, part):
                    yield slip, evolve(condition, parts=(*parts[:place], mutated, *parts[place + 1 :]))
        case Not(part):
            for slip, mutated in _inside(facts, part):
                yield slip, Not(mutated)
        case Always():
            pass
        case IsNone() | IsKnown():
            yield _changed(SlipKind.NEGATION, facts, condition, evolve(condition, negated=not condition.negated))
        case Related():
            for kind, mutated in _of_terms(condition, facts):
                yield _changed(kind, facts, condition, mutated)
        case atom:
            for kind, mutated_atom in _of_comparison(atom, facts[atom.fact]):
                yield _changed(kind, facts, atom, mutated_atom)


def _changed(kind: SlipKind, facts: Mapping[str, Fact], before: Condition, after: Condition) -> tuple[Slip, Condition]:
    return Slip(kind, condition_text(before, facts), condition_text(after, facts)), after


def _of_comparison(atom: Comparison, fact: Fact) -> Iterator[tuple[SlipKind, Comparison]]:
    """A comparison negated, with a value less, or with a threshold one step of the fact off."""
    match atom:
        case Compare(operator=operator, value=value):
            yield SlipKind.NEGATION, evolve(atom, operator=NEGATED[operator])
            if operator not in ("=", "!="):
                for moved in _moved(int(value), fact):
                    yield SlipKind.THRESHOLD, evolve(atom, value=moved)
        case Between(low=low, high=high):
            for moved in _moved(low, fact):
                if moved <= high or low > high:
                    yield SlipKind.THRESHOLD, evolve(atom, low=moved)
            for moved in _moved(high, fact):
                if low <= moved or low > high:
                    yield SlipKind.THRESHOLD, evolve(atom, high=moved)
        case OneOf(values=values):
            for value in values if len(values) > 1 else ():
                yield (
                    SlipKind.VALUE,
                    evolve(atom, values=tuple([remaining for remaining in values if remaining != value])),
                )


_BOUNDARY: Mapping[Operator, Operator] = {"<": "<=", "<=": "<", ">=": ">", ">": ">="}


def _of_terms(atom: Related, facts: Mapping[str, Fact]) -> Iterator[tuple[SlipKind, Related]]:
    """A comparison of facts negated, with or without its boundary, or with a percentage or an amount that is one
    per cent, or one step of the fact, off."""
    yield SlipKind.NEGATION, evolve(atom, operator=NEGATED[atom.operator])
    if atom.operator in _BOUNDARY:
        yield SlipKind.THRESHOLD, evolve(atom, operator=_BOUNDARY[atom.operator])
    step = unit(facts[atom.facts[0]])
    for left in _moved_terms(atom.left, step):
        yield SlipKind.THRESHOLD, evolve(atom, left=left)
    for right in _moved_terms(atom.right, step):
        yield SlipKind.THRESHOLD, evolve(atom, right=right)


_CENT = Fraction(1, 100)


def _moved_terms(term: Term, step: Fraction) -> Iterator[Term]:
    for at, (name, share) in enumerate(term.parts):
        for moved in (share - _CENT, share + _CENT) if abs(share) != 1 else ():
            if moved:
                yield evolve(term, parts=(*term.parts[:at], (name, moved), *term.parts[at + 1 :]))
    for by in (-step, step) if term.offset else ():
        yield evolve(term, offset=term.offset + by)


def _moved(value: int, fact: Fact) -> list[int]:
    """The values next to a threshold: one step off, of a time of day one minute."""
    step = 60 if fact.kind.storage is Storage.TIME and value % 60 == 0 else 1
    return [moved for moved in (value - step, value + step) if fact.low <= moved <= fact.high]
