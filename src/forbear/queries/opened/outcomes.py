"""The possible outcomes of an action if some facts are open: verdicts with their conditions, in words and as data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from math import lcm

from attrs import field, frozen

from forbear.kernel.cases import PERMITTED, Along, CaseError, FactSpec, GridValue, InPart, Verdict, bits, read_case
from forbear.kernel.faults import fault
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import unit
from forbear.language.model.values import fields_json, plain_json, value_json
from forbear.queries.opened.answers import Answer, Decided
from forbear.space.axes import Axis, Space
from forbear.space.formulas import TRUE, Any, Formula, Neither, but_not, inside
from forbear.space.in_words import box_text, box_texts
from forbear.space.masks import lowest, runs
from forbear.space.regions import Box, TooManyBoxes, contains, intersection
from forbear.space.relations.forms import Form
from forbear.space.search.search import Search
from forbear.space.search.witness import grown, orders


@frozen
class Allowed:
    """The values that an open fact has in a condition, as a case gives them.

    They are those in `ranges`, both ends included, with None for an open end; and `values`, or, with `others`, all but
    these. With `none` the fact may be none.

    If rules compare two open facts, a `sum` is in the ranges, of values of facts, each times a number. A date counts as
    its days, from 1 for 0001-01-01; a time as its seconds; an ordered name as its position, from 0. With `none` one of
    the facts may be none.

    With `unknown` the fact may stay unknown: in the choices of a question alone.
    """

    ranges: tuple[tuple[object, object], ...] = ()
    values: tuple[object, ...] = ()
    others: bool = False
    none: bool = False
    unknown: bool = False
    sum: Mapping[str, int] = field(factory=dict)

    def as_json(self) -> dict[str, object]:
        document: dict[str, object] = {"sum": dict(self.sum)} if self.sum else {}
        if self.ranges:
            document["between"] = plain_json(self.ranges)
        if self.values or self.others:
            document["none_of" if self.others else "one_of"] = plain_json(self.values)
        absent = {"or_none": self.none, "or_unknown": self.unknown}
        return document | {word: True for word, may_be in absent.items() if may_be}


@frozen(slots=False)
class Outcome:
    """A verdict on an action, and the condition on the open facts under which it holds.

    `when` is the condition in the language, "always" if it holds whatever the open facts are. `rules` decide in all of
    its cases, and those in `sometimes` in some, both in file order, with the reasons (`because`) and sources of both.
    `along` has the accompanying actions, with the rules that ask for them in some case. `unknown` are facts that are
    neither given nor open, and that took part."""

    verdict: Verdict
    alternatives: tuple[str, ...]
    """Conditions of which at least one holds, as few as can be found."""
    conditions: tuple[Mapping[str, Allowed], ...]
    """The same as data: one for each alternative, which holds if each of its facts has one of these values. The key of
    a comparison of two facts is its text.
    """
    rules: tuple[str, ...]
    sometimes: tuple[str, ...]
    because: tuple[str, ...]
    source: tuple[str, ...]
    unknown: tuple[str, ...]
    along: tuple[Along, ...]
    _boxes: tuple[Box, ...] = field(repr=False)
    _space: Space = field(repr=False)
    _specs: Mapping[str, FactSpec] = field(repr=False)

    @property
    def when(self) -> str:
        """The condition."""
        return " or ".join(self.alternatives)

    @property
    def permitted(self) -> bool:
        return self.verdict in PERMITTED

    @property
    def always(self) -> bool:
        """Whether the action has this verdict whatever the open facts are."""
        return self.when == "always"

    def holds(self, values: Mapping[str, object]) -> bool:
        """Returns true if the condition holds for values of the open facts, given as in a case.

        Facts that the condition does not read are ignored. Raises `CaseError` for a value of the wrong type, and for a
        needed value that is missing.
        """
        axes, forms = self._space.axes, self._space.forms
        used = {name for box in self._boxes for name in box}
        used |= {name for form in forms.values() if form.name in used for name in form.facts}
        read = tuple([name for name in axes if name in used])
        case = read_case(self._specs, read, {name: values[name] for name in read if name in values})
        faults = [fault(name, "open-without-value", name=name) for name in read if name not in values]
        faults += [
            fault(name, "open-and-unknown", name=name)
            for name in read
            if name in values
            and (isinstance(case[name], InPart) or (case[name] is None and self._specs[name].absent == "unknown"))
        ]
        if faults:
            raise CaseError(faults)
        grid = {name: InPart.whole(case[name]) for name in read}
        if not all(axes[name].has(grid[name]) for name in read):
            return False  # there is no such case: it has an age, and a date after the day of the decision
        cells = {name: 1 << axes[name].cell_of(grid[name]) for name in read}
        cells |= {form.name: form.cell_of(grid) for form in forms.values() if form.name in used}
        return any(all(cells[name] & mask for name, mask in box.items()) for box in self._boxes)

    def as_json(self) -> dict[str, object]:
        """Returns the outcome as `forbear decide --open` prints it."""
        said = ("verdict", "permitted", "when", "conditions", "rules", "sometimes", "because", "source")
        document = fields_json(self, *said)
        if self.unknown:
            document["unknown"] = list(self.unknown)
        if self.along:
            document["along"] = {entry.action: list(entry.rules) for entry in self.along}
        return document


def outcome(decided: Decided, answer: Answer, boxes: Sequence[Box]) -> Outcome:
    """The outcome of an answer, which is given in these boxes."""
    tables, space = decided.answers.tables, decided.answers.space
    deciding = decided.deciding(answer)
    by_name = {rule.name: rule for rule in tables.rules}
    its_rules = [rule for name, rule in by_name.items() if name in deciding.throughout | deciding.sometimes]
    return Outcome(
        answer[0],
        tuple(box_texts(boxes, space)),
        tuple([_conditions(space, box) for box in boxes]),
        tuple([rule.name for rule in its_rules if rule.name in deciding.throughout]),
        tuple([rule.name for rule in its_rules if rule.name in deciding.sometimes]),
        tuple([rule.because for rule in its_rules if rule.because is not None]),
        tuple([rule.source for rule in its_rules if rule.source is not None]),
        tuple(sorted(deciding.unknown)),
        tuple([Along(name, tuple([rule for rule in by_name if rule in its])) for name, its in deciding.along.items()]),
        tuple(boxes),
        space,
        tables.facts,
    )


def _conditions(space: Space, box: Box) -> dict[str, Allowed]:
    """A box as data: what each fact may be, and each sum by what it says."""
    by_name = {name: allowed(space.axes[name], mask) for name, mask in box.items() if name in space.axes}
    for name, mask in box.items():
        if name in space.forms:
            by_name[box_text({name: mask}, space)] = _of_sum(space, space.forms[name], mask)
    return by_name


def _of_sum(space: Space, form: Form, mask: int) -> Allowed:
    of_units = [Fraction(factor) / unit(space.axes[fact].fact) for fact, factor in form.terms]
    scale = lcm(*[factor.denominator for factor in of_units])
    ranges = [tuple([None if end is None else end * scale for end in run]) for run in form.ranges(mask)]
    factors = {fact: int(factor * scale) for (fact, _), factor in zip(form.terms, of_units, strict=True)}
    return Allowed(tuple([(low, high) for low, high in ranges]), none=bool(mask & form.none), sum=factors)


def allowed(axis: Axis, mask: int) -> Allowed:
    """The values in some cells of an axis."""
    fact = axis.fact
    absent = bool(mask & ~axis.known)
    none, unknown = absent and fact.or_none, absent and fact.optional
    known = mask & axis.known
    if fact.ordered and not fact.kind.named:
        ranges = []
        for first, last in runs(known):
            low, high = axis.first[first], axis.last(last)
            ends = [
                None if end == bound else value_json(fact, end) for end, bound in ((low, fact.low), (high, fact.high))
            ]
            ranges.append((ends[0], ends[1]))
        return Allowed(tuple(ranges), none=none, unknown=unknown)
    is_other_text = fact.kind.storage is Storage.TEXT and bool(known >> len(axis.first) - 1)
    cells = [cell for cell in range(len(axis.first)) if (known >> cell & 1) != is_other_text]
    if fact.ordered:
        values: list[GridValue] = [*range(fact.low, fact.high + 1)]
        values = [value for value in values if known >> axis.cell_of(value) & 1]
    else:
        values = [axis.first[cell] for cell in cells]
    named = tuple([value_json(fact, value) for value in values])
    return Allowed(values=named, others=is_other_text, none=none, unknown=unknown)


# As few boxes as can be found whose possible cases are exactly those of a formula.
#
# One case after the other is looked for that no box has yet, with wide boxes around it, from which as few are taken as
# have all cases that were found.


MOST_BOXES = 200
"""The most boxes of an answer: more than anybody reads."""
_MOST_TRIED = 2_000


def fewest(where: Formula, possible: Formula, search: Search, cost: Callable[[Box], int], once: Box) -> list[Box]:
    """Returns few boxes for a formula that holds for `possible` cases alone, preferring those of least `cost`.

    Cells that no possible case has are included or excluded, whichever costs less. Of the cells in `once`, a box may
    exclude those whose cases other boxes have, if that costs less.
    """
    allowed = where if possible is TRUE else Any((where, Neither((possible,))))
    wide: list[Box] = []
    points: list[Box] = []
    chosen: list[Box] = []
    while (box := search.find(but_not(where, inside(chosen)))) is not None:
        for other in wide:  # the fewer boxes have a case, the less there is to choose
            if intersection(box, other) is not None:
                box = search.find(but_not(where, inside([other])), box) or box
        point = {name: 1 << lowest(box.get(name, mask)) for name, mask in search.masks.items()}
        points.append(point)
        around = [grown(point, order, allowed, search, search.masks) for order in orders(list(point))]
        wide += [new for at, new in enumerate(around) if new not in wide and new not in around[:at]]
        having = [sum(1 << at for at, one in enumerate(wide) if contains(one, point)) for point in points]
        chosen = [wide[at] for at in _cheapest(having, [cost(one) for one in wide])]
        if len(chosen) > MOST_BOXES:
            raise TooManyBoxes
    for place, box in enumerate(chosen):
        others = inside([*chosen[:place], *chosen[place + 1 :]])
        chosen[place] = _trimmed(box, where, but_not(where, others), search, cost, once)
    return sorted(chosen, key=lambda box: ([lowest(mask) for mask in {**search.masks, **box}.values()], cost(box)))


def _trimmed(box: Box, where: Formula, own: Formula, search: Search, cost: Callable[[Box], int], once: Box) -> Box:
    """A box of less cost, if there is one: without cells in which no case is, and without those in `once` in which none
    is of its `own`."""
    free = []
    for name, mask in box.items():
        empty = 0
        for cell in [1 << number for number in bits(mask)]:
            needed = own if cell & once.get(name, 0) else where
            empty |= cell if search.find(needed, {**box, name: cell}) is None else 0
        free += [(name, empty), *[(name, (2 << last) - (1 << first)) for first, last in runs(empty)]]
    while True:
        narrower = [{**box, name: box[name] & ~cells} for name, cells in free if box[name] & ~cells]
        best = min(narrower, key=cost, default=box)
        if cost(best) >= cost(box):
            return box
        box = best


def _cheapest(points: Sequence[int], costs: Sequence[int]) -> list[int]:
    """Returns as few boxes as have all points, and of these those that cost least; each point is the bits of its boxes.
    It is exact, unless that takes too long.
    """
    best: list[int] = []
    least = (len(points) + 1, 0)
    tries = _MOST_TRIED

    def look(left: Sequence[int], taken: list[int], cost: int) -> None:
        nonlocal best, least, tries
        if not left:
            best, least = min((best, least), (taken, (len(taken), cost)), key=lambda one: one[1])
            return
        tries -= 1
        hardest = sorted(left, key=int.bit_count)
        met, apart = 0, 0
        for point in hardest:  # points that no box has together take a box each
            apart, met = (apart + 1, met | point) if not point & met else (apart, met)
        if best and (tries < 0 or (len(taken) + apart, cost) >= least):
            return
        for at in sorted(bits(hardest[0]), key=lambda at: (-sum(point >> at & 1 for point in left), costs[at])):
            look([point for point in left if not point >> at & 1], [*taken, at], cost + costs[at])

    look(points, [], 0)
    return best
