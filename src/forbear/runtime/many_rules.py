"""Many rules: from the cells of a case to verdicts, by rows of bits.

The rules of each action stand side by side in file order, and actions that few rules speak of share a band. A policy
of one band is decided whole. Of a larger one each band is decided when somebody first asks for one of its actions.
"""

from __future__ import annotations

import ast
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import frozen

from forbear import kernel
from forbear.kernel import ActionDecision, ActionSpec, RuleSpec, Verdict
from forbear.policy.typed import TypedPolicy
from forbear.predicates import reading
from forbear.predicates.specs import Specs, mask_of
from forbear.runtime.decision import Decision
from forbear.space.axes import Space, space
from forbear.space.bands import Rows, holding, joined, rows_of
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
    call them, are counted from there. `places` has the overridden ones, and where in `spec` each of them is."""

    start: int
    width: int
    spec: ActionSpec
    rules: Sequence[RuleSpec]
    names: Sequence[str]
    reasons: Sequence[str | None] | None
    sources: Sequence[str | None] | None
    overridden: int
    places: Mapping[int, int]
    hindering: int
    permitting: int


class Band:
    """Some actions. With `possible` it looks a second time, for what holds where unknown facts are taken into account:
    None where no fact can be unknown. Of each action at most `most` verdicts are remembered."""

    def __init__(self, certain: Rows, possible: Rows | None, actions: Mapping[str, _Speaking], most: int) -> None:
        self.rows = certain
        self._certain = holding(certain)
        self._possible = None if possible is None else holding(possible)
        self._speaking = list(actions.values())
        self._most = most
        self._remembered: list[dict[object, ActionDecision]] = [{} for _ in actions]
        self.of_known = self._compiled(actions)
        self._numbered = list(enumerate(actions))

    def _compiled(self, actions: Mapping[str, _Speaking]) -> Callable[[int], dict[str, ActionDecision]]:
        """The function that takes what holds, where nothing is unknown, and looks for verdicts that are remembered."""
        verdicts = []
        used: reading.Context = {"SETTLE": self._settle_known}
        for number, speaking in enumerate(actions.values()):
            used[f"REMEMBERED_{number}"] = self._remembered[number].get
            used[f"MASK_{number}"] = (1 << speaking.width) - 1 << speaking.start
            text = f"REMEMBERED_{number}(key := holding & MASK_{number}) or SETTLE({number}, key)"
            verdicts.append(ast.parse(text, mode="eval").body)
        names: list[ast.expr | None] = [ast.Constant(action) for action in actions]
        return reading.compiled("of_known", ["holding"], [ast.Return(ast.Dict(names, verdicts))], used)

    def decide(self, cells: Cells, unknown: frozenset[str]) -> dict[str, ActionDecision]:
        """The verdict on each of its actions."""
        if not unknown or self._possible is None:
            return self.of_known(self._certain(cells))
        certain, possible = self._certain(cells), self._possible(cells)
        return {action: self._settle_open(number, certain, possible, unknown) for number, action in self._numbered}

    def _settle_known(self, number: int, holding: int) -> ActionDecision:
        """The verdict on an action, from those of its rules that hold."""
        speaking = self._speaking[number]
        part = holding >> speaking.start
        verdict, deciding, _, _ = kernel.weigh(_that_matters(speaking, part), part, part)
        if speaking.width > NARROW:
            return _named(speaking, verdict, deciding)
        alone = deciding << speaking.start  # alone, the rules that decide would decide the same
        remembered = self._remembered[number]
        decided = remembered.get(alone) or _named(speaking, verdict, deciding)
        if len(remembered) >= self._most:
            remembered.clear()
        remembered[alone] = remembered[holding] = decided
        return decided

    def _settle_open(self, number: int, certain: int, possible: int, unknown: frozenset[str]) -> ActionDecision:
        speaking = self._speaking[number]
        mask = (1 << speaking.width) - 1
        certain, possible = certain >> speaking.start & mask, possible >> speaking.start & mask
        key = (certain, possible, unknown)
        decided = self._remembered[number].get(key)
        if decided is None:
            spec = _that_matters(speaking, possible)
            decided = kernel.settle(spec, speaking.rules, certain, possible, unknown)
            if speaking.width <= NARROW:
                if len(self._remembered[number]) >= self._most:
                    self._remembered[number].clear()
                self._remembered[number][key] = decided
        return decided

    def permits(self, cells: Cells) -> bool:
        """Whether its one action is permitted."""
        speaking = self._speaking[0]
        certain = possible = self._certain(cells)
        if self._possible is not None:
            possible = self._possible(cells)
        if possible & speaking.overridden:
            spec = _that_matters(speaking, possible)
            return kernel.weigh(spec, certain, possible)[0] in (Verdict.ALLOWED, Verdict.REQUIRED)
        return not possible & speaking.hindering and certain & speaking.permitting != 0

    def permits_known(self, holding: int) -> bool:
        """Whether its one action is permitted, from what holds where nothing is unknown."""
        speaking = self._speaking[0]
        if holding & speaking.overridden:
            spec = _that_matters(speaking, holding)
            return kernel.weigh(spec, holding, holding)[0] in (Verdict.ALLOWED, Verdict.REQUIRED)
        return not holding & speaking.hindering and holding & speaking.permitting != 0


def _named(speaking: _Speaking, verdict: Verdict, deciding: int) -> ActionDecision:
    """A verdict with what the rules that gave it are called, and say."""
    numbers = kernel.bits(deciding)
    names, reasons, sources = speaking.names, speaking.reasons, speaking.sources
    return ActionDecision(
        verdict,
        tuple([names[number] for number in numbers]),
        () if reasons is None else tuple([said for number in numbers if (said := reasons[number]) is not None]),
        () if sources is None else tuple([said for number in numbers if (said := sources[number]) is not None]),
        (),
    )


def _that_matters(speaking: _Speaking, possible: int) -> ActionSpec:
    """The tables of an action with those of the overridden rules alone that may hold: no other can be set aside."""
    spec = speaking.spec
    if not spec.overridden:
        return spec
    among = sorted([speaking.places[number] for number in kernel.bits(possible & speaking.overridden)])
    return spec._replace(overridden=tuple([spec.overridden[place] for place in among]))


class ManyRules:
    """The bands of a policy. The key of a case is the cells of its facts, and then its period where dates matter; or at
    once what holds, where there is one band, and nothing may be unknown.

    Raises `TooManyBoxes` or `TooWide` where the conditions are not made for it.
    """

    remembered = False
    """Whether many cases have the same key."""

    def __init__(self, policy: TypedPolicy, tables: Specs, *, whole_case: bool) -> None:
        cut = space(policy)
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
        most = 1 + REMEMBERED // (len(self._actions) or 1)
        self._bands = [
            _band({action: speaking[action] for action in actions}, tables, regions, cut, bool(self._optional), most)
            for actions in _grouped(speaking)
        ]
        self._band_of = {
            action: band for band, actions in zip(self._bands, _grouped(speaking), strict=True) for action in actions
        }

        cells, used = cells_of(cut, tables.needed)
        self._at_once = len(self._bands) == 1 and not self._optional and not cut.starts
        if self._at_once:
            body, rows = joined(self._bands[0].rows, cells.__getitem__)
            used.update(rows)
        else:
            body = reading.statements(f"return ({''.join(f'{cell}, ' for cell in cells)})")
        self.of_case = reading.of_case(policy, tables, body, used, whole_case=whole_case)
        self.of_values = reading.of_values(tables.needed, body, used)
        self.permits = self._bands[0].permits_known if self._at_once else self._bands[0].permits
        """Whether the one action of the policy is permitted."""

    def on_day(self, cells: Cells, day: int) -> Cells:
        """The key with the period in which a day is."""
        return (*cells, bisect_right(self._starts, day) - 1) if self._starts else cells

    def decide(self, cells: Any) -> Decision:
        if self._at_once:
            return Decision(self._actions, self._bands[0].of_known(cells))
        unknown = self._unknown(cells) if self._optional else _NOTHING
        if len(self._bands) == 1:
            return Decision(self._actions, self._bands[0].decide(cells, unknown))
        return Decision(self._actions, _WhenAsked(self._band_of, cells, unknown))

    def _unknown(self, cells: Cells) -> frozenset[str]:
        return frozenset([name for place, name, absent in self._optional if cells[place] == absent])


class _WhenAsked(dict[str, ActionDecision]):
    """The verdicts of a decision, those of a band when the first of them is asked for."""

    __slots__ = ("_asked",)

    def __init__(self, band_of: Mapping[str, Band], cells: Cells, unknown: frozenset[str]) -> None:
        self._asked = (band_of, cells, unknown)

    def __missing__(self, action: str) -> ActionDecision:
        band_of, cells, unknown = self._asked
        found = band_of[action].decide(cells, unknown)
        self.update(found)
        return found[action]


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
    most: int,
) -> Band:
    side_by_side = [regions[number] for numbers in speaking.values() for number in numbers]
    row = Row([max(len(its.certain), len(its.possible)) for its in side_by_side])
    certain = rows_of([its.certain for its in side_by_side], row, cut, tables.needed)
    possible = rows_of([its.possible for its in side_by_side], row, cut, tables.needed) if optional else None
    actions: dict[str, _Speaking] = {}
    first = 0
    for action, numbers in speaking.items():
        start = row.starts[first] if numbers else row.size
        bits = {number: row.bit(first + index) - start for index, number in enumerate(numbers)}
        first += len(numbers)
        actions[action] = _speaking(start, bits, tables.actions[action], tables.rules)
    return Band(certain, possible, actions, most)


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
        _any([rule.because for rule in by_bit]),
        _any([rule.source for rule in by_bit]),
        mask_of([number for number, _ in overridden]),
        {number: place for place, (number, _) in enumerate(overridden)},
        never | forbid,
        require | allow,
    )


def _any(texts: Sequence[str | None]) -> Sequence[str | None] | None:
    return texts if any(text is not None for text in texts) else None
