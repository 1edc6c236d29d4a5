"""Draws the workload ahead as a chart, on a page of its own or alone: for each action, the accounts that become due on
each day.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from itertools import chain, groupby
from textwrap import wrap
from urllib.parse import quote

from attrs import frozen

from forbear.language.model.names import counted
from forbear.report.page.page import csp_hash, foot, read_template, rendered
from forbear.report.page.scale import BOLD, shortened, text_width
from forbear.report.planned import Action, Plan, Series, as_csv, beside, changed, rows_of
from forbear.report.sentences import label
from forbear.version import __version__

STYLES = ("colours.css", "chart.css", "page.css", "print.css", "workload.css")
WIDTH = 1120.0
LEFT = 205.0
RIGHT = 140.0
ROW, BARS = 62.0, 40.0
"""The height of a row, and of the highest bar in it."""
_PART = 0.8
"""The part of a day's width that its bar takes."""
_WEEK = 7
_ACTIONS = 6
"""The most actions in a table by weeks."""
_MARK, _GAP = 260.0, 8.0
"""The widest label of a version, and what is left free after a label."""
_LEGEND = 265.0
"""The widest entry of the legend."""
_LINE = 150
"""The most letters of a line below the chart, which is as wide as the chart."""


@frozen
class Column:
    """The bar of a day, and what it says."""

    x: float
    y: float
    width: float
    height: float
    title: str


@frozen
class Drawn:
    """The row of an action. `before` is the line of the other policy: its corners, or None."""

    y: float
    label: str
    name: str
    columns: tuple[Column, ...]
    before: str | None
    most: str
    total: str


@frozen
class Mark:
    """The line where a version of a book begins: `row` is that of its label, which ends at the line or begins there."""

    x: float
    row: int
    label: str
    anchor: str
    before: bool
    """Whether it belongs to the other policy."""


@frozen
class Workload:
    """The chart: where each row, bar and tick is."""

    title: str
    caption: str
    rows: tuple[Drawn, ...]
    ticks: tuple[tuple[float, str], ...]
    height: float
    never: tuple[str, ...]
    legend: tuple[str, ...]
    marks: tuple[Mark, ...] = ()
    width: float = WIDTH
    left: float = LEFT
    end: float = WIDTH - RIGHT


def page(plan: Plan, made: datetime.date | None = None) -> str:
    """The HTML of a page that fetches nothing and runs no script, with the day on which it is `made` at the foot of
    each sheet."""
    first, *others = plan.made_of[:-1]
    style = "".join(read_template(f"styles/{name}") for name in STYLES)
    style += foot([first.title.partition(";")[0], first.version, f"{first.digest[:19]}…"], made)
    header, rows = rows_of(plan)
    return rendered(
        "workload.html.jinja",
        plan=plan,
        headline=_begun(plan, plan.headline or ""),
        about=[_begun(plan, line) for line in plan.about],
        title=first.title,
        versions=list(dict.fromkeys(each.version for each in reversed([first, *others]) if each.version)),
        chart=chart(plan),
        header=header,
        rows=rows,
        weeks=[*weeks(plan)],
        csv=quote(as_csv(plan)),
        style=style,
        style_hash=csp_hash(style),
        version=__version__,
    )


def _begun(plan: Plan, line: str) -> str:
    """A line as a sentence of the page: it begins with a capital letter, unless it begins with what a policy is
    called, which may be a file."""
    if any(line.startswith(f"{name}: ") for name in plan.policies):
        return line
    return line[:1].upper() + line[1:]


def svg(plan: Plan) -> str:
    """The chart alone, for a document."""
    style = "".join(read_template(f"styles/{name}") for name in ("colours.css", "chart.css", "workload.css"))
    return rendered("workload.svg.jinja", chart=chart(plan), style=style) + "\n"


def chart(plan: Plan) -> Workload:
    """Lays the chart out. Each row has its own scale, up to the most of a day."""
    rows = tuple([_drawn(plan, action, ROW * number) for number, action in enumerate(plan.shown)])
    idle = [label(action.name) for action in plan.actions if action.idle]
    legend: tuple[str, ...] = ("due on a day",)
    if len(plan.policies) > 1:
        legend = tuple([shortened(f"due by {name}", _LEGEND) for name in plan.policies])
    return Workload(
        title=f"The workload of {plan.policies[0]}"
        + (f" against {plan.policies[1]}" if len(plan.policies) > 1 else ""),
        caption=plan.about[0] if plan.headline is None else f"{plan.headline}; {plan.about[0]}",
        rows=rows,
        ticks=tuple(_ticks(plan)),
        height=ROW * len(rows),
        never=tuple(wrap(f"Never permitted on these days: {', '.join(idle)}", _LINE)) if idle else (),
        legend=legend,
        marks=tuple(_marks(plan)),
    )


def _marks(plan: Plan) -> Iterator[Mark]:
    """The lines where versions begin after day 0, with labels that do not meet."""
    ends: list[float] = []
    begun = [
        (each.day, number, f"before: {each.label}" if number else each.label)
        for number, versions in enumerate(plan.versions)
        for each in versions
        if each.day
    ]
    for day, number, text in sorted(begun):
        x, label = _x(plan, day), shortened(text, _MARK)
        width = text_width(label)
        anchor = "start" if x + width < WIDTH - RIGHT else "end"
        left = x if anchor == "start" else x - width
        row = next((row for row, end in enumerate(ends) if end < left), len(ends))
        ends[row:] = [left + width + _GAP, *ends[row + 1 :]]
        yield Mark(x, row, label, anchor, number > 0)


def _x(plan: Plan, day: float) -> float:
    """Returns where a day begins: the first that is shown at the left end."""
    days = plan.shown_days
    return round(LEFT + (day - days.start) * (WIDTH - LEFT - RIGHT) / len(days), 2)


def _ticks(plan: Plan) -> Iterator[tuple[float, str]]:
    """Days at equal steps, as many as their labels leave room for, and ten at most."""
    width = text_width(plan.day(plan.days), BOLD) + _GAP
    most = min(10, (WIDTH - LEFT - RIGHT) / width)
    step = next((step for step in (1, 2, 5, 7, 10, 14, 30, 60, 90, 180, 365) if plan.days / step <= most), 730)
    for day in range(step, plan.days + 1, step):
        yield round(_x(plan, day + 0.5), 2), plan.day(day)


def _drawn(plan: Plan, action: Action, y: float) -> Drawn:
    now, *others = action.sides
    before = others[0] if others else None
    most = max(max(series.due) for series in action.sides)
    columns = []
    for day in plan.shown_days:
        number = now.due[day]
        number_before = before.due[day] if before is not None else 0
        if number or number_before:
            tooltip = f"{plan.day(day)}: {number:,} due"
            if before is not None:
                shown, word = (number, "due") if day else (now.permitted[0], "permitted")
                shown_before = number_before if day else before.permitted[0]
                of_day = beside(shown, action.newly[day], action.no_longer[day]).partition(" ")
                tooltip = f"{plan.day(day)}: {of_day[0]} {word}, {shown_before:,} before {of_day[2]}".rstrip()
            height = _height(number, most)
            x, width = _x(plan, day), _x(plan, day + 1) - _x(plan, day)
            columns.append(Column(x, y + ROW - 8 - height, round(width * _PART, 2), height, tooltip))
    line = None if before is None else _line(plan, before, most, y)
    total = f"{now.total:,}" if action.before is None else changed(action.now.total, action.before.total)
    top = f"most {most:,}" if most else f"{counted(action.now.permitted[0], 'account')} on day 0, and no more"
    return Drawn(y, shortened(label(action.name), LEFT - 16, BOLD), action.name, tuple(columns), line, top, total)


def _height(number: int, most: int) -> float:
    return round(max(BARS * number / most, 0.7), 1) if number else 0.0


def _line(plan: Plan, before: Series, most: int, y: float) -> str | None:
    """The corners of a line as of stairs."""
    if not before.total:
        return None
    corners = []
    for day in plan.shown_days:
        at = round(y + ROW - 8 - _height(before.due[day], most), 1)
        corners += [f"{_x(plan, day)},{at}", f"{_x(plan, day + 1)},{at}"]
    return " ".join(corners)


def weeks(plan: Plan) -> Iterator[tuple[list[str], list[list[str]]]]:
    """Yields the accounts that become due in each seven days, for the actions with any, after day 0 if that is shown.
    Consecutive weeks without any are one row. A table, its head and its rows, has as many actions as a sheet has room
    for.
    """
    shown = [action for action in plan.shown if any(series.total for series in action.sides)]
    days = [*plan.shown_days]
    parts = [[0]] * (days[0] == 0) + [
        [*range(first, min(first + _WEEK, plan.days + 1))] for first in days if first % _WEEK == 1
    ]
    spans: list[list[int]] = []
    for some, alike in groupby(parts, lambda part: any(_due(action, part) for action in shown)):
        together = [*alike]
        spans += together if some else [[*chain.from_iterable(together)]]
    for start in range(0, len(shown), _ACTIONS):
        of_table = shown[start : start + _ACTIONS]
        rows = [[_days(plan, days), *[_due(action, days) for action in of_table]] for days in spans]
        yield ["days", *[label(action.name) for action in of_table]], rows


def _days(plan: Plan, days: Sequence[int]) -> str:
    if len(days) == 1:
        return plan.day(days[0])
    return f"{days[0]} to {days[-1]}" if plan.first is None else f"{plan.day(days[0])} to {plan.day(days[-1])}"


def _due(action: Action, days: Sequence[int]) -> str:
    numbers = [sum(series.due[day] for day in days) for series in action.sides]
    if not any(numbers):
        return ""
    if len(numbers) == 1:
        return f"{numbers[0]:,}"
    return beside(numbers[0], *[sum(apart[day] for day in days) for apart in (action.newly, action.no_longer)])
