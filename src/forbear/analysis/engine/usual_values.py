"""The usual values of a case that keep an action from being permitted: a short case may not leave them out."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from forbear.kernel.cases import CaseError, Value, read_case, read_on
from forbear.language.model.cases import DAY
from forbear.language.model.conditions import atoms, facts_of
from forbear.language.model.policy import TypedPolicy
from forbear.semantics import meaning
from forbear.space.axes import Space
from forbear.space.predicates.specs import specs


class UsualValues:
    """Looks for the facts of cases of a policy that are at their usual value, and of which another value alone would
    permit an action: the time of a lunch break, a weekday. A flag that is not set tells nobody anything, nor does a
    state that the author declares as usual."""

    def __init__(self, policy: TypedPolicy, cells: Space) -> None:
        weekdays = {name for name, derived in policy.derived.items() if derived.measure == "weekday"}
        self._policy = policy
        self._cells = cells
        self._usual = {
            name: fact.usually
            for name, fact in policy.facts.items()
            if (isinstance(fact.usually, int) and not isinstance(fact.usually, bool)) or name in weekdays
        }
        self._read: dict[str, frozenset[str]] = {}

    def of(self, actions: Collection[str], witness: Mapping[str, object]) -> frozenset[str]:
        """The names of these facts."""
        if not self._usual or not actions:
            return frozenset()
        tables = specs(self._policy)
        known = {name: value for name, value in witness.items() if name in self._policy.facts}
        try:
            case = read_case(tables.facts, tables.needed, known)
        except CaseError:
            return frozenset()
        day = read_on(witness[DAY]) if DAY in witness else None
        return frozenset(name for action in actions for name in self._of(action, case, day))

    def _of(self, action: str, case: Mapping[str, Value], day: int | None) -> Iterator[str]:
        usual = [name for name in self._facts_of(action) if case.get(name) == self._usual[name]]
        if not usual or self._permitted(action, case, day):
            return
        for name in usual:
            if any(self._permitted(action, {**case, name: value}, day) for value in self._cells.axes[name].first):
                yield name

    def _permitted(self, action: str, case: Mapping[str, Value], day: int | None) -> bool:
        return meaning.decide_action(self._policy, action, case, day).permitted

    def _facts_of(self, action: str) -> frozenset[str]:
        """The facts of a usual value that rules on an action read."""
        if action not in self._read:
            rules = [rule for rule in self._policy.rules if action in rule.effects]
            read = {name for rule in rules for atom in atoms(rule.condition) for name in facts_of(atom)}
            self._read[action] = frozenset(read & self._usual.keys() & self._cells.axes.keys())
        return self._read[action]
