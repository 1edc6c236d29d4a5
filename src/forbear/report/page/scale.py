"""The scale of the clock: where its days lie on a chart, and which of them are named.

It is piecewise: the width between two thresholds grows with the logarithm of the distance, because a clock has no end.
Places are in per cent of the chart's width, so that it is drawn as wide as there is room.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable, Sequence

from attrs import frozen

from forbear.analysis.engine.analysis import Analysis
from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.base.characters import printable
from forbear.language.model.values import value_text
from forbear.report.sentences import in_words
from forbear.space.axes import Axis

WHOLE = 100.0
ROOM = 620.0
"""The width of a chart, in pixels, by which it is decided which days are named."""
NARROW = 330.0
"""The same on a telephone, and on paper."""
FONT = 12.5
BOLD = 14.2
"""The font size by which the width of bold names is estimated."""
_NARROWEST = 0.4
"""The least width of an interval of the clock if there is no room for all names."""
_GAP = 8.0
"""The least distance between two names, in pixels."""


@frozen
class Tick:
    """A day on which something begins. `label` is None if there is no room for it; `narrow` is whether there is room on
    a telephone.
    """

    x: float
    label: str | None
    narrow: bool


@frozen
class Scale:
    """The places of the clock's cells: `edges` are the starts of all cells, and the end of the last."""

    edges: tuple[float, ...]
    ticks: tuple[Tick, ...]
    caption: str


def scale(analysis: Analysis) -> Scale:
    """The scale of a policy's clock; a single interval if no rule reads a clock."""
    name = clock_axis(analysis)
    if name is None:
        return Scale((0.0, WHOLE), (), "No rule reads a clock: what is shown holds on every day.")
    axis = analysis.space.cells.axes[name]
    labels, least = _labels([value_text(axis.fact, first) for first in axis.first if first is not None])
    weights = [_weight(axis, cell) for cell in range(len(axis.first))]
    rest = (WHOLE - sum(least)) / sum(weights)
    edges = [0.0]
    for weight, width in zip(weights, least, strict=True):
        edges.append(edges[-1] + width + weight * rest)
    fits = _that_fit(labels, edges, ROOM)
    narrow = _that_fit(labels, edges, NARROW)
    ticks = [
        Tick(round(edges[cell], 2), label if cell in fits else None, cell in narrow)
        for cell, label in enumerate(labels)
    ]
    crowded = "" if len(fits) == len(labels) else ", as far as there is room"
    marked = f"Days are marked where something begins{crowded}"
    description = f" ({axis.fact.description.rstrip('.')})" if axis.fact.description else ""
    caption = f"Along the top: {in_words(name)}{description}. {marked}; distances are not to scale."
    return Scale(tuple(round(edge, 2) for edge in edges), tuple(ticks), printable(caption))


def _labels(days: Sequence[str]) -> tuple[list[str], list[float]]:
    """The names of the days, and the least width of the interval from each.

    They have the word `day` if all fit, else they are numbers. If these do not fit either, some will be left out.
    """
    numbers = [f"day {days[0]}", *days[1:]]
    for labels in ([f"day {day}" for day in days], numbers):
        halves = [text_width(label, BOLD) / 2 for label in labels]
        least = [half + next_half + _GAP for half, next_half in zip(halves, [*halves[1:], 0.0], strict=True)]
        least[0] += halves[0]  # the first begins at its mark, the others are centred
        if sum(least) <= ROOM:
            return labels, [width * WHOLE / ROOM for width in least]
    return numbers, [min(_NARROWEST, WHOLE / len(days))] * len(days)


def _that_fit(labels: Sequence[str], edges: Sequence[float], room: float) -> set[int]:
    """The names for which there is room, from the left."""
    fitting: set[int] = set()
    free_from = 0.0
    for cell, label in enumerate(labels):
        width = text_width(label, BOLD)
        start = edges[cell] * room / WHOLE - (0 if cell == 0 else width / 2)
        if start >= free_from - 0.01 and start + width <= room + _GAP:
            fitting.add(cell)
            free_from = start + width + _GAP
    return fitting


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


def text_width(text: str, font: float = FONT) -> float:
    """An upper estimate of the width of a text in a sans-serif font."""
    return sum(font * (1.05 if unicodedata.east_asian_width(c) in ("W", "F") else 0.56) for c in text)


def shortened(text: str, width: float, font: float = FONT) -> str:
    """A text, shortened to a width between two words if it is too long."""
    if text_width(text, font) <= width:
        return text
    shown = text
    while shown and text_width(shown, font) > width - font:
        shown = shown[: min(len(shown) - 1, int(len(shown) * 0.95))]
    words = shown.rpartition(" ")[0]
    return f"{(words if len(words) > len(shown) / 2 else shown).rstrip(' ,;')}…"
