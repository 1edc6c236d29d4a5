"""Hidden characters: which they are, what they are called, and how they are printed.

Hidden are control characters, format characters such as those that change the direction of a text, variation selectors,
fillers, private-use characters, and unusual blanks such as the no-break space. A character is not hidden where a script
or an emoji needs it: a joiner between the parts of an emoji or within a word of Persian or Hindi, a no-break space
before a French colon, the blank of Chinese and Japanese.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_MARKS = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
"""Characters that show nothing although Unicode counts them as letters, marks or symbols, or has not assigned them
yet.
"""
_SHOWN = re.compile("[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd]")
"""Format characters that are drawn: signs before numbers."""
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp", "Zs"})
_BLANKS = "\u00a0\u202f"
"""No-break spaces, with which some languages set punctuation and digits apart."""
_NON_JOINER, _JOINER, _AS_TEXT, _AS_EMOJI, _KEY = "\u200c\u200d\ufe0e\ufe0f\u20e3"
_VIRAMA = 9
"""The combining class of what takes the vowel off a letter of an Indian script, after which joiners are spelling."""


def hidden(text: str) -> Iterator[int]:
    """Yields the positions of the hidden characters of a text. Line feeds, carriage returns and tabs are not hidden."""
    if text.isascii():
        return (match.start() for match in _CONTROLS.finditer(text))
    unseen = "".join(sorted(filter(_unseen, set(text) - set("\t\n\r"))))
    if not unseen:
        return iter(())
    matches = re.finditer(f"[{re.escape(unseen)}]", text)
    return (match.start() for match in matches if not _belongs(text, match.start()))


def escaped(text: str) -> str:
    """A text with its hidden characters as JSON writes them: `\\u202e`. A JSON document stays the document it was."""
    parts: list[str] = []
    end = 0
    for at in hidden(text):
        units = text[at].encode("utf-16-be", "surrogatepass")
        parts.append(text[end:at])
        parts += [f"\\u{units[n : n + 2].hex()}" for n in range(0, len(units), 2)]
        end = at + 1
    return "".join(parts) + text[end:] if parts else text


def printable(text: str) -> str:
    """A text on one line: as `escaped`, its line ends too. A tab is a blank."""
    return escaped(text.expandtabs(1)).replace("\r", "\\r").replace("\n", "\\n")


def named(character: str) -> str:
    """The code point and the name of a character: `U+202E RIGHT-TO-LEFT OVERRIDE`."""
    fallback = {"Cc": "CONTROL CHARACTER", "Co": "PRIVATE USE CHARACTER"}.get(unicodedata.category(character), "")
    return f"U+{ord(character):04X} {unicodedata.name(character, fallback)}".rstrip()


def _unseen(character: str) -> bool:
    if _MARKS.match(character):
        return True
    return character not in " \u3000" and unicodedata.category(character) in _UNSEEN and not _SHOWN.match(character)


def _belongs(text: str, at: int) -> bool:
    """Returns true if a script or an emoji needs the character at this position."""
    character, before, after = text[at], text[max(0, at - 1) : at], text[at + 1 : at + 2]
    if character in (_NON_JOINER, _JOINER) and before and unicodedata.combining(before) == _VIRAMA:
        return True
    if character in _BLANKS:
        return (bool(after) and after in ":;!?»%‰€°") or before == "«" or (before.isdigit() and after.isdigit())
    if character == _NON_JOINER:
        return _arabic(before) and _arabic(after)
    if character == _JOINER:
        return _arabic(before) or _arabic(after) or (_drawn(before) and _drawn(after))
    if character in (_AS_TEXT, _AS_EMOJI):
        return (_drawn(before) and before != _AS_EMOJI) or (before.isascii() and after == _KEY)
    return False


def _arabic(character: str) -> bool:
    return bool(character) and unicodedata.bidirectional(character) == "AL"


def _drawn(character: str) -> bool:
    """Returns true if the character may be part of an emoji."""
    if not character or character.isascii():
        return False
    return character in ("\u2139", _AS_EMOJI) or unicodedata.category(character) in ("So", "Sm", "Sk", "Po", "Pd")
