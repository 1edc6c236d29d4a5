"""A policy, or a change of one, as one self-contained page: what may be done on which day, and what is wrong.

Everything from a rule file is data. Jinja escapes it in HTML; for the script it is JSON that is never run. The page's
Content-Security-Policy runs only our one script, by its hash, and fetches nothing.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import re
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from forbear.analysis.findings.ladders.rungs import clock_axis
from forbear.analysis.ordinary import ordinary_case
from forbear.base.characters import printable
from forbear.language.model.conditions import And
from forbear.language.model.names import counted, listed, verdict_word
from forbear.language.model.policy import titles
from forbear.report.formats.json import counts
from forbear.report.page.chart import Bar, Chart
from forbear.report.page.contents import Report, in_order
from forbear.report.page.controls import ControlGroup, controls
from forbear.report.page.first import State
from forbear.report.page.picture import alone
from forbear.report.page.rules import Side, anchor, in_case, runs, title_of
from forbear.report.page.scale import WHOLE
from forbear.report.sentences import in_words, label, sentence
from forbear.semantics.composition.duties import with_duties
from forbear.semantics.composition.standards import not_read, with_standards
from forbear.semantics.to_text import condition_text, setting_text
from forbear.targets.javascript.module import kernel
from forbear.targets.policy_data import policy_data
from forbear.version import __version__

SCRIPTS = ("case.js", "why.js", "picture.js", "verdicts.js", "lists.js", "page.js")
STYLES = ("colours.css", "chart.css", "page.css", "parts.css", "alone.css", "print.css")
_FOLDER = Path(__file__).parent / "templates"


def page(report: Report, made: datetime.date | None = None, *, to_sign: bool = False) -> str:
    """The HTML of the page, with the day on which it is `made` at the foot of each sheet, and if it is `to_sign`, with
    room for names and signatures."""
    style = "".join(read_template(f"styles/{name}") for name in STYLES) + _offsets(report.chart)
    its = report.head.policy
    style += foot([its.short_title, its.version, its.short_digest], made)
    script = page_script()
    last = report.sides[-1].policy
    case = None if report.changed else ordinary_case(report.analysis)
    groups = controls(report.analysis, case, _first_facts(report))
    return rendered(
        "page.html.jinja",
        report=report,
        chart=report.chart,
        policy=last,
        control_groups=groups,
        unread=[name for name in last.facts if name not in report.analysis.space.needed],
        dated=report.on is not None,
        counts=", ".join(counted(number, what) for what, number in counts(report.totals).items()),
        summary=_summary(report),
        to_sign=to_sign,
        style=style,
        script=script,
        style_hash=csp_hash(style),
        script_hash=csp_hash(script),
        version=__version__,
        silent=silent_text(report.chart),
        whole=(Bar(0.0, WHOLE),),
        omits=_omits(report),
        standings=[(its, not_read(its)) for its in with_standards([last]) if its.read or its.reviewed or not_read(its)],
        data=_data(report, groups),
    )


def page_script() -> str:
    """The script of every page."""
    script = "\n".join([kernel(), *[read_template(f"scripts/{name}") for name in SCRIPTS]])
    assert "</" not in script, "a script that might end itself"
    return script


def _offsets(chart: Chart) -> str:
    """Returns the positions of bars: a class for each, because elements may have no style of their own."""
    places = sorted({line.offset for row in chart.rows for line in row.lines})
    return "".join(f".o{at} {{ --at: {at / 10}%; }}\n" for at in places if at)


def foot(parts: Iterable[str | None], made: datetime.date | None) -> str:
    """Returns the foot of each sheet of paper: the text, the sheet, and the day."""
    said = " · ".join(filter(None, parts))
    text = re.sub(
        r"[^\w .,:()…·-]", lambda found: f"\\{ord(found.group()):x} ", printable(said)
    )  # no end of a string or a style
    day = "" if made is None else f" · {made.isoformat()}"
    return (
        "@page { font: 7.5pt system-ui, sans-serif;\n"
        f'@bottom-left {{ content: "{text}"; white-space: nowrap; }}\n'
        f'@bottom-right {{ content: "sheet " counter(page) " of " counter(pages) "{day}"; }} }}\n'
    )


def _summary(report: Report) -> list[tuple[str, State]]:
    """Returns the page in a few words. A change has its own headline."""
    if report.changed:
        return []
    found = {what: number for what, number in counts(report.totals).items() if number}
    told = ", ".join(counted(number, what) for what, number in found.items())
    told = told or f"no finding{' but what is accepted' if report.findings else ''}"
    passed = [example.passed for example in report.examples]
    rules = report.sides[-1].number_of_rules
    return report.head.summary(rules, passed, (told, "broken" if "error" in found else "proved"))


def _first_facts(report: Report) -> frozenset[str]:
    """Returns the facts that matter most for a change: those that distinguish its cases."""
    return report.changes.facts if report.changes is not None else frozenset()


def _omits(report: Report) -> list[tuple[str, Sequence[tuple[str, Sequence[str]]]]]:
    """Returns what the sides leave out, each with its label; both together if it is the same."""
    omissions = [(side.label, side.omits) for side in report.sides if side.omits]
    same = all(side.omits == report.sides[0].omits for side in report.sides)
    return [("", omissions[0][1])] if omissions and same else omissions[::-1]


def svg(chart: Chart) -> str:
    """The SVG of the chart alone, for a document."""
    style = read_template("styles/colours.css") + read_template("styles/chart.css")
    return rendered("alone.svg.jinja", picture=alone(chart), chart=chart, style=style, silent=silent_text(chart)) + "\n"


def silent_text(chart: Chart) -> str:
    """A sentence on the actions that have no row; empty if there are none."""
    if not chart.silent:
        return ""
    shown = listed(map(in_words, chart.silent), 12, quote="")
    each = "each of " if len(chart.silent) > 1 else ""
    return printable(f"About {each}{counted(len(chart.silent), 'more action')} {chart.unsaid}: {shown}.")


def _data(report: Report, groups: Sequence[ControlGroup]) -> dict[str, object]:
    """The data for the script."""
    clock = clock_axis(report.analysis)
    axis = None if clock is None else report.analysis.space.cells.axes[clock]
    drawn = [action for row in report.chart.rows for action in row.actions] if report.changed else []
    actions = list(dict.fromkeys([*drawn, *in_order(report.sides[-1].policy, report.sides[0].policy)]))
    return {
        "sides": [{"label": side.label, "prefix": side.prefix, **_words_data(side)} for side in report.sides],
        "actions": actions,
        "labels": {name: label(name) for name in actions},
        "controls": {
            control.fact.name: {"value": control.value, "absent": control.absent, "boundaries": control.boundaries}
            for group in groups
            for control in group.controls
        },
        "clock": clock,
        "cells": [] if axis is None else [str(first) for first in axis.first],
        "edges": report.chart.scale.edges,
        "cases": report.cases,
        "start": report.start,
        "unsaid": report.chart.unsaid,
        "changed": report.changed,
        "drawn": drawn,
        "on": report.on,
    }


def _words_data(side: Side) -> dict[str, object]:
    """The data of a policy for the kernel, with what its values and conditions are in words."""
    policy = side.policy
    data: dict[str, Any] = policy_data(policy, words=True)
    for fact, record in zip(policy.facts.values(), data["facts"], strict=True):
        record |= {"unit": fact.kind.unit, "sign": fact.kind.sign, "quoted": fact.kind.literal == "text"}
    of_rules = titles(policy)
    shown = {row.anchor: row.number for group in side.groups for row in group.rules}
    for place, (rule, record) in enumerate(zip(with_duties(policy).policy.rules, data["rules"], strict=True), 1):
        number = shown.get(anchor(rule.name, side.prefix), place)
        parts = rule.condition.parts if isinstance(rule.condition, And) else (rule.condition,)
        record["clauses"] = [condition_text(part, policy.facts) for part in parts]
        record["title"] = title_of(rule, of_rules)
        record["number"] = number
        record["says"] = in_case(sentence(rule.condition, policy.facts))
    return data


def read_template(name: str) -> str:
    return (_FOLDER / name).read_text(encoding="utf-8")


def csp_hash(text: str) -> str:
    """A script or a style as a Content-Security-Policy names it."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def rendered(name: str, **values: object) -> str:
    text: str = _environment().get_template(name).render(values)
    return text


@cache
def _environment() -> Any:
    """Returns the reader of the templates, which reads each once, because that takes longer than to fill it in."""
    import jinja2

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for filter in (printable, runs, counted, label, in_words, verdict_word, setting_text):
        environment.filters[filter.__name__] = filter
    environment.filters["day"] = datetime.date.fromordinal
    environment.filters["printable_lines"] = lambda text: "\n".join(map(printable, re.split(r"\r?\n", text)))
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    return environment
