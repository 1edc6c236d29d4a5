"""Reads JSON from outside in one way, wherever it comes from: cases, lines, histories as text, records.

It refuses ambiguous documents (repeated names, half characters, invalid numbers), and those that take more memory or
time than a case is worth. The bounds are those of `docs/reference/limits.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final, NoReturn

from forbear.kernel.cases import CaseError
from forbear.kernel.faults import fault

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_VALUES: Final = 1_000_000
"""Values in a document, however deep."""
MOST_NAMES: Final = 10_000
"""Names in one object."""
MOST_DEPTH: Final = 100
"""Lists and objects within each other."""
LONGEST_NUMBER: Final = 4300
"""Characters of a number; a whole number of more digits is refused by Python too."""
_MOST_PLACES: Final = 40
"""More than a number of a case has, before the point or after it."""

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(
    content: bytes | str, document: str | None = "case", longest: int = MOST_BYTES, field: str | None = None
) -> object:
    """Returns the content of a document of at most `longest` bytes: decimals as `Decimal`, everything else as `json`
    reads it.

    Messages call it by the word `document`; if that is None, by the `field` that contains it.

    Raises `CaseError`, and nothing else, if it is not JSON, ambiguous, or beyond a bound.
    """
    what = {"field": field} if document is None else {"document": document}
    text = _decoded(content, what, longest)
    if len(text) > MOST_VALUES and _marks(text) > MOST_VALUES and _marks(_TEXT.sub("", text)) > MOST_VALUES:
        raise _error("too-many-values", **what, most=MOST_VALUES)
    try:
        value: object = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        at = {"line": error.lineno, "column": error.colno, "problem": error.msg.lower()}
        raise _error("no-json", **what, **at) from None
    except RecursionError:
        raise _error("too-deep", **what, most=MOST_DEPTH) from None
    except _Repeated as repeated:
        raise CaseError([fault(repeated.name, "given-twice", name=repeated.name)]) from None
    except _Refused as refused:
        raise _error(refused.code, **what, **refused.arguments) from None
    except (ValueError, ArithmeticError):
        raise _error("too-long-number", **what) from None
    if text.count("[") + text.count("{") > MOST_DEPTH and _depth_exceeds(value, MOST_DEPTH):
        raise _error("too-deep", **what, most=MOST_DEPTH)
    if _SURROGATE.search(text) and _has_half_characters(value):
        raise _error("half-character-in-json", **what)
    return value


def _decoded(content: bytes | str, what: Mapping[str, object], longest: int) -> str:
    if len(content) > longest:
        raise _error("too-long", **what, most=longest // 1024 // 1024)
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _error("no-utf8", **what) from None
    return content.rstrip(" \t\r\n")  # so that no error names a line after the last


def _error(code: str, /, **arguments: object) -> CaseError:
    return CaseError([fault(None, code, **arguments)])


def _marks(text: str) -> int:
    """Returns the number of commas and opening brackets, which bounds the number of values."""
    return text.count(",") + text.count("[") + text.count("{")


class _Refused(Exception):
    """An error in a part of the document, as a code with arguments."""

    def __init__(self, code: str, /, **arguments: object) -> None:
        super().__init__(code)
        self.code, self.arguments = code, arguments


class _Repeated(Exception):
    """A name that is given twice."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError
    return int(text)


def decimal(text: str) -> Decimal:
    """Reads a number with a point or an exponent. The exponent of a number that a case may have is worked out, because
    answers and records write numbers as texts without an exponent. Raises `ValueError` for one of more than
    `LONGEST_NUMBER` digits.
    """
    if len(text) > LONGEST_NUMBER:
        raise ValueError  # reckoning with it takes longer than anybody waits
    value = Decimal(text)
    if "e" in text or "E" in text:
        if not value:
            return Decimal(0)
        if -_MOST_PLACES < value.adjusted() < _MOST_PLACES:
            return Decimal(f"{value:f}")
    return value


def _no_number(text: str) -> NoReturn:
    raise _Refused("no-json-number", word=text)


def _no_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    by_name = dict(pairs)
    if len(by_name) == len(pairs) <= MOST_NAMES:
        return by_name
    if len(pairs) > MOST_NAMES:
        raise _Refused("too-many-names", most=MOST_NAMES)
    earlier: set[str] = set()
    twice = next(name for name, _ in pairs if name in earlier or earlier.add(name))  # type: ignore[func-returns-value]
    raise _Repeated(twice[:200])


_DECODER: Final = json.JSONDecoder(
    parse_int=_whole, parse_float=decimal, parse_constant=_no_number, object_pairs_hook=_no_repeats
)


def _depth_exceeds(document: object, most: int) -> bool:
    level = [document]
    for _ in range(most):  # of a list or object, the first level is the document itself
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer if isinstance(outer, list) else ())
            if isinstance(inner, (dict, list))
        ]
        if not level:
            return False
    return True


def _has_half_characters(document: object) -> bool:
    try:
        json.dumps(document, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False
