"""The chart of the ladder over time: what the policy itself permits and requires, a row for each action or for several
of which the same is said, and what holds it back, drawn once above them.

This file computes the layout; the templates draw it. Verdicts differ in pattern and words, not in colour alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from attrs import evolve, field, frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.spans import Row, Span
from forbear.base.characters import printable
from forbear.kernel.cases import Verdict
from forbear.language.model.conditions import Always
from forbear.language.model.facts import Group
from forbear.language.model.names import counted
from forbear.language.model.policy import TypedPolicy
from forbear.report.page.rules import Numbering, Reference
from forbear.report.page.scale import Scale, days_text, scale
from forbear.report.sentences import actions_in_words, in_words, sentence
from forbear.semantics.to_text import period_text

UNSAID = "no rule says anything, so it is not permitted"
UNSAID_IN_STANDARD = "no rule says anything, so it is left free"
_BANDS = 6
"""The most bands. If there are more, those of the fewest rules are named without a drawing."""

Runs = tuple[tuple[int, int], ...]


@frozen
class Bar:
    """The position of a drawn bar, in per cent of the chart's width."""

    x: float
    width: float


@frozen
class Line:
    """A rule that decides an action, in a row of the chart. `side` distinguishes before from after."""

    rule: str
    number: int
    verdict: Verdict
    bars: tuple[Bar, ...]
    runs: Runs
    words: str
    days: str
    href: str
    side: str | None = None
    dates: str = ""

    @property
    def offset(self) -> int:
        """The start of its first bar, in thousandths of the width."""
        return int(self.bars[0].x * 10)

    @property
    def full(self) -> str:
        """Its whole text, on one line."""
        side = f"{self.side}: " if self.side else ""
        dates = f", {self.dates}" if self.dates else ""
        days = f" ({self.days})" if self.days else ""
        return f"{side}{self.verdict.value} by {self.rule}, {self.words}{dates}{days}"


@frozen
class ChartRow:
    """Actions that the same rules decide on the same days.

    `held` are the rules that can forbid each of them there, and `besides` those that can forbid some, by these.
    """

    actions: tuple[str, ...]
    label: str
    detail: str
    lines: tuple[Line, ...]
    bars: tuple[Bar, ...] = ()
    """The days on which the actions are forbidden; for a standard, which permits nothing."""
    forbidding: tuple[Reference, ...] = ()
    """The rules that forbid them; of a standard too."""
    held: tuple[Reference, ...] = ()
    besides: tuple[tuple[str, tuple[Reference, ...]], ...] = ()
    note: str | None = None


@frozen
class Band:
    """Rules that forbid something, on the same days."""

    bars: tuple[Bar, ...]
    days: str
    rules: tuple[Reference, ...]
    count: int


@frozen
class Chart:
    """The layout of a chart."""

    title: str
    scale: Scale
    bands: tuple[Band, ...]
    rows: tuple[ChartRow, ...]
    never: tuple[tuple[str, tuple[Reference, ...]], ...]
    """Actions that are never permitted, in words, and the rules that say so."""
    unpermitted: tuple[str, ...]
    """Actions that no rule permits, and that are not forbidden in every case."""
    silent: tuple[str, ...]
    """Actions without rules: unsaid in every case."""
    unsaid: str
    """The meaning of unsaid in this policy, in words."""
    drawn: frozenset[Verdict]
    """The verdicts that have a bar, for the key."""
    more_bands: tuple[Reference, ...] = field(default=())
    rules: tuple[str, ...] = field(default=())
    """The rules by name, with their dates, in the order of their numbers."""

    def beside(
        self, actions: Sequence[str], rules: Collection[str]
    ) -> list[tuple[str, tuple[Bar, ...], tuple[Bar, ...]]]:
        """Returns actions in words, and the bars in which edited rules permit them before and after. Actions with the
        same bars are grouped; those with the same bars on both sides are left out.
        """
        alike: dict[tuple[tuple[Bar, ...], tuple[Bar, ...]], list[str]] = {}
        for row in self.rows:
            its = [action for action in row.actions if action in actions]
            if its and self.scale.ticks:
                numbers = {line.number for line in row.lines if line.rule in rules}
                permits = [it for it in row.lines if it.number in numbers and it.verdict is not Verdict.FORBIDDEN]
                before, after = [
                    bars_of(self.scale, united(line.runs for line in permits if side in (line.side or "")))
                    for side in ("before", "after")
                ]
                alike.setdefault((before, after), []).extend(its)
        return [(", ".join(map(in_words, its)), *sides) for sides, its in alike.items() if sides[0] != sides[1]]


def bars_of(clock: Scale, runs: Runs) -> tuple[Bar, ...]:
    """Returns the positions of runs of cells of the clock."""
    edges = clock.edges
    return tuple([Bar(edges[first], round(max(edges[last + 1] - edges[first], 0.3), 2)) for first, last in runs])


def draw(analysis: Analysis, rows: Sequence[Row], title: str) -> Chart:
    """Lays out the chart of one policy. Actions whose rows are empty are listed as silent."""
    policy = analysis.policy
    clock = scale(analysis)
    lines = _Lines(analysis, clock, Numbering(policy))
    bands = list(lines.bands(rows))
    drawn: dict[object, list[_Own]] = {}
    never: dict[tuple[int, ...], list[str]] = {}
    unpermitted, silent = [], []
    for row in rows:
        if not row.spans and not row.left_out:
            silent.append(row.action)
            continue
        own = lines.own(row)
        always = [number for number in own.forbidding if policy.rules[number].condition == Always()]
        if own.lines or row.left_out:
            key = (own.lines, row.left_out) if own.lines else row.action
            drawn.setdefault(key, []).append(own)
        elif always and not policy.standard:
            never.setdefault(tuple(always), []).append(row.action)
        elif policy.standard:
            drawn.setdefault((own.forbidding, own.forbidden), []).append(own)
        else:
            unpermitted.append(row.action)
    return Chart(
        printable(title),
        clock,
        tuple(bands[:_BANDS]),
        tuple([lines.merged(together) for together in drawn.values()]),
        tuple([(", ".join(lines.words(actions)), lines.references(rules)) for rules, actions in never.items()]),
        tuple(unpermitted),
        tuple(silent),
        UNSAID_IN_STANDARD if policy.standard else UNSAID,
        _verdicts(rows) if clock.ticks or not policy.standard else _verdicts(rows) - {Verdict.FORBIDDEN},
        tuple([reference for band in bands[_BANDS:] for reference in band.rules]),
        tuple([printable(f"{rule.name}{period_text(rule.since, rule.until)}") for rule in policy.rules]),
    )


@frozen
class _Own:
    """The rules that decide one action: lines of rules that permit it, the rules that restrict these, and all that
    forbid.
    """

    action: str
    lines: tuple[Line, ...]
    held: tuple[int, ...]
    forbidding: tuple[int, ...]
    forbidden: Runs
    left_out: int


@frozen
class _Lines:
    """Makes lines and bands of spans."""

    analysis: Analysis
    clock: Scale
    numbering: Numbering

    @property
    def policy(self) -> TypedPolicy:
        return self.analysis.policy

    def own(self, row: Row) -> _Own:
        permits = [span for span in row.spans if span.verdict is not Verdict.FORBIDDEN]
        forbids = [span for span in row.spans if span.verdict is Verdict.FORBIDDEN]
        held = {
            number
            for span in permits
            for number in (*span.unless, *span.blocked)
            if number in span.blocked or not self.policy.rules[number].effects[row.action].permits
        }
        return _Own(
            row.action,
            tuple(
                [self.line(list(spans_of_rule)) for _, spans_of_rule in groupby(permits, key=lambda span: span.rule)]
            ),
            tuple(sorted(held)),
            tuple(dict.fromkeys(span.rule for span in forbids)),
            united(span.runs for span in forbids),
            row.left_out,
        )

    def line(self, spans: Sequence[Span], side: ChangeSide | None = None) -> Line:
        """The line of one rule, of all its spans together."""
        rule = self.policy.rules[spans[0].rule]
        place = spans[0].rule - (0 if side is None else side.first)
        [its] = self.numbering.references([place])
        runs = united(span.runs for span in spans)
        dates = {period_text(span.since, span.until).strip() for span in spans}
        return Line(
            rule=printable(self.numbering.policy.rules[place].name),
            number=its.number,
            verdict=spans[0].verdict,
            bars=bars_of(self.clock, runs),
            runs=runs,
            words=printable(sentence(rule.condition, self.policy.facts)),
            days=days_text(self.analysis, runs),
            href=its.href,
            side=None if side is None else side.label,
            dates=dates.pop() if len(dates) == 1 else "",
        )

    def bands(self, rows: Iterable[Row]) -> Iterator[Band]:
        """The days on which rules forbid something, the rules of each together; the most rules first."""
        runs: dict[int, list[Runs]] = {}
        for row in rows:
            for span in row.spans:
                if span.verdict is Verdict.FORBIDDEN:
                    runs.setdefault(span.rule, []).append(span.runs)
        by_runs: dict[Runs, list[int]] = {}
        for number in sorted(runs):
            by_runs.setdefault(united(runs[number]), []).append(number)
        for days, numbers in sorted(by_runs.items(), key=lambda pair: -len(pair[1])):
            yield Band(
                bars_of(self.clock, days), days_text(self.analysis, days), self.references(numbers), len(numbers)
            )

    def references(self, numbers: Sequence[int]) -> tuple[Reference, ...]:
        return self.numbering.references(numbers)

    def words(self, actions: Sequence[str]) -> list[str]:
        return actions_in_words(actions, self.policy.groups)

    def merged(self, together: Sequence[_Own]) -> ChartRow:
        """Returns one row for actions with the same lines."""
        actions = [own.action for own in together]
        held = [own.held if own.lines else own.forbidding for own in together]
        common = sorted(set(held[0]).intersection(*held[1:]))
        besides: dict[tuple[int, ...], list[str]] = {}
        for own, numbers in zip(together, held, strict=True):
            more = tuple([number for number in numbers if number not in common])
            if more:
                besides.setdefault(more, []).append(own.action)
        name, detail = _named(actions, self.policy.groups)
        if len(actions) == 1:
            detail = self.policy.actions[actions[0]].description or ""
        left_out = together[0].left_out
        return ChartRow(
            tuple(actions),
            name,
            printable(detail),
            together[0].lines,
            bars_of(self.clock, together[0].forbidden) if not together[0].lines else (),
            self.references(together[0].forbidding) if self.policy.standard else (),
            self.references(common),
            tuple([(", ".join(map(in_words, of)), self.references(numbers)) for numbers, of in besides.items()]),
            "; ".join(self.notes(actions, left_out)) or None,
        )

    def notes(self, actions: Sequence[str], left_out: int) -> Iterator[str]:
        """Yields the companions of actions, and how many rules are not drawn."""
        companions = {
            companion for rule in self.policy.rules for action in actions for companion in rule.along.get(action, ())
        }
        if companions:
            words = self.words([action for action in self.policy.actions if action in companions])
            yield f"where a rule asks for it, with {', '.join(words)}"
        if left_out:
            yield f"and {counted(left_out, 'more rule')}: see the rules below"


def _named(actions: Sequence[str], groups: Mapping[str, Group]) -> tuple[str, str]:
    """Returns the label of a row, and the actions of the group that gives the label."""
    words = actions_in_words(actions, groups)
    name = ", ".join(words)
    detail = ", ".join(map(in_words, actions)) if len(actions) > 1 and len(words) == 1 else ""
    return printable(name[:1].upper() + name[1:]), printable(detail)


def _verdicts(rows: Iterable[Row]) -> frozenset[Verdict]:
    return frozenset(span.verdict for row in rows for span in row.spans)


def united(runs: Iterable[Runs]) -> Runs:
    """Returns runs of cells as one, in order; those that touch are joined."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(run for runs_of_one in runs for run in runs_of_one):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


# A change


@frozen
class ChangeSide:
    """One of two policies in a pair: its label, the place of its first rule there, and its numbers."""

    label: str
    first: int
    numbering: Numbering


def draw_change(
    analysis: Analysis,
    sides: Sequence[ChangeSide],
    actions: Iterable[tuple[str, Sequence[Row]]],
    groups: Mapping[str, Group],
    title: str,
) -> Chart:
    """Lays out the chart of a change: for each action, or for several with the same spans, the spans before and after.
    `groups` are those of the policies, which may label several actions.

    Spans that are the same on both sides are one line, and left out if they only forbid.
    """
    clock = scale(analysis)
    alike: dict[tuple[tuple[Line, ...], int, int], list[str]] = {}
    for action, its_rows in actions:
        by_words: dict[object, Line] = {}
        for side, row in zip(sides, its_rows, strict=True):
            maker = _Lines(analysis, clock, side.numbering)
            for _, spans_of_rule in groupby(row.spans, key=lambda span: span.rule):
                line = maker.line(list(spans_of_rule), side)
                key = (line.rule, line.verdict, line.bars, line.words, line.dates)
                by_words[key] = evolve(line, side="before and after") if key in by_words else line
        lines = tuple(
            [
                line
                for line in by_words.values()
                if line.side != "before and after" or line.verdict is not Verdict.FORBIDDEN
            ]
        )
        shown = (lines, len(by_words) - len(lines), sum(row.left_out for row in its_rows))
        alike.setdefault(shown, []).append(action)
    rows = []
    for (lines, same, left_out), together in alike.items():
        pronoun = "it" if len(together) == 1 else "each"
        notes = [f"{counted(same, 'rule')} can forbid {pronoun} before and after"] if same else []
        notes += [f"and {counted(left_out, 'more rule')}: see the rules below"] if left_out else []
        rows.append(ChartRow(tuple(together), *_named(together, groups), lines, note="; ".join(notes) or None))
    drawn = frozenset(line.verdict for row in rows for line in row.lines)
    return Chart(printable(title), clock, (), tuple(rows), (), (), (), UNSAID, drawn)
