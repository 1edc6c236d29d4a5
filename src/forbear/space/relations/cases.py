"""Decides in which boxes the cells of facts and of forms have a case in common.

A box restricts each fact and each form to some of its cells. Two such restrictions may exclude each other: no case has
`balance` below 100, `last_month` above 200, and `balance > last_month`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from typing import TypeAlias

from attrs import frozen

from forbear.kernel.cases import GridValue, bits
from forbear.language.model.cases import PLAIN_DATE
from forbear.language.model.kinds import DATE, Storage
from forbear.space.axes import DAY, Axis, usual_value
from forbear.space.masks import runs
from forbear.space.regions import Box
from forbear.space.relations.dated import Dates, nearest, solution
from forbear.space.relations.forms import Form
from forbear.space.relations.systems import Strip, System, Unsolved, clipped
from forbear.space.relations.ties import Tie
from forbear.space.search.bound import Bound

_Key: TypeAlias = tuple[tuple[str, int], ...]
_MOST_KEPT = 100_000


@frozen
class _Choice:
    """A choice for the facts of some forms: those with a known value, those without one, and the constraints on the
    values.
    """

    known: frozenset[str] = frozenset()
    absent: frozenset[str] = frozenset()
    strips: tuple[Strip, ...] = ()

    def knowing(self, facts: Iterable[str], *strips: Strip) -> _Choice:
        return _Choice(self.known.union(facts), self.absent, self.strips + strips)

    def without(self, fact: str) -> _Choice:
        return _Choice(self.known, self.absent | {fact}, self.strips)


class RelatedCases:
    """The forms of a space, or of several cases that differ in one fact (`At` in formulas), and the axes of their
    facts.

    `order` are further constraints on two facts, if both are known, and `dates` are the constraints through the day of
    the decision, of each case. An age has a value if its date has one.
    """

    def __init__(
        self,
        forms: Mapping[str, Form],
        axes: Mapping[str, Axis],
        order: Sequence[Strip] = (),
        dates: Sequence[Dates] = (),
    ) -> None:
        self.forms = forms
        self._axes = axes
        self._order = list(dict.fromkeys([*order, *[strip for each in dates for strip in each.order]]))
        self._dates = dates
        self._memo: dict[_Key, Box | None] = {}

    @property
    def dated(self) -> set[str]:
        """The axes of what hangs together by the day of the decision."""
        return set().union(*[{DAY, *dates.names} for dates in self._dates])

    def excluded(self, box: Box, everything: Mapping[str, int], bound: Bound) -> Box | None:
        """Returns a box around this one that has no case; None if it has a case.

        `everything` has the mask of all cells of each axis. Raises `Unsolved` or `BoundReached`.
        """
        for masks in self._parts(box, everything):
            key: _Key = tuple(masks.items())
            if key not in self._memo:
                if len(self._memo) > _MOST_KEPT:
                    self._memo.clear()
                self._memo[key] = self._why_not(masks, everything, bound)
            excluded = self._memo[key]
            if excluded is not None:
                return excluded
        return None

    def case(
        self, box: Box, everything: Mapping[str, int], wanted: Mapping[str, GridValue], bound: Bound
    ) -> dict[str, GridValue] | None:
        """Returns the values, in a case of a box, of the facts that its forms are about; None if it has no case.

        They are as near as can be to the wanted ones, with priority to the first of these. A value of None is unknown
        or none. Raises `Unsolved` or `BoundReached`.
        """
        values: dict[str, GridValue] = {}
        for masks in self._parts(box, everything, all_dates=True):
            choice = self._chosen(masks, bound)
            if choice is None:
                return None
            for name in masks:
                if name in self._axes and name not in choice.known and self._may_be_absent(name, choice, masks):
                    known = choice.knowing([name])
                    if self._may_be_known(name, choice, masks) and wanted.get(name, 0) is not None:
                        choice = known if self._solvable(known, masks, bound) else choice.without(name)
                    else:
                        choice = choice.without(name)
            system, ties = self._system(choice, masks)
            near = {name: int(value) for name, value in wanted.items() if name in system.domains and value is not None}
            if wanted.get(DAY) is not None:
                near.update({dates.day: int(wanted[DAY] or 0) for dates in self._dates if dates.day not in near})
            for name in sorted(system.domains, key=lambda name: name not in self._axes):
                kind = self._axes[name].fact.kind if name in self._axes else DATE
                usual = usual_value(self._axes[name]) if name in self._axes else None
                if kind.storage is Storage.DATE and near.get(name, kind.limits[0]) == kind.limits[0]:
                    near[name] = int(usual or PLAIN_DATE)  # the ends of the calendar are not realistic dates
                near.setdefault(name, int(usual or 0))
            ages = [tie.fact for tie in ties if {tie.fact, tie.of} <= self._axes.keys()]
            follow = {  # an adult of any age, for a date of birth that matters
                name
                for name in ages
                if self._axes[name].fact.usually is None and near[name] == usual_value(self._axes[name])
            }
            near = {name: near[name] for name in sorted(near, key=lambda name: name in follow)}
            near_values = nearest(system, ties, near, bound)
            assert near_values is not None
            values.update(dict.fromkeys(choice.absent))
            values.update(
                {name: self._of_fact(name, value) for name, value in near_values.items() if name in self._axes}
            )
            if DAY in masks and self._dates and self._dates[0].day in near_values:
                values[DAY] = near_values[self._dates[0].day]
        return values

    def _of_fact(self, name: str, value: int) -> GridValue:
        return bool(value) if self._axes[name].fact.kind.storage is Storage.FLAG else value

    def narrowed(self, box: Box, everything: Mapping[str, int], bound: Bound) -> Box:
        """The cells of one case of a box, which must have one, on the axes that its forms and their facts have."""
        case = self.case(box, everything, {}, bound)
        assert case is not None
        cells = {name: 1 << self._axes[name].cell_of(value) for name, value in case.items() if name != DAY}
        day = case.get(DAY)
        if isinstance(day, int):
            [period] = [number for number, ends in enumerate(self._dates[0].periods) if ends[0] <= day <= ends[1]]
            cells[DAY] = 1 << period
        for name in box:
            cell = self.forms[name].cell_of(case) if name in self.forms else 0
            if cell:
                cells[name] = cell
        return {**box, **cells}

    def relates(self, fact: str) -> bool:
        """Returns true if the value of a fact constrains those of others."""
        of_strips = (name for strip in self._order for name, _ in strip.terms)
        return fact in self.dated or fact in of_strips or any(fact in form.facts for form in self.forms.values())

    def copied(self, fact: str, copies: Sequence[str], order: Sequence[Form]) -> RelatedCases:
        """The forms of several cases that differ in one fact: `copies` are the axes for it of the others.

        `order` has further forms, of the axes themselves.
        """
        forms = dict(self.forms)
        for copy in copies:
            forms.update(
                {name: self.forms[old].renamed({fact: copy}) for old, name in self.renamed(fact, copy).items()}
            )
        forms.update({form.name: form for form in order})
        strips = [
            Strip(
                tuple([({fact: copy}.get(name, name), factor) for name, factor in strip.terms]), strip.low, strip.high
            )
            for strip in self._order
            for copy in (fact, *copies)
        ]
        axes = {**self._axes, **dict.fromkeys(copies, self._axes[fact])}
        others = [of_copy for dates in self._dates for copy in copies if (of_copy := dates.of_another(fact, copy))]
        return RelatedCases(forms, axes, strips, [*self._dates, *others])

    def with_forms(self, forms: Mapping[str, Form]) -> RelatedCases:
        """The same with further forms."""
        return RelatedCases({**self.forms, **forms}, self._axes, self._order, self._dates)

    def renamed(self, fact: str, copy: str) -> dict[str, str]:
        """Returns, for each form of a fact, the name of its axis if another case has the axis `copy` for the fact."""
        of_fact = {name: form for name, form in self.forms.items() if fact in form.facts}
        return {name: form.renamed({fact: copy}).name for name, form in of_fact.items()}

    def _parts(self, box: Box, everything: Mapping[str, int], all_dates: bool = False) -> Iterable[dict[str, int]]:
        """Returns the forms that a box restricts, with their facts, in parts that have no fact in common: masks by
        axis, those of forms first. Includes only relevant date constraints, unless `all_dates`.
        """
        constrained = {name for name in box if name in everything and box[name] != everything[name]}
        forms_said = sorted(constrained & self.forms.keys())
        groups = [(set(self._with_ordered(self.forms[name].facts)), [name]) for name in forms_said]
        groups += [(facts, []) for facts in self._by_day(constrained.union(*[facts for facts, _ in groups]), all_dates)]
        if not groups:
            return ()
        parts: list[tuple[set[str], list[str]]] = []
        for its_facts, its_forms in groups:
            facts, forms = its_facts, its_forms
            apart = []
            for earlier in parts:
                if earlier[0] & facts:
                    facts = facts | earlier[0]
                    forms = [*earlier[1], *forms]
                else:
                    apart.append(earlier)
            parts = [*apart, (facts, forms)]
        return [
            {name: box.get(name, everything[name]) for name in (*forms, *sorted(facts & (self._axes.keys() | {DAY})))}
            for facts, forms in parts
        ]

    def _by_day(self, constrained: Set[str], all_dates: bool) -> Iterator[set[str]]:
        """The facts of each age that matters where something is said of some facts, and the day with its period."""
        for dates in self._dates:
            period = {DAY} if dates.periods else set()
            for tie in dates.ties:
                by = tie.by if len(self._dates) == 1 else tie.names  # what cases have in common is said of by each
                if all_dates or not tie.by or not constrained.isdisjoint(self._with_ordered(by)):
                    yield {*tie.names, *dates.same, *period}
            days = {dates.day, *dates.same}
            if (period or dates.same) and not days.isdisjoint(self._axes):
                yield days | period

    def _with_ordered(self, facts: Iterable[str]) -> Iterable[str]:
        for fact in facts:
            yield fact
            for strip in self._order:
                if any(fact == name for name, _ in strip.terms):
                    yield from [name for name, _ in strip.terms]

    def _why_not(self, masks: Mapping[str, int], everything: Mapping[str, int], bound: Bound) -> Box | None:
        """The masks, widened until hardly more could be; None where they have a case in common."""
        if self._chosen(masks, bound) is not None:
            return None
        wide = dict(masks)
        names = [name for name in masks if name not in self.forms] + [name for name in masks if name in self.forms]
        pieces = [[name for name in names if masks[name] != everything[name]]]
        while pieces:
            piece = pieces.pop()
            if self._widens(wide, {name: everything[name] for name in piece}, bound):
                continue
            if len(piece) > 1:  # few matter of many: these are found by halving
                pieces += [piece[len(piece) // 2 :], piece[: len(piece) // 2]]
                continue
            [name] = piece
            whole, before = everything[name], wide[name]
            lowest = (before & -before).bit_length() - 1
            for wider in (whole & ~((1 << lowest) - 1), whole & ((1 << before.bit_length()) - 1)):
                if wider | before != before and self._widens(wide, {name: wider | before}, bound):
                    break
        return {name: mask for name, mask in wide.items() if mask != everything[name]}

    def _widens(self, wide: dict[str, int], wider: Mapping[str, int], bound: Bound) -> bool:
        """Returns true if masks have no case in common even with some of them wider; they are widened then."""
        try:
            if self._chosen({**wide, **wider}, bound) is not None:
                return False
        except Unsolved:
            return False
        wide.update(wider)
        return True

    def _chosen(self, masks: Mapping[str, int], bound: Bound) -> _Choice | None:
        """Returns a choice that has a solution; None if there is none."""
        try:
            return self._chosen_by(masks, bound, one_by_one=False)
        except Unsolved:  # a part of it may have no solution, and be easier
            return self._chosen_by(masks, bound, one_by_one=True)

    def _chosen_by(self, masks: Mapping[str, int], bound: Bound, *, one_by_one: bool) -> _Choice | None:
        """The same. What leaves no choice is solved together, or `one_by_one`."""
        forms = [
            self.forms[name] for name in masks if name in self.forms and masks[name] != self.forms[name].everything
        ]
        forms.sort(key=lambda form: len(list(form.ranges(masks[form.name]))))
        ties = [(tie, dates) for dates in self._dates for tie in dates.ties if self._axes_of(tie) <= masks.keys()]
        last = len(forms) + len(ties)
        stack = [(_Choice(), 0)]
        while stack:
            choice, at = stack.pop()
            choices = [choice]
            while at < last and len(choices) == 1:
                [choice] = choices
                if one_by_one and not self._solvable(choice, masks, bound):
                    choices = []
                    break
                if at < len(forms):
                    choices = list(self._choices(choice, forms[at], masks))
                else:
                    choices = list(self._choices_of(choice, *ties[at - len(forms)], masks))
                at += 1
            if len(choices) == 1:
                [choice] = choices
            if not choices or not self._solvable(choice, masks, bound):
                continue
            if len(choices) == 1:
                return choice
            stack += [(more, at) for more in reversed(choices)]
        return None

    def _axes_of(self, tie: Tie) -> set[str]:
        return {name for name in tie.names if name in self._axes}

    def _solvable(self, choice: _Choice, masks: Mapping[str, int], bound: Bound) -> bool:
        same = {name for dates in self._dates for name in dates.same}
        covering = any(tie.covered for dates in self._dates for tie in dates.ties if tie.fact in masks)
        nothing_said = not choice.known and DAY not in masks and same.isdisjoint(masks) and not covering
        return nothing_said or solution(*self._system(choice, masks), bound) is not None

    def _choices(self, choice: _Choice, form: Form, masks: Mapping[str, int]) -> Iterable[_Choice]:
        mask = masks[form.name]
        if all(self._may_be_known(name, choice, masks) for name in form.facts):
            for low, high in form.ranges(mask):
                yield choice.knowing(form.facts, Strip(form.terms, low, high))
        if mask & form.unknown:
            for name in form.optional:
                if self._may_be_absent(name, choice, masks):
                    yield choice.without(name)
        if mask & form.none and all(self._may_be_known(name, choice, masks) for name in form.optional):
            for name in form.or_none:
                if self._may_be_absent(name, choice, masks):
                    yield choice.knowing(form.optional).without(name)

    def _choices_of(self, choice: _Choice, tie: Tie, dates: Dates, masks: Mapping[str, int]) -> Iterable[_Choice]:
        """Returns the choices of what is known: all facts of an age, or neither the date nor the age. Whether a day is
        worked is unknown only if the day is, which is known if rules have dates. The day of the week may be unknown for
        any day.
        """
        own = [name for name in tie.names[:2] if name in self._axes and name != tie.day]
        if all(self._may_be_known(name, choice, masks) for name in own):
            yield choice.knowing(own)
        if tie.of == tie.day and not tie.by:
            if DAY in masks or tie.day in self._axes:
                return
            own += [name for name in dates.same if name in masks]
        if all(self._may_be_absent(name, choice, masks) for name in own):
            absent = choice
            for name in own:
                absent = absent.without(name)
            yield absent

    def _may_be_known(self, name: str, choice: _Choice, masks: Mapping[str, int]) -> bool:
        return name not in choice.absent and bool(masks[name] & self._axes[name].known)

    def _may_be_absent(self, name: str, choice: _Choice, masks: Mapping[str, int]) -> bool:
        return name not in choice.known and bool(masks[name] & ~self._axes[name].known)

    def _system(self, choice: _Choice, masks: Mapping[str, int]) -> tuple[System, list[Tie]]:
        """Returns the system of a choice, which includes the facts that certainly have a known value; and the ties
        among them, except for those that are sums.
        """
        names = [
            name
            for name in masks
            if name in self._axes
            and name not in choice.absent
            and (name in choice.known or not self._may_be_absent(name, choice, masks))
        ]
        domains = {name: self._values(name, masks[name]) for name in names}
        order, ties = list(self._order), list[Tie]()
        for dates in self._dates:
            its = [tie for tie in dates.ties if self._axes_of(tie) <= domains.keys()]
            days = {name for tie in its for name in tie.names}
            covered = [tie.covered for tie in dates.ties if tie.covered is not None and tie.fact in masks]
            if DAY in masks or covered or not domains.keys().isdisjoint(dates.same):
                days.add(dates.day)
            hidden = sorted(days & dates.hidden.keys() - domains.keys(), key=lambda name: (name == dates.day, name))
            domains |= {name: [dates.hidden[name]] for name in hidden}
            if DAY in masks and dates.day in domains:
                chosen = [dates.periods[period] for period in bits(masks[DAY])]
                in_periods = [clipped(domains[dates.day], *period) for period in chosen]
                domains[dates.day] = [run for runs in in_periods for run in runs]
            order += [*covered, *[tie.equation for tie in its if tie.equation is not None]]
            ties += [tie for tie in its if tie.equation is None]
        strips = [strip for strip in order if all(name in domains for name, _ in strip.terms)]
        return System(domains, [*choice.strips, *strips]), ties

    def _values(self, name: str, mask: int) -> list[tuple[int, int]]:
        axis = self._axes[name]
        values: list[tuple[int, int]] = []
        for first, last in runs(mask & axis.known):
            low, high = axis.first[first], axis.last(last) if axis.fact.ordered else axis.first[last]
            assert isinstance(low, int)
            assert isinstance(high, int)
            low, high = int(low), int(high)
            if values and values[-1][1] == low - 1:
                low = values.pop()[0]
            values.append((low, high))
        return values
