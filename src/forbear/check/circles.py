"""Orders names so that each follows those that it uses, and finds the circles in which some use each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator


def in_order(names: Iterable[str], used_by: Callable[[str], Iterable[str]]) -> Iterator[str | list[str]]:
    """Yields each name after those that it uses; the names of a circle come together, each before the one that it uses.

    Depth first, so that every circle is found: `graphlib` reports only one circle of a graph.
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
