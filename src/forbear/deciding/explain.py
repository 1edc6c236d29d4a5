"""Explains why an action has its verdict: which rules apply to the case, and which change of one fact alters it."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping
from typing import Literal, TypeAlias

from attrs import evolve, frozen

from forbear.base.source import Place
from forbear.deciding.decision import Decision
from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision, Fault, GridValue, InPart, Value, Verdict
from forbear.kernel.faults import fault
from forbear.kernel.history.readings import has_history, readings
from forbear.language.model.comparisons import Between, Compare, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Atom, Condition, Not, Or, facts_in, negation
from forbear.language.model.facts import Fact, Grid
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import PERMITTING, Effect, Rule, TypedPolicy, compared_with_private, titles
from forbear.language.model.relations import Related, Term
from forbear.language.model.values import difference_text, fields_json, plain_json, value_json, value_text
from forbear.semantics import meaning
from forbear.semantics.composition.duties import alone
from forbear.semantics.kernel_specs import fact_spec
from forbear.semantics.to_text import amount_text, condition_text, term_text
from forbear.space.boundaries import boundary_values, nearest_first
from forbear.space.predicates import mask as masks
from forbear.space.predicates.specs import specs

# Why a condition does not hold in a case, and by how much, in words.


def missing_of(
    part: Condition, facts: Mapping[str, Fact], values: Mapping[str, Value], *, wanted: bool
) -> Iterator[str]:
    """Yields the changes that would give a condition the truth `wanted`, one line each."""
    if meaning.truth(part, facts, values) is wanted:
        return
    match part:
        case Always():
            yield "holds in every case"
        case Not(inner):
            yield from missing_of(inner, facts, values, wanted=not wanted)
        case And(parts) | Or(parts):
            lines = [line for inner in parts for line in missing_of(inner, facts, values, wanted=wanted)]
            all_needed = isinstance(part, And) == wanted
            if all_needed:
                yield from lines
            else:
                yield ", or ".join(lines)
        case Related():
            needs = condition_text(part if wanted else negation(part), facts)
            sides = [side for term in (part.left, part.right) for side in _told(term, facts, values)]
            yield f"needs {needs}, where {' and '.join(sides)}"
        case atom:
            fact = facts[atom.fact]
            wanted_atom = atom if wanted else negation(atom)
            needs = f"needs {condition_text(wanted_atom, facts)}"
            value = values[atom.fact]
            if value is None or fact.private or isinstance(value, InPart):
                yield f"{needs}, is {stand_in(fact, value)}"
            else:
                distance = _distance(wanted_atom, fact, value)
                yield f"{needs}, is {value_text(fact, value)}" + (f": {distance}" if distance else "")


def _told(term: Term, facts: Mapping[str, Fact], values: Mapping[str, Value]) -> Iterator[str]:
    """Yields the value of each side of a comparison of facts, as in `10% of credit_limit is CNY 300`; or the value of
    each of its facts, if one has no value that may be shown.
    """
    known: dict[str, Grid] = {}
    for name, _ in term.parts:
        value = values[name]
        if value is not None and not facts[name].private and not isinstance(value, InPart):
            known[name] = value
    if len(known) < len(term.parts):
        for name, _ in term.parts:
            told = value_text(facts[name], known[name]) if name in known else stand_in(facts[name], values[name])
            yield f"{name} is {told}"
    elif known:
        fact, total = facts[term.parts[0][0]], term.value(facts, known)
        if fact.kind.numeric:
            yield f"{term_text(term, fact)} is {amount_text(fact, total)}"
            return
        if not fact.low <= total <= fact.high:
            term, total = Term.of(fact.name), total - term.offset
        yield f"{term_text(term, fact)} is {value_text(fact, int(total))}"


def _distance(atom: Atom, fact: Fact, value: GridValue) -> str | None:
    """Returns how far a value is from what a comparison needs: `27 more days`, `CNY 200.01 less`."""
    if not isinstance(value, int) or isinstance(value, bool) or fact.kind.storage not in (Storage.NUMBER, Storage.DATE):
        return None
    if not isinstance(atom, (Compare, Between)) or holds_for_none(atom):
        return None
    target = next((low if value < low else high for low, high in ranges(atom, fact)), None)
    if target is None:
        return None
    steps = abs(target - value)
    if fact.kind.storage is Storage.DATE:
        return f"{difference_text(fact, steps)} {'later' if target > value else 'earlier'}"
    if fact.kind.counted:
        return difference_text(fact, steps, "more " if target > value else "fewer ")
    return f"{difference_text(fact, steps)} {'more' if target > value else 'less'}"


def stand_in(fact: Fact, value: Value) -> str:
    """Returns the text shown in place of a value that is absent, private or known in part."""
    if value is None and fact.optional:
        return "unknown"
    if fact.private:
        return kernel.PRIVATE
    return kernel.in_part_text(fact_spec(fact), value) if isinstance(value, InPart) else "none"


Standing: TypeAlias = Literal["active", "open", "does not hold", "set aside", "not in force"]


@frozen
class Clause:
    """A part of a rule's condition: its text, whether it holds (None is unknown), and what it lacks to hold."""

    text: str
    holds: bool | None
    missing: str | None


@frozen
class RuleExplanation:
    """How one rule on the action applies to the case. `set_aside_by` names the active rules that override it.

    It matters if it decides the verdict, or could permit: not if it forbids, or asks for more, and does not hold.
    `facts` are those that it reads.

    `effect` is the word of the rule; `require A with B` for an accompanying action; or `blocked`, if the rule asks for
    a forbidden companion.
    """

    name: str
    title: str | None
    effect: str
    standing: Standing
    matters: bool
    facts: tuple[str, ...]
    clauses: tuple[Clause, ...]
    set_aside_by: tuple[str, ...]
    period: str | None
    because: str | None
    source: str | None
    place: Place


@frozen
class Change:
    """The nearest value of one fact that gives another verdict: as a case gives it (`value`), and in words (`text`)."""

    fact: str
    value: object
    text: str
    verdict: Verdict


@frozen
class FactExplanation:
    """A fact that the rules on the action read: its value as a case gives it, and in words.

    The value is None if the fact is unknown, private, or known in part. The fact matters if a rule that matters reads
    it, and is usual if it has the usual value that the vocabulary declares.
    """

    name: str
    value: object
    text: str
    matters: bool
    usual: bool = False


@frozen
class Explanation:
    """Why an action has its verdict. Rules are in file order, facts and changes in the order of the vocabulary.

    `description` is that of the action. `day` is the day of the decision, and `moment` its moment in the time zone that
    is explained, which is one of `zones`. A case in words has no zones: its moment is local time, with or without an
    offset.

    `withheld` names the facts whose changes are not shown, because they are private, or because a comparison with a
    private fact would reveal its value.
    """

    action: str
    description: str | None
    decision: ActionDecision
    rules: tuple[RuleExplanation, ...]
    changes: tuple[Change, ...]
    facts: tuple[FactExplanation, ...]
    day: datetime.date | None = None
    moment: datetime.datetime | None = None
    zones: tuple[str, ...] = ()
    withheld: tuple[Fault, ...] = ()

    def as_json(self) -> dict[str, object]:
        """Returns the explanation as `forbear explain` prints it."""
        return {
            "action": self.action,
            "description": self.description,
            "on": None if self.day is None else self.day.isoformat(),
            "at": None if self.moment is None else self.moment.isoformat(),
            "zone": None if self.moment is None or self.moment.tzinfo is None else str(self.moment.tzinfo),
            "decision": self.decision.as_json(),
            "facts": [{"fact": fact.name, **fields_json(fact, "value", "text", "matters")} for fact in self.facts],
            "rules": [
                {
                    **fields_json(rule, "name", "title", "effect", "standing", "matters"),
                    "clauses": [
                        {"condition": clause.text, "holds": clause.holds, "missing": clause.missing}
                        for clause in rule.clauses
                    ],
                    **fields_json(rule, "set_aside_by", "period", "because", "source"),
                }
                for rule in self.rules
            ],
            "changes": [fields_json(change, "fact", "value", "verdict") for change in self.changes],
            "withheld": plain_json(self.withheld),
        }


def explain(
    policy: TypedPolicy, decision: Decision, action: str, case: Mapping[str, object], on: object, at: object = None
) -> Explanation:
    """Explains the verdict of a decision on an action.

    `case`, `on` and `at` are those of the decision, so they are known to be valid. If a case has several time zones,
    the explained one is the first whose verdict is that of the decision.
    """
    rules = alone(policy, action)
    decided = decision[action]
    tables = specs(rules)
    day = None if on is None else kernel.read_on(on)
    moment: datetime.datetime | None = None
    zones: tuple[str, ...] = ()
    given = tables.without_history(case)
    if has_history(tables.history, given, on, at):
        by_zone = readings(tables.history, given, on, at)
        zones = tuple([str(reading.moment.tzinfo) for reading in by_zone if reading.moment is not None])
        for reading in by_zone:
            case, moment = reading.case, reading.moment
            day = day if reading.day is None else reading.day.toordinal()
            values = kernel.read_case(tables.facts, tables.needed, case)
            if meaning.decide_action(rules, action, values, day).verdict is decided.verdict:
                break
    values = kernel.read_case(tables.facts, tables.needed, case)
    explained = [
        explanation
        for name in rules.actions
        for explanation in _on_action(rules, name, values, day, titles(policy))  # an action, then its companions
    ]
    mattering = {name for rule in explained if rule.matters for name in rule.facts}
    withheld = {name: reason for name in tables.needed if (reason := _withheld(rules, name)) is not None}
    return Explanation(
        action,
        policy.actions[action].description,
        decided,
        tuple(explained),
        tuple(_changes(rules, action, decided.verdict, values, day, withheld)),
        tuple([_fact(rules.facts[name], values[name], name in mattering) for name in tables.needed]),
        None if day is None else datetime.date.fromordinal(day),
        moment,
        zones,
        tuple(withheld.values()),
    )


def _fact(fact: Fact, value: Value, matters: bool) -> FactExplanation:
    if value is None or fact.private or isinstance(value, InPart):
        is_none = value is None and fact.or_none and not fact.private
        return FactExplanation(fact.name, "none" if is_none else None, stand_in(fact, value), matters)
    return FactExplanation(fact.name, value_json(fact, value), value_text(fact, value), matters, value == fact.usually)


def _on_action(
    rules: TypedPolicy, action: str, values: Mapping[str, Value], day: int | None, of_rules: Mapping[str, str]
) -> Iterator[RuleExplanation]:
    """Yields the rules on an action, or on the pair of an action and a companion."""
    overriders = meaning.overriders(rules, action)
    active = meaning.active_rules(rules, action, values, day)
    for number in sorted(active):
        overriding = tuple(
            rules.rules[overrider].name for overrider in overriders.get(number, ()) if active[overrider] is not False
        )
        effect = _effect(rules, number, action)
        explained = _rule(rules.rules[number], effect, active[number], overriding, rules.facts, values, day)
        yield evolve(explained, title=of_rules.get(explained.name))


def _effect(rules: TypedPolicy, number: int, action: str) -> str:
    """Returns the effect of a rule on an action: `blocked` if it asks for a forbidden companion."""
    rule = rules.rules[number]
    match rule.effects[action]:
        case Effect.ALONG:
            host, companion = action.split(" with ")
            return f"require {companion} with {host}"
        case Effect.NEVER if any(
            Effect.ALONG in other_rule.effects.values() and other_rule.place == rule.place
            for other_rule in rules.rules[:number]
        ):
            return "blocked"
        case effect:
            return effect.value


def _rule(
    rule: Rule,
    effect: str,
    active: bool | None,
    overriding: tuple[str, ...],
    facts: Mapping[str, Fact],
    values: Mapping[str, Value],
    day: int | None,
) -> RuleExplanation:
    holds = meaning.truth(rule.condition, facts, values)
    standing: Standing
    if not meaning.rule_in_force(rule, day):
        standing = "not in force"
    elif holds is False:
        standing = "does not hold"
    elif active is False:
        standing = "set aside"
    else:
        standing = "active" if active else "open"
    parts = rule.condition.parts if isinstance(rule.condition, And) else (rule.condition,)
    return RuleExplanation(
        rule.name,
        rule.title,
        effect,
        standing,
        effect in PERMITTING or standing not in ("does not hold", "not in force"),
        tuple(facts_in(rule.condition)),
        tuple([_clause(part, facts, values) for part in parts]),
        overriding if holds is not False else (),
        _period(rule),
        rule.because,
        rule.cited,
        rule.place,
    )


def _period(rule: Rule) -> str | None:
    if rule.since is None and rule.until is None:
        return None
    words = [
        f"{word} {datetime.date.fromordinal(day).isoformat()}"
        for word, day in (("from", rule.since), ("until", rule.until))
        if day is not None
    ]
    return "in force " + " ".join(words)


# Missing conditions


def _clause(part: Condition, facts: Mapping[str, Fact], values: Mapping[str, Value]) -> Clause:
    holds = meaning.truth(part, facts, values)
    missing = None if holds is True else "; ".join(missing_of(part, facts, values, wanted=True))
    return Clause(condition_text(part, facts), holds, missing)


# Changes of the verdict


def _withheld(rules: TypedPolicy, name: str) -> Fault | None:
    """Returns why no change of a fact is shown: its distance from a private value, or the point where they meet, would
    reveal that value. None if changes may be shown.
    """
    if rules.facts[name].private:
        return fault(name, "withheld-private", name=name)
    other = compared_with_private(rules, (name,)).get(name)
    return None if other is None else fault(name, "withheld-beside-private", name=name, other=other)


def _changes(
    rules: TypedPolicy,
    action: str,
    verdict: Verdict,
    values: Mapping[str, Value],
    day: int | None,
    withheld: Collection[str],
) -> Iterator[Change]:
    """Yields, for each fact that the rules on the action read, the nearest value that gives another verdict; not for
    withheld facts.

    An unordered fact has one change for each other verdict that it can give.
    """
    tables = specs(rules)
    of_values = masks.of_values(tables)
    layout = masks.layout(tables)
    bits_in_force = layout.in_force(kernel.in_force(tables.rules, day))
    boundaries = boundary_values(rules, tables.needed, values)
    for name in [name for name in tables.needed if name not in withheld]:
        fact = rules.facts[name]
        reached: set[Verdict] = {verdict}
        for value in nearest_first(fact, boundaries[name], values[name]):
            if value is None and fact.optional:
                continue  # no one can make a known fact unknown
            changed = {**values, name: value}
            mask = of_values(*[changed[needed] for needed in tables.needed]) & bits_in_force
            after = kernel.decide_action(tables.actions[action], tables.rules, *layout.read(mask)).verdict
            if after not in reached:
                reached.add(after)
                text = value_text(fact, value) if value is not None else "none"
                yield Change(name, value_json(fact, value), text, after)
                if fact.ordered:
                    break
