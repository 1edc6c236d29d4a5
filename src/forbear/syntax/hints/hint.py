"""A hint: the message and help for a typical mistake of authors, as a row of a table.

A mistake is recognised by the text before and after the place where the parser stopped, or by a phrase around it, and
by what would have fitted there.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence, Set
from decimal import Decimal
from functools import lru_cache

from forbear.frozen import frozen
from forbear.source import Span
from forbear.syntax.grammar import declaring, effect_words, only_beginning, types
from forbear.syntax.hints.needed import Needed, has_all, needed

_CONTEXT = 250
"""How many characters before and after the place are looked at."""
_OWN_WORDS = re.compile(r"^\s*(?:uses|fact|action|vocabulary)\b", re.MULTILINE)
"""What brings the words of a text in, or declares them."""
_SHORT_TIME = re.compile(r"[0-9](?::[0-9]{2}){1,2}")
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


@frozen
class At:
    """Where a mistake is recognised: `before` matches up to the token that does not fit, `here` from it on.

    All terminals of `fits` would have fitted there, and none of `lacks`.
    """

    before: re.Pattern[str]
    here: re.Pattern[str]
    fits: frozenset[str]
    lacks: frozenset[str]

    def found(self, before: str, here: str) -> Sequence[tuple[re.Match[str], int]]:
        """What matches the two texts, each match with where its text begins in both together; or nothing."""
        after = self.here.match(here)
        matched = after and self.before.search(before)
        return [(matched, 0), (after, len(before))] if after and matched else []


@frozen
class Around:
    """Where a mistake is recognised: `phrase` matches from before the token that does not fit on, to that token or to
    the blanks before it. So it does not matter at which of its words the parser stops.

    `needed` are literal texts without which it matches nothing: most phrases are not even searched for.
    """

    phrase: re.Pattern[str]
    needed: Needed
    fits: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()

    def found(self, before: str, here: str) -> Sequence[tuple[re.Match[str], int]]:
        """As `At.found`."""
        text = before + here
        for match in self.phrase.finditer(text) if has_all(text, self.needed) else ():
            if match.start() <= len(before) and not before[match.end() :].strip():
                return [(match, 0)]
        return []


def at(before: str, here: str, fits: str = "") -> At:
    """`fits` holds terminals; one with a `-` before it must not fit."""
    words = fits.split()
    return At(
        re.compile(rf"(?:{before})\Z"),
        re.compile(here),
        frozenset(word for word in words if word[0] != "-"),
        frozenset(word[1:] for word in words if word[0] == "-"),
    )


def around(phrase: str) -> Around:
    return Around(re.compile(phrase), needed(phrase))


@frozen(eq=False)
class Hint:
    """A typical mistake. What a group `mark` matches is underlined; if both patterns have one, from the beginning of
    the first to the end of the second; if none has, the token. Message and help may use the other groups: `{name}`, or
    `{name_upper}`, `{name_lower}`, `{name_joined}` (`_` for hyphens, points, commas and spaces), `{name_plain}`
    (without full width), `{name_percent}` (0.1 as 10%), `{name_weeks}` (so many weeks in days), `{name_next}` (one
    more). `{uses}` brings the standard vocabulary in where a declaration that the help asks for would be the first of
    the text, so that the words of that vocabulary stay known.

    `example` is a text with the mistake, in which `⟨` and `⟩` enclose what is underlined.
    """

    at: At | Around
    message: str
    help: str
    example: str
    code: str = "syntax"
    exact: bool = True
    """Whether a help of the form "write `TEXT`" has what may be written in place of what is underlined. One with a
    placeholder, such as `CONDITION` or `...`, has not."""


_WRITE = re.compile("write `([^`]*)`")
_PLACEHOLDER = re.compile(r"\.\.\.|\b(?:N|[A-Z]{4,})\b")
"""What stands for the author's words in a help. Capitals of three letters are a currency."""


@frozen
class Recognised:
    """A hint with the author's words in its texts; the span is None where only the token is underlined."""

    hint: Hint
    message: str
    help: str
    span: Span | None

    @property
    def instead(self) -> str | None:
        """What may be written in place of what is underlined."""
        exact = self.hint.exact and not _PLACEHOLDER.search(self.hint.help)
        command = _WRITE.fullmatch(self.help) if exact else None
        return command[1] if command else None


def recognised(hints: tuple[Hint, ...], text: str, at: int, fitting: Set[str]) -> Recognised | None:
    """The first hint for a text in which the parser stopped at `at`, where the terminals `fitting` would have
    fitted."""
    begin = max(0, at - _CONTEXT)
    before, here = text[begin:at], text[at : at + _CONTEXT]
    for hint in _where(hints, frozenset(fitting)):
        if matches := hint.at.found(before, here):
            groups = {name: words_there for match, _ in matches for name, words_there in match.groupdict().items()}
            words = dict(_variants(groups), uses="" if _OWN_WORDS.search(text) else "`uses collections`, ")
            span = _marked(text, [(match, begin + offset) for match, offset in matches])
            message = hint.message.format_map(words)
            return Recognised(hint, message, hint.help.format_map(_with_two_digits(words)), span)
    return None


def _with_two_digits(words: Mapping[str, str]) -> Mapping[str, str]:
    """The words, with times of day as the language writes them: `9:00` as `09:00`."""
    return {name: f"0{text}" if _SHORT_TIME.fullmatch(text) else text for name, text in words.items()}


@lru_cache(maxsize=128)
def _where(hints: tuple[Hint, ...], fitting: frozenset[str]) -> Sequence[Hint]:
    """The hints for a place where these terminals would have fitted. Mistakes of many lines are often at the same."""
    return [hint for hint in hints if hint.at.fits <= fitting and not hint.at.lacks & fitting]


def _marked(text: str, matches: Sequence[tuple[re.Match[str], int]]) -> Span | None:
    """From the first `mark` to the last, without blanks at the end; each match with where its text begins."""
    marks = [
        (offset + match.start("mark"), offset + match.end("mark"))
        for match, offset in matches
        if match.groupdict().get("mark") is not None
    ]
    if not marks:
        return None
    start, end = marks[0][0], marks[-1][1]
    return start, start + len(text[start:end].rstrip())


def _variants(groups: Mapping[str, str | None]) -> Iterator[tuple[str, str]]:
    """The author's words in the forms that message and help may use."""
    for name, text in groups.items():
        if text is not None:
            text = re.sub(r"\s+", " ", text)
            yield name, text
            yield f"{name}_upper", text.upper()
            yield f"{name}_lower", text.lower()
            yield f"{name}_joined", re.sub(r"[-.,\s]+", "_", text)
            yield f"{name}_plain", unicodedata.normalize("NFKC", text)
            if _DECIMAL.fullmatch(text):
                yield f"{name}_percent", f"{(Decimal(text) * 100).normalize():f}%"
                yield f"{name}_weeks", f"{(Decimal(text) * 7).normalize():f}"
                yield f"{name}_next", f"{(Decimal(text) + 1).normalize():f}"


# Patterns that several hints share

NUMBER = r"[0-9][0-9_]*(?:\.[0-9]+)?(?![\w.])"
DIGITS = r"[0-9][0-9_.]*"
NAME = r"[a-z][a-z0-9_]*+"
STRING = r'"(?:[^"\\\n]++|\\[^\n])*+"'
TIME = r"[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?"
DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LITERAL = rf"(?:{STRING}|{DATE}|{TIME}|(?:[A-Z]{{3}}\s+)?-?{DIGITS}%?)"
EFFECT = rf"(?:{'|'.join(effect_words())})"
STATEMENT = rf"(?:{'|'.join(only_beginning())})"
DECLARING = rf"(?:has|{'|'.join(declaring())})"
TYPE = rf"(?:{'|'.join(types())})"
EFFECTS = rf"\b{EFFECT}\s[a-z0-9_,\s]*?"
ACTIONS = rf"\b{EFFECT}\s(?:(?!(?:when|unless|then)\b)[a-z0-9_,\s])*?"
"""Effects up to their condition, if there is one."""
WORD = rf"(?:{EFFECT}|if|when|unless|and|or|not|then)\b"
UNIT = r"(?:times?|years?|months?|weeks?|hours?|minutes?)\b"
DAYS = r"(?:days?)\b"
DAY = rf"-?{DIGITS}(?![\w:/-])"
NEXT = rf"(?:\Z|(?:{STATEMENT}|{EFFECT}|limit|because)\b)"
"""What follows a statement that ends too early."""


def instead(phrase: str, message: str, condition: str, example: str, more: str = "") -> Sequence[Hint]:
    """Hints for a phrase that is said as a condition, wherever it stands: where a condition fits, after the effects of
    a rule that begins with its condition, and after those of one that does not."""
    return [
        Hint(around(rf"{before}(?P<mark>{phrase})"), message, help + more, f"{start}⟨{example}⟩{end}")
        for before, help, start, end in (
            (
                r"(?:\b(?:when|unless|and|or|not)\s+|[:(]\s*|\A|\n)",
                f"write `{condition}`",
                "rule r: ",
                " then allow sms",
            ),
            (
                rf"\bthen\s+{ACTIONS}",
                f"leave this out, and write `and {condition}` before `then`",
                "rule r: after 9 days then allow sms ",
                "",
            ),
            (ACTIONS, f"write `when {condition}`", "rule r: never sms ", ""),
        )
    ]


# What several rows say

CAPITALS = (
    "`{word}` is no value as the language writes it",
    'a text is written in quotation marks: `"{word}"`; a name has small letters: `{word_lower}`',
)
