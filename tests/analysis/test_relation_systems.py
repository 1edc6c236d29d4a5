"""Systems of inequalities over whole numbers: against all values of small ones, and against z3 on large ones."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator

import pytest
import z3

from forbear.space.relations import systems
from forbear.space.relations.systems import Reason, Strip, System, Unsolved, least_by_z3, nearest, solution
from forbear.space.search.bound import Bound, BoundReached

NAMES = ("a", "b", "c", "d")


def runs(chosen: random.Random, low: int, high: int) -> list[tuple[int, int]]:
    ends = sorted(chosen.sample(range(low, high + 1), chosen.choice((2, 2, 4))))
    pairs = list(zip(ends[::2], ends[1::2], strict=True))
    return pairs if len(pairs) == 1 or pairs[0][1] + 1 < pairs[1][0] else [(ends[0], ends[-1])]


def system(chosen: random.Random, wide: int, factors: tuple[int, ...], signed: bool = False, most: int = 2) -> System:
    names = NAMES[: chosen.randrange(1, 5)]
    strips = []
    for _ in range(chosen.randrange(0, 6)):
        terms = chosen.sample(names, min(len(names), most if most == 2 else chosen.randint(1, most)))
        factor = [
            chosen.choice(factors) * (-1) ** (place if not signed else chosen.randrange(2)) for place in range(most)
        ]
        low = chosen.randrange(-wide, wide)
        ends = chosen.choice(((low, None), (None, low), (low, low + chosen.randrange(0, 4)), (low, low)))
        strips.append(Strip(tuple(zip(terms, factor, strict=False)), *ends))
    return System({name: runs(chosen, -wide, wide) for name in names}, strips)


def holds(strip: Strip, values: dict[str, int]) -> bool:
    total = sum(factor * values[name] for name, factor in strip.terms)
    return (strip.low is None or strip.low <= total) and (strip.high is None or total <= strip.high)


def is_solution(its: System, values: dict[str, int]) -> bool:
    known = all(any(low <= values[name] <= high for low, high in runs) for name, runs in its.domains.items())
    return known and all(holds(strip, values) for strip in its.strips)


def solutions(its: System) -> Iterator[dict[str, int]]:
    each = [[v for low, high in runs for v in range(low, high + 1)] for runs in its.domains.values()]
    for values in itertools.product(*each):
        case = dict(zip(its.domains, values, strict=True))
        if all(holds(strip, case) for strip in its.strips):
            yield case


def plenty() -> Bound:
    return Bound(10**9)


@pytest.mark.parametrize("factors", [(1,), (1, 2), (3, 5, 7, 10)])
@pytest.mark.parametrize(("signed", "most"), [(False, 2), (True, 2), (True, 4)])
def test_small_systems_are_solved_as_by_trying_all_values(factors: tuple[int, ...], signed: bool, most: int) -> None:
    chosen = random.Random(f"{factors}{signed}" if most == 2 else f"{factors}{most}")
    solvable = 0
    for _ in range(400):
        its = system(chosen, 6, factors, signed, most)
        every = list(solutions(its))
        found = solution(its, plenty())
        assert (found is not None) == bool(every), its
        assert found is None or found in every
        solvable += bool(every)
        wanted = {name: chosen.randrange(-6, 7) for name in its.domains}
        # The first value as near as can be, then the second, and so on; the lower one of two that are as near.
        best = min(
            every,
            key=lambda case: [(abs(case[n] - wanted[n]), case[n]) for n in wanted],
            default=None,
        )
        assert nearest(its, wanted, plenty()) == best
    assert 40 < solvable < 360


@pytest.mark.parametrize("equations", [1, 2])
def test_equations_of_three_values_are_solved_as_by_trying_all_values(equations: int) -> None:
    chosen = random.Random(equations)
    solvable = 0
    for _ in range(60):
        its = system(chosen, 4, (1,))
        names = chosen.sample(NAMES, 4)
        threes = [
            Strip(((names[0], 1), (names[1], -1), (names[2], 1)), 0, 0),
            Strip(((names[3], 1), (names[1], -1), (names[2], 1)), 1, 1),
        ]
        domains = {name: runs(chosen, -4, 4) for name in NAMES}
        its = System({**domains, **its.domains}, [*its.strips[:2], *threes[:equations]])
        every = list(solutions(its))
        wanted = {name: chosen.randrange(-4, 5) for name in its.domains}
        best = min(every, key=lambda case: [(abs(case[n] - wanted[n]), case[n]) for n in wanted], default=None)
        assert nearest(its, wanted, plenty()) == best, its
        found = solution(its, plenty())
        assert (found is not None) == bool(every), its
        assert found is None or found in every, its
        solvable += bool(every)
    assert 5 < solvable < 60


@pytest.mark.parametrize("factors", [(1,), (1, 10), (1, 9_999, 10_000), (7, 100, 1_001)])
def test_large_systems_are_solved_as_by_z3(factors: tuple[int, ...]) -> None:
    chosen = random.Random(f"{factors}")
    solvable = asked = 0
    for _ in range(150):
        its = system(chosen, 10 ** chosen.choice((3, 6, 15)), factors)
        solver = z3.Solver()
        solver.set("rlimit", 5_000_000)
        variables = {name: z3.Int(name) for name in its.domains}
        for name, runs in its.domains.items():
            solver.add(z3.Or([z3.And(low <= variables[name], variables[name] <= high) for low, high in runs]))
        for strip in its.strips:
            total = z3.Sum([factor * variables[name] for name, factor in strip.terms])
            solver.add(*([] if strip.low is None else [total >= strip.low]))
            solver.add(*([] if strip.high is None else [total <= strip.high]))
        found = solution(its, plenty())
        assert found is None or is_solution(its, found)
        expected = solver.check()
        if expected != z3.unknown:
            asked += 1
            assert (found is not None) == (expected == z3.sat), its
            solvable += found is not None
    assert asked > 100
    assert solvable > 10


def test_bounds_that_rise_for_long_rise_to_the_least_solution_at_once() -> None:
    """0.01 % below a and 1 above: three values that approach 10,000 by one step in each round."""
    circle = [Strip((("a", 10_000), ("c", -9_999)), 10_000, None), Strip((("b", 1), ("a", -1)), 0, None)]
    circle.append(Strip((("c", 1), ("b", -1)), 0, None))
    far = {name: [(0, 10**15)] for name in "abc"}
    assert nearest(System(far, circle), {}, Bound(20_000)) == dict.fromkeys("abc", 10_000)


def test_bounds_that_rise_without_end_end() -> None:
    far = [(-(10**15), 10**15)]
    circle = [Strip((("a", 1), ("b", -1)), 1, None), Strip((("b", 1), ("c", -1)), 0, None)]
    circle.append(Strip((("c", 1), ("a", -1)), 0, None))
    bound = Bound(1_000)
    assert solution(System(dict.fromkeys("abc", far), circle), bound) is None
    # 0.01 % of b is above a, and 0.0100001 % below: nothing near, and something far away.
    narrow = [Strip((("a", 10_000_000), ("b", -1_000)), 1, None), Strip((("a", 10_000_000), ("b", -1_001)), None, -1)]
    found = solution(System({"a": [(0, 10**15)], "b": [(0, 10**15)]}, narrow), Bound(100_000))
    assert found is not None
    assert 10_000_000 * found["a"] - 1_001 * found["b"] <= -1
    # An equation that has no solution in whole numbers, in a plane of 10^30 points.
    odd = [Strip((("a", 10_000), ("b", -9_998)), 1, 1)]
    assert solution(System({"a": far, "b": far}, odd), Bound(10_000)) is None
    even = [Strip((("a", 10_000), ("b", -9_999)), 1, 1)]
    assert nearest(System({"a": far, "b": far}, even), {"a": 20_000}, Bound(100_000)) == {"a": 19_999, "b": 20_001}


def test_differences_that_contradict_each_other_do_so_among_percentages_too() -> None:
    """Minutes are above the calls and no more than these, of which each has one to three, and some are of today."""
    far = [(0, 10**12)]
    strips = [
        Strip((("minutes", 1), ("calls", -1)), 1, None),
        Strip((("minutes", 1), ("calls", -1)), None, 0),
        Strip((("calls", 3), ("minutes", -1)), 0, None),
        Strip((("calls", 1), ("today", -1)), 0, None),
    ]
    assert solution(System(dict.fromkeys(("minutes", "calls", "today"), far), strips), Bound(1_000)) is None


def test_what_is_left_to_z3_says_so_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = System({name: [(0, 10**6)] for name in "abc"}, [Strip((("a", 6), ("b", 10), ("c", 15)), 31, 31)])
    with_it = solution(slow, Bound(10**9))
    monkeypatch.setattr(systems, "find_spec", lambda name: None)
    with pytest.raises(Unsolved) as raised:
        solution(slow, plenty())
    assert raised.value.reason is Reason.NO_SOLVER
    assert with_it is not None
    assert is_solution(slow, with_it)


def _slow() -> System:
    """Sums of three values with one sign, each of two runs: no least solution."""
    pairs = (("a", "b"), ("b", "c"), ("a", "c"))
    strips = [Strip(((one, 1), (other, 1)), 7, 12) for one, other in pairs]
    return System({name: [(0, 3), (6, 9)] for name in "abc"}, strips)


def test_all_work_is_bounded() -> None:
    with pytest.raises(BoundReached):
        solution(_slow(), Bound(5))


def test_z3_finds_the_least_value() -> None:
    chosen = random.Random(5)
    for _ in range(60):
        its = system(chosen, 6, (1, 2, 3), signed=True)
        if all(len(strip.terms) == 2 for strip in its.strips):
            name = chosen.choice(list(its.domains))
            found = least_by_z3(its.domains, its.strips, name)
            every = list(solutions(its))
            assert (None if found is None else found[name]) == min([case[name] for case in every], default=None)
            some = least_by_z3(its.domains, its.strips, None)
            assert (some is not None) == bool(every)
            assert some is None or some in every
