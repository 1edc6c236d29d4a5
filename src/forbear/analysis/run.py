"""All findings, named in one tuple: each gives its candidates, and has a file of its own.

Here they meet what an author has accepted. A finding with its witness is looked for once more outside of what an
`accept ... when` covers, and is told where there is one.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import evolve, frozen

from forbear.analysis.engine.analysis import Analysis, Candidate, analyse
from forbear.analysis.engine.searcher import BOUND
from forbear.analysis.findings.dead_rule import dead_rules
from forbear.analysis.findings.ladders.falling_pressure import falling_pressures
from forbear.analysis.findings.ladders.hole import holes
from forbear.analysis.findings.ladders.no_floor import no_floors
from forbear.analysis.findings.ladders.skipped_rung import skipped_rungs
from forbear.analysis.findings.ladders.unguarded import unguarded
from forbear.analysis.findings.masked_rule import masked_rules
from forbear.analysis.findings.pairs.blocked_duty import blocked_duties
from forbear.analysis.findings.pairs.contradiction import contradictions
from forbear.analysis.findings.pairs.duplicate import duplicates, subsumed
from forbear.analysis.findings.pairs.overlap import overlaps
from forbear.analysis.findings.promises.failed_conforms import failed_conforms
from forbear.analysis.findings.promises.failed_ensure import failed_ensures
from forbear.analysis.findings.promises.failed_example import failed_examples
from forbear.analysis.findings.undecided import Unsure, asked, too_large, undecided
from forbear.diagnostic import Diagnostic
from forbear.policy.names import listed
from forbear.policy.typed import Accept, TypedPolicy
from forbear.space.bound import BoundReached
from forbear.space.formulas import TRUE, Any, Formula, Neither, both
from forbear.space.regions import TooManyBoxes

Finder = Callable[[Analysis], Iterable[Candidate | int]]


def failed_promises(analysis: Analysis) -> Iterator[Candidate]:
    """A candidate for each ensure, be it about actions or about a standard."""
    yield from failed_ensures(analysis)
    yield from failed_conforms(analysis)


FINDERS: tuple[tuple[str, Finder], ...] = (
    ("contradiction", contradictions),
    ("blocked-duty", blocked_duties),
    ("dead-rule", dead_rules),
    ("duplicate", duplicates),
    ("subsumed", subsumed),
    ("masked-rule", masked_rules),
    ("hole", holes),
    ("skipped-rung", skipped_rungs),
    ("falling-pressure", falling_pressures),
    ("no-floor", no_floors),
    ("unguarded", unguarded),
    ("overlap", overlaps),
    ("failed-ensure", failed_promises),
)


@frozen
class Findings:
    """Findings, no more of one code than were asked for, and how many of each code there are that no accept covers."""

    diagnostics: tuple[Diagnostic, ...]
    totals: Mapping[str, int]


def findings(
    policy: TypedPolicy,
    checked: Iterable[Diagnostic] = (),
    *,
    limit: int | None = None,
    today: datetime.date | None = None,
    only: frozenset[str] | None = None,
) -> Findings:
    """Everything that there is to say of a policy: what the checker said already, and what the analyser finds.

    `limit` bounds how many findings of one code are told. An accept that has run out on the day `today` is stale.
    With `only`, the analyser looks for these codes and no others, and no accept is judged.
    """
    accepts = _Accepts(policy, today)
    told: list[Diagnostic] = [accepts.judge_plain(diagnostic) for diagnostic in checked]
    if only is None:
        told += failed_examples(policy)
    totals = Counter(diagnostic.code for diagnostic in told if diagnostic.accepted is None)
    conditions = [ensure.when for ensure in policy.ensures]
    conditions += [accept.when for accept in policy.accepts if accept.when is not None]
    analysis = analyse(policy, conditions)
    for code, finder in FINDERS:
        if only is not None and code not in only:
            continue
        number = 0
        if not asked(policy, code):
            continue
        if analysis.space.too_large:
            told.append(accepts.judge_undecided(code, too_large(analysis, code)))
            if code not in PAIRS:
                continue  # it asks for verdicts, and they depend on the rules that could not be looked at
        analysis.searcher.bound.left = analysis.searcher.spare.left = budget = BOUND
        unsure = Unsure()
        candidates = iter(finder(analysis))
        try:
            for candidate in candidates:
                if isinstance(candidate, int):
                    number += candidate
                    continue
                # A hard candidate leaves some of the bound of its code for the others.
                allowance = analysis.searcher.bound.left = min(budget, BOUND // 4)
                try:
                    found = accepts.judge(code, candidate, analysis)
                except BoundReached:
                    unsure.long.append(candidate)
                    found = None
                except TooManyBoxes:
                    unsure.large.append(candidate)
                    found = None
                budget -= allowance - max(analysis.searcher.bound.left, 0)
                analysis.searcher.bound.left = budget
                if budget <= 0:
                    unsure.leave(candidates)
                    break
                if found is None:
                    continue
                if found.accepted is None:
                    number += 1
                if found.accepted is not None or limit is None or number <= limit:
                    told.append(found)
                if limit is not None and number >= limit:
                    analysis.searcher.counting.add(code)
        except (BoundReached, TooManyBoxes):
            unsure.rest = True
        told += [accepts.judge_undecided(code, found) for found in undecided(analysis, code, unsure)]
        totals[code] += number
    totals["undecided"] += sum(found.code == "undecided" and found.accepted is None for found in told)
    for stale in accepts.stale() if only is None else ():
        told.append(stale)
        totals["stale-accept"] += 1
    return Findings(tuple(told), {code: number for code, number in totals.items() if number})


PAIRS = frozenset({"contradiction", "blocked-duty", "dead-rule", "duplicate", "subsumed", "overlap"})
"""The codes that speak of rules alone: what is found among some rules does not depend on the others."""


class _Accepts:
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
