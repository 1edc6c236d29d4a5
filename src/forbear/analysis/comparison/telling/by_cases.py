"""What edits change around duties, told by its cases: rules on several actions decide there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forbear.analysis.comparison.effects import ChangeEffect
from forbear.analysis.comparison.pair import Pair
from forbear.analysis.comparison.telling.consequence import Consequence, Unless
from forbear.analysis.comparison.telling.edits import Edits, of_steps
from forbear.analysis.comparison.telling.teller import Known
from forbear.composition.duties import companions_first, companions_of, pair_of
from forbear.kernel import Verdict
from forbear.model.cases import shortener
from forbear.model.policy import Rule, TypedPolicy, actions_of


def told_by_cases(
    pair: Pair, edits: Edits, about: tuple[str, ...], known: Mapping[ChangeEffect, Sequence[Known]]
) -> list[Consequence]:
    """The consequences for an action, or for one with what goes along with it, from all cases of each effect."""

    shorten = shortener(pair.analysis.policy)
    found = []
    for effect in ChangeEffect:
        if effect not in known:
            continue
        cases = known[effect]
        witness = min([its.witness for its in cases], key=lambda witness: len(shorten(witness)))
        found.append(
            Consequence(
                effect,
                about[0] if len(about) == 1 else pair_of(*about),
                tuple([verdict for verdict in Verdict if verdict in {its.before for its in cases}]),
                tuple([verdict for verdict in Verdict if verdict in {its.after for its in cases}]),
                of_steps(edits, _steps(pair, edits, about[0])),
                () if effect is ChangeEffect.REFUSED_OTHERWISE else tuple([its.where for its in cases]),
                (),
                _asking(pair.union.new if effect.newly else pair.union.old, about) if len(about) == 2 else (),
                (),
                Unless(),
                witness,
                shorten(witness),
            )
        )
    return found


def _steps(pair: Pair, edits: Edits, action: str) -> list[int]:
    """The steps by which rules differ that speak of an action, or of what goes along with it."""
    both = pair.union
    reached = {one for policy in (both.old, both.new) for one in companions_first(companions_of(policy), action)}

    def speaks(rule: Rule) -> bool:
        return not reached.isdisjoint(actions_of(rule))

    found = set()
    for matched in edits.rules:
        sides = [
            None if number is None else policy.rules[number]
            for policy, number in ((both.old, matched.old), (both.new, matched.new))
        ]
        if matched.step is not None and any(rule is not None and speaks(rule) for rule in sides):
            found.add(matched.step)
    return sorted(found)


def _asking(policy: TypedPolicy, about: tuple[str, ...]) -> tuple[str, ...]:
    """The rules that ask for the second action with the first, or with what goes along with that."""
    action, companion = about
    directly = [rule.name for rule in policy.rules if companion in rule.along.get(action, ())]
    through = [rule.name for rule in policy.rules if any(companion in others for others in rule.along.values())]
    return tuple(directly or through)
