"""The fenced blocks of the pages of the documentation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen


@frozen
class Fence:
    """An example: its language and attributes, the line of its first backtick, and its text."""

    language: str
    attributes: dict[str, str]
    line: int
    text: str


def fences(text: str) -> Iterator[Fence]:
    """The fenced blocks of a page, in order. One inside a list may be indented."""
    lines = iter(enumerate(text.splitlines(), start=1))
    for number, line in lines:
        opening = re.fullmatch(r"(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`]*)", line)
        if not opening:
            continue
        language, *attributes = opening["info"].split() or [""]
        body: list[str] = []
        for _, inner in lines:
            if inner.strip() == opening["ticks"]:
                break
            body.append(inner.removeprefix(opening["indent"]))
        else:
            raise AssertionError(f"the fence in line {number} has no end")
        named = dict(attribute.split("=", 1) for attribute in attributes if "=" in attribute)
        yield Fence(language, named, number, "".join(f"{inner}\n" for inner in body))
