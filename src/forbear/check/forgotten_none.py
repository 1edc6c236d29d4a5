"""`forgotten-none`: a rule that permits after some days of silence, and not where there never was anything."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.base.diagnostic import Diagnostic
from forbear.language.model.comparisons import Compare
from forbear.language.model.conditions import IsNone, atoms
from forbear.language.model.policy import TypedPolicy, own_rules
from forbear.language.model.relations import Related


def forgotten_nones(policy: TypedPolicy) -> Iterator[Diagnostic]:
    """One for each rule and fact: a comparison by order with none is false, so the rule does not hold there."""
    silences = {name for name, derived in policy.derived.items() if derived.measure.startswith("days since")}
    if not silences:
        return
    for rule in own_rules(policy):
        if not any(effect.permits for effect in rule.effects.values()):
            continue
        comparisons = list(atoms(rule.condition))
        thought_of = {atom.fact for atom in comparisons if isinstance(atom, IsNone)}
        compared = [atom.fact for atom in comparisons if isinstance(atom, Compare) and atom.operator in (">", ">=")]
        compared += [
            atom.facts[atom.operator in ("<", "<=")]
            for atom in comparisons
            if isinstance(atom, Related) and atom.operator not in ("=", "!=")
        ]
        for fact in dict.fromkeys(compared):
            if fact in silences - thought_of:
                derived = policy.derived[fact]
                assert derived.events is not None
                yield Diagnostic(
                    code="forgotten-none",
                    message=f"`{rule.name}` does not hold where `{fact}` is none: where there was no such"
                    f" `{derived.events.event}` at all",
                    place=rule.body,
                    help=f"if it shall hold there, write `(... or {fact} is none)`;"
                    f" if not, say `{fact} is not none and ...`",
                    rules=(rule.name,),
                    actions=tuple(rule.effects),
                    fact=fact,
                )
