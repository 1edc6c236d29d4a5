"""Derives facts from the history and the moment of a case, for callers that decide elsewhere."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias, TypedDict, cast

from forbear.kernel.cases import CaseError, FactSpec, InPart, as_given, in_part_json
from forbear.kernel.faults import fault
from forbear.kernel.history.readings import readings
from forbear.language.model.conditions import IsKnown, atoms, facts_of
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.relations import Related
from forbear.semantics import meaning
from forbear.semantics.kernel_specs import fact_specs, history_spec


class KnownInPart(TypedDict, total=False):
    """A number known in part: the least and the greatest value that it may have, and whether it may also be none."""

    at_least: int | Decimal | str
    at_most: int | Decimal | str
    or_none: bool


DerivedValue: TypeAlias = "int | Decimal | bool | str | datetime.date | datetime.time | KnownInPart | None"
"""A value as a case gives it: None is unknown, "none" is none."""
OUT_OF_RANGE = -1
"""A number of days that no case may have, so that a row with it is undecided."""


class Deriver:
    """Derives all derived facts of a policy, whether rules read them or not."""

    def __init__(self, policy: TypedPolicy) -> None:
        self._policy = policy
        # A derived fact may be unknown here, even if a decision needs it.
        facts = {
            name: spec._replace(absent="unknown") if name in policy.derived else spec
            for name, spec in fact_specs(policy).items()
        }
        self._tables = history_spec(policy, policy.derived, facts)

    def derive(self, case: Mapping[str, object], at: object, *, columns: bool) -> dict[str, DerivedValue]:
        """Returns the derived facts of a case. Raises `CaseError`.

        With `columns`, a number known in part becomes the least value that it may have, if every comparison of the
        rules has the same truth for all these values. Otherwise it becomes None, which a table has as null: unknown.
        For days that may be none, null would mean none, so they become a value out of range, and the row is undecided.
        An attribute of one event has no value out of range, so this is an error.
        """
        if at is None:
            raise CaseError([fault(None, "missing-moment")])
        by_zone = readings(self._tables, case, None, at)
        if len(by_zone) > 1:
            raise CaseError([fault("zone", "derived-in-one-zone", number=len(by_zone))])
        [reading] = by_zone
        values: dict[str, DerivedValue] = {}
        for spec in self._tables.derived:
            if spec.events is None or "history" in case:
                value = reading.case.get(spec.name)
                fact = self._tables.facts[spec.name]
                if isinstance(value, InPart):
                    value = self._in_a_column(fact, value) if columns else in_part_json(fact, value)
                elif columns and value == "none":
                    value = None
                values[spec.name] = cast(DerivedValue, value)
        return values

    def _in_a_column(self, fact: FactSpec, value: InPart) -> int | Decimal | str | None:
        facts = self._policy.facts
        read = [atom for rule in self._policy.rules for atom in atoms(rule.condition) if fact.name in facts_of(atom)]
        case = {fact.name: value}
        if not any(isinstance(atom, (IsKnown, Related)) or meaning.truth(atom, facts, case) is None for atom in read):
            return as_given(fact, value.low)
        if not facts[fact.name].or_none:
            return None
        if self._policy.derived[fact.name].attribute is None:
            return OUT_OF_RANGE
        raise CaseError([fault(fact.name, "part-in-column", name=fact.name)])
