"""The contents of a report page, as data: chart, findings, changes, rules and cases."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from attrs import evolve, field, frozen

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.pair import paired
from forbear.analysis.engine.analysis import Analysis, analyse
from forbear.analysis.findings.promises.failed_example import try_examples
from forbear.analysis.run import Findings
from forbear.analysis.spans import Row, Span, in_ladder_order, on_day, spans
from forbear.composition.standards import omissions
from forbear.composition.union import Domain, union
from forbear.diagnostic import Code, Diagnostic, Severity, in_file_order
from forbear.model.conditions import Always
from forbear.model.policy import Effect, Rule, TypedPolicy
from forbear.model.values import HIDDEN
from forbear.report.comparison import grouped, limited, vocabulary_remarks, when
from forbear.report.page.chart import Chart, Described, draw
from forbear.report.page.controls import case_texts
from forbear.semantics.to_text import condition_text, setting_text

SPANS_OF_A_ROW = 24
SPANS = 900
"""The most spans of a chart. One that is cut says so."""
CHANGES = 50
"""The most changes of one action that are shown."""
NAMED = 20
"""The most overridden rules of a rule that are named."""


@frozen
class RuleRow:
    """A rule in the table."""

    anchor: str
    name: str
    title: str | None
    words: str
    because: str | None
    source: str | None
    dates: str
    overrides: tuple[str, ...]
    examples: tuple[str, ...]
    text: str
    place: str


@frozen
class SettingRow:
    """A setting with its value; one of a standard over the policy is called STANDARD.NAME."""

    name: str
    value: str
    description: str | None


@frozen
class Quote:
    """The text of a rule, or of another part of a file, next to a finding."""

    name: str
    anchor: str | None
    text: str


@frozen
class Case:
    """A case that the page can load. `number` is its index among the page's cases."""

    number: int
    facts: tuple[tuple[str, str], ...]


@frozen
class FindingRow:
    code: str
    severity: str
    message: str
    help: str
    accepted: str | None
    quotes: tuple[Quote, ...]
    cases: tuple[Case, ...]


@frozen
class ChangeRow:
    actions: str
    before: str
    after: str
    when: str
    case: Case


@frozen
class Side:
    """One of the policies of a page. `label` distinguishes it from the other; it is empty if there is no other."""

    policy: TypedPolicy
    label: str
    prefix: str
    rules: tuple[RuleRow, ...]
    settings: tuple[SettingRow, ...]
    omits: Sequence[tuple[str, Sequence[str]]]
    """The names of the policy and of the standards over it, each with what it says that it leaves out."""


@frozen
class Report:
    """All that a page shows."""

    title: str
    sides: tuple[Side, ...]
    analysis: Analysis
    chart: Chart
    findings: tuple[FindingRow, ...] = ()
    totals: Mapping[Code, int] = field(factory=dict)
    reported: Mapping[Code, int] = field(factory=dict)
    changes: tuple[ChangeRow, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    changed: bool = False
    equivalent: bool = False
    cases: tuple[Mapping[str, object], ...] = ()
    on: str | None = None


def policy_report(policy: TypedPolicy, found: Findings, day: int | None) -> Report:
    """The contents for one policy, on one day (an ordinal) or, with None, on all its days."""
    analysis = analyse(policy)
    start = analysis.space.cells.days[-1] if day is None else day
    if day is not None:
        analysis = on_day(analysis, day)
    anchors = {rule.name: f"rule-{number}" for number, rule in enumerate(policy.rules)}
    cases: list[Mapping[str, object]] = []
    diagnostics = sorted(in_file_order(found.diagnostics), key=_weight)
    findings = tuple([_finding(diagnostic, policy, anchors, cases) for diagnostic in diagnostics])
    return Report(
        title=_title(policy),
        sides=(_side(policy, policy, "", ""),),
        analysis=analysis,
        chart=_policy_chart(policy, analysis),
        findings=findings,
        totals=found.totals,
        reported=Counter(diagnostic.code for diagnostic in diagnostics if diagnostic.accepted is None),
        cases=tuple(cases),
        on=None if start is None else datetime.date.fromordinal(start).isoformat(),
    )


def _policy_chart(policy: TypedPolicy, analysis: Analysis) -> Chart:
    """The chart of one policy."""

    def described(span: Span) -> Described:
        unless = tuple([policy.rules[number].name for number in span.unless])
        return Described(span, policy.rules[span.rule].name, unless, f"#rule-{span.rule}")

    rows = []
    for row in _rows(analysis, in_order(policy)):
        rows.append((row, [described(span) for span in row.spans]))
    return draw(analysis, rows, f"{_title(policy)}: the ladder in time")


def change_report(found: Difference, old: str, new: str, day: int | None) -> Report:
    """The contents for a change. `old` and `new` are the names of the policies in messages."""
    both = union(found.old, found.new, Domain(day=day))
    pair = paired(both)
    cases: list[Mapping[str, object]] = []
    changes = []
    for actions, change in grouped(limited(found.changes, CHANGES)):
        case = _case(change.witness, cases)
        changes.append(ChangeRow(", ".join(actions), change.before.value, change.after.value, when(change), case))
    sides = (
        _side(found.old, both.old, "before", "old-"),
        _side(found.new, both.new, "after", "new-"),
    )
    return Report(
        title=f"{_title(found.new)}: what changes",
        sides=sides,
        analysis=pair.analysis,
        chart=_change_chart(found, pair.analysis, len(found.old.rules)),
        changes=tuple(changes),
        remarks=(*vocabulary_remarks(found, old, new), *_left_out(found)),
        changed=True,
        equivalent=found.equivalent,
        cases=tuple(cases),
        on=_first_day(pair.analysis),
    )


def _left_out(found: Difference) -> Iterator[tuple[str, str]]:
    """Remarks on what the table of changes leaves out."""
    for action, number in Counter(change.action for change in found.changes).items():
        if number > CHANGES:
            yield f"more changes of {action}", f"{number - CHANGES}; `forbear diff` shows all"
    for action in found.undecided:
        yield action, "not all of its changes are known, the search for them reached its bound"


def _change_chart(found: Difference, analysis: Analysis, offset: int) -> Chart:
    changed = {change.action for change in found.changes} | set(found.undecided)
    rows = []
    left = SPANS
    for action in in_order(found.new, found.old):
        if action in changed:
            sides = [spans(analysis, f"{side} {action}", min(SPANS_OF_A_ROW, left)) for side in ("old", "new")]
            described = _before_and_after(sides, found, offset)
            left -= len(described)
            rows.append((Row(action, (), sum(side.left_out for side in sides)), described))
    return draw(analysis, rows, f"{_title(found.new)}: before and after")


def _before_and_after(sides: Sequence[Row], found: Difference, offset: int) -> list[Described]:
    """The spans of an action before and after. Equal spans of both are one."""
    by_words: dict[object, Described] = {}
    for label, row, policy, first, prefix in (
        ("before", sides[0], found.old, 0, "old-"),
        ("after", sides[1], found.new, offset, "new-"),
    ):
        for span in row.spans:
            own = evolve(span, rule=span.rule - first, unless=tuple([number - first for number in span.unless]))
            unless = tuple([policy.rules[number].name for number in own.unless])
            href = f"#{prefix}rule-{own.rule}"
            described = Described(own, policy.rules[own.rule].name, unless, href, label)
            key = (described.rule, own.verdict, own.runs, own.condition, unless, own.since, own.until)
            by_words[key] = evolve(described, side="before and after") if key in by_words else described
    return list(by_words.values())


def in_order(policy: TypedPolicy, other: TypedPolicy | None = None) -> list[str]:
    """The actions in the order of the ladder. Actions that only the other policy has come last."""
    return list(dict.fromkeys([*in_ladder_order(policy), *(other.actions if other is not None else ())]))


def _rows(analysis: Analysis, actions: Sequence[str]) -> Iterator[Row]:
    left = SPANS
    for action in actions:
        row = spans(analysis, action, min(SPANS_OF_A_ROW, left))
        left -= len(row.spans)
        yield row


def _title(policy: TypedPolicy) -> str:
    return policy.title or policy.name


def _first_day(analysis: Analysis) -> str | None:
    day = analysis.space.cells.days[-1]
    return None if day is None else datetime.date.fromordinal(day).isoformat()


# Rules, findings, cases


_SAID = {
    Effect.ALLOW: "allowed",
    Effect.REQUIRE: "required",
    Effect.FORBID: "forbidden",
    Effect.NEVER: "never allowed",
    Effect.EXEMPT: "exempt from what its standard forbids",
}


def _rules(policy: TypedPolicy, prefix: str) -> tuple[RuleRow, ...]:
    examples: dict[str, list[str]] = {}
    for outcome in try_examples(policy):
        for name in outcome.deciding:
            examples.setdefault(name, []).append(outcome.example.title)
    return tuple(
        [
            RuleRow(
                anchor=f"{prefix}rule-{number}",
                name=rule.name,
                title=rule.title,
                words=_words(rule, policy),
                because=rule.because,
                source=rule.source,
                dates=_dates(rule),
                overrides=_overrides(rule, policy),
                examples=tuple(examples.get(rule.name, ())),
                text=rule.place.text,
                place=f"{rule.place.source.name}:{rule.place.start.line}",
            )
            for number, rule in enumerate(policy.rules)
        ]
    )


def _side(policy: TypedPolicy, shown: TypedPolicy, label: str, prefix: str) -> Side:
    """A policy, whose cases are those of `shown`."""
    return Side(shown, label, prefix, _rules(policy, prefix), _settings(policy), omissions([policy]))


def _settings(policy: TypedPolicy) -> tuple[SettingRow, ...]:
    return tuple([SettingRow(its.name, setting_text(its), its.description) for its in policy.settings.values()])


def _words(rule: Rule, policy: TypedPolicy) -> str:
    """A rule in one line: `sms, email: allowed when days_overdue > 9`."""
    by_effect: dict[Effect, list[str]] = {}
    for action, effect in rule.effects.items():
        by_effect.setdefault(effect, []).append(action)
    said = "; ".join(f"{', '.join(actions)}: {_SAID[effect]}" for effect, actions in by_effect.items())
    if rule.condition == Always():
        return f"{said}, in every case"
    return f"{said} when {condition_text(rule.condition, policy.facts)}"


def _overrides(rule: Rule, policy: TypedPolicy) -> tuple[str, ...]:
    """The names of the rules that a rule overrides: at most `NAMED`, and the number of the others."""
    numbers = sorted({number for others in rule.overrides.values() for number in others.numbers})
    more = [f"and {len(numbers) - NAMED} more"] if len(numbers) > NAMED else []
    return (*[policy.rules[number].name for number in numbers[:NAMED]], *more)


def _dates(rule: Rule) -> str:
    days = (("from", rule.since), ("until", rule.until))
    return " ".join(f"{word} {datetime.date.fromordinal(day).isoformat()}" for word, day in days if day is not None)


def _weight(found: Diagnostic) -> int:
    """The sort key of a finding: errors come first, accepted findings last."""
    return len(Severity) if found.accepted is not None else list(Severity).index(found.severity)


def _finding(
    found: Diagnostic, policy: TypedPolicy, anchors: Mapping[str, str], cases: list[Mapping[str, object]]
) -> FindingRow:
    names = list(dict.fromkeys([*found.rules, *found.by]))[:6]
    by_name = {rule.name: rule for rule in policy.rules if rule.name in names}
    quotes = [Quote(name, anchors[name], by_name[name].place.text) for name in names if name in by_name]
    if not quotes and found.place.source.text:
        quotes = [Quote(str(found.place), None, found.place.text or found.place.source.line(found.place.start.line))]
    witnesses = found.witnesses or ((found.witness,) if found.witness is not None else ())
    return FindingRow(
        code=found.code,
        severity="accepted" if found.accepted is not None else found.severity.value,
        message=found.message,
        help=found.help,
        accepted=found.accepted,
        quotes=tuple(quotes),
        cases=tuple([_case(witness, cases) for witness in witnesses]),
    )


def _case(witness: Mapping[str, object], cases: list[Mapping[str, object]]) -> Case:
    case = case_texts({name: value for name, value in witness.items() if not isinstance(value, Mapping)})
    cases.append(case)
    words = {True: "yes", False: "no", None: "unknown"}
    facts = [
        (name, words[value] if value is None or isinstance(value, bool) else str(value)) for name, value in case.items()
    ]
    facts += [(name, HIDDEN) for name in witness if name not in case]
    return Case(len(cases) - 1, tuple(facts))
