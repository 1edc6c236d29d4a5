"""The promises that differ between two policies: they decide nothing, but what they guarded is no longer guarded."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from attrs import frozen

from forbear.analysis.comparison.telling.edits import Edit, EditKind
from forbear.analysis.findings.promises.failed_example import FAILED_EXAMPLE
from forbear.analysis.written import in_one_line
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place
from forbear.language.model.facts import Absent, Grid
from forbear.language.model.policy import Example, Expected, TypedPolicy
from forbear.semantics.composition.standards import all_standards
from forbear.semantics.to_text import condition_text, digest

_WHAT: Mapping[EditKind, tuple[str, str, str]] = {
    "standard": ("no longer subject to it", "its text differs", "subject to it"),
    "ensure": ("the promise is gone", "what the promise uses differs", "the promise is new"),
    "table": ("no longer promised of it", "no longer promised of it", "promised of it"),
    "accept": ("no longer accepted", "what it accepts differs", "accepted"),
    "example": ("the example is gone", "the example differs", "the example is new"),
    "omits": ("no longer said to be left out", "", "said to be left out"),
    "read": ("no longer said to be read", "read on another day", "said to be read"),
    "reviewed": ("the review is gone", "the review differs", "the review is new"),
}
"""The text for a promise that is gone, changed or new, in this order."""
_WEAKER = {"accept": (False, True)}
"""By kind, whether the policy guards less if the promise is gone, and if it is new. Other kinds guard less if they are
gone.
"""
Meaning: TypeAlias = object


@frozen
class _Promise:
    """A promise as it is called, with its place, and all that it means."""

    kind: EditKind
    name: str
    meaning: Meaning
    place: Place


def promises_between(old: TypedPolicy, new: TypedPolicy) -> tuple[Edit, ...]:
    """The promises that are gone, changed or new, as edits, those first by which less is guarded. A promise that is
    written otherwise, and means the same, is not among them."""
    # An example has the usual value of each fact that its policy reads and it does not give; None if that changed.
    plain = {name: (fact.usually, new.facts[name].usually) for name, fact in old.facts.items() if name in new.facts}
    usual = {name: None if a != b else Absent.UNKNOWN if a is None else a for name, (a, b) in plain.items()}
    before, after = (list(_promises(policy, usual)) for policy in (old, new))
    left = {(promise.kind, promise.name): promise for promise in _without(after, before)}
    edits = []
    for promise in _without(before, after):
        counterpart = left.pop((promise.kind, promise.name), None)
        edits.append(_edit(promise, counterpart))
    edits += [_edit(None, promise) for promise in left.values()]
    order = list(_WHAT)
    return tuple(sorted(edits, key=lambda edit: (not weakens(edit), order.index(edit.kind), edit.before is None)))


def weakens(edit: Edit) -> bool:
    """Returns true if an edit of a promise guards less, or may."""
    if edit.kind in ("example", "omits", "read", "reviewed"):  # an example guards one case
        return False
    if_gone, if_new = _WEAKER.get(edit.kind, (True, False))
    return if_new if edit.before is None else if_gone if edit.after is None else True


def change_of(edit: Edit) -> str:
    """Returns in a word how a promise changed."""
    return "new" if edit.before is None else "gone" if edit.after is None else "changed"


def edit_of_broken(finding: Diagnostic) -> Edit:
    """Returns the promise that a finding reports as broken, called as in `promises_between`, with the message."""
    if finding.code == FAILED_EXAMPLE:
        assert finding.arguments is not None
        return Edit("example", str(finding.arguments["title"]), (finding.message,), None, finding.place, finding.rules)
    places = [finding.place, *[label.place for label in finding.related]]
    promise = next(place for place in places if place.text.startswith("ensure"))
    return Edit("ensure", _text(promise, "ensure "), (finding.message,), None, promise, finding.rules)


def _edit(before: _Promise | None, after: _Promise | None) -> Edit:
    promise = after or before
    assert promise is not None
    gone, changed, new = _WHAT[promise.kind]
    what = new if before is None else gone if after is None else changed
    places = [None if side is None else side.place for side in (before, after)]
    return Edit(promise.kind, promise.name, (what,), places[0], places[1], ())


def _without(promises: Iterable[_Promise], others: Iterable[_Promise]) -> list[_Promise]:
    meanings = {(promise.kind, promise.meaning) for promise in others}
    return [promise for promise in promises if (promise.kind, promise.meaning) not in meanings]


def _promises(policy: TypedPolicy, usual: Mapping[str, Grid | Absent | None]) -> Iterator[_Promise]:
    for ensure in policy.ensures:
        when = condition_text(ensure.when, policy.facts)
        meaning: Meaning = (ensure.any_of, _expected([ensure.expected]), when, ensure.on)
        yield _Promise("ensure", _text(ensure.place, "ensure "), meaning, ensure.place)
    for conforms in policy.conforms:
        yield _Promise("ensure", _text(conforms.place, "ensure "), digest(conforms.standard), conforms.place)
    for over in all_standards(policy.subject_to):
        yield _Promise("standard", over.standard.name, over.standard.name, over.place)
    for table in policy.tables:
        for word, is_promised in (("complete", table.complete), ("no overlap", table.no_overlap)):
            if is_promised:
                yield _Promise("table", f"{table.name} {word}", (table.name, word), table.place)
    for example in policy.examples:
        yield _Promise("example", json.dumps(example.title, ensure_ascii=False), _case(example, usual), example.place)
    accepted: dict[Place, list[Meaning]] = {}
    for accept in policy.accepts:
        where = None if accept.when is None else condition_text(accept.when, policy.facts)
        accepted.setdefault(accept.place, []).append((accept.code, frozenset(accept.names), where, accept.until))
    for place, meanings in accepted.items():
        yield _Promise("accept", _text(place, "accept "), frozenset(meanings), place)
    for text in policy.omits:
        yield _Promise("omits", json.dumps(text, ensure_ascii=False), text, policy.place)
    for reading in policy.read:
        yield _Promise("read", json.dumps(reading.text, ensure_ascii=False), (reading.text, reading.on), policy.place)
    if policy.reviewed is not None:
        yield _Promise("reviewed", policy.name, policy.reviewed.words, policy.reviewed.place)


def _case(example: Example, usual: Mapping[str, Grid | Absent | None]) -> Meaning:
    follows: tuple[str, ...] = ()
    past = None
    if example.past is not None:
        follows = example.past.follows
        past = (example.past.moment, json.dumps(example.past.case, sort_keys=True, default=str))
    given = frozenset(
        (name, str(value))
        for name, value in example.given.items()
        if name in usual and name not in follows and value != usual[name]
    )
    return given, example.on, _expected(example.expected), past


def _expected(expected: Sequence[Expected]) -> Meaning:
    return frozenset(
        (action, each.expectation, frozenset(each.companions)) for each in expected for action in each.actions
    )


def _text(place: Place, word: str) -> str:
    return in_one_line(place.text).removeprefix(word)
