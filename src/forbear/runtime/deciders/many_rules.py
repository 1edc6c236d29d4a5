"""Many rules: from the cells of a case to decisions, by rows of bits.

The rules on each action are side by side in a row (`action_rules.py`), in partitions by a fact in which they are
narrow, such as days: each row then has only the rules that can hold in one part of that fact's cells
(`space/lookup/partitions.py`). `partition.py` decides from the rules that hold.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, partial
from typing import Any

from attrs import frozen

from forbear.kernel import InPart, Value
from forbear.lowered.from_policy import Lowered
from forbear.predicates import reading
from forbear.predicates.specs import Specs
from forbear.runtime.deciders.action_rules import decide_with_unknowns, permits
from forbear.runtime.deciders.few_rules import FewRules
from forbear.runtime.deciders.method import LazyDecisions
from forbear.runtime.deciders.partition import Partition, partition
from forbear.runtime.decision import Decision
from forbear.space.axes import DAY, Space, space_of
from forbear.space.lookup.cell_rows import MOST_BITS, Rows, TooWide, looked_up
from forbear.space.lookup.cells import cells as cells_of
from forbear.space.lookup.partitions import partitioned, whole
from forbear.space.regions import RuleRegions, TooManyBoxes, rule_regions

Cells = tuple[int, ...]
TOO_MANY_ALTERNATIVES = (TooManyBoxes, TooWide)
"""What is raised where rows of bits would be too many, or too wide."""


@frozen
class _InPart:
    """The key of a case in which a number is known in part: that of the method of few rules."""

    key: int


class ManyRules:
    """A method whose key is the cells of the facts, followed by the period where the policy has dates.

    Where it has none, and no fact can be unknown, the key is direct, the answer itself: the decisions, or whether the
    policy's one action is permitted. A case in which a number is known in part is left to the method of few rules.

    Raises one of `TOO_MANY_ALTERNATIVES` where the conditions have too many of them for this method.
    """

    memoised = False

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        space = space_of(tables.lowered)
        self._starts = space.starts
        self._actions = tables.actions
        self._optional = [
            (place, name, len(space.axes[name].first))
            for place, name in enumerate(tables.needed)
            if space.axes[name].fact.optional
        ]
        direct = not self._optional and not space.starts
        self.decide: Callable[[Any], Decision] = partial(Decision, tables.actions) if direct else self._decide
        self.permits: Callable[[Any], bool] = bool if direct else self._permits
        regions = dict(enumerate(_regions(tables.lowered, space)))
        # The row of one action is read as one number, and a long number costs no more to read.
        divided = partitioned(regions, space) if whole_case else whole(regions)
        parts: list[Partition] = []
        most = MOST_BITS
        for part_regions in divided.regions:
            parts.append(partition(tables, part_regions, space, most, optional=bool(self._optional)))
            most -= parts[-1].bits
        certain = [(part, part.certain) for part in parts]
        possible = [(part, part.possible) for part in parts]
        place = None if divided.axis is None else [*tables.needed, DAY].index(divided.axis)
        cell, used = cells_of(space, tables.needed)
        if direct:
            lines, names = looked_up(certain, divided.of_cell, place, cell)
            key, constants = ("found.known(holding)", {}) if whole_case else _permitted(parts[0])
            used.update({**names, **constants})
            body = reading.statements(*lines)
        else:
            self._certain = _lookup(certain, divided.of_cell, place)
            self._possible = _lookup(possible, divided.of_cell, place)
            cells = "".join([f"{cell(number)}, " for number in range(len(tables.needed))])
            body, key = [], f"({cells})"
        self._parts = parts
        self._body, self._key, self._used = body, key, used
        self._tables = tables
        self._whole_case = whole_case
        self._direct = direct

    def of_case(self, answer: Callable[[Any], Any] | None) -> Callable[[object], Any]:
        """The fast path: from a case as given to the answer of its key, or to the key."""
        called = None if answer is bool else answer  # a direct key is a truth already
        return reading.of_case(self._tables, self._body, self._key, self._used, called, whole=self._whole_case)

    @cached_property
    def _of_values(self) -> Callable[..., Any]:
        return reading.of_values(self._tables.needed, self._body, self._key, self._used)

    @cached_property
    def _few_rules(self) -> FewRules:
        return FewRules(self._tables, whole_case=self._whole_case)

    def prepare(self) -> None:
        """Compiles the slow path, that of numbers known in part where there are any, and the answers of each part."""
        _ = self._of_values, [part.known for part in self._parts]
        if any(self._tables.facts[name].cuts is not None for name in self._tables.needed):
            self._few_rules.prepare()

    def of_values(self, *values: Value) -> Any:
        """The slow path: from the values of the needed facts to the key."""
        if InPart in map(type, values):
            key = self._few_rules.of_values(*values)
            if not self._direct:
                return _InPart(key)
            return self._few_rules.decide(key) if self._whole_case else self._few_rules.permits(key)
        return self._of_values(*values)

    def on_day(self, cells: Any, day: int) -> Any:
        """The key for a day (an ordinal): the cells, and the number of the period that has the day."""
        if isinstance(cells, _InPart):
            return _InPart(self._few_rules.on_day(cells.key, day))
        return (*cells, bisect_right(self._starts, day) - 1) if self._starts else cells

    def _decide(self, key: Any) -> Decision:
        if isinstance(key, _InPart):
            return self._few_rules.decide(key.key)
        part, certain = self._certain(key)
        unknown = frozenset([name for place, name, absent in self._optional if key[place] == absent])
        if not unknown:
            return Decision(self._actions, part.known(certain))
        _, possible = self._possible(key)
        return Decision(
            self._actions,
            LazyDecisions(
                self._actions,
                lambda action: decide_with_unknowns(part.actions[action], certain, possible, unknown),
            ),
        )

    def _permits(self, key: Any) -> bool:
        if isinstance(key, _InPart):
            return self._few_rules.permits(key.key)
        part, certain = self._certain(key)
        _, possible = self._possible(key)
        (rules,) = part.actions.values()
        return permits(rules, certain, possible)


def _permitted(part: Partition) -> tuple[str, reading.Context]:
    """An expression for whether the one action is permitted, and the names that it uses.

    It calls nothing where no rule is overridden: a call would take a fifth of the time of such an answer.
    """
    (rules,) = part.actions.values()
    if rules.overridden:
        return "PERMITS(RULES, holding, holding)", {"PERMITS": permits, "RULES": rules}
    return "PERMITTING <= holding < REFUSING", {"PERMITTING": rules.permitting, "REFUSING": rules.refusing}


def _lookup(
    parts: Sequence[tuple[Partition, Rows]], of_cell: Sequence[int], place: int | None
) -> Callable[[Cells], tuple[Partition, int]]:
    """From the cells of a case to its partition, and the bits of the rules that hold in its row."""
    lines, used = looked_up(parts, of_cell, place, lambda number: f"cells[{number}]")
    return reading.compiled("lookup", ["cells"], reading.statements(*lines, "return found, holding"), used)


def _regions(lowered: Lowered, space: Space) -> Iterator[RuleRegions]:
    """The regions of all rules. Raises `TooWide` where their boxes alone have as many bits as rows may have at most."""
    bits = 0
    for rule, guards in zip(lowered.policy.rules, lowered.guards, strict=True):
        regions = rule_regions(rule, guards, space)
        bits += sum([mask.bit_length() for box in regions.possible for mask in box.values()])
        if bits > MOST_BITS:
            raise TooWide
        yield regions
