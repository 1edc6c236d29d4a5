"""A slip: a mistake that authors will make, with a message and a help line of its own.

It is known by the text before and behind the place where the parser stopped, and by what would have fitted there.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class Slip(NamedTuple):
    """`before` must match up to the token that does not fit, `here` from it on.

    All terminals of `fits` would have fitted there, and none of `lacks`. What a group `mark` matches is underlined, in
    both patterns together from the one to the other; else it is the token. The texts may speak of the other groups:
    `{name}`, or `{name_upper}`, `{name_lower}` and `{name_joined}` (without hyphens or spaces).
    """

    before: re.Pattern[str]
    here: re.Pattern[str]
    message: str
    help: str
    fits: frozenset[str]
    lacks: frozenset[str]
    code: str


def slip(before: str, here: str, message: str, help: str, fits: str = "", code: str = "syntax") -> Slip:
    """`fits` holds terminals; one with a `-` before it must not fit."""
    words = fits.split()
    return Slip(
        re.compile(rf"(?:{before})\Z"),
        re.compile(here),
        message,
        help,
        frozenset(word for word in words if word[0] != "-"),
        frozenset(word[1:] for word in words if word[0] == "-"),
        code,
    )


# Patterns that several slips share

NUMBER = r"[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.])"
DIGITS = r"[0-9][0-9_.]*"
NAME = r"[a-z][a-z0-9_]*"
STRING = r'"(?:[^"\\\n]++|\\[^\n])*+"'
TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LITERAL = rf"(?:{STRING}|{DATE}|{TIME}|(?:[A-Z]{{3}}\s+)?-?{DIGITS}%?)"
EFFECT = r"(?:allow|forbid|require|never)"
EFFECTS = rf"\b{EFFECT}\s[a-z0-9_,\s]*?"
WORD = rf"(?:{EFFECT}|if|when|unless|and|or|not|then)\b"
UNIT = r"(?:times?|years?|months?|weeks?|hours?|minutes?)\b"
DAYS = r"(?:days?)\b"
DAY = rf"-?{DIGITS}(?![\w:/-])"
