"""The accepts of a policy, and which of them match a finding.

Where an `accept ... when` covers a finding, the analyser searches again outside of the cases that the `when` covers. A
finding there is reported as not accepted.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

from attrs import evolve

from forbear.analysis.engine.analysis import Analysis, Candidate
from forbear.analysis.findings.undecided import UNDECIDED
from forbear.base.diagnostic import Code, Diagnostic, Fix, Severity, TextEdit, deletion
from forbear.base.source import Place, Source
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import listed
from forbear.language.model.policy import Accept, TypedPolicy
from forbear.language.syntax import nodes
from forbear.language.syntax.parser import parse
from forbear.space.formulas import TRUE, Any, Formula, Neither, both

STALE_ACCEPT = Code("stale-accept", Severity.WARNING)


class Accepts:
    """The accepts of a policy. It records which of them match a finding. `today` is the day on which they are valid."""

    def __init__(self, policy: TypedPolicy, today: datetime.date | None) -> None:
        day = None if today is None else today.toordinal()
        self._expired: list[Accept] = []
        self._valid: dict[tuple[str, frozenset[str]], list[Accept]] = {}
        for accept in policy.accepts:
            if accept.until is not None and day is not None and accept.until < day:
                self._expired.append(accept)
            else:
                self._valid.setdefault((accept.code, frozenset(accept.names)), []).append(accept)
        self._used: set[int] = set()
        self._outside: set[int] = set()
        self._found: dict[str, dict[str, set[tuple[str, ...]]]] = {}
        self._unsure: set[str] = set()
        self._codes = {accept.code for accept in policy.accepts}

    def judge_checked(self, diagnostic: Diagnostic) -> Diagnostic:
        """A diagnostic of the checker, marked as accepted where an accept matches."""
        accepts = self._matching(diagnostic.code, diagnostic.rules)
        if not accepts:
            return diagnostic
        self._used.update(map(id, accepts))
        return evolve(diagnostic, accepted=accepts[0].because)

    def judge_undecided(self, code: str, diagnostic: Diagnostic) -> Diagnostic:
        """An `undecided` about a code, marked as accepted where an accept matches."""
        self._unsure.add(code)
        accepts = self._matching(UNDECIDED, (code,))
        self._used.update(map(id, accepts))
        return evolve(diagnostic, accepted=accepts[0].because) if accepts else diagnostic

    def judge(self, code: Code, candidate: Candidate, analysis: Analysis) -> Diagnostic | None:
        """Returns the finding of a candidate, or None if there is none.

        The finding is outside the cases that accepts cover if possible, and marked as accepted otherwise. Raises
        `BoundReached` or `TooManyBoxes`.
        """
        finding = self._judge(code, candidate, analysis)
        if finding is None:
            return None
        if code in self._codes:
            for name in candidate.names:
                self._found.setdefault(code, {}).setdefault(name, set()).add(candidate.names)
        return evolve(finding, names=candidate.names)

    def _judge(self, code: Code, candidate: Candidate, analysis: Analysis) -> Diagnostic | None:
        accepts = self._matching(code, candidate.names)
        possible = analysis.space.possible_cases.formula
        if not accepts:
            return candidate.find(possible)
        covered: list[Formula] = []
        for statement in _written(accepts, lambda accept: accept.place):
            when = statement[0].when
            where = TRUE if when is None else analysis.space.condition(when, when_unknown=False)
            covered.append(where)
            used = self._outside if candidate.find(both(possible, where)) is None else self._used
            used.update(map(id, statement))
        everywhere = any(where is TRUE for where in covered)
        outside = None if everywhere else candidate.find(both(possible, Neither((Any(tuple(covered)),))))
        if outside is not None:
            return outside
        accepted = candidate.find(possible)
        return None if accepted is None else evolve(accepted, accepted=accepts[0].because)

    def _matching(self, code: Code, names: Sequence[str]) -> list[Accept]:
        """The valid accepts of a finding's names. Those of several actions are all named by the same accepts."""
        if code.of_pair:
            return self._valid.get((code, frozenset(names)), []) if names else []
        return [accept for name in names for accept in self._valid.get((code, frozenset((name,))), ())]

    def stale(self) -> Iterator[Diagnostic]:
        """Yields a finding for each accept that matches no finding, or has expired.

        An accept of a code that is `undecided` is not reported, because it is not known what it matches. One of a group
        is reported once, if it matches no finding of the group or of any of its actions.
        """
        for accept, *_ in _written(self._expired, lambda accept: accept.place):
            assert accept.until is not None
            yield _stale(accept, "expired", day=datetime.date.fromordinal(accept.until).isoformat())
        valid = [accept for accepts in self._valid.values() for accept in accepts if accept.code not in self._unsure]
        for statement in _written(valid, lambda accept: accept.place):
            written = _written(statement, lambda accept: accept.group or accept.names)
            unused = [accepts[0] for accepts in written if self._used.isdisjoint(map(id, accepts))]
            names = [accept.group or accept.names[0] for accept in unused]
            for name, accept in zip(names, unused, strict=True):
                stale = self._matching_nothing(accept, None if len(written) == 1 else name)
                stale = evolve(stale, names=(name,), causes=(f"{STALE_ACCEPT} {accept.place}",))
                if len(unused) == len(written):
                    yield evolve(stale, fix=deletion("take the accept out", accept.place))
                else:
                    places = _places_of_names(accept.place)
                    yield evolve(stale, place=places[name], fix=_without(names, places))

    def _matching_nothing(self, accept: Accept, name: str | None) -> Diagnostic:
        """The finding for an accept, or a name of one, that matches no finding, with the reason."""
        names = set(accept.names)
        by_name = self._found.get(accept.code, {})
        similar = {names_of_finding for name in names for names_of_finding in by_name.get(name, ())}
        if id(accept) in self._outside and any(set(names_of_finding) == names for names_of_finding in similar):
            return _stale(accept, "outside", name=name)
        if not similar:
            return _stale(accept, "nothing", name=name)
        near = min(similar, key=lambda names_of_finding: (-len(names & set(names_of_finding)), names_of_finding))
        return _stale(accept, "near", name=name, near=near)


def _written(accepts: Iterable[Accept], key: Callable[[Accept], object]) -> Collection[list[Accept]]:
    """Accepts that are one in the text, by a key of what is one."""
    written: dict[object, list[Accept]] = {}
    for accept in accepts:
        written.setdefault(key(accept), []).append(accept)
    return written.values()


def _places_of_names(accept: Place) -> dict[str, Place]:
    """The places of the names that an accept lists, in its order."""
    [statement] = parse(Source(accept.source.name, accept.text))[0].statements
    assert isinstance(statement, nodes.Accept)
    start = accept.span[0]
    return {name.text: Place(accept.source, (start + name.span[0], start + name.span[1])) for name in statement.names}


def _without(names: Sequence[str], places: Mapping[str, Place]) -> Fix:
    """The fix that takes some names out of a list, each with the comma after it, or at the end with that before it."""
    listed_names = list(places)
    edits = []
    last_kept = max(at for at, name in enumerate(listed_names) if name not in names)
    for at, name in enumerate(listed_names):
        if name in names and at < last_kept:
            span = (places[name].span[0], places[listed_names[at + 1]].span[0])
            edits.append(TextEdit(Place(places[name].source, span), ""))
    if last_kept + 1 < len(listed_names):
        end = places[listed_names[-1]]
        edits.append(TextEdit(Place(end.source, (places[listed_names[last_kept]].span[1], end.span[1])), ""))
    return Fix(f"take {listed(names)} out of the accept", tuple(edits), safe=True)


def _stale(
    accept: Accept, variant: str, *, day: str | None = None, name: str | None = None, near: Sequence[str] = ()
) -> Diagnostic:
    return diagnosis(
        f"stale-accept.{variant}",
        accept.place,
        code=STALE_ACCEPT,
        finding=accept.code,
        about=[*accept.names],
        group=accept.group,
        day=day,
        name=name,
        near=[*near],
    )
