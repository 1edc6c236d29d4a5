"""Hints for comparisons in words, such as `at least`. They come before the search for misspelt words: `than` is no
misspelt `then`."""

from __future__ import annotations

from collections.abc import Iterator

from forbear.language.syntax.hints.hint import LITERAL, NAME, Hint, around, at

_VALUE = rf"(?:{LITERAL}(?:\s+of\s+{NAME})?|{NAME})"
_NO_FACT = r"(?:is|when|and|or|not|unless|then|where|no|more|less|at)\b"
_COMPARISONS = {
    ">=": ("at least", "no|less than", "not less|than", "no|fewer than", "not fewer|than"),
    "<=": ("at most", "no|more than", "not more|than", "up|to"),
    ">": ("more|than", "greater|than", "higher|than", "later|than", "over", "above", "exceeds"),
    "<": ("less|than", "fewer|than", "lower|than", "earlier|than", "under", "below"),
    "=": ("equals", "equal|to", "exactly"),
}
"""The words for each sign. Up to a `|` the parser reads them after `is`, taking them for a value."""


def _in_words(sign: str, phrase: str) -> Iterator[Hint]:
    """The parser stops at the first word after a fact, and after `is` where it no longer reads a value."""
    read, _, rest = phrase.rpartition("|")
    whole = phrase.replace("|", " ")
    stops = [("", whole, f"⟨unreachable {whole} 3⟩ then allow sms")]
    if read:
        stops.append((f"{read} ", rest, f"⟨unreachable is {whole} 3⟩ then allow sms"))
    for taken, unread, example in stops:
        yield _in_word(sign, rf"(?:is\s+)?{taken}", unread, example, "-COLON -UNKNOWN")


def _in_last_words(sign: str, phrase: str) -> Iterator[Hint]:
    """The same after the effects, where the parser reads a further word as the fact that begins the next rule."""
    words = phrase.replace("|", " ").split()
    stops = []
    if len(words) == 1:
        stops = [(phrase, ""), (f"is {phrase}", "")]
    elif words[0] == "at":
        stops = [("is", f"{phrase}")]
    elif words[0] == "no":
        stops = [(f"is {' '.join(words[:-1])}", words[-1])]
    elif words[-1] == "than":
        stops = [(f"is {' '.join(words)}", "")]
    for taken, unread in stops:
        phrase_there = f"{taken} {unread}".strip()
        yield _in_word(sign, rf"{taken}\s+", unread, f"never sms when ⟨unreachable {phrase_there} 3⟩", "")


def _in_word(sign: str, taken: str, unread: str, example: str, fits: str) -> Hint:
    pattern = rf"{unread}\s+".replace(" ", r"\s+") if unread else ""
    return Hint(
        at(
            rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+{taken})",
            rf"(?P<mark>{pattern}(?P<value>{_VALUE}))(?!\w|\s*[ap]\.?m\b)",
            fits,
        ),
        "a comparison is written with a sign",
        f"write `{{fact}} {sign} {{value}}`",
        example,
    )


HINTS = (
    *[row for sign, phrases in _COMPARISONS.items() for phrase in phrases for row in _in_words(sign, phrase)],
    *[row for sign, phrases in _COMPARISONS.items() for phrase in phrases for row in _in_last_words(sign, phrase)],
    Hint(
        at(rf"(?P<mark>\b(?P<fact>{NAME})\s+is\s+)", rf"(?P<mark>(?P<sign>[<>]=?|=|!=)\s*(?P<value>{_VALUE}))"),
        "`is` is a comparison by itself",
        "write `{fact} {sign} {value}`",
        "⟨days_overdue is > 60⟩ then allow sms",
    ),
    *[
        Hint(
            around(
                rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+(?:(?:is|of)\s+)?(?P<value>{LITERAL})\s+or\s+(?:{words}))\b"
            ),
            "a comparison is written with a sign",
            f"write `{{fact}} {sign} {{value}}`",
            f"⟨overdue_amount of USD 1000 or {words.partition('|')[0]}⟩ then allow sms",
        )
        for words, sign in (
            ("more|above|over|higher|greater|later", ">="),
            ("less|fewer|below|under|lower|earlier", "<="),
        )
    ],
    Hint(
        at(rf"\bfact\s+{NAME}\s+", r"(?P<mark>days?\s+of\s+(?:the\s+)?decision)\b"),
        "the day of a decision is its date or its weekday",
        "write `date of decision` or `weekday of decision`",
        "fact n ⟨day of decision⟩",
    ),
)
