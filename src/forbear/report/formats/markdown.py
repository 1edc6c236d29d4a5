"""The effect of a change of a policy, as Markdown for a review comment."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forbear.analysis.comparison.difference import Difference
from forbear.characters import printable
from forbear.report.comparison import grouped, limited, summary, vocabulary_remarks, when
from forbear.report.formats.json import dumps
from forbear.report.text import counted


def difference_markdown(found: Difference, old: str, new: str, limit: int) -> Iterator[str]:
    """The lines of a difference between two policies with these names, with at most `limit` changes of one action."""
    yield f"### {code(old)} → {code(new)}"
    yield ""
    yield summary(found, "The old policy", "the new one")[0]
    remarks = list(vocabulary_remarks(found, "the old one", "the new one"))
    if remarks:
        yield ""
        yield from (f"- {what}: {code(text)}" for what, text in remarks)
    changes = grouped(limited(found.changes, limit))
    if changes:
        yield ""
        yield "| action | before | after | in which cases |"
        yield "|---|---|---|---|"
        for actions, change in changes:
            cells = [", ".join(code(action) for action in actions), change.before.value, change.after.value]
            yield f"| {' | '.join(cells)} | {_cell(when(change, code))} |"
        yield ""
        yield "<details><summary>A case of each</summary>"
        yield ""
        for actions, change in changes:
            yield f"- {', '.join(code(action) for action in actions)}: {code(dumps(change.witness))}"
        yield ""
        yield "</details>"
    left_out = len(found.changes) - len(list(limited(found.changes, limit)))
    if left_out:
        yield ""
        yield f"{counted(left_out, 'more change')} {'is' if left_out == 1 else 'are'} left out here."
    for action in found.undecided:
        yield ""
        yield f"Not all changes of {code(action)} are known: the search reached its bound."


def code(text: str) -> str:
    """A text as inline code on one line, in more backticks than it has in a row."""
    text = printable(" ".join(text.split()))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"


def _cell(text: str) -> str:
    """A text in a table, where a vertical bar would end the cell even within backticks."""
    return text.replace("|", "\\|")
