"""The bound on all work: what is asked of boxes is counted, and ends with `BoundReached`."""

from __future__ import annotations

from attrs import define


class BoundReached(Exception):
    """The search gave up: nothing is known of what it had not seen."""


@define
class Bound:
    """How many boxes may still be compared; several searches share one. What takes longer than to compare two boxes
    counts as so many comparisons."""

    left: int
    whole: Bound | None = None
    """What this is a part of."""

    def spend(self, boxes: int) -> None:
        self.left -= boxes
        if self.whole is not None:
            self.whole.left -= boxes
        if self.left < 0:
            raise BoundReached

    def part(self) -> Bound:
        """A part of what is left, so that whoever comes next finds something too."""
        return Bound(self.left // 8, self)
