"""Hints for comparisons in words, such as `at least`. They come before the search for misspelt words: `than` is no
misspelt `then`."""

from __future__ import annotations

from forbear.language.syntax.hints.forms import COMPARED, NUMBER_IN_WORDS
from forbear.language.syntax.hints.hint import LITERAL, NAME, Hint, around, at

_VALUE = rf"(?:(?:{LITERAL}|{NUMBER_IN_WORDS})(?:\s+per\s?cent\b)?(?:\s+of\s+{NAME})?|{NAME})"
_NO_FACT = r"(?:is|when|and|or|not|unless|then|where|no|more|less|at|to|by|given|expect)\b"

_SAID = (
    """
no less than,not less than,no fewer than,at most,no more than,not more than,up to,more than,is more than,greater than
higher than,later than,over,is over,above,exceeds,less than,is less than,fewer than,lower than,earlier than,under,below
equals,equal to,exactly,is at least,is no less than
""".strip()
    .replace("\n", ",")
    .split(",")
)

HINTS = (
    Hint(
        around(
            rf"(?<!given )(?<!, )(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+(?:is\s+)?(?P<said>{COMPARED})\s+"
            rf"(?P<value>{_VALUE}))(?!\w|[.,]\d|\s*[ap]\.?m\b)",
            "-COLON",
        ),
        "a comparison is written with a sign",
        "write `{fact} {said_sign} {value_value}`",
        "⟨unreachable at least 3⟩ then allow sms",
        more=tuple(
            f"{before}⟨unreachable {said} 3⟩{after}"
            for said in _SAID
            for before, after in (("", " then allow sms"), ("never sms when ", ""))
        ),
    ),
    Hint(
        at(rf"(?P<mark>\b(?P<fact>{NAME})\s+is\s+)", rf"(?P<mark>(?P<sign>[<>]=?|=|!=)\s*(?P<value>{_VALUE}))"),
        "`is` is a comparison by itself",
        "write `{fact} {sign} {value}`",
        "⟨days_overdue is > 60⟩ then allow sms",
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+(?:(?:is|of)\s+)?(?P<value>{LITERAL})\s+(?P<said>or\s+"
            r"(?:more|above|over|higher|greater|later|less|fewer|below|under|lower|earlier)))\b"
        ),
        "a comparison is written with a sign",
        "write `{fact} {said_sign} {value}`",
        "⟨overdue_amount of USD 1000 or more⟩ then allow sms",
        more=("⟨overdue_amount of USD 1000 or less⟩ then allow sms",),
    ),
    Hint(
        at(rf"\bfact\s+{NAME}\s+", r"(?P<mark>days?\s+of\s+(?:the\s+)?decision)\b"),
        "the day of a decision is its date or its weekday",
        "write `date of decision` or `weekday of decision`",
        "fact n ⟨day of decision⟩",
    ),
)
