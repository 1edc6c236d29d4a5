"""A policy, or a change of one, as one self-contained page: what may be done on which day, and what is wrong.

Everything from a rule file is data. Jinja escapes it in HTML; for the script it is JSON that is never run. The page's
Content-Security-Policy runs only our one script, by its hash, and fetches nothing.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.backends.javascript_module import kernel
from forbear.backends.policy_data import policy_data
from forbear.characters import printable
from forbear.model.conditions import And
from forbear.model.names import listed
from forbear.model.policy import TypedPolicy
from forbear.report.formats.json import counts
from forbear.report.page.chart import Chart
from forbear.report.page.contents import Report, in_order
from forbear.report.page.controls import controls
from forbear.report.text import counted
from forbear.semantics.to_text import condition_text, digest
from forbear.version import __version__

SCRIPTS = ("case.js", "why.js", "picture.js", "page.js")
_FOLDER = Path(__file__).parent / "templates"


def page(report: Report) -> str:
    """The HTML of the page."""
    style = _read("chart.css") + _read("page.css")
    script = "\n".join([kernel(), *map(_read, SCRIPTS)])
    assert "</" not in script, "a script that might end itself"
    first = report.sides[-1].policy
    return _rendered(
        "page.html.jinja",
        report=report,
        chart=report.chart,
        policy=first,
        digests=[digest(side.policy) for side in report.sides] if not report.changed else [],
        dates=[day and datetime.date.fromordinal(day).isoformat() for day in (first.since, first.until)],
        controls=controls(report.analysis),
        unread=[name for name in first.facts if name not in report.analysis.space.needed],
        dated=report.analysis.policy.dated,
        counts=", ".join(counted(number, what) for what, number in counts(report.totals).items()),
        missing={
            code: number - report.reported.get(code, 0)
            for code, number in report.totals.items()
            if number > report.reported.get(code, 0)
        },
        style=style,
        script=script,
        style_hash=_hash(style),
        script_hash=_hash(script),
        version=__version__,
        silent=silent_text(report.chart),
        omits=_omits(report),
        data=_data(report),
    )


def _omits(report: Report) -> list[tuple[str, Sequence[tuple[str, Sequence[str]]]]]:
    """What the sides leave out, each with its label; both at once where it is the same."""
    told = [(side.label, side.omits) for side in report.sides if side.omits]
    same = all(side.omits == report.sides[0].omits for side in report.sides)
    return [("", told[0][1])] if told and same else told[::-1]


def svg(chart: Chart) -> str:
    """The SVG of the chart alone, for a document."""
    return _rendered("alone.svg.jinja", chart=chart, style=_read("chart.css"), silent=silent_text(chart)) + "\n"


def silent_text(chart: Chart) -> str:
    """A sentence on the actions that have no row; empty if there are none."""
    if not chart.silent:
        return ""
    shown = listed(chart.silent, 12, quote="")
    return printable(f"No rule speaks of {counted(len(chart.silent), 'more action')} ({chart.unsaid}): {shown}.")


def _data(report: Report) -> dict[str, object]:
    """The data for the script."""
    clock = clock_axis(report.analysis)
    edges = report.chart.scale.edges
    axis = None if clock is None else report.analysis.space.cells.axes[clock]
    return {
        "sides": [{"label": side.label, "prefix": side.prefix, **_words_data(side.policy)} for side in report.sides],
        "actions": in_order(report.sides[-1].policy, report.sides[0].policy),
        "controls": {
            control.name: {"value": control.value, "absent": control.absent, "boundaries": control.boundaries}
            for control in controls(report.analysis)
        },
        "clock": clock,
        "cells": [] if axis is None else [str(first) for first in axis.first],
        "edges": edges,
        "cases": report.cases,
        "unsaid": report.chart.unsaid,
        "changed": report.changed,
        "on": report.on,
    }


def _words_data(policy: TypedPolicy) -> dict[str, object]:
    """The data of a policy for the kernel, with what its values and conditions are in words."""
    data: dict[str, Any] = policy_data(policy, words=True)
    for fact, record in zip(policy.facts.values(), data["facts"], strict=True):
        record |= {"unit": fact.kind.unit, "sign": fact.kind.sign, "quoted": fact.kind.literal == "text"}
    for rule, record in zip(policy.rules, data["rules"], strict=True):
        parts = rule.condition.parts if isinstance(rule.condition, And) else (rule.condition,)
        record["clauses"] = [condition_text(part, policy.facts) for part in parts]
    return data


def _read(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _rendered(name: str, **values: object) -> str:
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    environment.filters["printable_lines"] = lambda text: "\n".join(map(printable, re.split(r"\r?\n", text)))
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment.get_template(name).render(values)
