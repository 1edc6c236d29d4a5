"""Findings that come and go with a change of a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.analysis.causes import by_cause
from forbear.analysis.comparison.telling.edits import renamed
from forbear.analysis.findings.promises.failed_conforms import clause
from forbear.analysis.findings.promises.failed_ensure import FAILED_ENSURE
from forbear.analysis.findings.undecided import UNDECIDED
from forbear.analysis.run import findings
from forbear.analysis.severities import OWN, Severities
from forbear.diagnostic import Diagnostic, Label, Severity, in_file_order
from forbear.kernel import CaseError, read_case, read_on
from forbear.model.cases import DAY
from forbear.model.names import listed
from forbear.model.policy import TypedPolicy, own_rules
from forbear.predicates.specs import specs
from forbear.semantics import meaning

Names: TypeAlias = Mapping[str, str]

_LIMIT = 100
"""The most findings of one code that are compared."""


@frozen
class Coming:
    """The errors and warnings that only the new policy has, and those that only the old one had.

    Findings that an author accepted are none of them. Two findings are the same if they have one code, and are about
    the same rules, whatever these are called, actions, ladder and fact, or the same promise.
    """

    come: tuple[Diagnostic, ...]
    go: tuple[Diagnostic, ...]


def findings_between(
    old: TypedPolicy,
    old_checked: Iterable[Diagnostic],
    new: TypedPolicy,
    new_checked: Iterable[Diagnostic],
    severities: Severities = OWN,
    *,
    effort: int = 1,
) -> Coming:
    """The findings that come and go, as serious as they are taken; the `checked` diagnostics are the checker's."""
    before = _findings(old, old_checked, severities, effort)
    after = _findings(new, new_checked, severities, effort)
    names = renamed(old, new)
    come = [_blaming(one, old, new) for one in _without(after, before, {}, names)]
    return Coming(in_file_order(by_cause(come)), in_file_order(by_cause(_without(before, after, names, {}))))


def _findings(
    policy: TypedPolicy, checked: Iterable[Diagnostic], severities: Severities, effort: int
) -> list[Diagnostic]:
    taken = findings(policy, checked, limit=_LIMIT, asked=severities.asked, effort=effort)
    found = severities.findings(taken).diagnostics
    return [
        one for one in found if one.accepted is None and one.severity is not Severity.NOTE and one.code != UNDECIDED
    ]


def _without(
    found: Iterable[Diagnostic], others: Iterable[Diagnostic], names: Names, names_of_others: Names
) -> list[Diagnostic]:
    """The findings that are not among others, with the names that rules of each have in the new policy."""
    left = Counter([_subject(one, names_of_others) for one in others])
    only = []
    for one in found:
        subject = _subject(one, names)
        if left[subject]:
            left[subject] -= 1
        else:
            only.append(one)
    return only


def _subject(found: Diagnostic, names: Names) -> object:
    rules, by = (tuple([names.get(name, name) for name in its]) for its in (found.rules, found.by))
    named = (rules, found.actions, by, found.skips, found.ladder, found.fact, found.about)
    # A skipped rung is named by its action: its place is what an edit may have changed.
    promise = found.place.text if not (found.rules or found.skips) or found.code.startswith("failed") else None
    return found.code, named, promise


def _blaming(found: Diagnostic, old: TypedPolicy, new: TypedPolicy) -> Diagnostic:
    """A finding that comes: a broken promise names the rules that kept it in its case, and no longer do."""
    if found.code != FAILED_ENSURE or found.witness is None or not found.actions or found.actions[0] not in old.actions:
        return found
    own = {rule.name for rule in own_rules(old)}
    kept_by = tuple([name for name in _deciding(old, found.actions[0], found.witness) if name in own])
    kept_by = tuple([name for name in kept_by if name not in found.rules])
    if not kept_by:
        return found
    said = f"{listed(kept_by, 3)} no longer {'keeps' if len(kept_by) == 1 else 'keep'}"
    message = f"{said} a promise: {found.message}"
    for promise in new.conforms:
        for rule in promise.standard.rules if promise.place == found.place else ():
            if rule.name in found.by:
                message = f"conforms to `{promise.standard.name}`: {said} {clause(rule)}"
    rules = [rule for rule in new.rules if rule.name in kept_by]
    return evolve(
        found,
        message=message,
        place=rules[0].place if rules else found.place,
        related=(Label(found.place, "the promise"), *found.related),
        kept_by=kept_by,
        causes=(f"{found.place}: no longer {kept_by}",),
    )


def _deciding(policy: TypedPolicy, action: str, witness: Mapping[str, object]) -> tuple[str, ...]:
    """The rules that decide an action of the old policy in a case of the new one; none where it is no case of it."""
    tables = specs(policy)
    given = {name: value for name, value in witness.items() if name in policy.facts}
    try:
        values = read_case(tables.facts, tables.needed, given)
    except CaseError:
        return ()
    day = None if DAY not in witness else read_on(witness[DAY])
    return meaning.decide_action(policy, action, values, day).rules
