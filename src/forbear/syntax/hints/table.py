"""All hints, in the order in which they are tried: the first that matches is taken, so a narrow one comes before a wide
one."""

from __future__ import annotations

from forbear.syntax.hints import events, phrases, statements, values

BEFORE_MISSPELT = phrases.BEFORE_MISSPELT
"""These come before the search for misspelt words: `than` is no misspelt `then`."""

HINTS = phrases.HINTS + events.HINTS + values.HINTS + statements.HINTS
"""These come after it."""
