"""Describes by cases how edits change accompanying actions, because rules on several actions decide there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forbear.analysis.comparison.pair import ChangeEffect, Pair, called
from forbear.analysis.comparison.telling.consequence import Consequence, Unless
from forbear.analysis.comparison.telling.edits import Edits, of_steps
from forbear.analysis.comparison.telling.teller import Known
from forbear.kernel.cases import Verdict
from forbear.language.model.policy import Rule, TypedPolicy, actions_of
from forbear.semantics.composition.duties import companions_first, companions_of


def told_by_cases(
    pair: Pair, edits: Edits, about: tuple[str, ...], known: Mapping[ChangeEffect, Sequence[Known]]
) -> list[Consequence]:
    """Returns the consequences for an action, or for an action with a companion, from the cases of each effect."""
    consequences = []
    for effect in ChangeEffect:
        if effect not in known:
            continue
        cases = known[effect]
        witness = min([case.witness for case in cases], key=pair.short_cases.unusual)
        consequences.append(
            Consequence(
                effect,
                called(about),
                tuple([verdict for verdict in Verdict if verdict in {case.before for case in cases}]),
                tuple([verdict for verdict in Verdict if verdict in {case.after for case in cases}]),
                edits_on(pair, edits, about[0]),
                () if effect is ChangeEffect.REFUSED_OTHERWISE else tuple([case.where for case in cases]),
                (),
                _asking(pair.union.new if effect.newly else pair.union.old, about) if len(about) == 2 else (),
                (),
                Unless(),
                witness,
                pair.short_cases.of(witness, about[:1]),
            )
        )
    return consequences


def edits_on(pair: Pair, edits: Edits, action: str) -> tuple[int, ...]:
    """Returns the edits of rules on an action, or on one of its companions."""
    both = pair.union
    reached = {name for policy in (both.old, both.new) for name in companions_first(companions_of(policy), action)}

    def speaks(rule: Rule) -> bool:
        return not reached.isdisjoint(actions_of(rule))

    steps = set()
    for matched in edits.rules:
        sides = [
            None if number is None else policy.rules[number]
            for policy, number in ((both.old, matched.old), (both.new, matched.new))
        ]
        if matched.step is not None and any(rule is not None and speaks(rule) for rule in sides):
            steps.add(matched.step)
    return of_steps(edits, steps)


def _asking(policy: TypedPolicy, about: tuple[str, ...]) -> tuple[str, ...]:
    """Returns the rules that ask for the second action as a companion of the first, or of one of its companions."""
    action, companion = about
    directly = [rule.name for rule in policy.rules if companion in rule.along.get(action, ())]
    through = [rule.name for rule in policy.rules if any(companion in companions for companions in rule.along.values())]
    return tuple(directly or through)
