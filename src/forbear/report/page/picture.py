"""Lays out the chart as a picture of its own, of a fixed width: the position of each bar and text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
    y = 0.0
    for band in () if any(row.bars for row in chart.rows) else chart.bands:
        text = f"can be forbidden by {_names(band.rules, chart)}"
        lane = _lane(Verdict.FORBIDDEN, band.bars, text, f"{text} ({band.days})" if band.days else text, y)
        rows.append(_row(y, "Held back" if band is chart.bands[0] else "", "", (lane,), ""))
        y += rows[-1].height
    for row in chart.rows:
        lanes = []
        for number, line in enumerate(row.lines):
            side = f"{line.side}: " if line.side else ""
            dates = f", {line.dates}" if line.dates else ""
            text = f"{side}{line.verdict.value}: {line.words}{dates}"
            lanes.append(_lane(line.verdict, line.bars, text, line.full, y + LANE * number))
        if row.bars and not lanes:
            text = f"forbidden by {_names(row.held, chart)}"
            lanes.append(_lane(Verdict.FORBIDDEN, row.bars, text, text, y))
        note = shortened("; ".join(_notes(row, chart)), _ROOM)
        rows.append(_row(y, row.label, row.detail or ", ".join(row.actions), tuple(lanes), note))
        y += rows[-1].height
    for words, references in chart.never:
        text = f"never, by {_names(references, chart)}"
        lane = _lane(Verdict.FORBIDDEN, (Bar(0.0, WHOLE),), text, text, y)
        rows.append(_row(y, words[:1].upper() + words[1:], words, (lane,), ""))
        y += rows[-1].height
    if chart.unpermitted:
        words = ", ".join(map(label, chart.unpermitted))
        rows.append(_row(y, "Permitted by no rule", words, (), shortened(words, _ROOM)))
        y += rows[-1].height
    ticks = tuple([(_place(tick.x), tick.label) for tick in chart.scale.ticks])
    return Picture(ticks, tuple(rows), y)


def _place(x: float) -> float:
    return round(LEFT + x * _ROOM / WHOLE, 1)


def _row(y: float, label: str, title: str, lanes: tuple[Lane, ...], note: str) -> DrawnRow:
    height = PADDING * 1.5 + LANE * len(lanes) + (18 if note else 0)
    return DrawnRow(y, height, shortened(label, LEFT - 16, BOLD), title, lanes, note)


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
