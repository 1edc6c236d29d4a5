"""The report page next to a text, and the part of it for a place of the text: a rule, or a case to try."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

from forbear.analysis.run import Findings
from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Span
from forbear.check.promises.promises import case_of_example, day_of_example
from forbear.editors.editing.reading import Reading
from forbear.language.model.policy import TypedPolicy
from forbear.report.page.contents import policy_report
from forbear.report.page.controls import case_texts
from forbear.report.page.page import page
from forbear.report.page.rules import anchor
from forbear.semantics.composition.duties import with_duties


def preview(reading: Reading, findings: Findings) -> str:
    """The report page of a text without errors, which shows its findings."""
    assert reading.policy is not None
    return page(policy_report(reading.policy, findings, None))


def part_of(
    reading: Reading,
    diagnostics: Iterable[Diagnostic],
    offset: int,
    now: Callable[[Span], Span | None] = lambda span: span,
) -> str:
    """The address within the page of what is at an offset: the case of a finding or of an example, else a rule; empty
    for anything else. `now` says where a span of the reading is in the text of the offset."""
    policy = reading.policy
    if policy is None:
        return ""

    def here(place: Place) -> bool:
        span = now(place.span) if place.source.name == reading.source.name else None
        return span is not None and span[0] <= offset <= span[1]

    for example in policy.examples:
        if here(example.place):
            day = day_of_example(example)
            case = case_of_example(example, policy) | ({} if day is None else {"on": day.isoformat()})
            return f"#case?{case_address(case, policy)}"
    for finding in diagnostics:
        if finding.cases and here(finding.place):
            return f"#case?{case_address(finding.cases[0], policy)}"
    rules = with_duties(policy).policy.rules
    return next((f"#{anchor(rule.name)}" for rule in rules if here(rule.place)), "")


def case_address(case: Mapping[str, object], policy: TypedPolicy | None) -> str:
    """Returns a case as the report page has it in its address. A fact that is left out is unknown if it may be."""
    facts = {} if policy is None else policy.facts
    flat = {name: value for name, value in case.items() if not isinstance(value, (list, tuple, Mapping))}
    parameters: dict[str, str] = {}
    for name, value in case_texts(flat).items():
        if value is None or (value == "none" and name in facts and facts[name].or_none):
            parameters[f"{name}!"] = "none"
        elif isinstance(value, bool):
            parameters[name] = "yes" if value else "no"
        else:
            parameters[name] = str(value)
    for fact in facts.values():
        if fact.optional and fact.name not in case:
            parameters[f"{fact.name}!"] = "unknown"
    return urlencode(parameters)
