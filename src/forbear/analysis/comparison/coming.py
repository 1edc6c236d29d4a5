"""Findings that come and go with a change of a policy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from attrs import evolve, frozen

from forbear.analysis.causes import by_cause
from forbear.analysis.comparison.telling.edits import renamed
from forbear.analysis.findings.promises.failed_example import FAILED_EXAMPLE
from forbear.analysis.findings.promises.failed_promise import FAILED_ENSURE, clause
from forbear.analysis.findings.undecided import UNDECIDED
from forbear.analysis.run import findings
from forbear.analysis.severities import OWN, Severities
from forbear.base.diagnostic import Diagnostic, Label, Severity, in_file_order
from forbear.kernel.cases import CaseError, read_case, read_on
from forbear.language.model.cases import DAY
from forbear.language.model.names import listed
from forbear.language.model.policy import TypedPolicy, own_rules
from forbear.semantics import meaning
from forbear.space.predicates.specs import specs

Names: TypeAlias = Mapping[str, str]

BROKEN = (FAILED_ENSURE, FAILED_EXAMPLE)
"""The findings that a promise is broken."""
_LIMIT = 100
"""The most findings of one code that are compared."""


@frozen
class Coming:
    """The errors and warnings that only the new policy has, and those that only the old one had.

    Findings that an author accepted do not count. Two findings are the same if they have the same code and concern the
    same rules (renamed or not), actions, ladder and fact, or the same promise.
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
    between: Callable[[], None] = lambda: None,
) -> Coming:
    """The findings that come and go, as serious as they are taken; the `checked` diagnostics are the checker's. The
    searches call `between`, which may end them by raising."""
    before = _findings(old, old_checked, severities, effort, between)
    after = _findings(new, new_checked, severities, effort, between)
    names = renamed(old, new)
    come = [_blaming(finding, old, new) for finding in _without(after, before, {}, names)]
    return Coming(in_file_order(by_cause(come)), in_file_order(by_cause(_without(before, after, names, {}))))


def _findings(
    policy: TypedPolicy,
    checked: Iterable[Diagnostic],
    severities: Severities,
    effort: int,
    between: Callable[[], None],
) -> list[Diagnostic]:
    taken = findings(policy, checked, limit=_LIMIT, asked=severities.asked, effort=effort, between=between)
    reported = severities.findings(taken).diagnostics
    return [
        finding
        for finding in reported
        if finding.accepted is None and finding.severity is not Severity.NOTE and finding.code != UNDECIDED
    ]


def _without(
    findings: Iterable[Diagnostic], others: Iterable[Diagnostic], names: Names, names_of_others: Names
) -> list[Diagnostic]:
    """The findings that are not among others, with the names that rules of each have in the new policy."""
    left = Counter([_subject(finding, names_of_others) for finding in others])
    only = []
    for finding in findings:
        subject = _subject(finding, names)
        if left[subject]:
            left[subject] -= 1
        else:
            only.append(finding)
    return only


def _subject(finding: Diagnostic, names: Names) -> object:
    rules, by = (tuple([names.get(name, name) for name in originals]) for originals in (finding.rules, finding.by))
    named = (rules, finding.actions, by, finding.skips, finding.ladder, finding.fact, finding.about)
    # A skipped rung is named by its action: its place is what an edit may have changed.
    promise = finding.place.text if not (finding.rules or finding.skips) or finding.code.startswith("failed") else None
    return finding.code, named, promise


def _blaming(finding: Diagnostic, old: TypedPolicy, new: TypedPolicy) -> Diagnostic:
    """A finding that comes. If it is a broken promise, it names the rules that used to keep it in its case."""
    if (
        finding.code != FAILED_ENSURE
        or finding.witness is None
        or not finding.actions
        or finding.actions[0] not in old.actions
    ):
        return finding
    own = {rule.name for rule in own_rules(old)}
    kept_by = tuple([name for name in _deciding(old, finding.actions[0], finding.witness) if name in own])
    kept_by = tuple([name for name in kept_by if name not in finding.rules])
    if not kept_by:
        return finding
    lapse = f"{listed(kept_by, 3)} no longer {'keeps' if len(kept_by) == 1 else 'keep'}"
    message = f"{lapse} a promise: {finding.message}"
    for promise in new.conforms:
        for rule in promise.standard.rules if promise.place == finding.place else ():
            if rule.name in finding.by:
                message = f"conforms to `{promise.standard.name}`: {lapse} {clause(rule)}"
    rules = [rule for rule in new.rules if rule.name in kept_by]
    return evolve(
        finding,
        message=message,
        place=rules[0].place if rules else finding.place,
        related=(Label(finding.place, "the promise"), *finding.related),
        kept_by=kept_by,
        causes=(f"{finding.place}: no longer {kept_by}",),
    )


def _deciding(policy: TypedPolicy, action: str, witness: Mapping[str, object]) -> tuple[str, ...]:
    """Returns the rules of the old policy that decide an action in a case of the new one; none if the old policy does
    not accept the case.
    """
    tables = specs(policy)
    known = {name: value for name, value in witness.items() if name in policy.facts}
    try:
        values = read_case(tables.facts, tables.needed, known)
    except CaseError:
        return ()
    day = None if DAY not in witness else read_on(witness[DAY])
    return meaning.decide_action(policy, action, values, day).rules
