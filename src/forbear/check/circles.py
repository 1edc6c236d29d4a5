"""Orders names so that each follows those that it uses, and finds the circles in which some use each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from forbear.base.diagnostic import Diagnostic, Label
from forbear.base.source import Place
from forbear.language.model.messages import diagnosis


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


def circular(text: str, circle: Sequence[str], place_of: Callable[[str], Place]) -> Diagnostic:
    """The diagnostic of names that use each other in a circle."""
    first, *further = (Label(place_of(name), f"`{name}`") for name in circle)
    return diagnosis(text, first.place, first=first.text, through=[*circle[1:]], related=tuple(further))
