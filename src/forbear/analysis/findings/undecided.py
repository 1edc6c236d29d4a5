"""`undecided`: what the analyser could not decide within its bounds. None of it is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import define, field

from forbear.analysis.engine.analysis import Analysis, Candidate, Finding
from forbear.analysis.engine.searcher import BOUND
from forbear.diagnostic import Diagnostic
from forbear.model.names import listed
from forbear.model.policy import TypedPolicy
from forbear.source import Place
from forbear.space.regions import MAXIMUM_BOXES, TooManyBoxes
from forbear.space.search.bound import BoundReached

_MOST = 1_000
"""At most so many candidates are counted that were not searched for."""
_ACCEPT = 'sign for it with `accept undecided of {code} because "..."`'


@define
class Unsure:
    """What could not be decided of one code.

    `long` are candidates whose search reached its bound, and `large` those with a condition of too many boxes. `rest`
    is whether there may be other candidates too.
    """

    long: list[Candidate] = field(factory=list)
    large: list[Candidate] = field(factory=list)
    rest: bool = False

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
        yield _undecided(
            analysis, code, unsure.large, _listed(unsure.large), _reason("a condition there"), _simpler(code)
        )
    if unsure.long or unsure.rest:
        what = _listed(unsure.long)
        if unsure.rest:
            what += " and whatever else there may be" if what else "whatever is not told here"
        reason = f"the search compared {BOUND:,} boxes of cases, and was given up"
        help = f"split the policy, or give its long conditions fewer `or`s, or {_ACCEPT.format(code=code)}"
        yield _undecided(analysis, code, unsure.long, what, reason, help)


def too_large(analysis: Analysis, code: str) -> Diagnostic:
    """The finding that some rules have too many boxes, and that findings of a code may depend on them."""
    names = analysis.space.too_large
    rules = [rule for rule in analysis.policy.rules if rule.name in names]
    return Diagnostic(
        code="undecided",
        message=f"`{code}` is not decided where {listed(names)} {'matters' if len(names) == 1 else 'matter'}: "
        + _reason("its condition" if len(names) == 1 else "the condition of each"),
        place=rules[0].body,
        help=_simpler(code),
        rules=names,
        about=code,
    )


def applies(policy: TypedPolicy, finding: Finding) -> bool:
    """Whether a policy can have a finding of a kind. If not, nothing of it is undecided."""
    return finding.arises(policy) and not (policy.standard and finding.of_what_is_left_open)


def _undecided(
    analysis: Analysis, code: str, candidates: Sequence[Candidate], what: str, reason: str, help: str
) -> Diagnostic:
    rules = {name for candidate in candidates for name in candidate.names}
    return Diagnostic(
        code="undecided",
        message=f"`{code}` is not decided for {what}: {reason}",
        place=_place(analysis, candidates[0]) if candidates else analysis.policy.place,
        help=help,
        rules=tuple([rule.name for rule in analysis.policy.rules if rule.name in rules]),
        actions=tuple([action for action in analysis.policy.actions if action in rules]),
        about=code,
    )


def _reason(which: str) -> str:
    return f"{which} comes to more than {MAXIMUM_BOXES:,} alternatives"


def _simpler(code: str) -> str:
    return f"gather what its `or`s have in common, or write several rules, or {_ACCEPT.format(code=code)}"


def _listed(candidates: Sequence[Candidate], most: int = 8) -> str:
    shown = ", ".join(
        [
            " and ".join(f"`{name}`" for name in candidate.names) or _by_line(candidate)
            for candidate in candidates[:most]
        ]
    )
    return shown + (f" and {len(candidates) - most} more" if len(candidates) > most else "")


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
