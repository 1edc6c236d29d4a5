"""The effect of time on the facts that a case gives outright: some rise by one a day, some are held still."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attrs import frozen

from forbear.kernel.history.moments import OF_CALENDAR
from forbear.language.model.kinds import DAYS, TIME
from forbear.language.model.policy import TypedPolicy

BY_A_DAY = {"days since": 1, "days since first": 1, "days until": -1}
"""The measures of which a number rises or falls by one a day, also where a case gives it outright."""
_MOVED = frozenset({"time", "date", "weekday", *OF_CALENDAR, *BY_A_DAY})
"""The measures that time moves, whether the case gives the fact outright or not."""


@frozen
class MayBeHeld:
    """The facts on which what rules read rests and that a case may give outright though time would move them."""

    follow: Mapping[str, str | None]
    """Those that would follow from something, each with the date or the hours that they follow from; and numbers of
    days and times of day of which nothing says whether time moves them."""
    this_day: tuple[str, ...]
    """Those that are declared to be of the day of the decision alone."""

    def given_in(self, case: Mapping[str, object]) -> list[str]:
        """Those that are held in a case. What is unknown is that until something happens, and so is what is none, but
        for what is of the day."""
        given = [name for name, of in self.follow.items() if of not in case and not _is_none(case.get(name))]
        return given + [name for name in self.this_day if case.get(name) is not None]


def _is_none(value: object) -> bool:
    return value is None or (isinstance(value, str) and value == "none")


def may_be_held(policy: TypedPolicy, read: Collection[str]) -> MayBeHeld:
    """Returns the facts a case may give outright on which the facts that rules read rest."""
    facts = policy.facts.values()
    derived = {
        name: derivation.of or derivation.hours
        for name, derivation in policy.derived.items()
        if name in read and not derivation.stays and derivation.measure not in _MOVED
    }
    plain = [fact for fact in facts if fact.kind in (DAYS, TIME) and not (fact.by_day or fact.this_day)]
    unsaid = dict.fromkeys([fact.name for fact in plain if fact.name in read and fact.name not in policy.derived])
    of_day = [fact.name for fact in facts if fact.this_day]
    behind = _behind(policy, read) if of_day else ()
    return MayBeHeld({**derived, **unsaid}, tuple([name for name in of_day if name in read or name in behind]))


def _behind(policy: TypedPolicy, names: Collection[str]) -> set[str]:
    """The facts of a case from which derived facts follow: dates of ages, and what events are compared with."""
    return {of for name, its in policy.derived.items() if name in names for of in its.sources(policy.events)}
