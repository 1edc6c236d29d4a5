"""Cases in which a single comparison decides a condition, so that a wrong operator or threshold must show.

For each comparison, the rest of the condition gets values with which it does not matter: its siblings in an `and` hold,
those in an `or` fail. The fact of the comparison then takes each boundary value that is still possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, permutations, product
from typing import TypeAlias

from forbear.kernel.cases import GridValue
from forbear.language.model.conditions import Always, And, Atom, Condition, Not, Or, atoms, facts_of
from forbear.language.model.facts import Fact
from forbear.language.model.relations import Related, meeting
from forbear.semantics.meaning import truth
from forbear.space.boundaries import boundary_values_of

Facts = Mapping[str, Fact]
Values = Mapping[str, tuple[GridValue, ...]]
"""The values that are still possible, by fact."""


class Steps:
    """The amount of work left. Finding values that satisfy a condition is NP-hard."""

    def __init__(self, number: int) -> None:
        self.left = number


Goals: TypeAlias = "tuple[Condition, bool, Goals] | None"
"""Conditions, each with the truth value that it must have, as a linked list."""


def deciding_cases(condition: Condition, facts: Facts, steps: Steps) -> Iterator[dict[str, GridValue]]:
    """The cases, with values for the facts that the condition reads. There are fewer if the steps run out."""
    by_fact: dict[str, list[Atom]] = {}
    for atom in atoms(condition):
        for name in facts_of(atom):
            by_fact.setdefault(name, []).append(atom)
    values: Values = {name: boundary_values_of(facts[name], compared) for name, compared in by_fact.items()}
    for atom, goals in _with_goals(condition, None, steps):
        solved = _solved(goals, values, facts, steps)
        if solved is not None:
            first = {name: remaining[0] for name, remaining in solved.items()}
            if isinstance(atom, Related):
                yield from _around(atom, first, solved, facts)
                continue
            for value in solved[atom.fact]:
                yield {**first, atom.fact: value}


def _around(
    atom: Related, first: Mapping[str, GridValue], solved: Values, facts: Facts
) -> Iterator[dict[str, GridValue]]:
    """Cases in which one fact meets the others, for each value that is possible of each of those."""
    for name, varied in permutations(atom.facts, 2):
        for value in solved[varied]:
            near: list[GridValue] = [*meeting(atom, name, {**first, varied: value}, facts)]
            for met in (*(near or [first[name]]), *([None] if None in solved[name] else [])):
                yield {**first, varied: value, name: met}


def _with_goals(condition: Condition, goals: Goals, steps: Steps) -> Iterator[tuple[Atom, Goals]]:
    """Each comparison, with the goals under which it decides the whole condition."""
    match condition:
        case Always():
            pass
        case Not(part):
            yield from _with_goals(part, goals, steps)
        case And(parts) | Or(parts):
            neutral = isinstance(condition, And)
            for place, part in enumerate(parts):
                steps.left -= len(parts)
                if steps.left <= 0:
                    return
                more = goals
                for sibling in (*parts[:place], *parts[place + 1 :]):
                    more = (sibling, neutral, more)
                yield from _with_goals(part, more, steps)
        case _:
            yield condition, goals


def _solved(goals: Goals, values: Values, facts: Facts, steps: Steps) -> Values | None:
    """The values with which all goals are met; None if none were found."""
    ways = [(goals, values)]
    while ways and steps.left > 0:
        left, remaining = ways.pop()
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
                    ways += [((part, truly, left), remaining) for part in parts[1:]]
                    left = (parts[0], truly, left)
                case Related():
                    names = condition.facts
                    every = product(*[remaining[name] for name in names])
                    tried = (dict(zip(names, values, strict=True)) for values in islice(every, steps.left))
                    met = next((case for case in tried if truth(condition, facts, case) is truly), None)
                    if met is None:
                        break
                    remaining = {**remaining, **{name: (value,) for name, value in met.items()}}
                case _:
                    name = condition.fact
                    fitting = tuple(
                        [value for value in remaining[name] if truth(condition, facts, {name: value}) is truly]
                    )
                    if not fitting:
                        break
                    remaining = {**remaining, name: fitting}
        else:
            return remaining
    return None
