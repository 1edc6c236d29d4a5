"""What an author has accepted, and which of the accepts have met a finding.

A finding with its witness is looked for once more outside of what an `accept ... when` covers, and is reported where
there is one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.diagnostic import Diagnostic
from forbear.model.names import listed
from forbear.model.policy import Accept, TypedPolicy
from forbear.space.formulas import TRUE, Any, Formula, Neither, both


class Accepts:
    """The accepts of a policy, and which of them have met a finding."""

    def __init__(self, policy: TypedPolicy, today: datetime.date | None) -> None:
        day = None if today is None else today.toordinal()
        self._run_out: list[Accept] = []
        self._valid: dict[tuple[str, frozenset[str]], list[Accept]] = {}
        for accept in policy.accepts:
            if accept.until is not None and day is not None and accept.until < day:
                self._run_out.append(accept)
            else:
                self._valid.setdefault((accept.code, frozenset(accept.names)), []).append(accept)
        self._used: set[int] = set()
        self._outside: set[int] = set()
        self._found: dict[str, dict[str, set[tuple[str, ...]]]] = {}
        self._unsure: set[str] = set()
        self._codes = {accept.code for accept in policy.accepts}

    def judge_plain(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the checker, accepted or not."""
        accepts = self._valid.get((diagnostic.code, frozenset(diagnostic.rules)), [])
        if not diagnostic.rules or not accepts:
            return diagnostic
        self._used.update(map(id, accepts))
        return evolve(diagnostic, accepted=accepts[0].because)

    def judge_undecided(self, code: str, diagnostic: Diagnostic) -> Diagnostic:
        """An `undecided` about a code, accepted or not."""
        self._unsure.add(code)
        accepts = self._valid.get(("undecided", frozenset((code,))), [])
        self._used.update(map(id, accepts))
        return evolve(diagnostic, accepted=accepts[0].because) if accepts else diagnostic

    def judge(self, code: str, candidate: Candidate, analysis: Analysis) -> Diagnostic | None:
        """The finding of a candidate, if it is one: outside of what is accepted, or as accepted."""
        found = self._judge(code, candidate, analysis)
        if found is not None and code in self._codes:
            for name in candidate.names:
                self._found.setdefault(code, {}).setdefault(name, set()).add(candidate.names)
        return found

    def _judge(self, code: str, candidate: Candidate, analysis: Analysis) -> Diagnostic | None:
        accepts = self._valid.get((code, frozenset(candidate.names)), []) if candidate.names else []
        possible = analysis.space.possible_cases.formula
        if not accepts:
            return candidate.find(possible)
        meant: list[Formula] = []
        for accept in accepts:
            where = TRUE if accept.when is None else analysis.space.condition(accept.when, when_unknown=False)
            meant.append(where)
            (self._outside if candidate.find(both(possible, where)) is None else self._used).add(id(accept))
        everywhere = any(where is TRUE for where in meant)
        outside = None if everywhere else candidate.find(both(possible, Neither((Any(tuple(meant)),))))
        if outside is not None:
            return outside
        accepted = candidate.find(possible)
        return None if accepted is None else evolve(accepted, accepted=accepts[0].because)

    def stale(self) -> Iterator[Diagnostic]:
        """A finding for each accept that matches nothing, or has run out.

        Of one whose code could not be decided nobody knows what it matches: `undecided` says so.
        """
        for accept in self._run_out:
            assert accept.until is not None
            last = datetime.date.fromordinal(accept.until).isoformat()
            found = _stale(accept, f"this accept has run out: it was valid until {last}")
            yield evolve(found, help="look at the finding again; then give a later day, or take it out")
        for accepts in self._valid.values():
            for accept in accepts:
                if id(accept) not in self._used and accept.code not in self._unsure:
                    yield self._matching_nothing(accept)

    def _matching_nothing(self, accept: Accept) -> Diagnostic:
        """Why an accept matches nothing."""
        meant = f"`{accept.code}` of {listed(accept.names)}"
        names = set(accept.names)
        by_name = self._found.get(accept.code, {})
        found = {its for name in names for its in by_name.get(name, ())}
        if id(accept) in self._outside and any(set(its) == names for its in found):
            message = f"this accept covers nothing: the {meant} lies outside of its `when`"
            return _stale(
                accept, message, "write a `when` in which the case of the finding lies, or take the accept out"
            )
        message = f"this accept covers nothing: there is no {meant}"
        if not found:
            return _stale(accept, message, "take it out, or write the names that a finding shows")
        near = min(found, key=lambda its: (-len(names & set(its)), its))
        return _stale(
            accept, f"{message}, but there is one of {listed(near)}", "write exactly those names, or take it out"
        )


def _stale(accept: Accept, message: str, help: str = "take it out") -> Diagnostic:
    return Diagnostic(code="stale-accept", message=message, place=accept.place, help=help)
