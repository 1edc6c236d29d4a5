"""The severities of codes, and which codes are reported, as a project or a command line configures them.

Only warnings and notes can be changed. An error stays one, because a policy with an error is neither compiled nor
proved; and `hidden-text` stays, because it shows that a file is not what its readers see.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from attrs import evolve, frozen

from forbear.base.diagnostic import CODES, Code, Diagnostic, Severity
from forbear.language.model.names import did_you_mean

if TYPE_CHECKING:
    from forbear.analysis.run import Findings

WORDS: Mapping[str, Severity | None] = {**{severity.value: severity for severity in Severity}, "ignore": None}
"""The words that a project may use for the severity of a code."""
_ALWAYS = frozenset({"hidden-text"})
"""The warnings that are reported whatever a project says."""


@cache
def all_codes() -> Mapping[str, Code]:
    """Every code that rule files may have."""
    from forbear.analysis.findings.registry import CODES as FOUND  # imported late: remembered findings need no analyser

    return {str(code): code for code in (*CODES.values(), *FOUND)}


def unknown_code(name: str) -> tuple[str, str] | None:
    """Returns the error of an unknown code, and the help; None for a known code."""
    if name in all_codes():
        return None
    help = did_you_mean(name, all_codes()) or "each finding shows its code in square brackets"
    return f"there is no code `{name}`", help


def cannot_be(code: str, severity: Severity | None) -> tuple[str, str] | None:
    """Returns why a code cannot have a severity (or, with `severity` None, be ignored), and the help; None if it
    can.
    """
    own = all_codes()[code]
    if severity in (own.severity, Severity.ERROR):
        return None
    if own.severity is Severity.ERROR:
        reason = f"`{code}` is an error, and stays one"
    elif code in _ALWAYS:
        reason = f"`{code}` is always reported: it says that a text is not what it looks like"
    else:
        return None
    if own.acceptable:
        return reason, f"write `accept {code} of ... because ...` into the policy where a single finding is meant"
    return reason, "mend what it reports"


def _is_fixed(code: Code) -> bool:
    return code.severity is Severity.ERROR or code in _ALWAYS


@frozen
class Severities:
    """The configured severities of codes. `by_code` has None for an ignored code. If some codes are `selected`, all
    others are ignored, except those that nothing can lower. A code on request is ignored unless one of the two has it.
    """

    by_code: Mapping[str, Severity | None] = {}
    selected: frozenset[str] | None = None

    def of(self, code: Code) -> Code | None:
        """A code with the severity that it has here; None where it is ignored."""
        if self.selected is not None and code not in self.selected and not _is_fixed(all_codes().get(code, code)):
            return None
        asked_for = self.selected is not None or code in self.by_code or not code.on_request
        severity = self.by_code.get(code, code.severity) if asked_for else None
        if severity is None:
            return None
        return code.of_severity(severity)

    @property
    def asked(self) -> frozenset[str]:
        """The codes on request that are requested."""
        named = {code for code, severity in self.by_code.items() if severity is not None} | (self.selected or set())
        return frozenset({code for code in named if all_codes()[code].on_request})

    def diagnostics(self, diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
        """Those diagnostics that are not ignored, as serious as they are taken here."""
        taken = [(diagnostic, self.of(diagnostic.code)) for diagnostic in diagnostics]
        return tuple([_as(diagnostic, code) for diagnostic, code in taken if code is not None])

    def totals(self, totals: Mapping[Code, int]) -> dict[Code, int]:
        """Returns the numbers of findings by code, without ignored codes."""
        taken = [(self.of(code), number) for code, number in totals.items()]
        return {code: number for code, number in taken if code is not None}

    def findings(self, outcome: Findings) -> Findings:
        """Findings as they are reported."""
        return evolve(outcome, diagnostics=self.diagnostics(outcome.diagnostics), totals=self.totals(outcome.totals))


def _as(diagnostic: Diagnostic, code: Code) -> Diagnostic:
    return diagnostic if code is diagnostic.code else evolve(diagnostic, code=code)


OWN = Severities()
"""Every code as it is by itself."""
