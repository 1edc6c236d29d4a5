"""The effect of a change of a policy, as Markdown for a review comment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from forbear.analysis.comparison.difference import Difference
from forbear.analysis.comparison.effects import ChangeEffect
from forbear.analysis.comparison.telling.causes import Edit
from forbear.base.characters import printable
from forbear.base.diagnostic import Diagnostic
from forbear.language.model.names import counted
from forbear.report.coming import alike
from forbear.report.comparison import grouped, remarks_between, summary, when
from forbear.report.difference import Group, Words, described, lines_of, refused_text
from forbear.report.text import FURTHER


def difference_markdown(
    difference: Difference, old: str, new: str, limit: int, *, whole: bool = False, full: bool = False
) -> Iterator[str]:
    """The lines of a difference between two policies with these names, with at most `limit` conditions of one
    consequence; all there is if `whole`. Cases have all their facts if `full`."""
    yield f"### {code(old)} → {code(new)}"
    yield ""
    conclusion = summary(difference, "the old policy", "the new one")[0]
    yield f"{conclusion[0].upper()}{conclusion[1:]}"
    sides = ("the old one", "the new one")
    remarks = [*remarks_between(difference, *sides)]
    if remarks:
        yield ""
        yield from (f"- {what}: {code(text)}" for what, text in remarks)
    what = described(difference, Words(code, code, limit, whole, full))
    yield from _findings("Promises that are broken:", difference.broken, whole=whole)
    if what.promises:
        yield ""
        yield "What is promised otherwise:"
        yield ""
        yield from (f"- {_edit(edit)}" for edit in what.promises)
        if what.more_promises:
            yield f"- and {counted(len(what.more_promises), 'more promise')}"
    before: list[Edit] = []
    for block in what.blocks:
        yield ""
        yield from (f"**{code(edit.name)}**, as above  " if edit in before else _edit(edit) for edit in block.edits)
        before += block.edits
        for group in block.groups:
            yield from _group(group)
        if block.refused:
            yield ""
            yield f"Refused as before, for another reason: {refused_text(block.refused).replace('->', '→')}."
        yield from _untold(block.untold)
    if whole:
        yield from _refused(difference)
    if what.idle:
        yield ""
        yield "These edits change no verdict:"
        yield ""
        yield from (f"- {_edit(edit)}" for edit in what.idle)
    yield from _findings("Findings that come:", difference.come, whole=whole)
    yield from _findings("Findings that go:", difference.go, whole=whole)
    if whole:  # of these the conditions alone are not all known
        yield from _untold([action for action in difference.undecided if action not in difference.untold])
    if what.folded:
        yield ""
        yield f"{code('forbear diff --all')} names the unchanged rules, and shows all that is left out."


def _findings(title: str, diagnostics: Sequence[Diagnostic], *, whole: bool) -> Iterator[str]:
    if diagnostics:
        yield ""
        yield title
        yield ""
        for text, more in alike(diagnostics, whole=whole):
            yield f"- {text.severity.value} {code(text.code)}: {printable(text.message)}{more}"


def _edit(edit: Edit) -> str:
    where = lines_of(edit)
    kind = "" if edit.kind == "rule" else f"{edit.kind} "
    texts = "; ".join(code(text) for text in edit.what)
    return f"**{kind}{code(edit.name)}**{f' ({printable(where)})' if where else ''}: {texts}  "


def _untold(actions: Sequence[str]) -> Iterator[str]:
    for action in actions:
        yield ""
        yield f"Not all changes of {code(action)} are known: {FURTHER}."


def _group(group: Group) -> Iterator[str]:
    is_one_line = len(group.where) == 1 and not group.left_out
    where = f" {group.where[0]}" if is_one_line and group.where[0] else ""
    unless = f", {group.unless}" if group.unless else ""
    yield ""
    yield f"**{group.effect.value}** ({group.verdicts.replace('->', '→')}){where}{unless}"
    yield ""
    if not is_one_line:
        yield from (f"- {condition}" for condition in group.where)
        if group.left_out:
            yield f"- and {counted(group.left_out, 'more condition')}"
    for row in group.rows:
        remarks = ", ".join(filter(None, (row.by, row.unless)))
        yield f"- {', '.join(map(code, row.actions))}{f': {remarks}' if remarks else ''}"
    of = "" if group.example_of is None else f"{code(group.example_of)}, "
    yield f"- e.g. {of}{code(group.example)}"


def _refused(difference: Difference) -> Iterator[str]:
    """Where actions are refused for another reason."""
    refused = [change for change in difference.changes if change.effect is ChangeEffect.REFUSED_OTHERWISE]
    if refused:
        yield ""
        yield "| refused for another reason | before | after | in which cases |"
        yield "|---|---|---|---|"
    for actions, change in grouped(iter(refused)):
        cells = [", ".join(code(action) for action in actions), change.before.value, change.after.value]
        yield f"| {' | '.join(cells)} | {_cell(when(change, code))} |"


def code(text: str) -> str:
    """A text as inline code on one line, in more backticks than it has in a row."""
    text = printable(" ".join(text.split()))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def _cell(text: str) -> str:
    """A text in a table, where a vertical bar would end the cell even within backticks."""
    return text.replace("|", "\\|")
