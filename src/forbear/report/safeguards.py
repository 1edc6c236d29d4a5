"""The rules that a policy lacks to conform to a standard, as text for its file."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.analysis.comparison.conformance import Conformance, Violation
from forbear.analysis.comparison.remedy import Remedy, remedy
from forbear.base.source import Source
from forbear.check.files.locations import STANDARD_VOCABULARY
from forbear.language.formatting.format import format_text
from forbear.language.model.facts import Fact
from forbear.language.model.names import bundled_in
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import quoted, value_text
from forbear.report.text import FURTHER
from forbear.semantics.to_text import fact_text, rule_text, silent_clauses, type_text


def suggested_rules(conformance: Conformance) -> str:
    """The missing rules in the canonical layout, after the declarations that they need; empty if none is missing.

    Comments at the top list the violations that no new rule can remedy.
    """
    mended = remedy(conformance)
    remarks = "".join(f"# {' '.join(remark.split())}\n" for remark in dict.fromkeys(_remarks(mended)))
    if not mended.rules:
        return remarks
    lines = [*_declarations(conformance.policy, mended.policy)]
    lines += [rule_text(rule, mended.policy) for rule in mended.rules]
    formatted = format_text(Source("suggestion", "\n".join(lines) + "\n"))
    assert formatted.text is not None, formatted.diagnostics
    return f"{remarks}\n{formatted.text}" if remarks else formatted.text


def _remarks(mended: Remedy) -> Iterator[str]:
    for unsaid in mended.unsaid:
        yield f"{_rule(unsaid.violation)} cannot be said of {unsaid.violation.action} here, since {unsaid.why}."
    for violation in mended.left.violations:
        if violation.kind == "omits required":
            for name in violation.policy_rules:
                yield f"`{name}` forbids {violation.action} where {_rule(violation)} requires it: one has to give way."
    for vacuous in mended.left.vacuous:
        yield f"`{vacuous.standard.name}` is vacuous here: it judges nothing that this policy does."
    if mended.left.unjudged and not mended.left.judged and not mended.left.violations and not mended.left.vacuous:
        yield f"no rule of a standard speaks of what this policy permits: {', '.join(mended.left.unjudged)}."
    for undecided in mended.left.undecided:
        yield (
            f"whether a case breaks `{undecided.standard_rule.name}` of `{undecided.standard.name}` with "
            f"{undecided.action} is not known: {FURTHER}."
        )


def _rule(violation: Violation) -> str:
    return f"`{violation.standard_rule.name}` of `{violation.standard.name}`"


def _declarations(before: TypedPolicy, after: TypedPolicy) -> Iterator[str]:
    """The declarations that the rules need. If the policy uses the standard vocabulary implicitly, it must name it."""
    facts = [fact for name, fact in after.facts.items() if name not in before.facts]
    events = [event for name, event in after.events.items() if name not in before.events]
    actions = [action for name, action in after.actions.items() if name not in before.actions]
    if (facts or events or actions) and any(bundled_in(fact.place) for fact in before.facts.values()):
        yield f"uses {STANDARD_VOCABULARY}"
    for event in events:
        its_id = ["  has id text private"] if event.private_id else []
        attributes = [
            " ".join([f"  has {attribute.name} {type_text(attribute)}", *silent_clauses(attribute)])
            for attribute in event.attributes.values()
        ]
        yield "\n".join([f"event {event.name}{_described(event.description)}", *its_id, *attributes])
    for fact in facts:
        clauses = "".join([f" {clause}" for clause in silent_clauses(fact)]) + _usually(fact)
        not_so = f" not so: {quoted(fact.not_so)}" if fact.description is not None and fact.not_so is not None else ""
        yield f"fact {fact.name} {fact_text(fact, after)}{clauses}{_described(fact.description)}{not_so}"
    for action in actions:
        yield f"action {action.name}{_described(action.description)}"


def _usually(fact: Fact) -> str:
    return "" if fact.usually is None else f" usually {value_text(fact, fact.usually)}"


def _described(description: str | None) -> str:
    return "" if description is None else f" {quoted(description)}"
