"""The methods of deciding, and the answers that they share."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from attrs import frozen

from forbear.deciding.decision import Decision
from forbear.kernel import cases as kernel
from forbear.kernel.cases import ActionDecision, ActionSpec, InPart, RuleSpec, Value, Verdict
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Effect
from forbear.semantics.lowered.actions import PRECEDENCE, ActionTable
from forbear.semantics.lowered.from_policy import Lowered
from forbear.space.axes import DAY, Axis, Space, space_of
from forbear.space.boundaries import all_starts
from forbear.space.masks import mask_of
from forbear.space.predicates import mask as masks
from forbear.space.predicates import reading
from forbear.space.predicates.reading import Context, apart, compiled, statements
from forbear.space.predicates.specs import Specs
from forbear.space.regions import Box, RuleRegions, TooManyBoxes, rule_regions
from forbear.space.search.index import Events, Row, events, together

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_values

Key = TypeVar("Key")
Answer = TypeVar("Answer")


class Memo(dict[Key, Answer]):
    """Answers by key: `memo[key]`. Where there are `most` of them, they are all forgotten.

    Threads may share it: two that need an answer at once may both make it.
    """

    def __init__(self, answer: Callable[[Key], Answer], most: int) -> None:
        self._answer = answer
        self._most = most

    def __missing__(self, key: Key) -> Answer:
        answer = self._answer(key)
        if len(self) >= self._most:
            self.clear()
        self[key] = answer
        return answer


class LazyDecisions(dict[str, ActionDecision]):
    """Decisions by action. Each is made when it is first read, by `decide`; who reads `items` or `values` reads each of
    the `actions`."""

    __slots__ = ("_actions", "_decide")

    def __init__(self, actions: Iterable[str], decide: Callable[[str], ActionDecision]) -> None:
        self._actions = actions
        self._decide = decide

    def __missing__(self, action: str) -> ActionDecision:
        decided = self[action] = self._decide(action)
        return decided

    def items(self) -> dict_items[str, ActionDecision]:
        return {action: self[action] for action in self._actions}.items()

    def values(self) -> dict_values[str, ActionDecision]:
        return {action: self[action] for action in self._actions}.values()


# A method decides in two steps: from a case to its key, all of the case that the answer depends on, and from the key to
# the answer. `memoised` is whether many cases share a key, so that memoising answers by it pays. A method is made once
# for a policy, never changes, and may be shared between threads.


# The rules on one action as bits in order of precedence, and decisions from the rules that hold.
#
# The bits ascend from rules that only override to rules that allow, require, forbid, and never allow. Rules of one
# effect are in reverse file order. So the highest bit that is set gives the verdict, and the bits from there down are
# the rules that gave it, in file order.


Item = TypeVar("Item")


@frozen(eq=False)
class ActionRules:
    """The rules on one action, as bits of a row that several actions may share.

    `start` is the place of the first bit in the row. All other bits are counted from there.
    """

    start: int
    mask: int
    """All bits of the action."""
    spec: ActionSpec
    """How the action is decided if overrides matter or a fact is unknown."""
    rules: Sequence[RuleSpec]
    """The rule of each bit."""
    by_length: Sequence[tuple[Verdict, int]]
    """For each bit length of a set of active rules: the verdict of its highest bit, and the bit length (excluded) down
    to which the rules give that verdict.
    """
    names: Sequence[str]
    """The name of the rule of each bit."""
    reasons: bool
    """Whether any of the rules has a `because`."""
    sources: bool
    overridden: int
    """The bits of rules that others override."""
    overrides: Mapping[int, int]
    """For each of these bits, its index in `spec.overridden`."""


def ascending(table: ActionTable) -> list[int]:
    """The rules on an action, by their places in the policy, in the order of their bits."""
    strongest_last = [table.exempting, *[branch.rules for branch in reversed(table.branches)]]
    return [number for numbers in strongest_last for number in reversed(numbers)]


def action_rules(
    start: int, bits: Mapping[int, int], table: ActionTable, spec: ActionSpec, rules: Sequence[RuleSpec]
) -> ActionRules:
    """The rules on an action. `bits` has the bit of each rule, less `start`, in the order of `ascending`."""

    def moved(mask: int) -> int:
        return mask_of([bits[number] for number in kernel.bits(mask)])

    by_bit: list[RuleSpec] = []
    by_length = [(Verdict.UNSAID, 0)]
    last: Effect | None = None
    for number, bit in bits.items():
        effect = table.effects[number]
        added = bit + 1 - len(by_bit)  # the bits of a rule's boxes come before its own
        if effect not in PRECEDENCE:
            entry = (Verdict.UNSAID, bit + 1)
        elif effect is not last:
            entry = (PRECEDENCE[effect], len(by_bit))
        by_bit += [rules[number]] * added
        by_length += [entry] * added
        last = effect
    return ActionRules(
        start,
        (1 << len(by_bit)) - 1,
        ActionSpec(
            tuple([branch._replace(rules=moved(branch.rules)) for branch in spec.branches]),
            moved(spec.rules),
            tuple([(bits[number], moved(stronger)) for number, stronger in spec.overridden]),
        ),
        by_bit,
        by_length,
        [rule.name for rule in by_bit],
        any(rule.because is not None for rule in by_bit),
        any(rule.source is not None for rule in by_bit),
        mask_of([bits[number] for number, _ in spec.overridden]),
        {bits[number]: place for place, (number, _) in enumerate(spec.overridden)},
    )


def decide_action(rules: ActionRules, holding: int) -> ActionDecision:
    """Decides an action if no fact is unknown. `holding` are the rules that hold, as bits of the whole row."""
    left = holding >> rules.start & rules.mask
    if left & rules.overridden:
        left = kernel.resolve(_relevant(rules, left), left, left)[3]
    verdict, end = rules.by_length[left.bit_length()]
    if not rules.reasons and not rules.sources:
        return ActionDecision(verdict, tuple(_descending(rules.names, left, end)), (), (), ())
    deciding = _descending(rules.rules, left, end)
    because = tuple([rule.because for rule in deciding if rule.because is not None]) if rules.reasons else ()
    source = tuple([rule.source for rule in deciding if rule.source is not None]) if rules.sources else ()
    return ActionDecision(verdict, tuple([rule.name for rule in deciding]), because, source, ())


def _descending(by_bit: Sequence[Item], mask: int, end: int) -> list[Item]:
    """Returns the items of the bits of a mask, from the highest down to `end`."""
    items = []
    while (length := mask.bit_length()) > end:
        items.append(by_bit[length - 1])
        mask ^= 1 << length - 1
    return items


def decide_with_unknowns(rules: ActionRules, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
    """Decides an action from the rules that certainly and that possibly hold, as bits of the whole row.

    `unknown` names the unknown facts of the case.
    """
    certain, possible = certain >> rules.start & rules.mask, possible >> rules.start & rules.mask
    decided = kernel.decide_action(_relevant(rules, possible), rules.rules, certain, possible, unknown)
    # The kernel lists rules by ascending bits, which is reverse file order.
    return decided._replace(rules=decided.rules[::-1], because=decided.because[::-1], source=decided.source[::-1])


def permits(rules: ActionRules, certain: int, possible: int) -> bool:
    """Returns true if an action that is alone in its row is permitted."""
    if certain == possible and not possible & rules.overridden:
        return rules.by_length[possible.bit_length()][0] in kernel.PERMITTED
    return kernel.resolve(_relevant(rules, possible), certain, possible)[0] in kernel.PERMITTED


def _relevant(rules: ActionRules, possible: int) -> ActionSpec:
    """The tables of an action, with the overrides of possibly holding rules alone: no others can matter."""
    spec = rules.spec
    if not spec.overridden:
        return spec
    among = sorted([rules.overrides[bit] for bit in kernel.bits(possible & rules.overridden)])
    return spec._replace(overridden=tuple([spec.overridden[place] for place in among]))


# Rows of bits: for each cell of a fact, the boxes of all regions that have the cell.
#
# The conjunction of the rows of a case's cells is the set of boxes that contain the case. This is Lakshman and
# Stiliadis's packet classifier (SIGCOMM 1998): a case costs one row a fact, and more rules make the rows wider, not
# more.


MOST_BITS = 1 << 30
"""The number of bits that the rows of a policy may have: 128 MB."""


class TooWide(Exception):
    """The rows would have more bits than the bound."""


@frozen(slots=False, eq=False)
class Rows:
    """The rows of some regions, with the bits of `row`.

    `by_number` has a row for each cell of each fact that they read. Facts are numbered as needed ones; the periods of a
    policy with dates come after them.
    """

    by_number: Mapping[int, Sequence[int]]
    everything: int
    """The bits of all boxes."""
    row: Row
    bits: int
    """The most bits that all rows may have."""

    @cached_property
    def holding(self) -> Callable[[tuple[int, ...]], int]:
        """Returns compiled code that maps the cells of a case to the bits of the regions that contain it."""
        boxes = " & ".join([f"ROWS_{number}[cells[{number}]]" for number in self.by_number]) or "EVERYTHING"
        used: Context = {f"ROWS_{number}": rows for number, rows in self.by_number.items()}
        used |= {"EVERYTHING": self.everything, "WITH_ANY": self.row.with_any}
        return compiled("holding", ["cells"], statements(f"return WITH_ANY({boxes})"), used)


def rows_of(regions: Sequence[Sequence[Box]], row: Row, space: Space, needed: Sequence[str], most: int) -> Rows:
    """The rows of some regions, in the order of `row`. Raises `TooWide` if they would have more bits than `most`."""
    by_axis: dict[str, dict[int, list[int]]] = {}
    places: list[int] = []
    for start, boxes in zip(row.starts, regions, strict=True):
        for place, box in enumerate(boxes, start):
            places.append(place)
            for name, mask in box.items():
                by_axis.setdefault(name, {}).setdefault(mask, []).append(place)
    everything = mask_of(places)
    axes = {number: name for number, name in enumerate([*needed, DAY]) if name in by_axis}
    changes = {number: events(by_axis[name]) for number, name in axes.items()}
    # The row of a cell in which no run of a box starts or ends is that of the cell before.
    bits = row.size * sum([len({0, *starting, *ending}) for starting, ending in changes.values()])
    if bits > most:
        raise TooWide
    by_number = {
        number: _rows(
            everything & ~together(by_axis[name].values()),
            changes[number],
            len(space.days) if name == DAY else space.axes[name].size,
        )
        for number, name in axes.items()
    }
    return Rows(by_number, everything, row, bits)


def _rows(free: int, changes: tuple[Events, Events], size: int) -> list[int]:
    """Returns, for each cell of an axis, the boxes that contain it, including those that leave the axis free."""
    starting, ending = changes
    current = free
    rows = []
    for cell in range(size):
        if cell in ending:
            current &= ~together(ending[cell])
        if cell in starting:
            current |= together(starting[cell])
        rows.append(current)
    return rows


# From a case to its cells: expressions for the functions that read cases (`space/predicates/reading.py`).


Cell: TypeAlias = Callable[[int], str]
"""Maps the number of a needed fact to an expression for the cell of its value."""


def cells(space: Space, needed: Sequence[str]) -> tuple[Cell, Context]:
    """A function that makes expressions for cells, and the names that they use, which each call adds.

    These names have capital letters, so they differ from the variables of facts.
    """
    used: Context = {"FIND": bisect_right}
    variables = apart(needed)
    return lambda number: _cell(space.axes[needed[number]], variables[needed[number]], used), used


def _cell(axis: Axis, variable: str, used: Context) -> str:
    """An expression for the cell of the value of a variable, which is on the grid."""
    table = f"CELLS_{variable}"
    known = len(axis.first)
    if axis.fact.kind.storage is Storage.FLAG:
        cell = variable  # False and True are indices as well
    elif not axis.fact.ordered:
        used[table] = {value: number for number, value in enumerate(axis.first)}
        cell = (
            f"{table}.get({variable}, {known - 1})"
            if axis.fact.kind.storage is Storage.TEXT
            else f"{table}[{variable}]"
        )
    else:
        used[table] = axis.first[1:]  # a value below all of these is in cell 0
        cell = f"FIND({table}, {variable})"
    return f"({known} if {variable} is None else {cell})" if axis.absent else cell


# Few rules: their conditions are evaluated one after the other, in code that is compiled for them.


class FewRules:
    """A method whose key is the mask of `space/predicates/mask.py`."""

    memoised = True

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        self._tables = tables
        self._layout = masks.layout(tables)
        self._starts = all_starts(tables.policy)
        self._kept: dict[int, int] = {}
        self._whole_case = whole_case

    def of_case(self, answer: Callable[[int], Any] | None) -> Callable[[object], Any]:
        """The fast path: from a case as given to the answer of its mask, or to the mask."""
        return masks.of_case(self._tables, answer, whole=self._whole_case)

    @cached_property
    def of_values(self) -> Callable[..., int]:
        """The slow path: from the values of the needed facts to the mask."""
        return masks.of_values(self._tables)

    def prepare(self) -> None:
        """Compiles the slow path."""
        _ = self.of_values

    def on_day(self, mask: int, day: int) -> int:
        """The mask with only the rules that are in force on a day (an ordinal)."""
        if not self._starts:
            return mask
        period = bisect_right(self._starts, day)
        bits_kept = self._kept.get(period)
        if bits_kept is None:
            bits_kept = self._kept[period] = self._layout.in_force(kernel.in_force(self._tables.rules, day))
        return mask & bits_kept

    def decide(self, mask: int) -> Decision:
        """The decisions on all actions."""
        certain, possible, unknown = self._layout.read(mask)
        by_action = kernel.decide_actions(self._tables.actions, self._tables.rules, certain, possible, unknown)
        return Decision(by_action, by_action)

    def permits(self, mask: int) -> bool:
        """Returns true if the one action of the policy is permitted."""
        (decided,) = self.decide(mask).values()
        return decided.permitted


# Many rules: from the cells of a case to decisions, by rows of bits.
#
# The rules on each action are side by side in one row. If the row is short, decisions on single
# actions are memoised. In a long one the same rules hardly ever hold together a second time, and even the names of the
# deciding rules take time, so an action is decided when it is first read.


LONG = 1_000
"""A row of more bits is long: decisions by it are not memoised."""
MEMOISED = 20_000
"""The number of decisions on single actions that are memoised, for all actions together."""
TOO_MANY_ALTERNATIVES = (TooManyBoxes, TooWide)
"""Raised if rows of bits would be too many, or too wide."""

Cells = tuple[int, ...]


@frozen
class _InPart:
    """The key of a case in which a number is known in part, for the method of few rules."""

    key: int


class ManyRules:
    """A method whose key is the cells of the facts, followed by the period if the policy has dates.

    It leaves a case in which a number is known in part to the method of few rules.

    Raises one of `TOO_MANY_ALTERNATIVES` if the conditions have too many of them for this method.
    """

    memoised = False

    def __init__(self, tables: Specs, *, whole_case: bool) -> None:
        space = space_of(tables.lowered, each_day=True)
        self._tables = tables
        self._whole_case = whole_case
        self._starts = space.starts
        self._optional = [
            (place, name, len(space.axes[name].first))
            for place, name in enumerate(tables.needed)
            if space.axes[name].fact.optional
        ]
        numbers, regions = _side_by_side(tables, list(_regions(tables.lowered, space)))
        row = Row([max(len(region.certain), len(region.possible)) for region in regions])
        self._actions = _by_action(tables, numbers, row)
        certain = rows_of([region.certain for region in regions], row, space, tables.needed, MOST_BITS)
        self._certain = self._possible = certain
        if self._optional:
            left = MOST_BITS - certain.bits
            self._possible = rows_of([region.possible for region in regions], row, space, tables.needed, left)
        self._known = _memoised(self._actions) if row.size <= LONG else self._when_read
        cell, self._used = cells(space, tables.needed)
        self._key = f"({''.join([f'{cell(number)}, ' for number in range(len(tables.needed))])})"

    def of_case(self, answer: Callable[[Any], Any] | None) -> Callable[[object], Any]:
        """The fast path: from a case as given to the answer of its key, or to the key."""
        return reading.of_case(self._tables, [], self._key, self._used, answer, whole=self._whole_case)

    @cached_property
    def _of_values(self) -> Callable[..., Cells]:
        return reading.of_values(self._tables.needed, [], self._key, self._used)

    @cached_property
    def _few_rules(self) -> FewRules:
        return FewRules(self._tables, whole_case=self._whole_case)

    def prepare(self) -> None:
        """Compiles the slow path, the one for numbers known in part if there are any, and the lookup of rules."""
        _ = self._of_values, self._certain.holding, self._possible.holding
        if any(self._tables.facts[name].cuts is not None for name in self._tables.needed):
            self._few_rules.prepare()

    def of_values(self, *values: Value) -> Any:
        """The slow path: from the values of the needed facts to the key."""
        if InPart in map(type, values):
            return _InPart(self._few_rules.of_values(*values))
        return self._of_values(*values)

    def on_day(self, key: Any, day: int) -> Any:
        """The key for a day (an ordinal): the cells, and the number of the period that has the day."""
        if isinstance(key, _InPart):
            return _InPart(self._few_rules.on_day(key.key, day))
        return (*key, bisect_right(self._starts, day) - 1) if self._starts else key

    def decide(self, key: Any) -> Decision:
        """The decisions on all actions."""
        if isinstance(key, _InPart):
            return self._few_rules.decide(key.key)
        certain = self._certain.holding(key)
        unknown = frozenset([name for place, name, absent in self._optional if key[place] == absent])
        if not unknown:
            return Decision(self._actions, self._known(certain))
        possible = self._possible.holding(key)
        return Decision(
            self._actions,
            LazyDecisions(
                self._actions,
                lambda action: decide_with_unknowns(self._actions[action], certain, possible, unknown),
            ),
        )

    def _when_read(self, holding: int) -> Mapping[str, ActionDecision]:
        """The decisions if no fact is unknown, each made when it is first read."""
        return LazyDecisions(self._actions, lambda action: decide_action(self._actions[action], holding))

    def permits(self, key: Any) -> bool:
        """Returns true if the one action of the policy is permitted."""
        if isinstance(key, _InPart):
            return self._few_rules.permits(key.key)
        (rules,) = self._actions.values()
        certain = self._certain.holding(key)
        return permits(rules, certain, self._possible.holding(key) if self._optional else certain)


def _regions(lowered: Lowered, space: Space) -> Iterator[RuleRegions]:
    """The regions of all rules. Raises `TooWide` if their boxes alone have as many bits as rows may have at most."""
    bits = 0
    for rule, guards in zip(lowered.policy.rules, lowered.guards, strict=True):
        regions = rule_regions(rule, guards, space)
        bits += sum([mask.bit_length() for box in regions.possible for mask in box.values()])
        if bits > MOST_BITS:
            raise TooWide
        yield regions


def _side_by_side(
    tables: Specs, regions: Sequence[RuleRegions]
) -> tuple[Mapping[str, Sequence[int]], Sequence[RuleRegions]]:
    """Returns, for each action, its rules in the order of their bits; and the regions of all these rules in that
    order.
    """
    numbers = {action: ascending(table) for action, table in tables.lowered.actions.items()}
    return numbers, [regions[number] for of_action in numbers.values() for number in of_action]


def _by_action(tables: Specs, numbers: Mapping[str, Sequence[int]], row: Row) -> Mapping[str, ActionRules]:
    """The rules on each action, with their bits in the row."""
    actions = {}
    first = 0
    for action, of_action in numbers.items():
        start = row.starts[first] if of_action else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(of_action)}
        first += len(of_action)
        table = tables.lowered.actions[action]
        actions[action] = action_rules(start, bits, table, tables.actions[action], tables.rules)
    return actions


def _memoised(actions: Mapping[str, ActionRules]) -> Callable[[int], Mapping[str, ActionDecision]]:
    """The function from the rules that hold to the decisions if no fact is unknown, memoised by action."""
    most = 1 + MEMOISED // len(actions)
    memos = [
        (action, rules.mask << rules.start, Memo(partial(decide_action, rules), most))
        for action, rules in actions.items()
    ]
    return lambda holding: {action: memo[holding & mask] for action, mask, memo in memos}
