"""Words that are a token of their own only before certain others: `on` before `day`, `limit` before `to`.

The look ahead is by tokens, so blanks and comments between two words do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from lark import Token

_WORD = re.compile(r"[a-z][a-z0-9_]*+")
_Following = Callable[[int], Token | None]
"""The token that many places after the word, counted from 0; None after the last one."""


def contextual(tokens: Iterable[Token]) -> Iterator[Token]:
    """Yields the same tokens; such a word gets its own terminal if what follows calls for it."""
    stream = iter(tokens)
    last = ""
    for token in stream:
        if (token.type in _KINDS and token in _WORDS and last in _AFTER.get(token, (last,))) or (
            token.type in _VALUES and last not in _GOES_ON
        ):
            for read in _looked_at(token, stream, last):
                last = read.type
                yield read
        else:
            last = token.type
            yield token


def _looked_at(first: Token, stream: Iterator[Token], last: str) -> Iterator[Token]:
    """Yields a token, and those that were read to see what follows it; `last` is the terminal before it."""
    read = [first]
    at = 0

    def following(number: int) -> Token | None:
        while len(read) <= at + number:
            token = next(stream, None)
            if token is None:
                return None
            read.append(token)
        return read[at + number]

    while at < len(read):
        token = read[at]
        at += 1
        word = _WORDS.get(token) if last in _AFTER.get(token, (last,)) else None
        terminal, fits = word or ((last not in _GOES_ON and _VALUES.get(token.type)) or _NONE)
        if fits(following):
            token = Token.new_borrow_pos(terminal, str(token), token)
        last = token.type
        yield token


def _before_day(following: _Following) -> bool:
    return following(0) == "day"


def _before_when(following: _Following) -> bool:
    return following(0) == "when"


def _before_so(following: _Following) -> bool:
    return following(0) == "so" and (following(1) or "")[:1] in (":", '"')


def _before_no_more_of_a_condition(following: _Following) -> bool:
    token = following(0)
    return token is None or (token not in _OF_CONDITIONS and token.type not in _GOES_ON)


def _before_standard(following: _Following) -> bool:
    return following(0) == "to" and (following(1) or "").startswith('"')


def _before_digest(following: _Following) -> bool:
    text = following(0) or ""
    return text.startswith('"sha256:') or text == '"'  # a quotation mark alone begins a text that does not end


def _before_reading(following: _Following) -> bool:
    words = [following(number) for number in range(3)]
    return words[0] == "on" and words[1] is not None and words[1].type == "DATE" and (words[2] or "").startswith('"')


def _before_reviewer(following: _Following) -> bool:
    return following(0) == "by" and ((following(1) or "").startswith('"') or following(1) == "none")


def _before_actions(following: _Following) -> bool:
    """Returns true if actions follow, and then `to`; a limit such as `3 per week` is not one of the language."""
    at = 0
    while _WORD.fullmatch(following(at) or ""):
        at += 1
        if following(at) == "to":
            return following(at + 2) not in ("per", "a", "each", "every")
        if following(at) not in (",", "except"):
            return False
        at += 1
    return False


def _is_sign(token: Token | None) -> bool:
    return token is not None and token.type in ("COMPARE", "LESS")


def _before_sign(following: _Following) -> bool:
    return _is_sign(following(0))


def _before_amount(following: _Following) -> bool:
    number = following(0)
    return number is not None and number.type == "NUMBER" and _is_sign(following(1))


def _before_comparison(following: _Following) -> bool:
    """Returns true if a number is the left side of a comparison: `3 < x`, `3% < x`, `3% of x < y`, `3% of x is between
    ...`.
    """
    if following(0) != "%":
        return _is_sign(following(0))
    if following(1) != "of":
        return _is_sign(following(1))
    at = 3
    while (sign := following(at)) is not None and sign.type in ("PLUS", "MINUS"):
        at += 1
        at += getattr(following(at), "type", "") == "CURRENCY"
        at += 1
        at += following(at) == "%"
        at += 2 * (following(at) == "of")
        at += following(at) in ("days", "day")
    if following(at) == "from":
        return following(at + 1) != "day"  # which begins the next rule
    return _is_sign(following(at)) or following(at) in ("is", "between")


def _before_calendar(following: _Following) -> bool:
    """Returns true if the name of a calendar follows, and then its source, or the years that it covers."""
    after = following(1) or ""
    return _WORD.fullmatch(following(0) or "") is not None and (after == "covers" or after.startswith('"'))


def _before_date(following: _Following) -> bool:
    date = following(0)
    return date is not None and date.type == "DATE"


def _before_number(following: _Following) -> bool:
    number = following(0)
    return number is not None and number.type == "NUMBER"


def _before_weekday(following: _Following) -> bool:
    return (following(0) or "").endswith("day")


def _before_hours(following: _Following) -> bool:
    return following(0) == "hours"


def _before_within(following: _Following) -> bool:
    return following(0) == "within"


def _before_name(following: _Following) -> bool:
    """Returns true if `of` and the name of a calendar follow, but not `of last EVENT`."""
    return following(0) == "of" and following(1) not in ("decision", "last", "first", None)


def _before_value_until(following: _Following) -> bool:
    """Returns true if a value follows, or a term of a few words, and then `until`."""
    return following(0) != "day" and "until" in [following(number) for number in range(1, 10)]


def _before_ago(following: _Following) -> bool:
    """Returns true if two numbers or settings follow, and then `days ago`."""
    words = [following(number) for number in range(5)]
    return words[1] == "and" and words[3] in ("days", "day") and words[4] == "ago"


def _before_row(following: _Following) -> bool:
    return (following(0), following(1)) == ("a", "row")


_WORDS: Mapping[str, tuple[str, Callable[[_Following], bool]]] = {
    "on": ("ON_DAY", _before_day),
    "not": ("NOT_SO", _before_so),
    "consent": ("CONSENT", _before_no_more_of_a_condition),
    "applies": ("APPLIES", _before_when),
    "subject": ("SUBJECT", _before_standard),
    "pinned": ("PINNED", _before_digest),
    "read": ("READ", _before_reading),
    "reviewed": ("REVIEWED", _before_reviewer),
    "language": ("LANGUAGE", _before_number),
    "limit": ("LIMIT", _before_actions),
    "between": ("BETWEEN_AGO", _before_ago),
    "in": ("IN_ROW", _before_row),
    "from": ("_FROM_VALUE", _before_value_until),
    "calendar": ("CALENDAR", _before_calendar),
    "weekend": ("WEEKEND", _before_weekday),
    "holidays": ("HOLIDAYS", _before_date),
    "holiday": ("HOLIDAY", _before_name),
    "working": ("WORKING", _before_date),
    "weekly": ("WEEKLY", _before_hours),
    "now": ("NOW", _before_within),
}

_AFTER: Mapping[str, tuple[str, ...]] = {
    "in": ("DAYS",),
    "language": ("NAME", "STRING", "DATE", "CURRENCY", "NONE"),
    "from": ("NAME", "NUMBER", "DAYS", "DAY", "PERCENT"),
    "holiday": ("NAME",),
    "weekly": ("NAME",),
    "now": ("NAME",),
    "consent": ("YES_NO", "OPTIONAL", "PRIVATE", "YES", "NO", "NONE", "UNKNOWN", "CONSENT"),
}
"""The terminals after which alone such a word may be one of its own."""

_OF_CONDITIONS = frozenset({"then", "and", "or", "is", "between", "of"})
"""The words that may follow the name that begins a condition, in addition to `_GOES_ON`."""

_VALUES: Mapping[str, tuple[str, Callable[[_Following], bool]]] = {
    "NUMBER": ("FIRST_NUMBER", _before_comparison),
    "CURRENCY": ("FIRST_CURRENCY", _before_amount),
    "DATE": ("FIRST_DATE", _before_sign),
    "TIME": ("FIRST_TIME", _before_sign),
}
"""The terminals of values, with those that they have at the beginning of a comparison."""

_GOES_ON = frozenset({"PLUS", "MINUS", "COMPARE", "LESS", "CURRENCY"})
"""The terminals after which a value continues, so that nothing begins there."""

_NONE: tuple[str, Callable[[_Following], bool]] = ("", lambda _: False)

_KINDS = frozenset({"NAME", "ON", "NOT", "BETWEEN", "FROM", "IN"})
"""The terminals that such a word has elsewhere."""

TERMINALS: Mapping[str, str] = {terminal: word for word, (terminal, _) in _WORDS.items()}
"""Each such terminal with its word."""
