"""What the closed forms leave to z3, an SMT solver (the extra `relations`)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from importlib.util import find_spec

from forbear.space.relations.plane import Inequality
from forbear.space.search.bound import BoundReached

_MOST_WORK = 5_000_000
"""How much work z3 may do for one question, in its own units: some seconds."""


class Reason(Enum):
    """Why something about relations is not decided."""

    NO_SOLVER = "a circle of percentages takes z3, which is not installed"
    TOO_HARD = "z3 gave up"
    AGES = "ages of several dates are compared in a way that is too hard"
    SHARES_OF_THE_CLOCK = "the clock is compared in two percentages at once"


class Unsolved(BoundReached):
    """Whether there is a solution is not known."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


def least_by_z3(
    domains: Mapping[str, Sequence[tuple[int, int]]], inequalities: Iterable[Inequality], name: str | None
) -> dict[str, int] | None:
    """A solution with the least value of one variable, or some solution; None where there is none.

    Raises `Unsolved`.
    """
    if find_spec("z3") is None:
        raise Unsolved(Reason.NO_SOLVER)
    import z3

    solver = z3.Solver()
    solver.set("rlimit", _MOST_WORK)
    variables = {variable: z3.Int(variable) for variable in domains}
    for variable_name, runs in domains.items():
        solver.add(
            z3.Or([z3.And(first <= variables[variable_name], variables[variable_name] <= last) for first, last in runs])
        )
    for terms, low, high in inequalities:
        total = z3.Sum([factor * variables[variable] for variable, factor in terms])
        solver.add(*([] if low is None else [total >= low]), *([] if high is None else [total <= high]))

    def solved(*more: z3.BoolRef) -> dict[str, int] | None:
        outcome = solver.check(*more)
        if outcome == z3.unknown:
            raise Unsolved(Reason.TOO_HARD)
        if outcome == z3.unsat:
            return None
        model = solver.model()
        return {solved_name: model.eval(variable, True).as_long() for solved_name, variable in variables.items()}

    least = solved()
    if least is None or name is None:
        return least
    below = domains[name][0][0]
    while below < least[name]:
        most = (below + least[name] - 1) // 2  # halving between what is too little and what is enough
        less = solved(variables[name] <= most)
        least, below = (least, most + 1) if less is None else (less, below)
    return least
