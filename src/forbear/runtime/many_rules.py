"""Many rules: from the cells of a case to verdicts, by rows of bits.

The rules of each action stand side by side in file order, and actions that few rules speak of share a band. A policy
of one band is decided whole. Of a larger one each band is decided when somebody first asks for one of its actions.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from forbear import kernel
from forbear.kernel import ActionDecision, ActionSpec, RuleSpec
from forbear.policy.typed import TypedPolicy
from forbear.predicates import reading
from forbear.predicates.specs import Specs, mask_of
from forbear.runtime.decision import Decision
from forbear.space.axes import Space, space
from forbear.space.bands import Holding, holding
from forbear.space.cells import cells as cells_of
from forbear.space.regions import RuleRegions, rule_regions
from forbear.space.rows import Row

WIDTH = 2_000
"""How many rules may stand side by side where a band has several actions."""
REMEMBERED = 50_000
"""How many verdicts on single actions are remembered, all actions together."""
NARROW = 300
"""And how many rules may speak of an action for that: of more, the same ones hardly ever hold a second time."""
_NOTHING: frozenset[str] = frozenset()

Cells = tuple[int, ...]


@frozen
class _Speaking:
    """The rules on one action. `start` is where they begin in the band; their own numbers, by which `spec` and `rules`
    call them, are counted from there. `places` has the overridden ones, and where in `spec` each of them is.
    It is `wordless` where no rule has a reason or a source."""

    start: int
    width: int
    spec: ActionSpec
    rules: Sequence[RuleSpec]
    names: Sequence[str]
    wordless: bool
    overridden: int
    places: Mapping[int, int]
    hindering: int
    permitting: int


class Band:
    """Some actions. With `possible` it looks a second time, for what holds where unknown facts are taken into account:
    None where no fact can be unknown."""

    def __init__(self, certain: Holding, possible: Holding | None, actions: Mapping[str, _Speaking]) -> None:
        self._certain = certain
        self._possible = possible
        self._actions = actions
        self._remembered: dict[str, dict[object, ActionDecision]] = {action: {} for action in actions}
        self._listed = [
            (action, its.start, (1 << its.width) - 1, self._remembered[action]) for action, its in actions.items()
        ]
        self._first = next(iter(actions.values()), None)

    def decide(self, cells: Cells, unknown: frozenset[str], most: int) -> dict[str, ActionDecision]:
        """The verdict on each of its actions; of each action at most so many are remembered."""
        found: dict[str, ActionDecision] = {}
        certain = self._certain(cells)
        if not unknown or self._possible is None:
            for action, start, width, remembered in self._listed:
                part = certain >> start & width
                decided = remembered.get(part)
                found[action] = self._settle(action, part, part, _NOTHING, part, most) if decided is None else decided
            return found
        possible = self._possible(cells)
        for action, start, width, remembered in self._listed:
            part, perhaps = certain >> start & width, possible >> start & width
            key = (part, perhaps, unknown)
            decided = remembered.get(key)
            found[action] = self._settle(action, part, perhaps, unknown, key, most) if decided is None else decided
        return found

    def permits(self, cells: Cells) -> bool:
        """Whether its one action is permitted."""
        speaking = self._first
        assert speaking is not None
        certain = possible = self._certain(cells)
        if self._possible is not None:
            possible = self._possible(cells)
        if possible & speaking.overridden:
            return _settled(speaking, certain, possible, _NOTHING).permitted
        return not possible & speaking.hindering and certain & speaking.permitting != 0

    def _settle(
        self, action: str, certain: int, possible: int, unknown: frozenset[str], key: object, most: int
    ) -> ActionDecision:
        decided = _settled(self._actions[action], certain, possible, unknown)
        if self._actions[action].width <= NARROW:
            remembered = self._remembered[action]
            if len(remembered) >= most:
                remembered.clear()
            remembered[key] = decided
        return decided


def _settled(speaking: _Speaking, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
    spec = speaking.spec
    if spec.overridden:
        # Only what holds can be set aside.
        among = sorted([speaking.places[number] for number in kernel.bits(possible & speaking.overridden)])
        spec = spec._replace(overridden=tuple([spec.overridden[place] for place in among]))
    if unknown or not speaking.wordless:
        return kernel.settle(spec, speaking.rules, certain, possible, unknown)
    verdict, deciding, _ = kernel.weigh(spec, certain, possible)
    return ActionDecision(verdict, tuple([speaking.names[number] for number in kernel.bits(deciding)]), (), (), ())


class ManyRules:
    """The bands of a policy. The key of a case is the cells of its facts, and then its period where dates matter.

    Raises `TooManyBoxes` or `TooWide` where the conditions are not made for it.
    """

    remembered = False
    """Whether many cases have the same key."""

    def __init__(self, policy: TypedPolicy, tables: Specs, *, whole_case: bool) -> None:
        cut = space(policy)
        body, used = cells_of(cut, tables.needed)
        self.of_case = reading.of_case(policy, tables, body, used, whole_case=whole_case)
        self.of_values = reading.of_values(tables.needed, body, used)
        self._starts = cut.starts
        self._actions = dict.fromkeys(policy.actions)
        regions = [rule_regions(policy, rule, cut) for rule in policy.rules]
        self._optional = [
            (place, name, len(cut.axes[name].first))
            for place, name in enumerate(tables.needed)
            if cut.axes[name].fact.optional
        ]
        speaking: dict[str, list[int]] = {action: [] for action in policy.actions}
        for number, rule in enumerate(policy.rules):
            for action in rule.effects:
                speaking[action].append(number)
        self._bands = [
            _band({action: speaking[action] for action in actions}, tables, regions, cut, bool(self._optional))
            for actions in _grouped(speaking)
        ]
        self._band_of = {
            action: band for band, actions in zip(self._bands, _grouped(speaking), strict=True) for action in actions
        }
        self._most = 1 + REMEMBERED // (len(self._actions) or 1)

    def on_day(self, cells: Cells, day: int) -> Cells:
        """The key with the period in which a day is."""
        return (*cells, bisect_right(self._starts, day) - 1) if self._starts else cells

    def decide(self, cells: Cells) -> Decision:
        unknown = self._unknown(cells) if self._optional else _NOTHING
        if len(self._bands) == 1:
            return Decision(self._actions, self._bands[0].decide(cells, unknown, self._most))
        return Decision(self._actions, _WhenAsked(self._band_of, cells, unknown, self._most))

    def permits(self, cells: Cells) -> bool:
        """Whether the one action of the policy is permitted."""
        return self._bands[0].permits(cells)

    def _unknown(self, cells: Cells) -> frozenset[str]:
        return frozenset([name for place, name, absent in self._optional if cells[place] == absent])


class _WhenAsked(dict[str, ActionDecision]):
    """The verdicts of a decision, those of a band when the first of them is asked for."""

    __slots__ = ("_asked",)

    def __init__(self, band_of: Mapping[str, Band], cells: Cells, unknown: frozenset[str], most: int) -> None:
        self._asked = (band_of, cells, unknown, most)

    def __missing__(self, action: str) -> ActionDecision:
        band_of, cells, unknown, most = self._asked
        self.update(band_of[action].decide(cells, unknown, most))
        return self[action]


def _grouped(speaking: Mapping[str, Sequence[int]]) -> Iterator[list[str]]:
    """The actions of each band."""
    group: list[str] = []
    width = 0
    for action, numbers in speaking.items():
        if group and width + len(numbers) > WIDTH:
            yield group
            group, width = [], 0
        group.append(action)
        width += len(numbers)
    yield group


def _band(
    speaking: Mapping[str, Sequence[int]],
    tables: Specs,
    regions: Sequence[RuleRegions],
    cut: Space,
    optional: bool,
) -> Band:
    side_by_side = [regions[number] for numbers in speaking.values() for number in numbers]
    row = Row([max(len(its.certain), len(its.possible)) for its in side_by_side])
    certain = holding([its.certain for its in side_by_side], row, cut, tables.needed)
    possible = holding([its.possible for its in side_by_side], row, cut, tables.needed) if optional else None
    actions: dict[str, _Speaking] = {}
    first = 0
    for action, numbers in speaking.items():
        start = row.starts[first] if numbers else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(numbers)}
        first += len(numbers)
        actions[action] = _speaking(start, bits, tables.actions[action], tables.rules)
    return Band(certain, possible, actions)


def _speaking(start: int, bits: Mapping[int, int], spec: ActionSpec, rules: Sequence[RuleSpec]) -> _Speaking:
    """The tables of an action, its rules called by their bits from `start` on."""

    def moved(mask: int) -> int:
        return mask_of([bits[number] for number in kernel.bits(mask)])

    width = max(bits.values()) + 1 if bits else 0
    by_bit: list[RuleSpec] = []
    for number, bit in bits.items():
        by_bit += [rules[number]] * (bit + 1 - len(by_bit))  # the places of its boxes come before its bit
    never, forbid, require, allow = moved(spec.never), moved(spec.forbid), moved(spec.require), moved(spec.allow)
    exempt = moved(spec.exempt)
    overridden = tuple([(bits[number], moved(stronger)) for number, stronger in spec.overridden])
    return _Speaking(
        start,
        width,
        ActionSpec(never, forbid, require, allow, exempt, overridden),
        by_bit,
        [rule.name for rule in by_bit],
        all(rule.because is None and rule.source is None for rule in by_bit),
        mask_of([number for number, _ in overridden]),
        {number: place for place, (number, _) in enumerate(overridden)},
        never | forbid,
        require | allow,
    )
