"""Cases in which a single comparison of a condition decides it: where a wrong operator or threshold must show.

For each comparison the rest of the condition is settled so that it does not matter (what stands beside it in an `and`
holds, what stands beside it in an `or` fails), and its fact then runs through all its telling values that are left.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from forbear.kernel import GridValue
from forbear.model.conditions import Always, And, Atom, Condition, Not, Or, atoms
from forbear.model.facts import Fact
from forbear.semantics.meaning import truth
from forbear.space.boundaries import boundary_values_of

Facts = Mapping[str, Fact]
Values = Mapping[str, tuple[GridValue, ...]]
"""The values that facts may still have."""


class Steps:
    """How much work is left: to settle a condition can be as hard as any puzzle."""

    def __init__(self, number: int) -> None:
        self.left = number


Wanted: TypeAlias = "tuple[Condition, bool, Wanted] | None"
"""Conditions with the truth that each shall have, as a linked list."""


def deciding_cases(condition: Condition, facts: Facts, steps: Steps) -> Iterator[dict[str, GridValue]]:
    """The cases, with values for the facts that the condition reads; fewer where the steps run out."""
    found: dict[str, list[Atom]] = {}
    for atom in atoms(condition):
        found.setdefault(atom.fact, []).append(atom)
    values: Values = {name: boundary_values_of(facts[name], its) for name, its in found.items()}
    for atom, beside in _with_what_stands_beside(condition, None, steps):
        settled = _settled(beside, values, facts, steps)
        if settled is not None:
            first = {name: kept[0] for name, kept in settled.items()}
            for value in settled[atom.fact]:
                yield {**first, atom.fact: value}


def _with_what_stands_beside(condition: Condition, beside: Wanted, steps: Steps) -> Iterator[tuple[Atom, Wanted]]:
    """Each comparison, and what makes it decide."""
    match condition:
        case Always():
            pass
        case Not(part):
            yield from _with_what_stands_beside(part, beside, steps)
        case And(parts) | Or(parts):
            neutral = isinstance(condition, And)
            for place, part in enumerate(parts):
                steps.left -= len(parts)
                if steps.left <= 0:
                    return
                others = beside
                for other in (*parts[:place], *parts[place + 1 :]):
                    others = (other, neutral, others)
                yield from _with_what_stands_beside(part, others, steps)
        case _:
            yield condition, beside


def _settled(wanted: Wanted, values: Values, facts: Facts, steps: Steps) -> Values | None:
    """What the facts may be where every condition has the truth that it shall have; None if no way was found."""
    ways = [(wanted, values)]
    while ways and steps.left > 0:
        left, kept = ways.pop()
        while left is not None:
            steps.left -= 1
            condition, truly, left = left
            match condition:
                case Always():
                    if not truly:
                        break
                case Not(part):
                    left = (part, not truly, left)
                case And(parts) | Or(parts) if isinstance(condition, And) == truly:
                    for part in parts:
                        left = (part, truly, left)
                case And(parts) | Or(parts):
                    ways += [((part, truly, left), kept) for part in parts[1:]]
                    left = (parts[0], truly, left)
                case _:
                    name = condition.fact
                    some = tuple([value for value in kept[name] if truth(condition, facts, {name: value}) is truly])
                    if not some:
                        break
                    kept = {**kept, name: some}
        else:
            return kept
    return None
