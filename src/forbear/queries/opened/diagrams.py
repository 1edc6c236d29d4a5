"""Decision diagrams: functions of the cells of some axes, each a node of which equal parts are shared.

A node asks in which cell of one axis a case is, and has a child for each. Axes come in one order, no node has children
that are all the same, and no two nodes are equal; so two functions are equal where their nodes are, and a function
depends on an axis where a node asks for it.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import partial, reduce

from attrs import define, field

from forbear.space.formulas import All, Among, Any, Formula, Inside, Neither

MOST_NODES = 400_000
"""The most nodes: a few seconds of work."""

Node = int
"""The number of a node."""


class TooLarge(Exception):
    """A function has too many nodes."""


@define
class Diagrams:
    """The nodes of some functions over axes of these `sizes`. `level` and `children` have those of each node; a leaf is
    on the last level, and has its value for a child."""

    sizes: Sequence[int]
    level: list[int] = field(factory=list, init=False)
    children: list[tuple[typing.Any, ...]] = field(factory=list, init=False)
    _known: dict[tuple[int, tuple[typing.Any, ...]], Node] = field(factory=dict, init=False)

    def leaf(self, value: Hashable) -> Node:
        """The function that has one value everywhere."""
        return self._node(len(self.sizes), (value,))

    def is_leaf(self, node: Node) -> bool:
        """Whether a function has one value everywhere."""
        return self.level[node] == len(self.sizes)

    def value(self, leaf: Node) -> typing.Any:
        """The value of a leaf."""
        return self.children[leaf][0]

    def asking(self, level: int, children: Sequence[Node]) -> Node:
        """The function that has the value of the child of a case's cell. The children ask for later axes alone."""
        if all(child == children[0] for child in children):
            return children[0]
        return self._node(level, tuple(children))

    def within(self, masks: Mapping[int, int]) -> Node:
        """Whether a case is in some cells of each of some axes."""
        node = self.leaf(True)
        for level in sorted(masks, reverse=True):
            cells = range(self.sizes[level])
            node = self.asking(level, [node if masks[level] >> cell & 1 else self.leaf(False) for cell in cells])
        return node

    def where(self, formula: Formula, names: Sequence[str]) -> Node:
        """Whether a formula holds, over axes of these names. It may be nested deeper than Python has frames."""
        levels = {name: level for level, name in enumerate(names)}
        known: dict[int, Node] = {}
        waiting = [formula]
        while waiting:
            part = waiting[-1]
            if isinstance(part, Inside | Among):
                nodes = [self.within({levels[name]: mask for name, mask in box.items()}) for box in part.boxes]
            else:
                assert isinstance(part, All | Any | Neither)
                missing = [inner for inner in part.parts if id(inner) not in known]
                if missing:
                    waiting += missing
                    continue
                nodes = [known[id(inner)] for inner in part.parts]
            waiting.pop()
            every = isinstance(part, All)
            joined = reduce(partial(self.combined, _both if every else _either), nodes, self.leaf(every))
            known[id(part)] = self.combined(lambda holds: not holds, joined) if isinstance(part, Neither) else joined
        return known[id(formula)]

    def _node(self, level: int, children: tuple[typing.Any, ...]) -> Node:
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

        known: dict[tuple[Node, ...], Node] = {}
        waiting = [nodes]
        while waiting:
            parts = waiting[-1]
            level = min([self.level[part] for part in parts])
            if level == len(self.sizes):
                known[waiting.pop()] = self.leaf(function(*[self.value(part) for part in parts]))
                continue
            cells = range(self.sizes[level])
            of_cells = [tuple([self.child(part, level, cell) for part in parts]) for cell in cells]
            missing = [part for part in of_cells if part not in known]
            if missing:
                waiting += missing
            else:
                known[waiting.pop()] = self.asking(level, [known[part] for part in of_cells])
        return known[nodes]

    def at(self, node: Node, level: int, cell: int) -> Node:
        """What a function is in a cell of an axis."""
        known: dict[Node, Node] = {}
        for inner in sorted(self.reached(node), key=self.level.__getitem__, reverse=True):
            of_cells = self.children[inner]
            if self.level[inner] < level:
                known[inner] = self.asking(self.level[inner], [known[child] for child in of_cells])
            else:
                known[inner] = known[of_cells[cell]] if self.level[inner] == level else inner
        return known[node]

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

    def values(self, node: Node) -> set[typing.Any]:
        """The values of a function."""
        return {self.value(inner) for inner in self.reached(node) if self.is_leaf(inner)}

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
