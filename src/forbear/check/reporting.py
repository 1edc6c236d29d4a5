"""What is reported of all that the passes find: no more than some errors, and no mere consequences of others."""

from __future__ import annotations

from forbear.check.files.gather import Files
from forbear.diagnostic import Diagnostic, Report, Severity
from forbear.model.names import bundled_in
from forbear.source import MAXIMUM_ERRORS, Place


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
    """Whether it may be only a consequence of a statement or a file that could not be read, and declares nothing."""
    if diagnostic.unknown is not None:
        return not files.complete or diagnostic.unknown in files.broken
    if diagnostic.code == "duplicate-name":
        # With a fact or an action that could not be read, the file had had no use for the standard vocabulary.
        return bool(files.broken & {"fact", "action"}) and any(bundled_in(label.place) for label in diagnostic.related)
    return diagnostic.code in _OF_STATEMENTS and (not files.complete or bool(files.broken))


_OF_STATEMENTS = frozenset(["no-clock", "no-action", "misplaced-head", "bad-override"])
