"""All hints, in the order in which they are tried: the first that matches is used, so a narrow one precedes a wide
one.
"""

from __future__ import annotations

from forbear.language.syntax.hints.tables import (
    comparisons,
    duties,
    events,
    limits,
    numbers,
    phrases,
    rows,
    sentences,
    spoken,
    statements,
    steps,
    terms,
    times,
    values,
)

BEFORE_MISSPELT = (
    phrases.FIRST
    + rows.HINTS
    + times.HINTS
    + steps.HINTS
    + limits.HINTS
    + sentences.HINTS
    + duties.HINTS
    + terms.BEFORE_MISSPELT
    + comparisons.HINTS
    + events.BEFORE_MISSPELT
)
"""Hints that precede the search for misspelt words: `than` is not a misspelt `then`."""

HINTS = (
    *terms.HINTS,
    *spoken.HINTS,
    *phrases.HINTS,
    *events.HINTS,
    *numbers.HINTS,
    *values.HINTS,
    *statements.HINTS,
)
"""These come after it."""

AFTER_OTHER_WORDS = values.AFTER_OTHER_WORDS
"""Hints that follow the search for other words, such as `reason` for `because`."""
