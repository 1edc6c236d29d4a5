"""Changes of a text, as few and as small as they can be, so that an editor keeps its cursor and its marks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher

from attrs import frozen

from forbear.base.source import Span

_MOST_COMPARED = 2_000
"""Lines that are compared one by one; of more, all between the first and the last difference are written anew."""


@frozen
class Edit:
    """A text to write in place of a span."""

    span: Span
    text: str


def applied(text: str, edits: Iterable[Edit]) -> str:
    """The text with edits that do not meet each other."""
    for edit in sorted(edits, key=lambda edit: edit.span, reverse=True):
        start, end = edit.span
        text = text[:start] + edit.text + text[end:]
    return text


def edits_between(before: str, after: str) -> tuple[Edit, ...]:
    """Returns the edits that turn one text into the other, by whole lines."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    same = 0
    while same < min(len(old), len(new)) and old[same] == new[same]:
        same += 1
    last = 0
    while last < min(len(old), len(new)) - same and old[-1 - last] == new[-1 - last]:
        last += 1
    start = sum(map(len, old[:same]))
    old, new = old[same : len(old) - last], new[same : len(new) - last]
    return tuple(_line_edits(old, new, start))


def _line_edits(old: Sequence[str], new: Sequence[str], start: int) -> Iterable[Edit]:
    if max(len(old), len(new)) > _MOST_COMPARED:
        yield Edit((start, start + sum(map(len, old))), "".join(new))
        return
    offsets = [start]
    for line in old:
        offsets.append(offsets[-1] + len(line))
    for kind, first, end, into, to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind != "equal":
            yield Edit((offsets[first], offsets[end]), "".join(new[into:to]))
