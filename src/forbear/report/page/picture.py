"""Lays out the chart as a picture of its own, of a fixed width: the position of each bar and text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from attrs import frozen

from forbear.kernel.cases import Verdict
from forbear.language.model.names import listed
from forbear.report.page.chart import Bar, Chart, ChartRow
from forbear.report.page.rules import Reference
from forbear.report.page.scale import BOLD, WHOLE, shortened, text_width
from forbear.report.sentences import label

WIDTH = 1120.0
LEFT = 205.0
RIGHT = 14.0
LANE = 33.0
PADDING = 8.0
_ROOM = WIDTH - LEFT - RIGHT
Drawn: TypeAlias = tuple[Verdict, Sequence[Bar], str, str]
"""A verdict, its bars, the text above them, and the whole of it."""


@frozen
class Lane:
    """One line of a row: bars with a text above them, which begins at `x` or is `at_end` there, and its whole text in
    `title`."""

    y: float
    verdict: Verdict
    bars: tuple[Bar, ...]
    x: float
    text: str
    at_end: bool
    title: str


@frozen
class DrawnRow:
    """A row of the picture, `y` counted from below the axis."""

    y: float
    height: float
    label: str
    title: str
    lanes: tuple[Lane, ...]
    note: str


@frozen
class Picture:
    """The whole picture. Below the axis it is `height` high."""

    ticks: tuple[tuple[float, str | None], ...]
    rows: tuple[DrawnRow, ...]
    height: float
    width: float = WIDTH
    left: float = LEFT
    end: float = WIDTH - RIGHT


def alone(chart: Chart) -> Picture:
    """Lays out a chart for a document, in which rules have their names."""
    rows: list[DrawnRow] = []

    def add(label: str, title: str, lanes: Sequence[Drawn] = (), note: str = "") -> None:
        y = rows[-1].y + rows[-1].height if rows else 0.0
        height = PADDING * 1.5 + LANE * len(lanes) + (18 if note else 0)
        drawn = tuple([_lane(*lane, y + LANE * number) for number, lane in enumerate(lanes)])
        rows.append(DrawnRow(y, height, shortened(label, LEFT - 16, BOLD), title, drawn, shortened(note, _ROOM)))

    for band in () if any(row.bars for row in chart.rows) else chart.bands:
        text = f"can be forbidden by {_names(band.rules, chart)}"
        lane = (Verdict.FORBIDDEN, band.bars, text, f"{text} ({band.days})" if band.days else text)
        add("Held back" if band is chart.bands[0] else "", "", [lane])
    for row in chart.rows:
        lanes: list[Drawn] = []
        for line in row.lines:
            side = f"{line.side}: " if line.side else ""
            dates = f", {line.dates}" if line.dates else ""
            lanes.append((line.verdict, line.bars, f"{side}{line.verdict.value}: {line.words}{dates}", line.full))
        if row.bars and not lanes:
            text = f"forbidden by {_names(row.held, chart)}"
            lanes.append((Verdict.FORBIDDEN, row.bars, text, text))
        add(row.label, row.detail or ", ".join(row.actions), lanes, "; ".join(_notes(row, chart)))
    for words, references in chart.never:
        text = f"never, by {_names(references, chart)}"
        add(words[:1].upper() + words[1:], words, [(Verdict.FORBIDDEN, (Bar(0.0, WHOLE),), text, text)])
    if chart.unpermitted:
        words = ", ".join(map(label, chart.unpermitted))
        add("Permitted by no rule", words, note=words)
    ticks = tuple([(_place(tick.x), tick.label) for tick in chart.scale.ticks])
    return Picture(ticks, tuple(rows), rows[-1].y + rows[-1].height if rows else 0.0)


def _place(x: float) -> float:
    return round(LEFT + x * _ROOM / WHOLE, 1)


def _lane(verdict: Verdict, bars: Sequence[Bar], text: str, title: str, y: float) -> Lane:
    drawn = tuple([Bar(_place(bar.x), round(max(bar.width * _ROOM / WHOLE, 1), 1)) for bar in bars])
    start = drawn[0].x
    at_end = text_width(text) > WIDTH - RIGHT - start
    if at_end and start < LEFT + _ROOM / 2:
        start, at_end = LEFT, False
    shown = shortened(text, _ROOM if at_end else WIDTH - RIGHT - start)
    return Lane(y + PADDING, verdict, drawn, WIDTH - RIGHT if at_end else start, shown, at_end, title)


def _notes(row: ChartRow, chart: Chart) -> Iterator[str]:
    if row.lines and row.held:
        yield f"unless forbidden by {_names(row.held, chart)}"
    for words, references in row.besides:
        yield f"{words} also by {_names(references, chart)}"
    if row.note:
        yield row.note


def _names(references: Sequence[Reference], chart: Chart) -> str:
    return listed([chart.rules[reference.number - 1] for reference in references], 12, quote="")
