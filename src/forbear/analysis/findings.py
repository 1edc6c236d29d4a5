"""All findings, named in one tuple: each is a function from a typed policy to diagnostics, in a file of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from forbear.analysis.examples import failed_examples
from forbear.diagnostic import Diagnostic
from forbear.policy.typed import TypedPolicy

FINDINGS: tuple[Callable[[TypedPolicy], Iterable[Diagnostic]], ...] = (failed_examples,)


def findings(policy: TypedPolicy) -> list[Diagnostic]:
    """Everything that the analyser has to say of a policy."""
    return [diagnostic for find in FINDINGS for diagnostic in find(policy)]
