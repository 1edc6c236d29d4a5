"""The bound on all work: comparisons of boxes are counted, and the work ends with `BoundReached`."""

from __future__ import annotations

from collections.abc import Callable

from attrs import Factory, define, field


class BoundReached(Exception):
    """The search stopped at its bound. Nothing is known of the cases that it had not reached."""


def _nothing() -> None:
    pass


@define
class Bound:
    """The number of boxes that may still be compared. Several searches may share a bound.

    Work that takes longer than comparing two boxes counts as several comparisons.
    """

    left: int
    whole: Bound | None = None
    """The bound of which this one is a part."""
    between: Callable[[], None] = field(
        default=Factory(lambda self: _nothing if self.whole is None else self.whole.between, takes_self=True), eq=False
    )
    """Searches call it often. It may raise what ends them all: nobody waits for the answer any more."""

    def spend(self, boxes: int) -> None:
        """Counts so many comparisons. Raises `BoundReached` where more were made than the bound allows."""
        self.left -= boxes
        if self.whole is not None:
            self.whole.left -= boxes
        if self.left < 0:
            raise BoundReached

    def part(self) -> Bound:
        """Returns a bound of an eighth of what remains, so that later searches have some left too."""
        return Bound(self.left // 8, self)
