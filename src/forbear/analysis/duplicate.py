"""`duplicate` and `subsumed`: a rule that adds nothing to another.

r adds nothing to s if each effect of r on an action is one of s too, and r's region lies within that of s for each
such effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from forbear.analysis.pairs import common_case
from forbear.analysis.view import Candidate, View
from forbear.diagnostic import Diagnostic, Label
from forbear.policy.typed import Effect
from forbear.space.search import Formula


def duplicates(view: View) -> Iterator[Candidate | int]:
    """A candidate for each two rules that add nothing to each other, or how many more there are."""
    smaller = view.smaller
    pairs = sorted((one, other) for one, other in smaller if one < other and (other, one) in smaller)
    yield from _told_or_counted(view, pairs, "duplicate")


def subsumed(view: View) -> Iterator[Candidate | int]:
    """A candidate for each rule that adds nothing to a larger one, or how many more there are. Two safeguards are left
    out."""
    smaller = view.smaller
    safeguards = {n for n, rule in enumerate(view.policy.rules) if set(rule.effects.values()) == {Effect.NEVER}}
    pairs = sorted(
        (one, other)
        for one, other in smaller
        if (other, one) not in smaller and not (one in safeguards and other in safeguards)
    )
    yield from _told_or_counted(view, pairs, "subsumed")


def _told_or_counted(view: View, pairs: Sequence[tuple[int, int]], code: str) -> Iterator[Candidate | int]:
    for told, (one, other) in enumerate(pairs):
        if code in view.counting:
            yield len(pairs) - told
            return
        yield _candidate(view, one, other, code)


def _candidate(view: View, one: int, other: int, code: str) -> Candidate:
    """`one` adds nothing to `other`."""
    rules = view.policy.rules
    first, second = sorted((one, other))
    shown, beside = (second, first) if code == "duplicate" else (one, other)

    def find(more: Formula) -> Diagnostic | None:
        box = common_case(view, view.of_rule(one), more)
        if box is None:
            return None
        if code == "duplicate":
            message = f"`{rules[first].name}` and `{rules[second].name}` say the same"
            help = "take one of the two out"
        else:
            message = f"`{rules[one].name}` adds nothing to `{rules[other].name}`, which says the same in more cases"
            help = f"take `{rules[one].name}` out, or make one of the two conditions what was meant"
        if rules[one].overrides or rules[other].overrides:
            help = "one of them overrides others: look at that before you take one out"
        return Diagnostic(
            code=code,
            message=message,
            place=rules[shown].body,
            help=help,
            related=(Label(rules[beside].body, f"`{rules[beside].name}`"),),
            rules=(rules[first].name, rules[second].name),
            actions=tuple(rules[one].effects),
            subsumed=rules[one].name if code == "subsumed" else None,
            witness=view.witness(box),
        )

    return Candidate((rules[first].name, rules[second].name), find)
