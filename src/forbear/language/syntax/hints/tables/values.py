"""Hints in values and conditions: numbers, sums, dates, texts, units, days and comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from forbear.language.syntax.hints.forms import EACH_SIGN, SIGNS
from forbear.language.syntax.hints.hint import (
    BEGINS,
    CAPITALS,
    DATE,
    DAY,
    DAYS,
    DIGITS,
    FREE_NAME,
    KEYWORD,
    LITERAL,
    NAME,
    NUMBER,
    STATEMENT,
    STRING,
    TIME,
    UNIT,
    WORD,
    Hint,
    around,
    at,
    without_unit,
)

_NO_UNIT = "a number is written without its unit"
_PLAIN = "a string is written in plain quotation marks"
_DOUBLE = "“”„‟«»＂「」『』"
"""Quotation marks that are not plain, without those that are an apostrophe too."""
_OTHER = rf"(?!(?:{WORD}|{STATEMENT}|because|overrides|source)\b)[A-Za-z]"
"""A word that does not continue a condition: `from 2 occasions` is not a day."""
_LINE_ENDS = r"(?=\s*?(?:\n|#|\Z))"
_GOES_ON = rf"(?=\s*(?:\Z|[,:)|#\n]|{WORD}|{STATEMENT}\b|(?:because|overrides|source)\b))"
"""Matches the text after a quoted text, which an apostrophe in it hardly has."""


def _day_or_hour(words: Mapping[str, str]) -> str:
    """A day past due; what may be an hour is shown as one too."""
    number, word, joined = words["number"], words["word"], "" if "begins" in words else "and "
    day = f"write `{joined}{word} day {number}`"
    if not number.isdigit() or int(number) > 23:
        return day
    hour = f"{words['local_time']} {'<' if word == 'before' else '>='} {int(number):02}:00"
    return f"{day} for that day past due, or `{joined}{hour}` for the time of day"


HINTS = (
    Hint(
        at(rf"{STRING}\s+(?P<mark>pinned)\s+", "", "THEN"),
        "`pinned` is followed by a digest",
        'write `pinned "sha256:..."`; `forbear packs` prints the digest of a pack',
        'uses "pack:vocabulary/collections" ⟨pinned⟩ "1f"',
    ),
    # texts
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>{NAME})\s+is\s+(?P<no>not\s+(?=.*\band\b)|(?:not\s+)?(?!.*\band\b))(?P<first>{LITERAL})\s+(?:or|and)\s+)",
            rf"(?P<mark>(?P<second>{LITERAL}))",
            "AFTER",
        ),
        "a value alone is no condition",
        "write `{fact} is {no}one of {first}, {second}`",
        '⟨state is "CA" or "NV"⟩ then allow sms',
    ),
    Hint(
        at("", rf"""(?P<mark>["'‘‚{_DOUBLE}](?P<name>{NAME})["'‘’{_DOUBLE}])""", "NAME -RULE -YES"),
        "a name has no quotation marks",
        "write `{name}`",
        'rule ⟨"remind"⟩: never sms',
    ),
    Hint(
        at(r"(?:=|\bis|\bnot|,|\bof)\s*", rf"(?P<mark>['‘’‚{_DOUBLE}](?P<known>{NAME})['‘’{_DOUBLE}])", "STRING"),
        "a named value has no quotation marks",
        "write `{known}`",
        "contact_party is ⟨'spouse'⟩ then allow sms",
    ),
    *[
        Hint(at("", rf"(?P<mark>{quoted})", "STRING"), message, 'write `"{text}"`', example)
        for quoted, message, example in (
            (
                rf"[{_DOUBLE}]\s*(?P<text>[^\"\\\n{_DOUBLE}]*?)\s*(?:[{_DOUBLE}]|[\"'’]{_LINE_ENDS})",
                _PLAIN,
                "never sms because ⟨“they asked”⟩",
            ),
            (rf"\"(?P<text>[^\"\\\n{_DOUBLE}]*)[{_DOUBLE}]{_LINE_ENDS}", _PLAIN, 'never sms because ⟨"they asked”⟩'),
            (
                rf"['‘’‚]\s*(?P<text>[^\"\\\n{_DOUBLE}]*?)\s*(?:['‘’]{_GOES_ON}|[\"{_DOUBLE}]{_LINE_ENDS})",
                "a string is written in double quotation marks",
                "state is ⟨'CA'⟩ then allow sms",
            ),
        )
    ],
    Hint(
        at(r"(?<![A-Za-z])", rf"['‘’‚{_DOUBLE}]"),
        _PLAIN,
        'put the text between two plain ones, `"`, on one line; a quotation mark inside is written `\\"`',
        "never sms because ⟨“⟩they asked",
    ),
    Hint(
        at("", r'"(?![^"\n]*")'),
        "the string does not end on its line",
        'end it with `"`; a quotation mark inside is written `\\"`',
        'state is ⟨"⟩CA then allow sms',
    ),
    Hint(
        at("", r"(?P<word>YES|Yes|N[Oo]|N(?:ONE|one)|UNKNOWN|Unknown|Not|O(?:NE|ne)(?=\s+of\b))\b"),
        "`{word}` has capital letters",
        "write `{word_lower}`",
        "deceased is ⟨Yes⟩ then allow sms",
        more=('state is ⟨Not⟩ one of "CA", "NV" then allow sms',),
    ),
    Hint(at("", r"(?P<word>[A-Z][A-Za-z0-9_]*)\b", "YES"), *CAPITALS, "state is ⟨California⟩ then allow sms"),
    # units
    Hint(
        around(rf"(?P<mark>\b(?P<word>from|on|before)\s+(?P<span>[0-9]+\s+{UNIT}))"),
        "`{word}` names a day, and `{span}` is not one",
        "write `{word} day N` with the day past due that is meant",
        "⟨from 2 months⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<word>after|within)\s+(?P<number>{NUMBER}|{NAME})\s+)",
            rf"(?P<mark>(?P<unit>{UNIT}|to\s+{NAME}))",
        ),
        "`{word}` counts days past due, and `{number} {unit}` is no number of days",
        "write `{word} N days` with the days that are meant",
        "⟨after 2 months⟩ then allow sms",
        more=("⟨after promise to pay⟩ then allow sms",),
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<word>after|within)\s+(?P<number>-?{DIGITS}|{NAME}))\s*",
            rf"(?={WORD}|{STATEMENT}\b|(?:because|overrides|source)\b|[),]|\Z)",
            "DAYS -COUNT",
        ),
        "the word `days` is missing",
        "write `{word} {number} days`",
        "⟨after 60⟩ then allow sms",
    ),
    Hint(
        at(rf"\bsetting\s+{NAME}\s+is\s+(?P<mark>(?P<number>{DIGITS})\s+)", rf"(?P<mark>{DAYS}|times?\b)"),
        _NO_UNIT,
        "write `{number}`",
        "setting grace is ⟨5 days⟩",
    ),
    Hint(
        around(
            rf"\b(?P<fact>{FREE_NAME})(?:\s*[<>=!]+\s*|\s+(?:(?:is|between)\s+(?:{DIGITS}\s+and\s+)?)?)"
            rf"(?P<mark>(?P<number>{DIGITS})\s+(?P<unit>(?:(?:working|business)\s+)?(?:{DAYS}|(?!{KEYWORD}|(?:to|per)\b){NAME})))(?!\s*[<>=])"
        ),
        _NO_UNIT,
        partial(without_unit, ""),
        "unreachable >= ⟨3 months⟩ then allow sms",
        more=(
            "days_overdue > ⟨60 days⟩ then allow sms",
            "unreachable >= ⟨3 times⟩ then allow sms",
            "unreachable between 1 and ⟨3 months⟩ then allow sms",
            "uses collections\nfact term months since promised_on\nterm >= ⟨3 months⟩ then allow sms",
            "never sms when unreachable > ⟨3 working days⟩ and deceased",
            "never sms when overdue_amount > ⟨2 dozen⟩",
        ),
    ),
    Hint(
        around(rf"\b(?P<fact>{NAME})\s*[<>=]+\s*{LITERAL}\s+(?P<mark>(?:per|for\s+each)\s+(?P<event>{NAME}))"),
        "a fact is compared as it is, and not for each of something",
        "leave this out if `{fact}` is that of one `{event}`; otherwise declare a fact that is",
        "overdue_amount > CNY 5_000 ⟨per claim⟩ then allow sms",
    ),
    # conditions on the clock
    Hint(
        at(r"(?P<mark>\b(?P<word>after|within)\s+)", rf"(?P<mark>day\s+(?P<number>{DAY}|{NAME}))"),
        "`{word}` counts days",
        "write `{word} {number} days`, or `from day {number}`",
        "⟨after day 60⟩ then allow sms",
    ),
    Hint(
        at(r"(?P<mark>\b(?P<word>from|before)\s+)", r"(?P<mark>(?P<year>(?:19|20)[0-9]{2}))(?![\w:/-])", "DAY"),
        "`{year}` may be a year, or a day past due",
        "for a year compare `today` with its first day; for the day past due, write `{word} day {year}`",
        "⟨from 2027⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?P<begins>{BEGINS})?(?P<mark>\b(?P<word>from|before)\s+)",
            rf"(?P<mark>(?!(?:19|20)[0-9]{{2}}(?!\s+{DAYS}))(?P<number>{DAY}|(?!on\b){NAME})(?:\s+{DAYS})?)(?!\s+{_OTHER})",
            "DAY",
        ),
        "`{word}` names a day",
        _day_or_hour,
        "⟨before 60⟩ then allow sms",
        more=("never sms when weekday is sunday ⟨before 9⟩",),
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>(?!{WORD}){NAME})\s+)",
            rf"(?P<mark>until\s+(?P<value>{LITERAL}))",
            "-COLON -WHEN",
        ),
        "a span has a first and a last value",
        "write `{fact} < {value}`, as `until` leaves its end out, or `{fact} <= {value}`, which has it",
        "⟨local_time until 21:00⟩ then allow sms",
    ),
    *[
        Hint(
            at(before, here, fits),
            "`{said}` counts days by the clock",
            "write `{fact} {said_sign} {value}`",
            example,
            more=(example.replace("after", "before"), example.replace("after", "within")),
        )
        for before, here, fits, example in (
            (
                rf"(?P<mark>\b(?P<fact>(?!{WORD}){NAME})\s+)",
                rf"(?P<mark>(?P<said>after|before|within|from)\s+(?P<value>{TIME}|{DATE}|{NUMBER}))",
                "-COLON -WHEN",
                "⟨local_time after 21:00⟩ then allow sms",
            ),
            (
                rf"\b(?:when|unless|and|or|not|is)\s+(?P<mark>(?P<fact>{NAME})\s+(?P<said>after|before|within)\s+)",
                rf"(?P<mark>(?P<value>{TIME}|{DATE}))",
                "-DATE",
                "never sms when ⟨local_time after 21:00⟩",
            ),
        )
    ],
    # comparisons
    Hint(
        around(rf"(?P<mark>(?P<word>{'|'.join(SIGNS)}))"),
        "`{word}` is no sign of the language",
        "write `{word_written}`",
        "days_overdue ⟨=>⟩ 60 then allow sms",
        more=(
            "deceased ⟨&&⟩ after 3 days then allow sms",
            *[f"days_overdue ⟨{sign}⟩ 60 then allow sms" for sign in SIGNS if "&" not in sign],
        ),
    ),
    Hint(
        at(r"(?:\A|\n)(?![ \t]*\|)[^\n]*", r"(?P<mark>\|\|?)"),  # in a table it ends a cell
        "`|` is no sign of the language",
        "write `or`",
        "deceased ⟨||⟩ after 3 days then allow sms",
    ),
    Hint(
        at("", r"!"),
        "`!` is no word of the language",
        "write `not`",
        "⟨!⟩deceased then allow sms",
        more=("⟨!⟩(deceased) then allow sms",),
    ),
    Hint(
        around(rf"{BEGINS}{NAME}\s+(?P<mark>in)\b(?!\s+(?:force|the|an?|last)\b)(?=\s+\w)"),
        "`in` is no comparison",
        "write `is one of VALUES`, with commas between the values",
        "contact_party ⟨in⟩ Spouse then allow sms",
        more=("never sms when contact_party ⟨in⟩ Spouse",),
    ),
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>{FREE_NAME})[ \t]+not[ \t]+(?P<value>{FREE_NAME}|{STRING}))"
            r"(?=\s*(?:\Z|[)\n]|(?:then|and|or|unless|because|overrides|source)\b))"
        ),
        "a fact and its value have an `is` between them",
        "write `{fact} is not {value}`, which holds for every other value of `{fact}`, or `{fact} is VALUE` for one",
        "never sms when ⟨contact_party not spouse⟩",
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>(?!weekdays?\b|weekends?\b|hours?\b|daily\b){NAME})\s+)",
            rf"(?P<mark>(?P<low>{LITERAL})\s*(?:to\b|-|–|~|\.\.)\s*(?P<high>{LITERAL}(?:,[0-9]{{2,3}}(?:\.[0-9]+)?)?)(?![-0-9]))",
            "COMPARE",
        ),
        "a span of values is a comparison",
        "write `{fact} between {low} and {high_value}`",
        "⟨days_overdue 3 to 9⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>(?!(?:effective|applicable|valid|starting|beginning|exactly|about|only|every|least|most|over|under|than|the|an?|weekdays?|weekends?|hours?|daily|wait)\b){NAME})\s+)",
            rf"(?P<mark>(?P<value>{LITERAL})(?:\s+times\b)?)",
            "COMPARE",
        ),
        "a comparison is missing between a fact and its value",
        EACH_SIGN,
        "⟨days_overdue 60⟩ then allow sms",
    ),
)

AFTER_OTHER_WORDS = (
    Hint(
        at("", STRING),
        "a comma or a word is missing before this text",
        "join two texts with `,`, or take one of them out",
        'never sms ⟨"why"⟩',
    ),
)
