"""`none-escapes`: a rule that refuses by an upper bound on a fact that may be none, and leaves open what none means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.space import check_witness
from forbear.base.diagnostic import Code, Diagnostic, Severity
from forbear.language.model.comparisons import Between, Compare
from forbear.language.model.conditions import Always, And, Atom, Condition, IsNone, Not, Or, atoms, facts_in, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import DATE
from forbear.language.model.policy import REFUSING, Rule
from forbear.language.model.relations import Related
from forbear.semantics import meaning
from forbear.semantics.lowered.from_conditions import guards
from forbear.semantics.to_text import condition_text
from forbear.space.formulas import All, Any, Formula, Neither, inside
from forbear.space.regions import MAXIMUM_BOXES, rule_regions


def nones_that_escape(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each own rule that refuses, and each fact that it bounds, and of which neither it nor its table
    asks whether it is none."""
    policy = analysis.policy
    said_by_row = {}
    for table in policy.tables:
        said_by_row.update(dict.fromkeys([row.name for row in table.rows], _said(row.condition for row in table.rows)))
    for number in filter(analysis.space.is_own, range(len(policy.rules))):
        rule = policy.rules[number]
        if rule.name in analysis.space.too_large or not any(effect in REFUSING for effect in rule.effects.values()):
            continue
        said = said_by_row.get(rule.name, frozenset()) | _said([rule.condition])
        for name in dict.fromkeys(facts_in(rule.condition)):
            fact = policy.facts[name]
            if fact.or_none and name not in said and any(_is_upper(atom, fact) for atom in atoms(rule.condition)):
                yield _candidate(analysis, number, fact, rule.name in said_by_row)


def _said(conditions: Iterable[Condition]) -> frozenset[str]:
    """The facts of which some conditions ask whether they are none."""
    return frozenset(atom.fact for condition in conditions for atom in atoms(condition) if isinstance(atom, IsNone))


def _candidate(analysis: Analysis, number: int, fact: Fact, of_row: bool) -> Candidate:
    rule, space, facts = analysis.policy.rules[number], analysis.space, analysis.policy.facts
    refused = tuple([action for action, effect in rule.effects.items() if effect in REFUSING])

    def upper(atom: Atom) -> bool:
        return _is_upper(atom, fact)

    def lower(atom: Atom) -> bool:
        return _is_order(atom, fact) and not _is_upper(atom, fact)

    def with_met(*kinds: Callable[[Atom], bool]) -> Rule:
        return evolve(rule, condition=_met(rule.condition, lambda atom: any(kind(atom) for kind in kinds)))

    def holds(one: Rule) -> Formula:
        if one.condition == rule.condition:
            return inside(space.regions[number].possible)
        limit = MAXIMUM_BOXES * space.effort
        return inside(rule_regions(one, guards(one.condition, facts), space.cells, limit).possible)

    def find(more: Formula) -> Diagnostic | None:
        # The upper bounds decide, whether or not lower bounds of the fact have to be met with them.
        pairs = ((with_met(upper), rule), (with_met(upper, lower), with_met(lower)))
        decide = Any(tuple([All((holds(met), Neither((holds(unmet),)))) for met, unmet in pairs]))
        none = space.condition(IsNone(fact.name, False), when_unknown=False)
        point = analysis.searcher.case(decide, Neither((holds(rule),)), none, more)
        if point is None:
            return None
        refuses = [
            [meaning.condition_holds(analysis.policy, one, point.case, point.day) is not False for one in pair]
            for pair in ((rule, rule), *pairs)
        ]
        check_witness(not refuses[0][0] and [True, False] in refuses[1:], NONE_ESCAPES.code, point)
        bound = next(atom for atom in atoms(rule.condition) if upper(atom))
        return Diagnostic(
            code=NONE_ESCAPES.code,
            message=f"`{rule.name}` forbids by a bound on `{fact.name}`, and does not say what none means there",
            place=rule.body,
            help=_help(fact.name, condition_text(bound, facts), of_row),
            rules=(rule.name,),
            actions=refused,
            fact=fact.name,
            witness=point.witness,
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


def _is_upper(atom: Atom, fact: Fact) -> bool:
    """Whether a comparison bounds a fact from above. A date is bounded either way: by how long ago it is, or how
    soon."""
    match atom:
        case Between(name):
            return name == fact.name
        case Compare(name, operator):
            return name == fact.name and (operator in ("<", "<=") or (fact.kind is DATE and operator in (">", ">=")))
        case Related(left, operator, right) if _is_order(atom, fact):
            return fact.kind is DATE or (left.fact if operator in ("<", "<=") else right.fact) == fact.name
    return False


def _is_order(atom: Atom, fact: Fact) -> bool:
    match atom:
        case Compare(operator="<" | "<=" | ">" | ">=") | Related(operator="<" | "<=" | ">" | ">=") | Between():
            return fact.name in facts_of(atom)
    return False


def _help(name: str, bound: str, of_row: bool) -> str:
    if of_row:
        return f"if it shall forbid then too, write `none` beside the test of `{name}`; if not, write a row for `none`"
    return (
        f"if it shall forbid then too, write `({bound} or {name} is none)`; if not, `({bound} and {name} is not none)`"
    )


NONE_ESCAPES = Finding(Code("none-escapes", Severity.WARNING, acceptable=True), nones_that_escape, of_rules_alone=True)
