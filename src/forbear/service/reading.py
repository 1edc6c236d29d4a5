"""Bodies of requests. What they may hold is what `strict_json` reads, as everywhere.

msgspec is several times as fast, but of a name that is given twice it keeps the last. So what it has read counts only
where that cannot have been: where no text has an escape, and what was read has as many texts as the body. Everything
else, and every error, is left to `strict_json`.
"""

from __future__ import annotations

from decimal import Decimal

import msgspec

from forbear.strict_json import LONGEST_NUMBER, MOST_NAMES, MOST_VALUES, read_json

_DEEPEST = 6
_LARGE = 10**40


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise ValueError
    return Decimal(text)


_DECODER = msgspec.json.Decoder(float_hook=_decimal)


def read(content: bytes, what: str) -> object:
    """What a body says, decimals as `Decimal`. Raises `CaseError` where it is no JSON, or means two things, or is
    beyond a bound; `what` is what messages call it."""
    if b"\\" not in content and content.count(b",") + content.count(b"[") + content.count(b"{") <= MOST_VALUES:
        try:
            found = _DECODER.decode(content)
            if _texts(found, _DEEPEST) * 2 == content.count(b'"'):
                return found
        except (msgspec.DecodeError, ValueError, ArithmeticError, _Unsure):
            pass  # `strict_json` says what is wrong, if anything is
    return read_json(content, what)


class _Unsure(Exception):
    pass


def _texts(found: object, deepest: int) -> int:
    """How many texts a document has, names among them."""
    kind = type(found)
    if kind is str:
        return 1
    if kind is dict:
        names: dict[str, object] = found  # type: ignore[assignment]
        if len(names) > MOST_NAMES or not deepest:
            raise _Unsure
        number = len(names)
        for value in names.values():
            its = type(value)
            if its is str:
                number += 1
            elif its is dict or its is list:
                number += _texts(value, deepest - 1)
            elif its is int and (value > _LARGE or value < -_LARGE):  # type: ignore[operator]
                raise _Unsure
        return number
    if kind is list:
        if not deepest:
            raise _Unsure
        items: list[object] = found  # type: ignore[assignment]
        return sum([_texts(item, deepest - 1) for item in items])
    if kind is int and not -_LARGE <= found <= _LARGE:  # type: ignore[operator]
        raise _Unsure
    return 0
