"""What a change of a verdict does to the borrower, the most dangerous first."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from forbear.kernel.cases import Verdict


class ChangeEffect(StrEnum):
    """What a change of a verdict does to the borrower, in the order in which changes are told."""

    NEWLY_PERMITTED = "newly permitted"
    NEWLY_REQUIRED = "newly required"
    NO_LONGER_PERMITTED = "no longer permitted"
    NO_LONGER_REQUIRED = "no longer required"
    REFUSED_OTHERWISE = "refused for another reason"

    @property
    def newly(self) -> bool:
        """Whether the new policy does more than the old one."""
        return self in (ChangeEffect.NEWLY_PERMITTED, ChangeEffect.NEWLY_REQUIRED)

    @property
    def of_duty(self) -> bool:
        """Whether it is about what is required."""
        return self in (ChangeEffect.NEWLY_REQUIRED, ChangeEffect.NO_LONGER_REQUIRED)


def effect_of(before: Verdict, after: Verdict) -> ChangeEffect:
    """The effect of a change of verdict. A duty that is new or gone counts as such, and not as a permission."""
    if after is Verdict.REQUIRED:
        return ChangeEffect.NEWLY_REQUIRED
    if before is Verdict.REQUIRED:
        return ChangeEffect.NO_LONGER_REQUIRED
    if after is Verdict.ALLOWED:
        return ChangeEffect.NEWLY_PERMITTED
    return ChangeEffect.NO_LONGER_PERMITTED if before is Verdict.ALLOWED else ChangeEffect.REFUSED_OTHERWISE


TRANSITIONS: Mapping[ChangeEffect, tuple[tuple[Verdict, Verdict], ...]] = {
    effect: tuple(
        [
            (before, after)
            for before in Verdict
            for after in Verdict
            if before is not after and effect_of(before, after) is effect
        ]
    )
    for effect in ChangeEffect
}
"""The verdicts before and after of each effect."""
