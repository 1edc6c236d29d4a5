"""Cases in short, as people put them into `decide` again: with all that decides, and without the rest.

`shortener` leaves out what is usual or at its mildest. A short case keeps of that what a verdict rests on: a
usual value without which an action would be permitted, and a fact that would be unknown if it were left out.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property

from forbear.kernel.cases import CaseError, GridValue, Value, Verdict, read_case, read_on
from forbear.language.model.cases import DAY, shortener, usual_value
from forbear.language.model.conditions import atoms, facts_of
from forbear.language.model.facts import Absent
from forbear.language.model.kinds import CODE
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.space.axes import Axis, space_of
from forbear.space.predicates.specs import Specs, specs
from forbear.space.search.witness import minimal_value, shrink_order


class ShortCases:
    """Shortens cases of one policy, or of two of one vocabulary: then `policy` has the facts of both."""

    def __init__(self, policy: TypedPolicy, sides: Sequence[TypedPolicy] = ()) -> None:
        self._policy = policy
        self._sides = sides or (policy,)
        self._shorten = shortener(policy)
        self._usual: dict[str, Value] = {
            name: None if isinstance(usual, Absent) else usual
            for name, fact in policy.facts.items()
            if (usual := usual_value(fact)) is not None and not fact.optional
        }
        self._read: dict[tuple[int, str], frozenset[str]] = {}

    def unusual(self, case: Mapping[str, object]) -> tuple[int, int]:
        """Returns how unusual a case is: how far from the country of the rules, then how many facts it names."""
        return sum(case.get(name) != code for name, code in self._codes.items()), len(self._shorten(case))

    def of(
        self, case: Mapping[str, object], actions: Collection[str], rules: Collection[str] = ()
    ) -> dict[str, object]:
        """Returns a case in short, which keeps the verdicts on some actions, and whether some rules hold."""
        if not actions and not rules:
            return self._shorten(case)
        tables = self._tables
        known = {name: value for name, value in case.items() if name in self._policy.facts}
        try:
            full = read_case(tables.facts, tables.needed, known)
        except CaseError:
            return self._shorten(case)
        day = read_on(case[DAY]) if DAY in case else None
        keep = {name for side in self._sides for action in actions for name in self._blocking(side, action, full, day)}
        if any(value is None and self._policy.facts[name].optional for name, value in full.items()):
            keep |= self._unknown(full, day, actions)
        short = self._shorten(case, keep)
        left_out = [name for name in known if name not in short and self._policy.facts[name].optional]
        shown = self._shown(full, day, actions, rules) if left_out else ()
        for name in left_out:
            without = {**full, name: None}
            if self._shown(without, day, actions, rules) == shown:
                full = without
            else:
                keep.add(name)
        short = self._shorten(case, keep)
        if rules or None not in short.values():
            return short
        unknown = self._unknown(full, day, actions)
        return {name: value for name, value in short.items() if value is not None or name in unknown}

    def _unknown(self, case: Mapping[str, Value], day: int | None, actions: Collection[str]) -> set[str]:
        """Returns the unknown facts on which the verdicts depend."""
        return {
            name
            for side in self._sides
            for action in actions
            if action in side.actions
            for name in meaning.decide_action(side, action, case, day).unknown
        }

    def _shown(
        self, case: Mapping[str, Value], day: int | None, actions: Collection[str], rules: Collection[str]
    ) -> tuple[object, ...]:
        """Returns the data that a case shows: the verdicts on the actions, with their companions, and whether the rules
        hold.
        """
        decisions = [
            (decision.verdict, [companion.action for companion in decision.along])
            for side in self._sides
            for action in actions
            if action in side.actions
            for decision in (meaning.decide_action(side, action, case, day),)
        ]
        holding = [
            meaning.truth(rule.condition, side.facts, case)
            for side in self._sides
            for rule in side.rules
            if rule.name in rules
        ]
        return (*decisions, *holding)

    def _blocking(self, side: TypedPolicy, action: str, case: Mapping[str, Value], day: int | None) -> Iterator[str]:
        """The facts at their usual value of which another value alone would permit an action; of a standard, which
        permits nothing that it does not require, with which it would not forbid the action."""

        def passes(values: Mapping[str, Value]) -> bool:
            decision = meaning.decide_action(side, action, values, day)
            return decision.verdict is not Verdict.FORBIDDEN if side.standard else decision.permitted

        usual = [name for name in self._facts_of(side, action) if name in case and case[name] == self._usual[name]]
        if usual and not passes(case):
            for name in usual:
                if any(passes({**case, name: value}) for value in self._axes[name].first):
                    yield name

    def _facts_of(self, side: TypedPolicy, action: str) -> frozenset[str]:
        """The facts of a usual value that rules on an action read."""
        key = (self._sides.index(side), action)
        if key not in self._read:
            rules = [rule for rule in side.rules if action in rule.effects]
            read = {name for rule in rules for atom in atoms(rule.condition) for name in facts_of(atom)}
            self._read[key] = frozenset(read & self._usual.keys() & self._axes.keys())
        return self._read[key]

    @cached_property
    def _tables(self) -> Specs:
        return specs(self._policy)

    @cached_property
    def _codes(self) -> Mapping[str, GridValue]:
        """The codes that come first, such as the country of the rules."""
        axes = {name: axis for name, axis in self._axes.items() if axis.fact.kind is CODE}
        return {name: minimal_value(axis, shrink_order(axis)[0]) for name, axis in axes.items()}

    @cached_property
    def _axes(self) -> Mapping[str, Axis]:
        return space_of(self._tables.lowered).axes
