"""Rules that stop short of what they seem to say: a case remains that an author easily forgets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attrs import evolve

from forbear.base.diagnostic import Diagnostic
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import And, Condition, IsNone, Or, atoms
from forbear.language.model.messages import diagnosis
from forbear.language.model.policy import Rule, TypedPolicy, own_rules
from forbear.language.model.relations import Related


def stopping_short(policy: TypedPolicy) -> Iterator[Diagnostic]:
    """Yields one diagnostic for each rule and fact."""
    permitting, refusing = (
        [rule for rule in own_rules(policy) if any(effect.permits for effect in rule.effects.values()) == permits]
        for permits in (True, False)
    )
    for rule in permitting:
        yield from _forgotten_nones(policy, rule)
    reached = {
        (part.fact, action)
        for rule in refusing
        for part in _bounds(rule.condition)
        if part.operator == ">="
        for action in rule.effects
    }
    for rule in refusing:
        for part in _bounds(rule.condition):
            if not all((part.fact, action) in reached for action in rule.effects):
                yield from _late_limit(policy, rule, part)


def _forgotten_nones(policy: TypedPolicy, rule: Rule) -> Iterator[Diagnostic]:
    """A rule that permits after some days of silence, and not where there never was anything: a comparison by order
    with none is false."""
    comparisons = list(atoms(rule.condition))
    thought_of = {atom.fact for atom in comparisons if isinstance(atom, IsNone)}
    compared = [atom.fact for atom in comparisons if isinstance(atom, Compare) and atom.operator in (">", ">=")]
    compared += [
        name
        for atom in comparisons
        if isinstance(atom, Related) and atom.operator not in ("=", "!=")
        for name, share in atom.shares.items()
        if (share > 0) == (atom.operator in (">", ">="))
    ]
    for fact in dict.fromkeys(compared):
        derived = policy.derived.get(fact)
        if derived is not None and derived.measure.startswith("days since") and fact not in thought_of:
            assert derived.events is not None
            yield _of("forgotten-none.rule", rule, fact, event=derived.events.event)


def _late_limit(policy: TypedPolicy, rule: Rule, part: Compare) -> Iterator[Diagnostic]:
    """A rule that forbids by `> N` on a count of what was done: one more than N is done before it holds. `> 0` says
    plainly that one may be done."""
    fact, most = part.fact, part.value
    derived = policy.derived.get(fact)
    if part.operator == ">" and isinstance(most, int) and most > 0 and derived and derived.measure == "count":
        limited = re.fullmatch(r"never\s+([^#]*?)\s+when\s+\S+\s*>\s*\S+", rule.body.text)
        at_most = f"limit {limited[1]} to {most} by {fact}" if limited else f"{fact} >= {most}"
        yield _of("unclear-condition.late-limit", rule, fact, most=most, more=most + 1, at_most=at_most)


def _of(text: str, rule: Rule, fact: str, **arguments: Any) -> Diagnostic:
    of_rule = diagnosis(text, rule.body, rules=(rule.name,), rule=rule.name, fact=fact, **arguments)
    return evolve(of_rule, actions=tuple(rule.effects), fact=fact)


def _bounds(condition: Condition) -> Iterator[Compare]:
    """The comparisons that have to be true, alone or with others."""
    match condition:
        case And(parts) | Or(parts):
            for part in parts:
                yield from _bounds(part)
        case Compare():
            yield condition
