"""The findings and examples of a page, with cases that it can load."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Mapping, Sequence

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.findings.promises.failed_example import Outcome
from forbear.analysis.run import Findings
from forbear.base.diagnostic import Code, Diagnostic, Severity, in_file_order
from forbear.language.model.cases import given_value_text
from forbear.language.model.facts import Absent
from forbear.language.model.policy import TypedPolicy
from forbear.language.model.values import HIDDEN, value_json
from forbear.report.page.controls import case_texts, plain_case
from forbear.report.page.rules import anchor
from forbear.report.sentences import actions_in_words, in_words, label
from forbear.report.text import also_text
from forbear.space.axes import DAY

_FOLDED = 4
"""The number of findings of a code from which they are folded."""


@frozen
class Quote:
    """The text of a rule, or of another part of a file, next to a finding."""

    name: str
    number: int | None
    anchor: str | None
    text: str


@frozen
class Case:
    """A case that the page can load, with the facts that matter. `number` is its index among the page's cases."""

    number: int
    facts: tuple[tuple[str, str], ...]


@frozen
class FindingRow:
    """A finding of a policy, with the texts that it is about and the cases that show it; `also` lists other findings of
    its cause, in words.
    """

    finding: Diagnostic
    also: str
    quotes: tuple[Quote, ...]
    cases: tuple[Case, ...]


@frozen
class FindingGroup:
    """The findings of one code. `left_out` is how many more there are than are shown."""

    code: str
    label: str
    severity: str
    rows: tuple[FindingRow, ...]
    left_out: int
    open: bool


@frozen
class ExampleRow:
    """An example of a policy: a case, and the verdicts that it expects."""

    title: str
    expected: str
    passed: bool
    case: Case


class Cases:
    """The cases of a page, in the order in which they were added."""

    def __init__(self, analysis: Analysis) -> None:
        self.all: list[Mapping[str, object]] = []
        self._plain = plain_case(analysis)
        self._facts = analysis.policy.facts

    def add(self, witness: Mapping[str, object]) -> Case:
        """Adds a case as `forbear decide` takes it. Facts that are as usual, or
        at their mildest, are loaded, and not shown."""
        case = case_texts({name: value for name, value in witness.items() if not isinstance(value, Mapping)})
        self.all.append(case)
        facts = [
            (name, str(value) if name == DAY else given_value_text(witness[name], self._facts.get(name)))
            for name, value in case.items()
            if name not in self._plain or value != self._plain[name]
        ]
        facts += [(name, HIDDEN) for name in witness if name not in case]
        return Case(len(self.all) - 1, tuple(facts))


def finding_groups(findings: Findings, policy: TypedPolicy, cases: Cases) -> tuple[FindingGroup, ...]:
    """The findings by code: errors first, what is accepted last."""
    reported = Counter(diagnostic.code for diagnostic in findings.diagnostics if diagnostic.accepted is None)
    anchors = {rule.name: number for number, rule in enumerate(policy.rules)}
    by_code: dict[tuple[int, Code], list[Diagnostic]] = {}
    for diagnostic in in_file_order(findings.diagnostics):
        by_code.setdefault((_weight(diagnostic), diagnostic.code), []).append(diagnostic)
    groups = []
    for (weight, code), diagnostics in sorted(by_code.items(), key=lambda pair: pair[0][0]):
        accepted = weight == len(Severity)
        rows = tuple([_finding(diagnostic, policy, anchors, cases) for diagnostic in diagnostics])
        left_out = 0 if accepted else findings.totals.get(code, 0) - reported[code]
        severity = "accepted" if accepted else diagnostics[0].severity.value
        words = in_words(code.replace("-", "_"))
        groups.append(FindingGroup(code, label(words), severity, rows, left_out, not accepted and len(rows) < _FOLDED))
    return tuple(groups)


def example_rows(policy: TypedPolicy, outcomes: Sequence[Outcome], cases: Cases) -> tuple[ExampleRow, ...]:
    """Returns the examples of a policy, each with its expectation in words. Private facts are left out."""
    rows = []
    for outcome in outcomes:
        example = outcome.example
        case = {
            name: value_json(policy.facts[name], None if isinstance(value, Absent) else value)
            for name, value in example.given.items()
            if not policy.facts[name].private
        }
        if example.on is not None:
            case[DAY] = datetime.date.fromordinal(example.on).isoformat()
        expected = "; ".join(
            f"{', '.join(actions_in_words(expectation.actions, policy.groups))}: {expectation.expectation.value}"
            for expectation in example.expected
        )
        rows.append(ExampleRow(example.title, expected, not outcome.failures, cases.add(case)))
    return tuple(rows)


def _weight(diagnostic: Diagnostic) -> int:
    """The sort key of a finding: errors come first, accepted findings last."""
    return len(Severity) if diagnostic.accepted is not None else list(Severity).index(diagnostic.severity)


def _finding(diagnostic: Diagnostic, policy: TypedPolicy, anchors: Mapping[str, int], cases: Cases) -> FindingRow:
    names = list(dict.fromkeys([*diagnostic.rules, *diagnostic.by]))[:6]
    rules = [policy.rules[anchors[name]] for name in names if name in anchors]
    quotes = [Quote(rule.name, anchors[rule.name] + 1, anchor(rule.name), rule.place.text) for rule in rules]
    if not quotes and diagnostic.place.source.text:
        text = diagnostic.place.text or diagnostic.place.source.line(diagnostic.place.start.line)
        quotes = [Quote(str(diagnostic.place), None, None, text)]
        for number, rule in enumerate(policy.rules):
            if diagnostic.place in rule.place:
                quotes = [Quote(rule.name, number + 1, anchor(rule.name), text)]
    return FindingRow(
        diagnostic, also_text(diagnostic), tuple(quotes), tuple([cases.add(witness) for witness in diagnostic.cases])
    )
