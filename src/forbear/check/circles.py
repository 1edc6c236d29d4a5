"""Names each after those that it uses, and the circles in which some use each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def in_order(names: Iterable[str], used_by: Callable[[str], Iterable[str]]) -> Iterator[str | list[str]]:
    """Each name after those that it uses; of a circle all names together, each before the one that it uses.

    Depth first, so that every circle is found: `graphlib` names one circle of a graph and no more.
    """
    done: set[str] = set()
    for first in names:
        path: dict[str, Iterator[str]] = {first: iter(used_by(first))}
        while path:
            name, left = next(reversed(path.items()))
            used = None if name in done else next((used for used in left if used not in done), None)
            if used is None:
                path.popitem()
                if name not in done:
                    done.add(name)
                    yield name
            elif used in path:
                around = [*path]
                circle = around[around.index(used) :]
                done.update(circle)
                yield circle
            else:
                path[used] = iter(used_by(used))
