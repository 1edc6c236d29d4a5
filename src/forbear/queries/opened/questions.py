"""Finds the facts that still matter for an action, so that a form asks for no more than necessary.

A fact matters if two cases that differ in it alone have different answers; or in it and in facts of the same events or
dates, because some of these follow from others. The value of a question is measured as in decision trees, by its
information gain: how much less uncertain the answer is once the fact is known, as a share of the present uncertainty.
All choices of a fact are equally likely, a choice being a set of values that make no difference to each other.
Information from a comparison of two facts counts half for each.
"""

from __future__ import annotations

import typing
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property, partial, reduce
from itertools import combinations
from math import log, log1p, log2
from typing import overload

from attrs import define, evolve, field, frozen

from forbear.kernel.cases import PERMITTED
from forbear.language.model.values import fields_json, plain_json
from forbear.queries.opened.answers import Answer, Answers, Decided
from forbear.queries.opened.outcomes import Allowed, Outcome, allowed, outcome
from forbear.space.formulas import All, Among, Any, Formula, Inside, Neither, any_of, both
from forbear.space.in_words import box_text
from forbear.space.masks import lowest

# Decision diagrams: functions of the cells of some axes, each a node of which equal parts are shared.
#
# A node asks in which cell of one axis a case is, and has a child for each. Axes come in one order, no node has
# children that are all the same, and no two nodes are equal; so two functions are equal where their nodes are, and a
# function depends on an axis where a node asks for it.


MOST_NODES = 400_000
"""The most nodes: a few seconds of work."""

Node = int
"""The number of a node."""


class TooLarge(Exception):
    """A function has too many nodes."""


@define
class Diagrams:
    """Decision diagrams: the nodes of some functions over axes of these `sizes`. `level` and `children` are those of
    each node; a leaf is on the last level, and has its value for a child.
    """

    sizes: Sequence[int]
    level: list[int] = field(factory=list, init=False)
    children: list[tuple[typing.Any, ...]] = field(factory=list, init=False)
    _known: dict[tuple[int, tuple[typing.Any, ...]], Node] = field(factory=dict, init=False)

    def leaf(self, value: Hashable) -> Node:
        """The function that has one value everywhere."""
        return self._node(len(self.sizes), (value,))

    def is_leaf(self, node: Node) -> bool:
        """Returns true if a function has one value everywhere."""
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
        """Returns the function that is true if a case is in some cells of each of some axes."""
        node = self.leaf(True)
        for level in sorted(masks, reverse=True):
            cells = range(self.sizes[level])
            node = self.asking(level, [node if masks[level] >> cell & 1 else self.leaf(False) for cell in cells])
        return node

    def where(self, formula: Formula, names: Sequence[str]) -> Node:
        """Returns a formula as a function, over axes of these names. It may be nested deeper than Python has frames."""
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
        """Returns the function that remains in a cell of an axis; the first axis of the node must not be an earlier
        one.
        """
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
        """Returns the function that remains in a cell of an axis."""
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
        """Returns, for each axis, its cells in classes, as masks: a function is the same in the cells of a class."""
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


_Chances = Mapping[Answer | None, float]


@frozen
class Choice:
    """Values of a fact that make no difference to each other: as a condition in the language, and as data."""

    when: str
    values: Allowed

    def as_json(self) -> dict[str, object]:
        return {"when": self.when, **self.values.as_json()}


@frozen
class Question:
    """A fact that still matters.

    `telling` is from 0 to 1: how far this fact is expected to narrow the answer. `choices` have all its values; they
    are left out if they would show a private fact of the case (`hidden`), or if the fact is compared with another open
    fact, so that any value may make a difference."""

    fact: str
    telling: float
    choices: tuple[Choice, ...]
    hidden: bool = False

    def as_json(self) -> dict[str, object]:
        return {"fact": self.fact, "telling": round(self.telling, 4), "choices": plain_json(self.choices)}


@frozen(eq=False, repr=False)
class Questions(Sequence[Question]):
    """The facts that still matter for an action, the most decisive first; none if the verdict is settled.

    `settled` is the outcome then, whatever the open facts are; otherwise None. `permitted` is whether the action is
    permitted whatever they are; None if that is open. It may be known before the verdict is. `opened` are the facts
    that the rules on the action read and the case does not give.
    """

    action: str
    opened: tuple[str, ...]
    _questions: tuple[Question, ...]
    settled: Outcome | None
    permitted: bool | None

    @overload
    def __getitem__(self, at: int) -> Question: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Question]: ...

    def __getitem__(self, at: int | slice) -> Question | Sequence[Question]:
        return self._questions[at]

    def __len__(self) -> int:
        return len(self._questions)

    def __repr__(self) -> str:
        if self.settled is not None:
            return f"<Questions: {self.action} is {self.settled.verdict.value}>"
        return f"<Questions: {', '.join(question.fact for question in self)}>"

    def as_json(self) -> dict[str, object]:
        """Returns the questions as `forbear ask` prints them."""
        return {**fields_json(self, "action", "settled", "permitted"), "questions": plain_json(self._questions)}


def questions_of(answers: Answers, action: str, hidden: Mapping[str, str]) -> Questions:
    """Returns the questions about an action. The choices of `hidden` facts are not shown."""
    decided = answers.decided(action)
    diagrams = Diagrams([mask.bit_length() for mask in answers.cases.masks.values()])
    node = _function(decided, diagrams)
    given = diagrams.values(node) - {None}
    permits = {verdict in PERMITTED for verdict, _ in given}
    permitted = permits.pop() if len(permits) == 1 else None
    if len(given) == 1:
        return Questions(action, answers.opened, (), outcome(decided, given.pop(), [{}]), permitted)
    return Questions(action, answers.opened, tuple(_questions(decided, diagrams, node, hidden)), None, permitted)


def _questions(decided: Decided, diagrams: Diagrams, node: Node, hidden: Mapping[str, str]) -> Sequence[Question]:
    answers = decided.answers
    cases, space = answers.cases, answers.space
    names = list(cases.masks)
    classes = diagrams.classes(node)
    chances = _Chance(diagrams, classes, node)
    before = _left(chances.of[node])
    gains = {}
    for level in diagrams.asked(node):
        after = sum(map(_left, chances.within(level))) / len(classes[level])
        gains[names[level]] = max(0.0, 1 - after / before) if before else 0.0
    questions = []
    for level, (name, axis) in enumerate(space.axes.items()):
        forms = [form for form in cases.forms_of(name) if form in gains]
        if not (name in gains or forms) or not _matters(decided, diagrams, node, name):
            continue
        shown = () if name in hidden or forms else classes[level]
        choices = tuple([Choice(box_text({name: cells}, space), allowed(axis, cells)) for cells in shown])
        telling = max([gains.get(name, 0.0), *[gains[form] / 2 for form in forms]])
        questions.append(Question(name, telling, choices, name in hidden))
    questions = _of_dates(questions, answers.ages.dates)
    order = {name: place for place, name in enumerate(answers.tables.policy.facts)}
    return sorted(questions, key=lambda question: (-round(question.telling, 9), order[question.fact]))


def _function(decided: Decided, diagrams: Diagrams) -> Node:
    """Returns the answer as a function of the cells of open facts; None if there is no case."""
    names = list(decided.answers.cases.masks)
    node = diagrams.leaf(None)
    for verdict, formula in decided.by_verdict.items():
        where = diagrams.where(formula, names)
        node = diagrams.combined(lambda its, holds, answer=(verdict, ()): answer if holds else its, node, where)
    for name, formula in decided.along.items():
        where = diagrams.where(formula, names)
        node = diagrams.combined(lambda its, holds, name=name: _along(its, name) if holds else its, node, where)
    possible = diagrams.where(decided.answers.cases.possible, names)
    return diagrams.combined(lambda its, holds: its if holds else None, node, possible)


def _along(answer: Answer, companion: str) -> Answer:
    verdict, along = answer
    return verdict, (*along, companion) if verdict in PERMITTED else along


def _matters(decided: Decided, diagrams: Diagrams, node: Node, fact: str) -> bool:
    """Returns true if the answer may differ between two cases that differ in a fact alone; or, if others are tied to
    it, between two of its cells, or of the cells of a sum that contains it, whatever these are.
    """
    cases = decided.answers.cases
    names = list(cases.masks)
    tied = cases.tied(fact)
    if not tied and not cases.forms_of(fact):
        return True
    if not tied:
        permitted = any_of([decided.by_verdict[verdict] for verdict in PERMITTED])
        along = [both(asked, permitted) for asked in decided.along.values()]
        return cases.differs(fact, [*decided.by_verdict.values(), *along])
    values = diagrams.combined(lambda its: frozenset() if its is None else frozenset([its]), node)
    own = {fact, *cases.forms_of(fact)}
    for name in sorted({each for other in tied for each in (other, *cases.forms_of(other))} - own):
        values = _whatever(diagrams, values, names.index(name))
    differ = lambda left, right: bool(left and right) and len(left | right) > 1  # noqa: E731
    for name in own:
        own_values = values
        for other in own - {name}:
            own_values = _whatever(diagrams, own_values, names.index(other))
        for two in combinations(_by_cell(diagrams, own_values, names.index(name)), 2):
            if diagrams.combined(differ, *two) != diagrams.leaf(False):
                return True
    return False


def _by_cell(diagrams: Diagrams, node: Node, level: int) -> set[Node]:
    return {diagrams.at(node, level, cell) for cell in range(diagrams.sizes[level])}


def _whatever(diagrams: Diagrams, values: Node, level: int) -> Node:
    """The values that a function has in any cell of an axis, of the sets that it has in each."""
    return reduce(partial(diagrams.combined, frozenset.union), _by_cell(diagrams, values, level))


def _of_dates(questions: Sequence[Question], dates: Mapping[str, str]) -> list[Question]:
    """The questions, with one for a date in place of those for its ages, which may have any values."""
    by_fact: dict[str, Question] = {}
    for question in questions:
        name = dates.get(question.fact, question.fact)
        both = [question, *([by_fact[name]] if name in by_fact else [])]
        by_fact[name] = evolve(
            question,
            fact=name,
            telling=max(part.telling for part in both),
            choices=question.choices if name == question.fact and len(both) == 1 else (),
            hidden=any(part.hidden for part in both),
        )
    return list(by_fact.values())


def _left(chances: _Chances) -> float:
    """Returns the uncertainty of an answer, in bits: its entropy. The chance of the likeliest answer may be so near to
    1 that only the chances of the others distinguish it from 1.
    """
    possible = sorted(chance for answer, chance in chances.items() if answer is not None and chance)
    if not possible:
        return 0.0
    *others, likeliest = possible
    whole = sum(others) + likeliest
    left = likeliest / whole * log1p(sum(others) / likeliest) / log(2)
    return left - sum(chance / whole * log2(chance / whole) for chance in others)


@frozen(slots=False, eq=False)
class _Chance:
    """The likelihood of each answer, if the choices of each fact are equally likely."""

    diagrams: Diagrams
    classes: Sequence[Sequence[int]]
    root: Node

    @cached_property
    def _nodes(self) -> list[Node]:
        """Returns the nodes of the function, those of earlier axes first."""
        return sorted(self.diagrams.reached(self.root), key=self.diagrams.level.__getitem__)

    def _children(self, node: Node) -> list[Node]:
        """The child of each choice."""
        level = self.diagrams.level[node]
        return [self.diagrams.child(node, level, lowest(cells)) for cells in self.classes[level]]

    @cached_property
    def of(self) -> Mapping[Node, _Chances]:
        """The likelihood of each answer from a node on."""
        chances: dict[Node, _Chances] = {}
        for node in reversed(self._nodes):
            if self.diagrams.is_leaf(node):
                chances[node] = {self.diagrams.value(node): 1.0}
                continue
            chances_here: dict[Answer | None, float] = {}
            children = self._children(node)
            for child in children:
                for answer, chance in chances[child].items():
                    chances_here[answer] = chances_here.get(answer, 0.0) + chance / len(children)
            chances[node] = chances_here
        return chances

    @cached_property
    def _reached(self) -> Mapping[Node, float]:
        """The likelihood of each node."""
        chances = dict.fromkeys(self._nodes, 0.0)
        chances[self.root] = 1.0
        for node in self._nodes:
            children = [] if self.diagrams.is_leaf(node) else self._children(node)
            for child in children:
                chances[child] += chances[node] / len(children)
        return chances

    def within(self, level: int) -> list[_Chances]:
        """Returns the likelihood of each answer in the cells of each class of one axis."""
        whatever: dict[Answer | None, float] = {}  # where no node asks for that axis
        of_classes: list[dict[Answer | None, float]] = [{} for _ in self.classes[level]]

        def add(to: dict[Answer | None, float], node: Node, chance: float) -> None:
            for answer, its_chance in self.of[node].items():
                to[answer] = to.get(answer, 0.0) + chance * its_chance

        if self.diagrams.level[self.root] > level:
            add(whatever, self.root, 1.0)
        for node in self._nodes:
            its_level = self.diagrams.level[node]
            if its_level == level:
                for to, child in zip(of_classes, self._children(node), strict=True):
                    add(to, child, self._reached[node])
            elif its_level < level:
                children = self._children(node)
                for child in children:
                    if self.diagrams.level[child] > level:
                        add(whatever, child, self._reached[node] / len(children))
        return [
            {answer: whatever.get(answer, 0.0) + chances.get(answer, 0.0) for answer in whatever | chances}
            for chances in of_classes
        ]
