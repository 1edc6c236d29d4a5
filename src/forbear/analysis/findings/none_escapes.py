"""`none-escapes`: a rule that refuses by an upper bound on a fact that may be none, or permits unless one holds, and
leaves open what none means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import eq

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.space import check_witness
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.comparisons import Between, Compare
from forbear.language.model.conditions import Always, And, Atom, Condition, IsNone, Not, Or, atoms, facts_in, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import DATE
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import PERMITTING, REFUSING, Rule
from forbear.language.model.relations import Related
from forbear.semantics import meaning
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.to_text import condition_text
from forbear.space.formulas import All, Any, Formula, Neither, inside
from forbear.space.regions import MAXIMUM_BOXES, rule_regions


def nones_that_escape(analysis: Analysis) -> Iterator[Candidate]:
    """Yields a candidate for each of the policy's own rules and each fact with a bound on which it refuses, or permits
    unless that holds, if neither the rule nor its table asks whether the fact is none.
    """
    policy = analysis.policy
    said_by_row = {}
    for table in policy.tables:
        said_by_row.update(dict.fromkeys([row.name for row in table.rows], _said(row.condition for row in table.rows)))
    for number in filter(analysis.space.is_own, range(len(policy.rules))):
        rule = policy.rules[number]
        if rule.name in analysis.space.too_large or not rule.effects:
            continue
        said = said_by_row.get(rule.name, frozenset()) | _said([rule.condition])
        for name in dict.fromkeys(facts_in(rule.condition)):
            fact = policy.facts[name]
            if fact.or_none and name not in said and (bounds := list(_bounds(rule, fact))):
                yield _candidate(analysis, number, fact, bounds[0], rule.name in said_by_row)


def _refuses(rule: Rule) -> bool:
    return any(effect in REFUSING for effect in rule.effects.values())


def _bounds(rule: Rule, fact: Fact) -> Iterator[Atom]:
    """The upper bounds on a fact by which a rule refuses, or which hold it back from permitting."""
    for atom in atoms(rule.condition):
        if _is_upper(atom, fact) and _met(rule.condition, partial(eq, atom), _refuses(rule)) != rule.condition:
            yield atom


def _said(conditions: Iterable[Condition]) -> frozenset[str]:
    """The facts of which some conditions ask whether they are none."""
    return frozenset(atom.fact for condition in conditions for atom in atoms(condition) if isinstance(atom, IsNone))


def _candidate(analysis: Analysis, number: int, fact: Fact, bound: Atom, of_row: bool) -> Candidate:
    rule, space, facts = analysis.policy.rules[number], analysis.space, analysis.policy.facts
    refuses = _refuses(rule)
    concerned = REFUSING if refuses else PERMITTING

    def upper(atom: Atom) -> bool:
        return _is_upper(atom, fact)

    def lower(atom: Atom) -> bool:
        return _is_order(atom, fact) and not _is_upper(atom, fact)

    def with_met(*kinds: Callable[[Atom], bool]) -> Rule:
        return evolve(rule, condition=_met(rule.condition, lambda atom: any(kind(atom) for kind in kinds), refuses))

    def held_back(one: Rule) -> Formula:
        """Returns the formula for when a rule refuses, or does not permit."""
        limit = MAXIMUM_BOXES * space.effort
        regions = (
            space.regions[number]
            if one.condition == rule.condition
            else rule_regions(one, guards(one.condition, facts), space.cells, limit)
        )
        return inside(regions.possible) if refuses else Neither((inside(regions.certain),))

    def find(more: Formula) -> Diagnostic | None:
        # The upper bounds decide, whether or not lower bounds of the fact have to be met with them.
        pairs = ((with_met(upper), rule), (with_met(upper, lower), with_met(lower)))
        decide = Any(tuple([All((held_back(met), Neither((held_back(unmet),)))) for met, unmet in pairs]))
        none = space.condition(IsNone(fact.name, False), when_unknown=False)
        point = analysis.searcher.case(decide, Neither((held_back(rule),)), none, more)
        if point is None:
            return None
        at_none = not refuses
        held = [
            [meaning.condition_holds(analysis.policy, one, point.case, point.day) is not at_none for one in pair]
            for pair in ((rule, rule), *pairs)
        ]
        check_witness(not held[0][0] and [True, False] in held[1:], NONE_ESCAPES.code, point)
        ends = _ends(rule.condition, bound, fact)
        too = Or((And(ends) if len(ends) > 1 else bound, IsNone(fact.name, False)))
        not_then = And((*ends, IsNone(fact.name, True)))
        turned = isinstance(bound, Between) and bound.negated
        return diagnosis(
            f"none-escapes.{'forbids' if refuses else 'held-back'}{'-row' if of_row else ''}",
            rule.body,
            code=NONE_ESCAPES.code,
            rules=(rule.name,),
            actions=tuple([action for action, effect in rule.effects.items() if effect in concerned]),
            witness=point.witness,
            rule=rule.name,
            fact=fact.name,
            then=f"({condition_text(not_then if turned else too, facts)})",
            otherwise=f"({condition_text(too if turned else not_then, facts)})",
        )

    return Candidate((rule.name,), find)


def _met(condition: Condition, kind: Callable[[Atom], bool], holds: bool = True) -> Condition:
    """The condition, if each comparison of a kind were met that fails of none. It has to be `holds`."""
    match condition:
        case Not(part):
            return Not(_met(part, kind, not holds))
        case And(parts) | Or(parts):
            return evolve(condition, parts=tuple([_met(part, kind, holds) for part in parts]))
        case Always():
            return condition
        case atom:
            fails = holds != (isinstance(atom, Between) and atom.negated)
            return (Always() if holds else Not(Always())) if fails and kind(atom) else atom


def _ends(condition: Condition, bound: Atom, fact: Fact) -> tuple[Condition, ...]:
    """A bound, with those of the same fact that are joined to it by `and`, as both ends of a span are."""
    match condition:
        case And(parts) if bound in parts:
            return tuple([part for part in parts if _is_order(part, fact)])
        case And(parts) | Or(parts):
            return _ends(next(part for part in parts if bound in atoms(part)), bound, fact)
        case Not(part):
            return _ends(part, bound, fact)
    return (bound,)


def _is_upper(atom: Atom, fact: Fact) -> bool:
    """Returns true if a comparison bounds a fact from above. A date is bounded in both directions: by how long ago it
    is, or how soon.
    """
    match atom:
        case Between(name):
            return name == fact.name
        case Compare(name, operator):
            return name == fact.name and (operator in ("<", "<=") or (fact.kind is DATE and operator in (">", ">=")))
        case Related(operator=operator) if _is_order(atom, fact):
            return fact.kind is DATE or (operator in ("<", "<=")) == (atom.shares[fact.name] > 0)
    return False


def _is_order(condition: Condition, fact: Fact) -> bool:
    match condition:
        case Compare(operator="<" | "<=" | ">" | ">=") | Related(operator="<" | "<=" | ">" | ">=") | Between():
            return fact.name in facts_of(condition)
    return False


NONE_ESCAPES = Finding(Code("none-escapes", Severity.WARNING, acceptable=True), nones_that_escape, of_rules_alone=True)
