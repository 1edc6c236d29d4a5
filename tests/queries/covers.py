"""The fewest boxes that cover some points, by brute force."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import combinations, product
from operator import or_

Point = tuple[int, ...]


def fewest(points: set[Point], allowed: set[Point], sizes: Sequence[int], most: int) -> int:
    """How few products of sets of values have all `points` and none but `allowed` ones, up to `most`, by trying all."""
    bit = {point: 1 << number for number, point in enumerate(product(*map(range, sizes)))}
    wanted, others = (sum(bit[point] for point in some) for some in (points, bit.keys() - allowed))
    if most == 1:
        return 1
    boxes = set()
    for box in product(*[range(1, 1 << size) for size in sizes]):
        cells = [[cell for cell in range(size) if mask >> cell & 1] for mask, size in zip(box, sizes, strict=True)]
        its = sum(bit[point] for point in product(*cells))
        if not its & others:
            boxes.add(its & wanted)
    widest = [box for box in boxes if not any(box != other and not box & ~other for other in boxes)]
    for number in range(1, most):
        if any(reduce(or_, chosen) == wanted for chosen in combinations(widest, number)):
            return number
    return most
