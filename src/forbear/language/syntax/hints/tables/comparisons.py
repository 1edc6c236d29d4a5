"""Hints for comparisons in words, such as `at least`. They precede the search for misspelt words: `than` is not a
misspelt `then`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial

from forbear.language.syntax.hints.forms import (
    COMPARED,
    CURRENCY_NAME,
    EACH_SIGN,
    FORMS,
    NUMBER_IN_WORDS,
    OR_MORE,
    SCALED,
    TIMED,
    TIMES,
    of_sign,
)
from forbear.language.syntax.hints.hint import (
    BEGINS,
    DAYS,
    DIGITS,
    FREE_NAME,
    LITERAL,
    NAME,
    NUMBER,
    QUANTITIES,
    TIME,
    Hint,
    around,
    at,
    without_unit,
)

_SUM = (
    r"[A-Z]{3}\s[0-9][0-9_,.'’]*(?:[0-9]|[.,](?:--?|[\u2013\u2014]))|[RPN]\s?[0-9][0-9_,.]*[0-9]"
    r"|[A-Z]{0,2}[$€£¥₹]\s?[0-9][0-9_,.]*"
)
_CURRENCY = rf"\s+(?:(?!AND|OR)[A-Z]{{3}}|{CURRENCY_NAME})\b"
_SCALED = (
    rf"(?:[A-Z]{{3}}\s|[A-Z]{{0,2}}[$€£¥₹]\s?|[A-Z][a-z]{{1,2}}\.?\s?)?(?:[0-9][0-9_,.]*|{NUMBER_IN_WORDS}){SCALED}(?:{_CURRENCY})?"
    rf"|(?:[0-9]{{1,3}}(?:,[0-9]{{2,3}})+(?:\.[0-9]+)?(?![\w,.])|[0-9][0-9_,.]*{_CURRENCY}|[A-Z][a-z]{{1,2}}\.?\s?[0-9][0-9_,.]*)"
)
_VALUE = (
    rf"(?:{_SCALED}|{DIGITS}{TIMES}{FREE_NAME}|{_SUM}|half\s+of\s+(?:the\s+)?{NAME}|"
    rf"(?:{LITERAL}|{NUMBER_IN_WORDS})(?:\s+per\s?cent\b)?(?:\s+of\s+(?:the\s+)?{NAME})?|(?:this\s+)?{NAME})"
)
_CLOCK = r"[0-9]{1,2}(?:[:.h][0-9]{2})?\s*[ap]\.?m|noon\b|midnight\b"
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


def _compared(words: Mapping[str, str]) -> str | None:
    """A comparison with its sign; a sum by the sign of a currency is of the policy's, if several have that sign."""
    signed = re.fullmatch(r"([A-Z][A-Za-z]{0,2}\.?)\s?([0-9].*)", words["value"])
    code = signed and not signed[1].isupper() and of_sign(signed[1], words["head"])
    if signed and code:
        return f"write `{words['fact']} {words['said_sign']} {FORMS['value'](f'{code} {signed[2]}')}`"
    return "write `{fact} {said_sign} {value_value}`".format_map(words)


def _part(words: Mapping[str, str]) -> str | None:
    if words["as"] not in QUANTITIES:
        return None
    return "write `{first} {said_sign} {share_percent} of {fact}`".format_map(words)


HINTS = (
    Hint(
        around(rf"{BEGINS}(?P<mark>(?P<known>{NAME})\s+(?P<value>{NUMBER_IN_WORDS}|{NUMBER})\s+times)\b(?!\s+or\b)"),
        "a comparison is missing between a fact and its value",
        EACH_SIGN.replace("fact", "known").replace("value", "value_value"),
        "rule r: ⟨unreachable three times⟩ then allow sms",
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+exceeds\s+(?P<other>{NAME})\s+by\s+(?![0-9.]+\s*(?:%|per))(?P<more>{_SUM}|{LITERAL}))"
            r"(?!\w|\s*of\b)"
        ),
        "a comparison is written with a sign",
        "write `{fact} > {other} + {more}`",
        "⟨overdue_amount exceeds credit_limit by CNY 50⟩ then allow sms",
    ),
    *[
        Hint(
            around(
                rf"(?<!given )(?<!, )(?P<mark>\b(?P<{left}>(?!{_NO_FACT}){NAME})\s+(?:(?:is|are|was|were|of)\s+)?"
                rf"(?P<said>{COMPARED})\s+{value})(?!\w|[.,]\d|\s*[ap]\.?m\b)",
                "-COLON",
            ),
            "a comparison is written with a sign",
            help,
            example,
            more=more,
        )
        for left, value, help, example, more in (
            (
                "first",
                rf"(?P<share>{NUMBER})[ \t]+(?:the\s+)?(?P<fact>{NAME})(?!\s*(?:[<>=]|is\b))",
                _part,
                "⟨overdue_amount at least 0.5 balance⟩ then allow sms",
                (),
            ),
            (
                "fact",
                rf"(?P<value>{_VALUE})",
                _compared,
                "⟨unreachable at least 3⟩ then allow sms",
                tuple(
                    f"{before}⟨unreachable {said} 3⟩{after}"
                    for said in _SAID
                    for before, after in (("", " then allow sms"), ("never sms when ", ""))
                ),
            ),
            (
                "fact",
                rf"(?P<number>{NUMBER})[ \t]+(?P<unit>{DAYS}|(?!times?\b){FREE_NAME})(?!\s*(?:[<>=]|(?:is|ago)\b))",
                partial(without_unit, "{fact} {said_sign} "),
                "⟨overdue_amount above 2 dozen⟩ then allow sms",
                (),
            ),
        )
    ],
    Hint(
        around(
            rf"{BEGINS}(?P<mark>(?P<fact>(?!{_NO_FACT}){NAME})\s+(?P<is>is\s+)?(?P<said>{COMPARED}|{TIMED})\s+"
            rf"(?P<time>{_CLOCK}|(?(is)(?<!until\s)(?<!till\s){TIME}|(?!))))",
            "-COLON",
        ),
        "a comparison is written with a sign",
        "write `{fact} {said_is} {time_time}`",
        "never sms when ⟨local_time is after 9pm⟩",
        more=("⟨local_time before 8:30am⟩ then allow sms", "never sms when ⟨local_time is before 07:00⟩ or deceased"),
    ),
    Hint(
        around(r"(?P<mark>(?P<first>[<>!])\s+=)"),
        "a sign has no blank in it",
        "write `{first}=`",
        "unreachable ⟨> =⟩ 3 then allow sms",
    ),
    Hint(
        around(
            rf"(?P<mark>\b(?P<fact>(?!{_NO_FACT}){NAME})\s+(?:(?:is|of)\s+)?(?P<value>(?!{_NO_FACT}){_VALUE})(?:\s+times)?\s+(?P<said>{OR_MORE}))"
        ),
        "a comparison is written with a sign",
        "write `{fact} {said_sign} {value_value}`",
        "⟨overdue_amount of USD 1000 or more⟩ then allow sms",
        more=("⟨overdue_amount of USD 1000 or less⟩ then allow sms", "⟨unreachable 4 times or more⟩ then allow sms"),
    ),
    Hint(
        at(rf"\bfact\s+{NAME}\s+", r"(?P<mark>days?\s+of\s+(?:the\s+)?decision)\b"),
        "the day of a decision is its date or its weekday",
        "write `date of decision` or `weekday of decision`",
        "fact n ⟨day of decision⟩",
    ),
)
