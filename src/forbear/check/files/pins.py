"""Pins: whether files are what somebody has pinned them to."""

from __future__ import annotations

from forbear.base.diagnostic import Diagnostic, Label, Report, Severity, has_errors, replacement
from forbear.check.declarations.heads import heads_of
from forbear.check.files.gather import Files, Pinned
from forbear.check.policy import declared_alone
from forbear.check.reporting import TooManyErrors, limited
from forbear.language.syntax.nodes import Module
from forbear.semantics.to_text import digest


def check_pins(files: Files, report: Report) -> None:
    """Reports each file that a `uses` pins and that is another one now.

    Where a file could not be read nothing is loaded, and what is left of it has another digest: nothing is said.
    """
    if not has_errors(files.diagnostics):
        for pinned in files.pinned:
            check_pin(pinned, _declared_digest(pinned.modules), report)


def check_pin(pinned: Pinned, actual: str | Diagnostic, report: Report) -> None:
    """Reports a file that is not what somebody has pinned it to, or of which nobody can say that."""
    if isinstance(actual, Diagnostic):
        report(
            Diagnostic(
                code="wrong-digest",
                message=f"`{pinned.named}` has no digest to compare with its pin, since by itself it is in error: "
                f"{actual.message}",
                place=pinned.place,
                help=f"let `{pinned.named}` declare what it speaks of, or use the file that does; or take the pin out",
                related=(Label(actual.place, f"{actual.message}, read by itself"),),
            )
        )
    elif actual != pinned.digest:
        report(
            Diagnostic(
                code="wrong-digest",
                message=f"`{pinned.named}` is not what it is pinned to: its digest is {actual}, not {pinned.digest}",
                place=pinned.place,
                help=f"look at what has changed in it, validate the policy with it, and then write `{actual}`",
                fix=replacement(pinned.place, f'"{actual}"'),
            )
        )


def _declared_digest(modules: tuple[Module, ...]) -> str | Diagnostic:
    """The digest of what a file declares, with the files that it uses; or what is wrong with that by itself."""
    diagnostics: list[Diagnostic] = []
    heads = heads_of(modules[-1], lambda diagnostic: None)  # a head says nothing to those who use the file
    try:
        policy = declared_alone(modules, heads, limited(diagnostics.append))
    except TooManyErrors:
        policy = None
    error = next((diagnostic for diagnostic in diagnostics if diagnostic.severity is Severity.ERROR), None)
    if error is not None:
        return error
    assert policy is not None
    return digest(policy)
