"""`undecided`: what the analyser could not decide within its bounds. None of it is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from attrs import define, field

from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.base.diagnostic import Code, Diagnostic, Severity, Undecided
from forbear.base.extras import how_to_install
from forbear.base.source import Place
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import Worded, listed
from forbear.space.regions import MAXIMUM_BOXES, TooManyBoxes
from forbear.space.relations.systems import Reason, Unsolved
from forbear.space.search.bound import BoundReached

UNDECIDED = Code("undecided", Severity.ERROR, acceptable=True)
_MOST = 1_000
"""The most candidates that are counted without a search."""
_SIMPLER = "gather what its `or`s have in common, or write several rules"
_CIRCLE = "comparisons of three facts or more, some with percentages, constrain one another"
_UNSOLVED = {
    Reason.NO_SOLVER: (f"{_CIRCLE}, and the solver z3 is not installed", how_to_install("relations")),
    Reason.TOO_HARD: (f"{_CIRCLE}, and the solver z3 gave up", "compare fewer facts with each other"),
    Reason.AGES: (
        "ages of several dates constrain one another, and no days were found that have them, nor that none have",
        "compare the dates instead, or fewer facts with each other",
    ),
    Reason.SHARES_OF_THE_CLOCK: (
        "one condition compares the clock in two percentages, and what holds on all earlier days is not known",
        "take one of the two as a fact of its own",
    ),
}
"""For each reason, the text and the help."""


@define
class Unsure:
    """The candidates of one code that could not be decided.

    `long` are candidates whose search reached its bound, `large` those with a condition of too many boxes, and
    `unsolved` those whose relations could not be decided, by the reason. `rest` is whether there may be other
    candidates too; None among those of a reason stands for these.
    """

    long: list[Candidate] = field(factory=list)
    large: list[Candidate] = field(factory=list)
    unsolved: dict[Reason, list[Candidate | None]] = field(factory=dict)
    rest: bool = False

    def add(self, candidate: Candidate | None, why: BoundReached | TooManyBoxes) -> None:
        """Adds a candidate that is undecided; None stands for whatever candidates there may be."""
        if isinstance(why, Unsolved):
            self.unsolved.setdefault(why.reason, []).append(candidate)
        elif candidate is None:
            self.rest = True
        else:
            (self.large if isinstance(why, TooManyBoxes) else self.long).append(candidate)

    def leave(self, candidates: Iterator[Candidate | int]) -> None:
        """Adds the remaining candidates, which were not searched for."""
        try:
            for candidate in candidates:
                if isinstance(candidate, Candidate):
                    self.long.append(candidate)
                if len(self.long) > _MOST:
                    self.rest = True
                    return
        except (BoundReached, TooManyBoxes):
            self.rest = True


def undecided(analysis: Analysis, code: str, unsure: Unsure) -> Iterator[Diagnostic]:
    """A finding for each reason why something is undecided."""
    if unsure.large:
        where = Worded(f"for {_listed(unsure.large)}: {_reason(analysis, 'a condition there')}", "alternatives")
        yield _of_candidates(analysis, unsure.large, Undecided(code, where, _further(analysis, _SIMPLER)))
    for reason, candidates in unsure.unsolved.items():
        known = [candidate for candidate in candidates if candidate is not None]
        why, what_to_do = _UNSOLVED[reason]
        where = Worded(f"for {_with_rest(known, len(known) < len(candidates))}: {why}", reason.name.lower())
        yield _of_candidates(analysis, known, Undecided(code, where, Worded(what_to_do, "rewrite")))
    if unsure.long or unsure.rest:
        what = _with_rest(unsure.long, unsure.rest)
        why = f"for {what}: the search compared {analysis.searcher.most:,} boxes of cases, and was given up"
        fewer = "split the policy, or give its long conditions fewer `or`s"
        yield _of_candidates(analysis, unsure.long, Undecided(code, Worded(why, "bound"), _further(analysis, fewer)))


def too_large(analysis: Analysis, code: str) -> Diagnostic:
    """The finding that some rules have too many boxes, and that findings of a code may depend on them."""
    names = analysis.space.too_large
    rules = [rule for rule in analysis.policy.rules if rule.name in names]
    reason = _reason(analysis, "its condition" if len(names) == 1 else "the condition of each")
    where = Worded(f"where {listed(names)} {'matters' if len(names) == 1 else 'matter'}: {reason}", "alternatives")
    return _diagnostic(Undecided(code, where, _further(analysis, _SIMPLER)), rules[0].body, names, ())


def _of_candidates(analysis: Analysis, candidates: Sequence[Candidate], what: Undecided) -> Diagnostic:
    names = {name for candidate in candidates for name in candidate.names}
    return _diagnostic(
        what,
        _place(analysis, candidates[0]) if candidates else analysis.policy.place,
        tuple([rule.name for rule in analysis.policy.rules if rule.name in names]),
        tuple([action for action in analysis.policy.actions if action in names]),
    )


def _diagnostic(what: Undecided, place: Place, rules: tuple[str, ...], actions: tuple[str, ...]) -> Diagnostic:
    return undecided_of([what], place, rules=rules, actions=actions)


def undecided_of(together: Sequence[Undecided], place: Place, **fields: Any) -> Diagnostic:
    """The finding that codes are undecided in one place for one reason, as serious as the first of them."""
    first = together[0]
    return diagnosis(
        "undecided.codes",
        place,
        code=UNDECIDED.of_severity(first.severity),
        undecided=first,
        codes=[str(it.code) for it in together],
        where=first.where,
        advice=first.what_to_do,
        signed=first.code if len(together) == 1 else "CODE",
        **fields,
    )


def _further(analysis: Analysis, otherwise: str) -> Worded:
    effort = 10 * analysis.space.effort
    return Worded(f"look further with `forbear validate --effort {effort}`, {otherwise}", effort)


def _reason(analysis: Analysis, which: str) -> str:
    return f"{which} comes to more than {MAXIMUM_BOXES * analysis.space.effort:,} alternatives"


def _listed(candidates: Sequence[Candidate], most: int = 8) -> str:
    shown = ", ".join(
        [
            " and ".join(f"`{name}`" for name in candidate.names) or _by_line(candidate)
            for candidate in candidates[:most]
        ]
    )
    return shown + (f" and {len(candidates) - most} more" if len(candidates) > most else "")


def _with_rest(candidates: Sequence[Candidate], rest: bool) -> str:
    what = _listed(candidates)
    if rest:
        what += " and whatever else there may be" if what else "whatever is not reported here"
    return what


def _by_line(candidate: Candidate) -> str:
    assert candidate.place is not None
    return f"the promise in line {candidate.place.start.line}"


def _place(analysis: Analysis, candidate: Candidate) -> Place:
    if candidate.place is not None:
        return candidate.place
    for rule in analysis.policy.rules:
        if rule.name in candidate.names:
            return rule.body
    if candidate.names[0] in analysis.policy.ladders:
        return analysis.policy.ladders[candidate.names[0]].place
    group = analysis.policy.groups.get(candidate.names[0])
    return analysis.space.place_of(*(group.actions if group is not None else candidate.names))
