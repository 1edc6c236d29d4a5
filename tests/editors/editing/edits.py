"""Random edits of rule files, as authors make them: words typed and deleted, pieces moved and pasted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from random import Random

from forbear.base import resources

TEXTS: list[str] = [path.read_text(encoding="utf-8") for path in sorted(resources.folder("rules").rglob("*.forbear"))]
BROKEN = [
    line
    for line in (Path(__file__).parents[2] / "language" / "syntax" / "hints.txt")
    .read_text(encoding="utf-8")
    .splitlines()
    if line
]
_WORDS: list[str] = sorted(set(re.findall(r'"[^"\n]*"|\w+|[^\w\s]|\s', "".join([*TEXTS, *BROKEN]))))
_SHARP = ['"', "#", "|", "\n", "\r", " ", "\\", "\f", "CNY", "(", ")", "not ", ",", ".", "-", "1", "_", "\u200b", "催"]
_SHARP += ["complete", "no overlap", "limit", "on", "day", "then ", "and ", "\nrule x:", "between ", "private"]


def edits(random: Random, number: int) -> Iterator[str]:
    """A text and what becomes of it, edit after edit; now and then as it was before."""
    text = random.choice(TEXTS)
    if random.random() < 0.7:
        begin = random.randrange(len(text))
        text = text[begin : begin + 2000]
    earlier = [text]
    for _ in range(number):
        yield text
        earlier.append(text)
        text = random.choice(earlier) if random.random() < 0.15 else edited(random, text)


def edited(random: Random, text: str) -> str:
    """A text after one edit."""
    at = random.randrange(len(text) + 1)
    match random.randrange(6):
        case 0:
            return text[:at] + random.choice(_WORDS) + text[at:]
        case 1:
            return text[:at] + text[at + random.choice([1, 1, 2, 5, 30, 200]) :]
        case 2:
            return text[:at] + random.choice(_SHARP) + text[at:]
        case 3:
            return text[:at] + random.choice(BROKEN) + "\n" + text[at:]
        case 4:
            other = random.choice(TEXTS)
            begin = random.randrange(len(other))
            return text[:at] + other[begin : begin + random.choice([10, 80, 300])] + text[at:]
        case _:
            begin, size = random.randrange(len(text) + 1), random.choice([3, 40, 150])
            return text[:at] + text[begin : begin + size] + text[at + random.choice([0, size]) :]
