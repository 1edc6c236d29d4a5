"""What of a case is held: time would move it if the case said what it follows from, and it is given outright."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from forbear.language.model.policy import TypedPolicy, plain_days

_MOVED = frozenset({"time", "date", "weekday", "working day", "days since", "days since first", "days until"})
"""The measures that time moves, whether the case gives the fact outright or not."""


def may_be_held(policy: TypedPolicy, read: Collection[str]) -> dict[str, str | None]:
    """The facts among those that rules read that a case may give outright though time would move them, each with the
    date from which it follows; and plain numbers of days, of which nothing says what they follow from."""
    derived = {
        name: derivation.of
        for name, derivation in policy.derived.items()
        if not derivation.stays and derivation.measure not in _MOVED
    }
    return {name: of for name, of in {**derived, **dict.fromkeys(plain_days(policy))}.items() if name in read}


def held_in(facts: Mapping[str, str | None], case: Mapping[str, object]) -> list[str]:
    """Those of the facts that may be held that are, in a case: what is unknown or none is that until something
    happens."""
    given = [name for name, of in facts.items() if case.get(name) is not None and of not in case]
    return [name for name in given if not (isinstance(case[name], str) and case[name] == "none")]
