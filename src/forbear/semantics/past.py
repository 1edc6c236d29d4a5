"""The values of the facts of an example that follow from its events and its moment."""

from __future__ import annotations

from forbear.kernel.cases import InPart, read_value, tells_enough
from forbear.kernel.history.readings import HistorySpec, readings
from forbear.language.model.facts import Absent, Grid
from forbear.language.model.policy import Past, TypedPolicy


def follow(policy: TypedPolicy, tables: HistorySpec, past: Past) -> dict[str, Grid | Absent | InPart]:
    """Returns the values of the facts that follow from a past, by their tables. A number is known in part if the rules
    distinguish the values that it may have. Raises `CaseError`.
    """
    [reading] = readings(tables, past.case, None, past.moment)
    values: dict[str, Grid | Absent | InPart] = {}
    for name in past.follows:
        value = reading.case.get(name)
        if isinstance(value, InPart):
            if value.none or not tells_enough(tables.facts[name], value):
                values[name] = value
                continue
            value = value.low  # no rule distinguishes its possible numbers
        on_grid = read_value(tables.facts[name], value)
        values[name] = on_grid if on_grid is not None else Absent.NONE if policy.facts[name].or_none else Absent.UNKNOWN
    return values
