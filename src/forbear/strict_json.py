"""JSON from outside, read in one way wherever it comes from: cases, lines, histories as text, records.

What may mean two things is refused (names given twice, half a character, what is no number), and so is what takes more
room or time than a case is worth. The bounds are those of `docs/language.md`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NoReturn

from forbear.kernel import CaseError, Fault

MOST_BYTES: Final = 16 * 1024 * 1024
MOST_VALUES: Final = 1_000_000
"""Values in a document, however deep."""
MOST_NAMES: Final = 10_000
"""Names in one object."""
MOST_DEPTH: Final = 100
"""Lists and objects within each other."""
LONGEST_NUMBER: Final = 4300
"""Characters of a number; a whole number of more digits is refused by Python too."""

_TEXT = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(content: bytes | str, what: str = "the case", longest: int = MOST_BYTES) -> object:
    """What a document of at most `longest` bytes says: decimals as `Decimal`, all else as `json` reads it. `what` is
    what messages call it.

    Raises `CaseError`, and nothing else, where it is no JSON, means two things, or is beyond a bound.
    """
    text = _decoded(content, what, longest)
    marks = _marks(text)
    if marks > MOST_VALUES and _marks(_TEXT.sub("", text)) > MOST_VALUES:
        raise _error(f"{what} has more than {MOST_VALUES:,} values")
    try:
        document: object = json.loads(
            text, parse_int=_whole, parse_float=_decimal, parse_constant=_no_number, object_pairs_hook=_no_repeats
        )
    except json.JSONDecodeError as error:
        raise _error(f"{what} is no JSON: line {error.lineno}, column {error.colno}: {error.msg.lower()}") from None
    except RecursionError:
        raise _error(f"{what} nests deeper than {MOST_DEPTH} lists and objects") from None
    except _Refused as refused:
        raise CaseError([Fault(refused.fact, f"{what} {refused}" if refused.fact is None else str(refused))]) from None
    except (ValueError, ArithmeticError):
        raise _error(f"{what} holds a number with more digits than can be read") from None
    if marks > MOST_DEPTH and _depth_exceeds(document, MOST_DEPTH):
        raise _error(f"{what} nests deeper than {MOST_DEPTH} lists and objects")
    if _SURROGATE.search(text) and _has_half_characters(document):
        raise _error(f"{what} holds half a character: a `\\ud800` to `\\udfff` without its other half")
    return document


def _decoded(content: bytes | str, what: str, longest: int) -> str:
    too_long = f"{what} has more than {longest // 1024 // 1024} MB"
    if len(content) > longest:
        raise _error(too_long)
    if isinstance(content, bytes):
        try:
            content = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise _error(f"{what} is not UTF-8 text") from None
    return content.rstrip(" \t\r\n")  # so that no error names a line after the last


def _error(message: str) -> CaseError:
    return CaseError([Fault(None, message)])


def _marks(text: str) -> int:
    """What begins a value, but for the first in an object or a list."""
    return text.count(",") + text.count("[") + text.count("{")


class _Refused(Exception):
    """What is wrong with a part of the document, and the name that is given twice, if it is that."""

    def __init__(self, message: str, fact: str | None = None) -> None:
        super().__init__(message)
        self.fact = fact


def _whole(text: str) -> int:
    if len(text) > LONGEST_NUMBER:
        raise ValueError
    return int(text)


def _decimal(text: str) -> Decimal:
    if len(text) > LONGEST_NUMBER:
        raise ValueError  # reckoning with it takes longer than anybody waits
    return Decimal(text)


def _no_number(text: str) -> NoReturn:
    raise _Refused(f"holds `{text}`, which is no number of JSON")


def _no_repeats(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    by_name = dict(pairs)
    if len(by_name) == len(pairs) <= MOST_NAMES:
        return by_name
    if len(pairs) > MOST_NAMES:
        raise _Refused(f"holds an object of more than {MOST_NAMES:,} names")
    earlier: set[str] = set()
    twice = next(name for name, _ in pairs if name in earlier or earlier.add(name))  # type: ignore[func-returns-value]
    raise _Refused(f"`{twice[:200]}` is given twice", twice[:200])


def _depth_exceeds(document: object, most: int) -> bool:
    level = [document]
    for _ in range(most + 1):
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
