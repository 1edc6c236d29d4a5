"""Diagnostics about rule files, as data, and their codes.

Each code has a page of its name in `docs/reference/diagnostics/`. A message is one line in lower case, with names in
backticks; `help` says what to do. Layout, colour and file formats are added in `report/`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeAlias

from attrs import field, frozen

from forbear.base.source import Place


class Severity(StrEnum):
    """How serious a diagnostic is. A policy with an error is neither compiled nor used to decide."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(str):
    """The code of a diagnostic: the text by which authors, pages and tools call it, which knows how serious it is."""

    severity: Severity
    acceptable: bool
    """Whether an author may `accept` a finding of this code."""
    of_pair: bool
    """Whether each diagnostic is about two names together. An `accept` of any other code may list several."""
    on_request: bool
    """Whether the analyser looks for it only on request."""
    prominent: bool
    """Whether it is printed even if notes were not requested."""

    def __new__(
        cls,
        name: str,
        severity: Severity,
        acceptable: bool = False,
        of_pair: bool = False,
        on_request: bool = False,
        prominent: bool = False,
    ) -> Code:
        code = super().__new__(cls, name)
        code.severity, code.acceptable, code.of_pair = severity, acceptable, of_pair
        code.on_request, code.prominent = on_request, prominent
        return code

    def __eq__(self, other: object) -> bool:
        """Codes of one name are two where one is taken more seriously: what was not decided of another code is as
        serious as that."""
        if isinstance(other, Code) and self.severity is not other.severity:
            return False
        return super().__eq__(other)

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = str.__hash__

    def of_severity(self, severity: Severity) -> Code:
        """Returns the code with this severity."""
        return self if severity is self.severity else Code(self.parts[0], severity, *self.parts[2:])

    def __reduce__(self) -> tuple[object, ...]:
        return Code, self.parts

    @property
    def parts(self) -> tuple[str, Severity, bool, bool, bool, bool]:
        """Returns the fields of the code."""
        return str(self), self.severity, self.acceptable, self.of_pair, self.on_request, self.prominent


_ERRORS = """
    unreadable-file empty-file syntax too-deep too-large bad-literal repeated-clause
    missing-file circular-uses outside-pack bad-standard wrong-digest misplaced-head language-version bad-project
    duplicate-name unknown-name unknown-action unknown-rule circular-definition
    bad-fact bad-ladder bad-setting no-clock wrong-type wrong-currency not-ordered off-grid out-of-range
    empty-span bad-table
    no-action repeated-action bad-override circular-override circular-duty missing-brackets
    bad-example bad-ensure bad-accept version-overlap
"""
"""Errors of the text; of files and heads; of names; of declarations and types; of rules, promises and books."""
CODES: Mapping[str, Code] = {
    code: code
    for code in (
        *[Code(name, Severity.ERROR) for name in _ERRORS.split()],
        Code("hidden-text", Severity.WARNING, acceptable=True),
        Code("uses-standard", Severity.WARNING),
        Code("decided-comparison", Severity.WARNING, acceptable=True),
        Code("unclear-condition", Severity.WARNING),
        Code("unnamed-rule", Severity.WARNING),
        Code("forgotten-none", Severity.NOTE),
        Code("unread", Severity.NOTE, prominent=True),
        Code("version-gap", Severity.WARNING),
    )
}
"""The codes of the parser and the checker, which many passes report. A finding of the analyser declares its own, in its
file."""


def _declared(code: str) -> Code:
    return code if isinstance(code, Code) else CODES[code]


_LONGEST = 1_000


def _cut(text: str) -> str:
    """The text, cut to `_LONGEST` characters: a quoted name or text may be as long as a file."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} ..."


@frozen
class Label:
    """Another place that a diagnostic refers to, with a text about it."""

    place: Place
    text: str = field(converter=_cut)


@frozen
class Undecided:
    """The code of which something is undecided, for what and why, and what can be done about it."""

    code: str
    where: str
    what_to_do: str

    @property
    def severity(self) -> Severity:
        """The severity of the code that was not decided."""
        return self.code.severity if isinstance(self.code, Code) else Severity.ERROR


@frozen
class TextEdit:
    """A text to write in place of what is at a place."""

    place: Place
    text: str


@frozen
class Fix:
    """Edits that mend what a diagnostic reports. A `safe` one changes no verdict of the policy."""

    title: str
    edits: tuple[TextEdit, ...]
    safe: bool = False


def replacement(place: Place, text: str) -> Fix:
    """Returns the fix that replaces the text at a place. It is not safe, because it guesses what the author meant."""
    return Fix(f"write `{text}`", (TextEdit(place, text),))


def deletion(title: str, place: Place) -> Fix:
    """The fix that takes out a statement which changes no verdict, with its lines where nothing else is on them."""
    text, (start, end) = place.source.text, place.span
    line = text.rfind("\n", 0, start) + 1
    rest = text.find("\n", end)
    rest = len(text) if rest < 0 else rest + 1
    if not text[line:start].strip() and not text[end:rest].strip():
        start, end = line, rest
    return Fix(title, (TextEdit(Place(place.source, (start, end)), ""),), safe=True)


@frozen(kw_only=True)
class Diagnostic:
    """An error, a warning or a note about a place in a rule file.

    - `variant` is the text of the code that is meant, and `arguments` the names and values in it; None for that of a
      hint.
    - `rules` are in file order, `actions` in the order of the vocabulary.
    - `by` are the rules that mask a rule, or the rule that forbids; `kept_by` are rules that keep a promise in other
      cases; `subsumed` is the rule that another one contains; `skips` are the milder rungs.
    - `witness` is a case that shows the finding, as `forbear decide` takes it, with its day under `"on"` if dates
      matter. `witnesses` are several such cases, in the order in which the page of the code names them. `in_short` has
      each of them in words, without the facts that do not matter.
    - `also` are other findings of the same cause: those that share one of the `causes`.
    - `names` are those by which an `accept` refers to the finding, and `unnamed` those of its rules that are called by
      their place.
    - `undecided` is what the analyser could not decide.
    - `accepted` is the reason for which the author accepted the finding.
    - `unknown` is the unknown name.
    - `fix` is an edit of the file with which the diagnostic goes away. `choices` are several edits with different
      meanings, for the author to choose from."""

    code: Code = field(converter=_declared)
    message: str = field(converter=_cut)
    place: Place
    help: str = field(converter=_cut)
    variant: str | None = None
    arguments: Mapping[str, Any] | None = field(default=None, hash=False)
    related: tuple[Label, ...] = ()
    rules: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    kept_by: tuple[str, ...] = ()
    subsumed: str | None = None
    skips: tuple[str, ...] = ()
    ladder: str | None = None
    fact: str | None = None
    names: tuple[str, ...] = ()
    unnamed: tuple[str, ...] = ()
    undecided: Undecided | None = None
    witness: Mapping[str, object] | None = field(default=None, hash=False)
    witnesses: tuple[Mapping[str, object], ...] = field(default=(), hash=False)
    in_short: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    also: tuple[Diagnostic, ...] = ()
    accepted: str | None = None
    unknown: str | None = None
    fix: Fix | None = None
    choices: tuple[Fix, ...] = ()

    @property
    def fixes(self) -> tuple[Fix, ...]:
        """The fix and the choices."""
        return self.choices if self.fix is None else (self.fix, *self.choices)

    @property
    def elsewhere(self) -> str:
        """The places in other files, for a message in one line: `; v2.forbear:1: the other version`."""
        others = [label for label in self.related if label.place.source.name != self.place.source.name]
        return "".join(f"; {label.place}: {label.text}" for label in others)

    @property
    def severity(self) -> Severity:
        return self.code.severity

    @property
    def cases(self) -> tuple[Mapping[str, object], ...]:
        """All witnesses."""
        return self.witnesses or (() if self.witness is None else (self.witness,))

    @property
    def about(self) -> str | None:
        """The code that the analyser could not decide."""
        return None if self.undecided is None else self.undecided.code


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


class PolicyError(ValueError):
    """A policy with errors, which cannot be used. `diagnostics` has all its diagnostics, in file order."""

    def __init__(self, diagnostics: tuple[Diagnostic, ...]) -> None:
        self.diagnostics = diagnostics
        super().__init__(diagnostics)  # an exception is copied and pickled by its arguments

    def __str__(self) -> str:
        errors = [diagnostic for diagnostic in self.diagnostics if diagnostic.severity is Severity.ERROR]
        lines = [f"{error.place}: {error.message}{error.elsewhere} [{error.code}]" for error in errors[:20]]
        if len(errors) > len(lines):
            more = len(errors) - len(lines)
            lines.append(f"... and {more} more error{'' if more == 1 else 's'}")
        return "\n".join(lines)
