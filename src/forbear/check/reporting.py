"""Limits what the passes report: at most some number of errors, and no mere consequences of others."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, Label, Report, Severity
from forbear.base.source import MAXIMUM_ERRORS, Place, Span
from forbear.check.files.gather import Files, Reads, without_standard
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import bundled_in


class TooManyErrors(Exception):
    """More errors than are reported. It never leaves the checker."""

    def __init__(self, place: Place) -> None:
        self.place = place


def limited(report: Report) -> Report:
    """The same, up to the most errors that are reported; the one after them ends the check with `TooManyErrors`."""
    errors = 0

    def up_to_the_most(diagnostic: Diagnostic) -> None:
        nonlocal errors
        errors += diagnostic.severity is Severity.ERROR
        if errors > MAXIMUM_ERRORS:
            raise TooManyErrors(diagnostic.place)
        report(diagnostic)

    return up_to_the_most


def follows(diagnostic: Diagnostic, files: Files) -> bool:
    """Returns true if a diagnostic may be only a consequence of a statement or a file that could not be read, and
    declares nothing.
    """
    if diagnostic.unknown is not None:
        return not files.complete or diagnostic.unknown in files.broken
    if diagnostic.code == "duplicate-name":
        # With a fact or an action that could not be read, the file had had no use for the standard vocabulary.
        return bool(files.broken & {"fact", "action"}) and any(bundled_in(label.place) for label in diagnostic.related)
    if diagnostic.code == "wrong-type" and "event" in files.broken:
        return True  # the type of a fact that follows from an attribute
    return diagnostic.code in _OF_STATEMENTS and (not files.complete or bool(files.broken))


def _by_one_clock(diagnostics: Sequence[Diagnostic]) -> list[Diagnostic]:
    """The diagnostics, of which one at the first place reports all conditions on days that lack a clock."""
    lacking, rest = list[Diagnostic](), list[Diagnostic]()
    for one in diagnostics:
        (lacking if one.code == "no-clock" and one.variant != "event" else rest).append(one)
    if len(lacking) < 2:
        return list(diagnostics)
    first = min(lacking, key=_place)
    words = list(dict.fromkeys(word for one in lacking for word in (one.arguments or {})["words"]))
    rules = tuple(dict.fromkeys(rule for one in lacking for rule in one.rules))
    parts = {**(first.arguments or {}), "words": words, "times": len(lacking), "rules": rules}
    return [diagnosis(f"no-clock.{first.variant}", first.place, **parts), *rest]


def _place(diagnostic: Diagnostic) -> tuple[str, Span]:
    return diagnostic.place.source.name, diagnostic.place.span


def of_vocabulary(diagnostics: Sequence[Diagnostic], files: Files, reads: Reads) -> list[Diagnostic]:
    """Returns the diagnostics, with one about the clock. If a file declares a fact or an action and also uses words of
    the standard vocabulary, one diagnostic names these words, in place of one for each unknown word, and of their
    consequences.
    """
    diagnostics = _by_one_clock(diagnostics)
    unknown = [diagnostic for diagnostic in diagnostics if diagnostic.unknown is not None]
    left_out = without_standard(files, reads) if len(unknown) >= _MANY else None
    if left_out is None:
        return diagnostics
    declaration, words = left_out
    of_standard = [diagnostic for diagnostic in unknown if diagnostic.unknown in words]
    of_standard.sort(key=_place)
    names = list(dict.fromkeys(f"{diagnostic.unknown}" for diagnostic in of_standard))
    if len(names) < _MANY:
        return diagnostics
    first = of_standard[0]
    related = (Label(declaration, "the first declaration"),)
    together = diagnosis("unknown-name.standard-words", first.place, words=names, related=related, rules=first.rules)
    rest = [
        diagnostic
        for diagnostic in diagnostics
        if diagnostic.unknown not in words and diagnostic.code not in _OF_STATEMENTS
    ]
    return [evolve(together, unknown=first.unknown), *rest]


_MANY = 3
"""This many unknown names that are words of the standard vocabulary were meant as such; fewer may be forgotten
declarations.
"""
_OF_STATEMENTS = frozenset(["no-clock", "no-action", "misplaced-head", "bad-override"])
