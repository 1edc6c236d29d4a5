"""Maps places of an earlier text to a later one, which differs from it in one stretch."""

from __future__ import annotations

from functools import cached_property

from attrs import frozen

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Span, same_ends


@frozen(slots=False)
class Moving:
    """The change from an earlier text to a later one. Everything between the first and the last difference counts as
    changed.
    """

    before: str
    after: str

    @cached_property
    def _same(self) -> tuple[int, int]:
        """The number of equal characters at the beginning, and at the end after these."""
        return same_ends(self.before, self.after)

    def span(self, span: Span) -> Span | None:
        """A span of the earlier text in the later one; None where something in it has changed."""
        begin, last = self._same
        if span[1] <= begin:
            return span
        if span[0] >= len(self.before) - last:
            by = len(self.after) - len(self.before)
            return span[0] + by, span[1] + by
        return None

    def still_there(self, diagnostic: Diagnostic, name: str) -> Span | None:
        """Returns the present place of a diagnostic of the earlier text, in the file of a name; None if its place has
        changed or is in another file.
        """
        return self.span(diagnostic.place.span) if diagnostic.place.source.name == name else None
