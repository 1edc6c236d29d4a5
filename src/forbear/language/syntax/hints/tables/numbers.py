"""Hints in numbers, sums, dates and times."""

from __future__ import annotations

import re
from collections.abc import Mapping

from forbear.language.syntax.hints.forms import (
    CURRENCY_NAME,
    FORMS,
    IN_DIGITS,
    IN_WORDS,
    MONTH_AND_YEAR,
    SCALED,
    SCALES,
    TIME_OF_DAY,
    of_sign,
)
from forbear.language.syntax.hints.hint import CAPITALS, DECLARING, DIGITS, LITERAL, NAME, NUMBER, Hint, around, at

_COMMA_IN_NUMBER = "a comma inside a number"
_DATE_FORM = "a date has one form here: the year, the month, the day"
_WORDS = r"(?:AND|NOT|ANY|ALL|DAY|YES|THE|FOR)"
"""Words in capitals that are not currencies."""
_GROUPED = r"[0-9]+(?:[,.'’][0-9]+)*(?:[.,](?:--?|[\u2013\u2014])|/[=-])?"
_SYMBOL = "[$€£¥￥₹₱₩]"


def _sum(words: Mapping[str, str]) -> str | None:
    """Returns the number with all its digits, preceded by its currency, wherever that is written; None for other
    texts.
    """
    signs = [words[side] for side in ("before", "after") if side in words]
    codes = [
        ((usual := FORMS["currency"](sign)) and of_sign(sign, words["head"]))
        or usual
        or FORMS["iso"](sign)
        or of_sign(sign, words["head"])
        or (sign if sign.isupper() else None)
        for sign in signs
    ]
    grouped = re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+", words["number"])
    number = FORMS["zeros"](words["number"]) or FORMS["number"](words["number"])
    if len(signs) == 2 and signs[1].isupper() and not signs[0].isalpha():
        signs, codes = signs[1:], codes[1:]
    if number is None or len(signs) > 1 or None in codes:
        return None
    if signs:
        sums = [
            f"`{code} {'-' if 'minus' in words else ''}{number}`"
            for code in (*codes, *["JPY"] * (signs[0] in "¥￥" and words["head"] not in ("CNY", "JPY")))
        ]
        if grouped is not None:
            short = sums[0][:-1].rstrip("0").rstrip(".")
            return f"write `{codes[0]} {grouped[0].replace('.', '_')}`, or {short}` if the point begins decimals"
        return f"write {', or '.join(sums)}"
    if number == words["number"]:
        return None
    of_sum = words["head"] and words["number"][-1].isalpha()
    return f"write `{number}`" + (f"; a sum has its currency before it: `{words['head']} {number}`" if of_sum else "")


HINTS = (
    Hint(
        around(
            rf"(?<![\w.,:$€£])(?P<mark>(?P<minus>-\s*)?(?:(?P<before>{_SYMBOL}|[A-Za-z]{{3}}(?=\s*[0-9]))\s*)?"
            rf"(?P<number>(?:[0-9]{{1,3}}(?:[ ][0-9]{{3}})+(?:,[0-9]{{2}})?(?!\w)|"
            rf"{_GROUPED})(?:{SCALED})?)"
            rf"(?:\s*(?P<after>(?:{CURRENCY_NAME})\b|Fr\.|kr\b\.?|{_SYMBOL}|(?!{_WORDS}\b)[A-Z]{{3}}\b))?)(?![\w'’%])"
        ),
        "a sum is the code of its currency, and then a number with all its digits",
        _sum,
        "overdue_amount > ⟨$2 million⟩ then allow sms",
        more=(
            *[
                f"overdue_amount > ⟨{of_sum}⟩ then allow sms"
                for of_sum in (
                    *(
                        "10 thousand USD",
                        "10 million yuan",
                        "10.50 CNY",
                        "1,000 CNY",
                        "49.90 €",
                        "1000 dollars",
                        "1000 euros",
                    ),
                    *(
                        "$1000",
                        "€1000",
                        "£1000",
                        "¥1000",
                        "₹1000",
                        "-CNY 5",
                        "CNY1000",
                        "CNY12,50",
                        "cny 1000",
                        "Cny 1000",
                    ),
                )
            ],
            *[f"overdue_amount > ⟨CNY {number}⟩ then allow sms" for number in ("10 000", "1'000.50")],
            *[f"unreachable > ⟨1{scale}⟩ then allow sms" for scale in SCALES],
            "never sms when overdue_amount > ⟨1000 rupees⟩\n",
        ),
    ),
    # as they are spoken, or written elsewhere
    Hint(
        around(rf"(?P<mark>\b(?P<number>{DIGITS})\s+(?P<part>cents?|pence|paise|centavos|fen))\b"),
        "a sum is written in its currency, and not in a hundredth of it",
        "write `CURRENCY {number_hundredth}`, with the code of the currency of which these are {part}",
        "overdue_amount > ⟨100 cents⟩ then allow sms",
    ),
    Hint(
        at(rf"\bsetting\s+{NAME}\s+is\s+{LITERAL}\s*", rf"(?P<mark>,\s*{LITERAL}(?:\s*,\s*{LITERAL})*)"),
        "a setting has one value",
        "list the values in the rule that compares them: `FACT is one of ...`; days off are in a calendar, which"
        " `forbear calendar US --years 2026` writes for the country `US`",
        "setting days_off is 2026-10-01⟨, 2026-10-02⟩",
    ),
    # numbers, dates and times
    Hint(
        around(rf"\b(?:covers|holidays)\s+(?P<mark>(?P<month>{MONTH_AND_YEAR}))"),
        _DATE_FORM,
        "write `{month_span}`",
        'calendar c "days off" covers ⟨May 2026⟩\nweekend saturday',
        "bad-literal",
    ),
    Hint(
        at(DIGITS, r",\s?[0-9]"),
        _COMMA_IN_NUMBER,
        "leave it out if it parts thousands, and write a point if decimals follow",
        "overdue_amount > CNY 12⟨,⟩50,5 then allow sms",
    ),
    *[
        Hint(
            around(rf"(?<![\w.])(?P<mark>(?P<day>{date}))"),
            _DATE_FORM,
            help,
            f"promised_on > ⟨{example}⟩ then allow sms",
            "bad-literal",
        )
        for date, help, example in (
            (rf"{IN_DIGITS}|{IN_WORDS}", "write `{day_date}`", "21.09.2015"),
            (IN_DIGITS, "write {day_dates}, whichever is meant", "03/04/2015"),
            (IN_DIGITS, "write it as YYYY-MM-DD", "21.09.15"),
        )
    ],
    Hint(
        around(rf"(?<![\w:.])(?P<mark>(?P<time>{TIME_OF_DAY}))(?:(?<=[mMkhngt.])|(?<=h[0-9][0-9]))"),
        "a time has one form here, with 24 hours",
        "write `{time_time}`",
        "local_time > ⟨9pm⟩ then allow sms",
        code="bad-literal",
    ),
    Hint(
        at(r"(?P<mark>\b[0-9]{1,2}(?::[0-9]{2})?\s*)?", r"(?P<mark>(?:[0-9]{1,2})?(?::[0-9]{2})?\s?[apAP]\.?[mM]\b)"),
        "a time has one form here, from 00:00 to 23:59",
        "write it with 24 hours, as HH:MM",
        "local_time > ⟨13pm⟩ then allow sms",
        code="bad-literal",
    ),
    Hint(
        at("", r"(?P<mark>(?P<number>\.[0-9]+)(?![\w.]))"),
        "a number begins with a digit",
        "write `0{number}`",
        "cure_rate > ⟨.5⟩ then allow sms",
        code="bad-literal",
    ),
    Hint(
        at(rf"\b{DECLARING}\s+", rf"(?P<word>(?!{NUMBER})[0-9][A-Za-z0-9_.]*)", "NAME -NUMBER -RULE"),
        "a name begins with a small letter, and `{word}` does not",
        "put a letter before it, such as `no_{word_lower}`",
        "rule ⟨2nd⟩: never sms",
    ),
    Hint(
        at("", rf"(?P<word>(?!{NUMBER})[0-9][A-Za-z0-9_.]*)"),
        "`{word}` is not a number as the language writes it",
        "write digits, with a point before decimals and `_` between thousands",
        "unreachable > ⟨3x⟩ then allow sms",
        code="bad-literal",
    ),
    # sums
    Hint(
        around(
            r"(?:[<>]=?|=)\s*(?P<mark>(?P<sign>[RPN](?=\s?[0-9])|(?=\S*[a-z.$])[A-Z][A-Za-z]{0,3}[.$]?)\s*"
            r"(?P<number>[0-9](?:[0-9_,.'’]*[0-9])?[kKmM]?)(?:[/.,](?:[=-]+|[\u2013\u2014]))?)"
        ),
        "a sum begins with the code of its currency, three capitals",
        lambda words: (
            f"write `{code} {words['number_zeros' if words['number'][-1].isalpha() else 'number_number']}`"
            if (code := of_sign(words["sign"], words["head"]))
            else f"write that code for what is before `{words['number']}`, and nothing behind it"
        ),
        "overdue_amount > ⟨A$300⟩ then allow sms",
        more=("overdue_amount > ⟨kr. 300⟩ then allow sms".replace("kr", "Kr"),),
    ),
    Hint(
        at(r"\bis\s+(?P<mark>(?P<word>NOT))\s+", "", "NUMBER -YES -NAME"),
        "`{word}` has capital letters",
        "write `{word_lower}`",
        'state is ⟨NOT⟩ "CA" then allow sms',
        more=('state is ⟨NOT⟩ one of "CA", "NV" then allow sms',),
    ),
    Hint(
        at(r"(?:\bis\s+(?:not\s+)?|=\s*)(?P<mark>(?P<word>[A-Z]{3}))\s*", "", "NUMBER -YES -NAME"),
        *CAPITALS,
        "state is ⟨NYC⟩ then allow sms",
    ),
    Hint(
        at(r"(?P<mark>(?P<word>[A-Z]{3}))\s+", "", "NUMBER -YES -NAME"),
        "a number is missing after `{word}`",
        "write the sum, `{word} N`",
        "overdue_amount > ⟨CNY⟩ then allow sms",
    ),
)
