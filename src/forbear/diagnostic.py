"""Diagnostics about rule files, as data, and the catalogue of their codes.

Each code has a page of its name in `docs/diagnostics/`. A message is one line in lower case, with names in backticks;
`help` says what to do. Layout, colour and file formats are added in `report/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TypeAlias

from attrs import field, frozen

from forbear.source import Place


class Severity(StrEnum):
    """How serious a diagnostic is. A policy with an error is neither compiled nor used to decide."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


CODES: Mapping[str, Severity] = {
    # the text
    "unreadable-file": Severity.ERROR,
    "empty-file": Severity.ERROR,
    "syntax": Severity.ERROR,
    "too-deep": Severity.ERROR,
    "too-large": Severity.ERROR,
    "bad-literal": Severity.ERROR,
    "repeated-clause": Severity.ERROR,
    "hidden-text": Severity.WARNING,
    # files and heads
    "missing-file": Severity.ERROR,
    "circular-uses": Severity.ERROR,
    "outside-pack": Severity.ERROR,
    "bad-standard": Severity.ERROR,
    "wrong-digest": Severity.ERROR,
    "misplaced-head": Severity.ERROR,
    # names
    "duplicate-name": Severity.ERROR,
    "unknown-name": Severity.ERROR,
    "unknown-action": Severity.ERROR,
    "unknown-rule": Severity.ERROR,
    "circular-definition": Severity.ERROR,
    # declarations and types
    "bad-fact": Severity.ERROR,
    "bad-ladder": Severity.ERROR,
    "bad-setting": Severity.ERROR,
    "no-clock": Severity.ERROR,
    "wrong-type": Severity.ERROR,
    "wrong-currency": Severity.ERROR,
    "not-ordered": Severity.ERROR,
    "off-grid": Severity.ERROR,
    "out-of-range": Severity.ERROR,
    "empty-span": Severity.ERROR,
    # rules and promises
    "no-action": Severity.ERROR,
    "repeated-action": Severity.ERROR,
    "bad-override": Severity.ERROR,
    "circular-override": Severity.ERROR,
    "bad-example": Severity.ERROR,
    "bad-ensure": Severity.ERROR,
    "bad-accept": Severity.ERROR,
    "failed-example": Severity.ERROR,
    "decided-comparison": Severity.WARNING,
    "unnamed-rule": Severity.WARNING,
    "forgotten-none": Severity.NOTE,
    # the analyser
    "contradiction": Severity.ERROR,
    "blocked-duty": Severity.WARNING,
    "dead-rule": Severity.WARNING,
    "duplicate": Severity.WARNING,
    "subsumed": Severity.WARNING,
    "overlap": Severity.NOTE,
    "masked-rule": Severity.WARNING,
    "hole": Severity.WARNING,
    "skipped-rung": Severity.WARNING,
    "falling-pressure": Severity.WARNING,
    "no-floor": Severity.NOTE,
    "unguarded": Severity.NOTE,
    "unjudged": Severity.WARNING,
    "vacuous-standard": Severity.WARNING,
    "failed-ensure": Severity.ERROR,
    "stale-accept": Severity.WARNING,
    "undecided": Severity.ERROR,
    # books
    "version-overlap": Severity.ERROR,
    "version-gap": Severity.WARNING,
}
"""Every code, with its severity."""


ACCEPTABLE = (
    "contradiction",
    "blocked-duty",
    "dead-rule",
    "duplicate",
    "subsumed",
    "overlap",
    "masked-rule",
    "hole",
    "skipped-rung",
    "falling-pressure",
    "no-floor",
    "unguarded",
    "unjudged",
    "vacuous-standard",
    "decided-comparison",
    "hidden-text",
    "undecided",
)
"""The codes that an author may accept."""


_LONGEST = 1_000


def _cut(text: str) -> str:
    """The text, cut to `_LONGEST` characters: a quoted name or text may be as long as a file."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


@frozen
class Label:
    """Another place that a diagnostic refers to, and what is there."""

    place: Place
    text: str = field(converter=_cut)


@frozen(kw_only=True)
class Diagnostic:
    """An error, a warning or a note about a place in a rule file.

    - `rules` are in file order, `actions` in the order of the vocabulary.
    - `by` are the rules that mask a rule, or the rule that forbids; `subsumed` is the rule that another one contains;
      `skips` are the milder rungs.
    - `witness` is a case that shows the finding, as `forbear decide` takes it, with its day under `"on"` where dates
      matter. `witnesses` are several such cases, in the order in which the page of the code names them.
    - `about` is the code that the analyser could not decide.
    - `accepted` is the reason for which the author accepted the finding.
    """

    code: str
    message: str = field(converter=_cut)
    place: Place
    help: str = field(converter=_cut)
    related: tuple[Label, ...] = ()
    rules: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    subsumed: str | None = None
    skips: tuple[str, ...] = ()
    ladder: str | None = None
    fact: str | None = None
    about: str | None = None
    witness: Mapping[str, object] | None = field(default=None, hash=False)
    witnesses: tuple[Mapping[str, object], ...] = field(default=(), hash=False)
    accepted: str | None = None

    @property
    def severity(self) -> Severity:
        return CODES[self.code]


Report: TypeAlias = Callable[[Diagnostic], None]
"""Receives the diagnostics of a pass."""


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    return any(diagnostic.severity is Severity.ERROR for diagnostic in diagnostics)


def in_file_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sorted by file, in the order in which files occur first, then by place. The sort is stable."""
    unsorted = list(diagnostics)
    files: dict[str, int] = {}
    for diagnostic in unsorted:
        files.setdefault(diagnostic.place.source.name, len(files))
    return tuple(sorted(unsorted, key=lambda d: (files[d.place.source.name], d.place.span[0])))
