"""The chart of the ladder over time: the clock along the top, a row for each action, a bar where a rule decides.

This file computes the layout; `templates/chart.svg.jinja` draws it. The scale is piecewise: the width between two
thresholds grows with the logarithm of the distance, because a clock has no end. Verdicts differ in pattern and words,
not in colour alone.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from attrs import field, frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.analysis.spans import Row, Span
from forbear.characters import printable
from forbear.kernel import Verdict
from forbear.model.values import value_text
from forbear.report.text import counted
from forbear.space.axes import Axis

WIDTH = 1120
LEFT = 205
RIGHT = 14
AXIS = 46
LANE = 33
BAR = 11
PADDING = 8
FONT = 12.5
BOLD = 14.2
"""The font size by which the width of bold names is estimated."""
NARROWEST = 3.0
"""The least width of an interval of the clock if there is no room for all labels."""
_GAP = 8.0
"""The least distance between two labels."""
_NAMED = 12
"""The most overriding rules that are named."""
UNSAID = "unsaid, so not permitted"
UNSAID_IN_STANDARD = "unsaid, so left free"


@frozen
class Tick:
    x: float
    label: str | None


@frozen
class Scale:
    """The positions of the clock's cells: `edges` are the starts of all cells, and the end of the last."""

    edges: tuple[float, ...]
    ticks: tuple[Tick, ...]
    caption: str


@frozen
class Bar:
    x: float
    width: float


@frozen
class Lane:
    """One span: its bars, and its label above them. `full_label` is not shortened, and has the days."""

    y: float
    verdict: Verdict
    bars: tuple[Bar, ...]
    label: str
    label_x: float
    at_end: bool
    full_label: str
    days: str
    condition: str
    rule: str
    href: str | None
    side: str | None


@frozen
class DrawnRow:
    y: float
    height: float
    action: str
    label: str
    lanes: tuple[Lane, ...]
    note: str | None


@frozen
class Chart:
    """The layout of a chart. Positions in `rows` count from below the axis."""

    title: str
    scale: Scale
    rows: tuple[DrawnRow, ...]
    height: float
    silent: tuple[str, ...]
    """Actions without rules: unsaid in every case."""
    unsaid: str
    """The meaning of unsaid in this policy, in words."""
    width: float = field(default=WIDTH, init=False)
    left: float = field(default=LEFT, init=False)
    axis: float = field(default=AXIS, init=False)
    bar: float = field(default=BAR, init=False)


@frozen
class Described:
    """A span with the name of its rule, the rules that override it, a link, and which of two policies has it."""

    span: Span
    rule: str
    unless: tuple[str, ...]
    href: str | None
    side: str | None = None


def scale(analysis: Analysis) -> Scale:
    """The scale of a policy's clock; a single interval if no rule reads a clock."""
    name = clock_axis(analysis)
    if name is None:
        return Scale((LEFT, WIDTH - RIGHT), (), "No rule reads a clock: what is shown holds on every day.")
    axis = analysis.space.cells.axes[name]
    room = WIDTH - RIGHT - LEFT
    labels, least = _labels([value_text(axis.fact, first) for first in axis.first if first is not None], room)
    weights = [_weight(axis, cell) for cell in range(len(axis.first))]
    rest = (room - sum(least)) / sum(weights)
    edges = [float(LEFT)]
    for weight, width in zip(weights, least, strict=True):
        edges.append(edges[-1] + width + weight * rest)
    ticks = []
    free_from = 0.0
    for cell, label in enumerate(labels):
        before = 0 if cell == 0 else text_width(label, BOLD) / 2
        fits = edges[cell] - before >= free_from - 0.01
        if fits:
            free_from = edges[cell] + text_width(label, BOLD) - before + _GAP
        ticks.append(Tick(round(edges[cell], 1), label if fits else None))
    described = f" ({axis.fact.description})" if axis.fact.description else ""
    crowded = "" if all(tick.label for tick in ticks) else ", as far as there is room"
    marked = f"Days are marked where something begins{crowded}; distances are not to scale."
    caption = f"Along the top: {name}{described}. {marked}"
    return Scale(tuple(round(edge, 1) for edge in edges), tuple(ticks), printable(caption))


def _labels(days: Sequence[str], room: float) -> tuple[list[str], list[float]]:
    """The labels of the days, and the least width of the interval from each.

    Labels have the word `day` if all fit, else they are numbers. If these do not fit either, some will be left out.
    """
    numbers = [f"day {days[0]}", *days[1:]]
    for labels in ([f"day {day}" for day in days], numbers):
        halves = [text_width(label, BOLD) / 2 for label in labels]
        least = [half + next_half + _GAP for half, next_half in zip(halves, [*halves[1:], 0.0], strict=True)]
        least[0] += halves[0]  # the first label begins at its mark, the others are centred
        if sum(least) <= room:
            return labels, least
    return numbers, [min(NARROWEST, room / len(days))] * len(days)


def _weight(axis: Axis, cell: int) -> float:
    first, last = axis.first[cell], axis.last(cell)
    assert isinstance(first, int)
    assert isinstance(last, int)
    return 1 + min(math.log2(1 + last - first), 8)


def days_text(analysis: Analysis, runs: Iterable[tuple[int, int]]) -> str:
    """Runs of cells of the clock in words: `day 9 to 13, day 61 and later`; empty if no rule reads a clock."""
    name = clock_axis(analysis)
    if name is None:
        return ""
    axis = analysis.space.cells.axes[name]
    texts = []
    for first_cell, last_cell in runs:
        first, last = axis.first[first_cell], axis.last(last_cell)
        assert isinstance(first, int)
        assert isinstance(last, int)
        low, high = value_text(axis.fact, first), value_text(axis.fact, last)
        if first == axis.fact.low and last == axis.fact.high:
            texts.append("every day")
        elif last == axis.fact.high:
            texts.append(f"day {low} and later")
        elif first == last:
            texts.append(f"day {low}")
        else:
            texts.append(f"day {low} to {high}")
    return ", ".join(texts)


def draw(
    analysis: Analysis,
    rows: Sequence[tuple[Row, Sequence[Described]]],
    title: str,
) -> Chart:
    """Lays out a chart. Actions whose rows are empty are listed as silent."""
    clock = scale(analysis)
    y = 0.0
    drawn: list[DrawnRow] = []
    silent: list[str] = []
    for row, spans in rows:
        if not spans and not row.left_out:
            silent.append(row.action)
            continue
        lanes = [
            _lane(described, clock, days_text(analysis, described.span.runs), y + PADDING + LANE * number)
            for number, described in enumerate(spans)
        ]
        note = f"and {counted(row.left_out, 'more rule')} on this action: see the rules below" if row.left_out else None
        height = PADDING * 1.5 + LANE * len(lanes) + (18 if note else 0)
        label = shortened(printable(row.action), LEFT - 16, BOLD)
        drawn.append(DrawnRow(y, height, printable(row.action), label, tuple(lanes), note))
        y += height
    unsaid = UNSAID_IN_STANDARD if analysis.policy.standard else UNSAID
    return Chart(printable(title), clock, tuple(drawn), y, tuple(silent), unsaid)


def _lane(one: Described, its: Scale, days: str, y: float) -> Lane:
    span = one.span
    bars = tuple(
        [Bar(its.edges[first], round(max(its.edges[last + 1] - its.edges[first], 1), 1)) for first, last in span.runs]
    )
    parts = [] if span.condition == "always" else [f"when {span.condition}"]
    if one.unless:
        more = f" and {len(one.unless) - _NAMED} more" if len(one.unless) > _NAMED else ""
        parts.append(f"unless {', '.join(one.unless[:_NAMED])}{more} {'is' if len(one.unless) == 1 else 'are'} active")
    parts += [f"{word} {day.isoformat()}" for word, day in (("from", span.since), ("until", span.until)) if day]
    condition = printable(" ".join(parts))
    side = f"{one.side}: " if one.side else ""
    said = f"{side}{span.verdict.value} by {printable(one.rule)}{' ' if condition else ''}{condition}"
    whole = WIDTH - RIGHT - LEFT
    start = bars[0].x
    at_end = text_width(said) > WIDTH - RIGHT - start
    if at_end and start < LEFT + whole / 2:
        start, at_end = LEFT, False
    label = shortened(said, WIDTH - RIGHT - start if not at_end else whole, FONT)
    return Lane(
        y=y,
        verdict=span.verdict,
        bars=bars,
        label=label,
        label_x=WIDTH - RIGHT if at_end else start,
        at_end=at_end,
        full_label=f"{said} ({days})" if days else said,
        days=days,
        condition=condition,
        rule=printable(one.rule),
        href=one.href,
        side=one.side,
    )


def text_width(text: str, font: float = FONT) -> float:
    """An upper estimate of the width of a text in a sans-serif font."""
    return sum(font * (1.05 if unicodedata.east_asian_width(c) in ("W", "F") else 0.56) for c in text)


def shortened(text: str, width: float, font: float) -> str:
    """A text, shortened to a width if it is too long."""
    if text_width(text, font) <= width:
        return text
    kept = text
    while kept and text_width(kept, font) > width - font:
        kept = kept[: min(len(kept) - 1, int(len(kept) * 0.95))]
    return f"{kept.rstrip()}…"
