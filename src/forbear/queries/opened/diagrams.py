"""Decision diagrams: functions of the cells of some axes, each a node of which equal parts are shared.

A node asks in which cell of one axis a case is, and has a child for each. Axes come in one order, no node has children
that are all the same, and no two nodes are equal; so two functions are equal where their nodes are, and a function
depends on an axis where a node asks for it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

from attrs import define, field

MOST_NODES = 400_000
"""The most nodes: a few seconds of work."""

Node = int
"""The number of a node."""

_Key = TypeVar("_Key", bound=Hashable)


class TooLarge(Exception):
    """A function has too many nodes."""


@define
class Diagrams:
    """The nodes of some functions over axes of these `sizes`. `level` and `children` have those of each node; a leaf is
    on the last level, and has its value for a child."""

    sizes: Sequence[int]
    level: list[int] = field(factory=list, init=False)
    children: list[tuple[Any, ...]] = field(factory=list, init=False)
    _known: dict[tuple[int, tuple[Any, ...]], Node] = field(factory=dict, init=False)

    def leaf(self, value: Hashable) -> Node:
        """The function that has one value everywhere."""
        return self._node(len(self.sizes), (value,))

    def is_leaf(self, node: Node) -> bool:
        """Whether a function has one value everywhere."""
        return self.level[node] == len(self.sizes)

    def value(self, leaf: Node) -> Any:
        """The value of a leaf."""
        return self.children[leaf][0]

    def asking(self, level: int, children: Sequence[Node]) -> Node:
        """The function that has the value of the child of a case's cell. The children ask for later axes alone."""
        if all(child == children[0] for child in children):
            return children[0]
        return self._node(level, tuple(children))

    def cells(self, level: int, mask: int) -> Node:
        """Whether a case is in some cells of an axis."""
        return self.asking(level, [self.leaf(bool(mask >> cell & 1)) for cell in range(self.sizes[level])])

    def _node(self, level: int, children: tuple[Any, ...]) -> Node:
        key = (level, children)
        node = self._known.get(key)
        if node is None:
            if len(self.level) >= MOST_NODES:
                raise TooLarge
            node = self._known[key] = len(self.level)
            self.level.append(level)
            self.children.append(children)
        return node

    def child(self, node: Node, level: int, cell: int) -> Node:
        """What a function is in a cell of an axis; no node before it may ask for another."""
        child: Node = self.children[node][cell] if self.level[node] == level else node
        return child

    def combined(self, function: Callable[..., Hashable], *nodes: Node) -> Node:
        """The function of the values of some functions."""

        def children(parts: tuple[Node, ...]) -> tuple[int, list[tuple[Node, ...]]]:
            level = min([self.level[part] for part in parts])
            cells = range(self.sizes[level] if level < len(self.sizes) else 0)
            return level, [tuple([self.child(part, level, cell) for part in parts]) for cell in cells]

        return self._built(nodes, children, lambda leaves: self.leaf(function(*[self.value(leaf) for leaf in leaves])))

    def _built(
        self,
        root: _Key,
        children: Callable[[_Key], tuple[int, list[_Key]]],
        leaf: Callable[[_Key], Node],
    ) -> Node:
        """The function of a key: that of a leaf, or one that asks at a level for the functions of other keys. There may
        be more levels than Python has frames."""
        known: dict[_Key, Node] = {}
        waiting = [root]
        while waiting:
            key = waiting[-1]
            level, parts = children(key)
            missing = [part for part in parts if part not in known]
            if missing:
                waiting += missing
                continue
            waiting.pop()
            if key not in known:
                known[key] = self.asking(level, [known[part] for part in parts]) if parts else leaf(key)
        return known[root]

    def all_of(self, nodes: Sequence[Node]) -> Node:
        """Where all of some functions are true."""
        return reduce(lambda left, right: self.combined(_both, left, right), nodes, self.leaf(True))

    def any_of(self, nodes: Sequence[Node]) -> Node:
        """Where one of some functions is true."""
        return reduce(lambda left, right: self.combined(_either, left, right), nodes, self.leaf(False))

    def within(self, node: Node, cells: Mapping[int, int]) -> Node:
        """What a function is in these cells, by axis."""

        def children(inner: Node) -> tuple[int, list[Node]]:
            level = self.level[inner]
            of_cells: tuple[Node, ...] = () if self.is_leaf(inner) else self.children[inner]
            return level, [of_cells[cells[level]]] if of_cells and level in cells else [*of_cells]

        return self._built(node, children, lambda inner: inner)

    def reached(self, node: Node) -> Iterator[Node]:
        """The nodes of a function, each once."""
        met = {node}
        waiting = [node]
        while waiting:
            current = waiting.pop()
            yield current
            for child in () if self.is_leaf(current) else self.children[current]:
                if child not in met:
                    met.add(child)
                    waiting.append(child)

    def asked(self, node: Node) -> set[int]:
        """The axes on which a function depends."""
        return {self.level[inner] for inner in self.reached(node) if not self.is_leaf(inner)}

    def values(self, node: Node) -> set[Any]:
        """The values of a function."""
        return {self.value(inner) for inner in self.reached(node) if self.is_leaf(inner)}

    def boxes(self, node: Node) -> Iterator[tuple[dict[int, int], Any]]:
        """Boxes that have no case in common and together all, each with the value in it: masks by axis."""
        waiting: list[tuple[dict[int, int], Node]] = [({}, node)]
        while waiting:
            box, inner = waiting.pop()
            if self.is_leaf(inner):
                yield box, self.value(inner)
                continue
            masks: dict[Node, int] = {}
            for cell, child in enumerate(self.children[inner]):
                masks[child] = masks.get(child, 0) | 1 << cell
            waiting += [({**box, self.level[inner]: mask}, child) for child, mask in reversed(masks.items())]

    def classes(self, node: Node) -> list[list[int]]:
        """For each axis its cells in classes, as masks: a function is the same in the cells of a class."""
        of_level: list[list[Node]] = [[] for _ in self.sizes]
        for inner in self.reached(node):
            if not self.is_leaf(inner):
                of_level[self.level[inner]].append(inner)
        classes = []
        for level, size in enumerate(self.sizes):
            alike: dict[tuple[Node, ...], int] = {}
            for cell in range(size):
                key = tuple([self.children[inner][cell] for inner in of_level[level]])
                alike[key] = alike.get(key, 0) | 1 << cell
            classes.append(list(alike.values()))
        return classes


def _both(left: bool, right: bool) -> bool:
    return left and right


def _either(left: bool, right: bool) -> bool:
    return left or right
