"""Maps boxes to the cases for which another case, with a lower or equal value of one fact and otherwise the same, is in
one of the boxes.

A box bounds the value of the fact by numbers and by other facts. The value is eliminated by comparing each lower bound
with each upper one (Fourier and Motzkin), which yields relations of the others. That is exact over whole numbers unless
the fact has a factor in both bounds, as with two percentages. Then the boxes have too many cases or, if they are
`tight`, too few: those in which the bounds are so far apart that a whole number is certainly between them (the dark
shadow of Pugh's Omega test).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product

from attrs import evolve, field, frozen

from forbear.space.axes import Axis
from forbear.space.masks import runs
from forbear.space.regions import Box
from forbear.space.relations.forms import Form, form_of

Sum = tuple[tuple[tuple[str, int], ...], int]
"""Facts with factors, and a number that is added."""


@frozen
class _Bound:
    """`times` of the value of the fact is at least, or at most, a sum."""

    times: int
    sum: Sum


@frozen
class _Part:
    """A part of a box: the masks that stay as they are, and sums that must not be below 0."""

    masks: Mapping[str, int]
    sums: Sequence[Sum]


@frozen(slots=False)
class Earlier:
    """Some boxes, each with the cases for which another case, with no higher value of `fact` and otherwise the same, is
    in it.

    `forms` are those that this needs in addition to the ones of the space, and `inexact` is whether some boxes are not
    exact.
    """

    fact: str
    axes: Mapping[str, Axis]
    known: Mapping[str, Form]
    tight: bool = False
    forms: dict[str, Form] = field(factory=dict, init=False)
    _apart: list[int] = field(factory=list, init=False)

    @property
    def inexact(self) -> bool:
        return bool(self._apart)

    def boxes(self, boxes: Iterable[Box]) -> list[Box]:
        """The boxes."""
        parts = [part for box in boxes for part in self._parts(box)]
        limits: dict[tuple[tuple[str, int], ...], set[int]] = {}
        for part in parts:
            for terms, more in part.sums:
                limits.setdefault(terms, set()).add(-more)
        label = f"{len(self.forms)}: "
        of_terms = {terms: self._form(terms, starts, label) for terms, starts in limits.items() if terms}
        self.forms.update({form.name: form for form in of_terms.values()})
        return [box for part in parts if (box := self._box(part, of_terms)) is not None]

    def _box(self, part: _Part, of_terms: Mapping[tuple[tuple[str, int], ...], Form]) -> Box | None:
        box = dict(part.masks)
        for terms, more in part.sums:
            if not terms:
                if more < 0:
                    return None
                continue
            form = of_terms[terms]
            at_least = form.known & ~form.at_most(-more - 1)
            box[form.name] = box.get(form.name, form.everything) & at_least
        if not all(box.values()):
            return None
        return {name: mask for name, mask in box.items() if mask != self._everything(name)}

    def _everything(self, name: str) -> int | None:
        for forms in (self.known, self.forms):
            if name in forms:
                return forms[name].everything
        return self.axes[name].everything if name in self.axes else None

    def _form(self, terms: tuple[tuple[str, int], ...], starts: Iterable[int], label: str) -> Form:
        """The form of a sum, with cells that begin at some values."""
        names, factors = zip(*terms, strict=True)
        facts = {name: self.axes[name].fact for name in names}
        return evolve(form_of(facts, names, factors, [start - 1 for start in starts]), label=label)

    def _parts(self, box: Box) -> Iterator[_Part]:
        axis = self.axes.get(self.fact)
        if axis is None:
            yield _Part(box, ())
            return
        mask = box.get(self.fact, axis.everything)
        rest = {name: cells for name, cells in box.items() if name != self.fact}
        forms = [self.known[name] for name in rest if name in self.known and self.fact in self.known[name].facts]
        if not forms:
            later = axis.everything & ~((mask & -mask) - 1)
            yield _Part(rest if later == axis.everything else {**rest, self.fact: later}, ())
            return
        rest = {name: cells for name, cells in rest.items() if name not in {form.name for form in forms}}
        ranges: list[list[tuple[int | None, int | None] | None]] = []
        for form in forms:
            cells = box[form.name]
            ranges.append([*form.ranges(cells), *([None] if cells & ~form.known else [])])
        for first, last in runs(mask & axis.known):
            for chosen in product(*ranges):
                yield self._part(rest, axis, first, last, list(zip(forms, chosen, strict=True)), box)

    def _part(
        self,
        rest: Box,
        axis: Axis,
        first: int,
        last: int,
        chosen: Sequence[tuple[Form, tuple[int | None, int | None] | None]],
        box: Box,
    ) -> _Part:
        masks = dict(rest)
        masks[axis.fact.name] = axis.everything & ~((1 << first) - 1)
        low, high = axis.first[first], axis.last(last)
        assert isinstance(low, int)
        assert isinstance(high, int)
        lower, upper = [_Bound(1, ((), low))], [_Bound(1, ((), high)), _Bound(1, (((self.fact, 1),), 0))]
        for form, ends in chosen:
            if ends is None:  # unknown or none, by the other fact, which is the same
                masks[form.name] = box[form.name] & ~form.known
                continue
            masks[form.name] = form.known
            factors = dict(form.terms)
            times = factors.pop(self.fact)
            rest_of_sum = tuple([(name, -factor) for name, factor in factors.items()])
            for value, is_low in zip(ends, (True, False), strict=True):
                if value is not None:
                    bound = (
                        _Bound(times, (rest_of_sum, value))
                        if times > 0
                        else _Bound(-times, _times(-1, (rest_of_sum, value)))
                    )
                    (lower if is_low == (times > 0) else upper).append(bound)
        sums = []
        for least, most in product(lower, upper):
            apart = (least.times - 1) * (most.times - 1)
            if apart:
                self._apart.append(apart)
            terms, more = _added(_times(least.times, most.sum), _times(-most.times, least.sum))
            sums.append((terms, more - apart * self.tight))
        return _Part(masks, sums)


def _times(factor: int, total: Sum) -> Sum:
    return tuple([(name, factor * times) for name, times in total[0]]), factor * total[1]


def _added(first: Sum, second: Sum) -> Sum:
    factors: dict[str, int] = {}
    for name, factor in (*first[0], *second[0]):
        factors[name] = factors.get(name, 0) + factor
    terms = tuple([(name, factor) for name, factor in sorted(factors.items()) if factor])
    return terms, first[1] + second[1]
