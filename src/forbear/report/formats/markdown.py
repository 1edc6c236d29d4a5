"""The effect of a change of a policy, as Markdown for a review comment: the lines of its text, with marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from forbear.analysis.comparison.difference import Difference
from forbear.base.characters import printable
from forbear.report.comparison import difference_lines
from forbear.report.text import Style


def difference_markdown(
    difference: Difference, old: str, new: str, limit: int, *, whole: bool = False, full: bool = False
) -> Iterator[str]:
    """The lines of a difference between two policies with these names, with at most `limit` conditions of one
    consequence; all there is if `whole`. Cases have all their facts if `full`."""
    sides = "the old policy", "the new one"
    *lines, ((summary, _),) = difference_lines(difference, *sides, limit, whole=whole, full=full, code=code)
    yield f"### {code(old)} → {code(new)}"
    yield ""
    yield f"{summary[0].upper()}{summary[1:]}"
    in_list = False
    for (first, style), *rest in filter(None, lines):
        is_item = first.startswith("  ")
        if not (is_item and in_list):
            yield ""
        begun = (
            first.lstrip() if is_item else f"{first[:1].upper()}{first[1:]}" if style in ("plain", "place") else first
        )
        yield f"{'- ' if is_item else ''}{_marked(begun, style)}{''.join([_marked(*span) for span in rest])}"
        in_list = is_item


def _marked(text: str, style: Style) -> str:
    if style == "code":
        return code(text)
    if style == "name":
        return f"**{code(text)}**"
    if style in ("strong", "error", "good") and text.strip():
        return f"**{text.strip()}**{' ' * text.endswith(' ')}"
    return re.sub("^ {3,}", ": ", text)  # after a name


def code(text: str) -> str:
    """A text as inline code on one line, in more backticks than it has in a row."""
    text = printable(" ".join(text.split()))
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    return f"{fence} {text} {fence}" if longest else f"{fence}{text}{fence}"
