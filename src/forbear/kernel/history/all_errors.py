"""Reads a case and reports all its errors together: those of zones, moments and events, and those of facts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from forbear.kernel.cases import CaseError, Fault, as_dict
from forbear.kernel.history.events import Past
from forbear.kernel.history.readings import OF_HISTORY, HistorySpec, Reading, readings


def readings_or_all_errors(
    specs: HistorySpec,
    case: object,
    on: object,
    at: object,
    read: Callable[[Mapping[str, object]], object],
    past: Past | None = None,
) -> list[Reading]:
    """Returns the case in each of its time zones, as `readings` does. Raises `CaseError` with the errors of that and
    with those of the facts, which `read` finds and raises.

    Possible consequences of an error are left out: that a fact is missing which would be derived, other errors of the
    same fact, and an unknown name that is a misspelt `zone`.
    """
    try:
        return readings(specs, case, on, at, past)
    except CaseError as error:
        faults = list(error.faults)
    entries = as_dict(case)
    if entries is None:
        raise CaseError(faults)
    told = {fault.fact for fault in faults}
    told |= {fault.arguments.get("nearest") for fault in faults if fault.fact in OF_HISTORY}
    derived = {spec.name for spec in specs.derived}

    def is_its_own(fault: Fault) -> bool:
        return fault.fact not in told and not (fault.code == "missing" and fault.fact in derived)

    try:
        read({name: value for name, value in entries.items() if name not in OF_HISTORY})
    except CaseError as error:
        faults += filter(is_its_own, error.faults)
    raise CaseError(faults)
