"""Files of texts, each with what is made of it."""

from __future__ import annotations

import re
from pathlib import Path


def pairs(name: str) -> dict[str, tuple[str, str]]:
    """The text between a line `=== TITLE` and a line `---`, and what comes of it, which a title follows, by title or
    number."""
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    found = {}
    for number, block in enumerate(re.split("^===", text, flags=re.MULTILINE)[1:]):
        title, _, rest = block.partition("\n")
        before, after = rest.split("\n---\n")
        found[title.strip() or str(number)] = before, after.rstrip("\n")
    return found
