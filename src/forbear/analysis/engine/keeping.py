"""Which rule of a policy keeps a promise in other cases than the one in which it is broken."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from forbear.analysis.engine.analysis import Analysis
from forbear.language.model.conditions import facts_in
from forbear.language.model.policy import Effect
from forbear.space.formulas import All, Formula, inside
from forbear.space.search.bound import BoundReached


def keeping(
    analysis: Analysis,
    action: str,
    effects: Collection[Effect],
    numbers: Iterable[int],
    facts: Collection[str],
    where: Formula,
) -> int | None:
    """A rule, of those with some `numbers`, with one of some effects on an action, that holds in some cases `where` a
    promise applies; None where there is none.

    Of several it is the one that reads the most of the `facts` that the promise reads, and the fewest others. A rule
    that reads none of them is left out, and so is one for which the search reaches its bound.
    """
    shared: dict[int, tuple[int, int]] = {}
    for number in numbers:
        rule = analysis.policy.rules[number]
        if rule.effects.get(action) in effects:
            read = set(facts_in(rule.condition))
            common = len(read.intersection(facts))
            if common or not facts:
                shared[number] = (-common, len(read) - common)
    search = analysis.searcher.spare_search()
    possible = analysis.space.possible_cases.formula
    try:
        for number in sorted(shared, key=shared.__getitem__):
            holds = inside(analysis.space.of_effect(number, analysis.policy.rules[number].effects[action]))
            if search.find(All((holds, where, possible))) is not None:
                return number
    except BoundReached:
        pass
    return None
