"""Bodies of requests. What they may hold is what `strict_json` reads, as everywhere.

msgspec is several times as fast, but of a name that is given twice it keeps the last. So what it has read counts only
where that cannot have been: where the body has as many names as what was read. Everything else, and every error, is
left to `strict_json`.
"""

from __future__ import annotations

import msgspec

from forbear.kernel.strict_json import MOST_DEPTH, MOST_NAMES, MOST_VALUES, decimal, read_json

_MOST_LISTS = MOST_DEPTH - 3
"""The deepest nesting if all names are those of a case or of a list of these: two objects have names, and one more can
be empty.
"""
_APART = (b" :", b"\n:", b"\t:", b"\r:")


_DECODER = msgspec.json.Decoder(float_hook=decimal)
"""It reads whole numbers of as many digits as `strict_json` does."""


def read(content: bytes, called: str) -> object:
    """Returns the content of a body, decimals as `Decimal`. Raises `CaseError` if it is not JSON, ambiguous, or beyond
    a bound; `called` is its name in messages.
    """
    if b"\\" not in content and (len(content) <= MOST_VALUES or _marks(content) <= MOST_VALUES):
        try:
            document = _DECODER.decode(content)
            if _has_all_names(document, content):
                return document
        except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError):
            pass  # `strict_json` reports the error, if there is one
    return read_json(content, called)


def _marks(content: bytes) -> int:
    """No fewer than the values of a body but one."""
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def _has_all_names(document: object, content: bytes) -> bool:
    """Returns true if a case of plain values, or a list of these in an object, certainly has all names of the body.

    After each name comes a colon, also after the names further within, so that there are more than are counted. Colons
    within texts do no harm because no text has an escape: each name, and each text that begins with a colon, ends in a
    quote before a colon, unless white space comes between.
    """
    if type(document) is not dict:
        return False
    objects = [document]
    for value in document.values():
        if type(value) is list:
            objects += [item for item in value if type(item) is dict]
    names = sum(map(len, objects))
    return (
        (content.count(b":") == names or (content.count(b'":') == names and not _has_apart(content)))
        and (content.find(b"[", content.find(b"[") + 1) < 0 or content.count(b"[") <= _MOST_LISTS)  # most have one
        and (names <= MOST_NAMES or max(map(len, objects)) <= MOST_NAMES)
    )


def _has_apart(content: bytes) -> bool:
    """Returns true if white space comes before a colon somewhere."""
    return any(apart[:1] in content and apart in content for apart in _APART)
