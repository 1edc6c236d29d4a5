"""Hints in numbers, sums, dates and times."""

from __future__ import annotations

from collections.abc import Mapping

from forbear.language.syntax.hints.forms import (
    CURRENCY_NAMES,
    IN_DIGITS,
    IN_WORDS,
    MONTH_AND_YEAR,
    SCALES,
    TIME_OF_DAY,
    of_sign,
)
from forbear.language.syntax.hints.hint import CAPITALS, DIGITS, LITERAL, NAME, NEXT, NUMBER, Hint, around, at

_COMMA_IN_NUMBER = "a comma inside a number"
_THOUSANDS = r"(?P<rest>(?:,[0-9]{3})+)(?P<part>(?:\.[0-9]+)?)"
_DATE_FORM = "a date has one form here: the year, the month, the day"
_WORDS = r"(?:AND|NOT|ANY|ALL|DAY|YES|THE|FOR)"
"""Words in capitals that are no currency."""
_GROUPED = r"[0-9]+(?:[,.'’][0-9]+)*"
_NAMES = "|".join(name for names in CURRENCY_NAMES for name in names.split("|") if name.isascii() and name[0] != "\\")
_SYMBOL = r"(?P<symbol>[$€£¥￥₹])"


def _scaled(words: Mapping[str, str]) -> str:
    """The number with all its digits, and its currency before it."""
    for key in ("currency", "code", "symbol_currency", "name_currency"):
        if key.partition("_")[0] in words:
            return f"write `{words[key]} {words['number_zeros']}`"
    of_sum = "; a sum has its currency before it: `{head} {number_zeros}`" if words["head"] else ""
    return f"write `{{number_zeros}}`{of_sum}".format_map(words)


HINTS = (
    # as they are spoken, or written elsewhere
    Hint(
        at(r"(?P<mark>\b(?P<first>[1-9][0-9]{0,2})\s)", r"(?P<mark>(?P<rest>[0-9]{3}(?: [0-9]{3})*))(?![0-9])"),
        "a space inside a number",
        "write `{first}_{rest_joined}`",
        "overdue_amount > CNY ⟨10 000⟩ then allow sms",
    ),
    Hint(
        around(r"(?<![\w.,])(?P<mark>(?P<number>[0-9]{1,3}(?:['’][0-9]{3})+(?:\.[0-9]+)?))(?![\w'’])"),
        "an apostrophe inside a number",
        "write `{number_number}`",
        "overdue_amount > CNY ⟨1'000.50⟩ then allow sms",
    ),
    Hint(
        around(
            rf"(?<![\w.,])(?P<mark>(?:{_SYMBOL}\s*|(?P<currency>[A-Z]{{3}})\s*)?(?P<number>{_GROUPED}\s?(?:{'|'.join(SCALES)})(?!\w))"
            rf"(?:\s*(?:(?P<name>(?:{_NAMES})\b|[$€£¥￥₹])|(?!{_WORDS}\b)(?P<code>[A-Z]{{3}})\b))?)"
        ),
        "a number is written with all its digits",
        _scaled,
        "overdue_amount > ⟨$2 million⟩ then allow sms",
        more=(
            *[f"unreachable > ⟨1{scale}⟩ then allow sms" for scale in SCALES],
            *[f"overdue_amount > ⟨CNY 1{scale}⟩ then allow sms" for scale in ("k", " thousand")],
            "overdue_amount > ⟨10 thousand USD⟩ then allow sms",
            "overdue_amount > ⟨10 million yuan⟩ then allow sms",
        ),
    ),
    Hint(
        around(rf"(?P<mark>\b(?P<number>{DIGITS})\s+(?P<part>cents?|pence|paise|centavos|fen))\b"),
        "a sum is written in its currency, and not in a hundredth of it",
        "write `CURRENCY {number_hundredth}`, with the code of the currency of which these are {part}",
        "overdue_amount > ⟨100 cents⟩ then allow sms",
    ),
    *[
        Hint(
            at(rf"(?P<mark>\b(?P<number>{DIGITS})[ \t]+{read})", here),
            "a sum begins with its currency",
            "write `{name_currency} {number}`",
            f"{start}⟨1000 yuan⟩{end}",
            more=tuple(f"{start}⟨1000 {name}⟩{end}" for name in ("dollars", "euros", "pounds", "rupees")),
        )
        for read, here, start, end in (
            ("", rf"(?P<mark>(?P<name>{_NAMES})\b)", "overdue_amount > ", " then allow sms"),
            (rf"(?P<name>{_NAMES})\s*", NEXT, "never sms when overdue_amount > ", "\n"),
        )
    ],
    Hint(
        at("", rf"(?P<mark>(?P<sum>{_SYMBOL}\s*{_GROUPED}))"),
        "a currency is written as three capitals",
        "write {sum_sums}",
        "overdue_amount > ⟨$1000⟩ then allow sms",
        more=tuple(f"overdue_amount > ⟨{symbol}1000⟩ then allow sms" for symbol in "€£¥₹"),
    ),
    Hint(
        at(r"(?P<mark>-\s*)", rf"(?P<mark>(?P<currency>[A-Z]{{3}})\s+(?P<number>{DIGITS}))"),
        "the sign of a sum is before its number",
        "write `{currency} -{number}`",
        "overdue_amount > ⟨-CNY 5⟩ then allow sms",
    ),
    Hint(
        at(rf"(?P<mark>\b(?P<number>{DIGITS})\s+)", rf"(?P<mark>(?!{_WORDS}\b)(?P<currency>[A-Z]{{3}})\b)"),
        "a sum begins with its currency",
        "write `{currency} {number}`",
        "overdue_amount > ⟨10.50 CNY⟩ then allow sms",
    ),
    Hint(
        at(rf"\b(?:fact|has)\s+{NAME}\s+(?P<mark>(?:number|count)\s+)", r"(?P<mark>(?P<currency>[A-Z]{3})\b)"),
        "a sum has the type `money`",
        "write `money {currency}`",
        "fact income ⟨number CNY⟩",
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
        at(
            r"(?<![\w.])(?P<mark>(?P<first>[1-9][0-9]{0,2}))",
            rf"(?P<mark>{_THOUSANDS}\s+(?P<currency>[A-Z]{{3}}))(?![\w%,.])",
        ),
        _COMMA_IN_NUMBER,
        "write `{currency} {first}{rest_joined}{part}`",
        "overdue_amount > ⟨1,000 CNY⟩ then allow sms",
    ),
    Hint(
        around(
            r"(?<![\w.,])(?P<mark>(?:(?P<currency>[A-Z]{3})(?=[0-9]))?(?P<number>[0-9]+(?:[.,][0-9]+)*,\s?[0-9]+(?:\.[0-9]+)?))(?![\w,%])"
        ),
        _COMMA_IN_NUMBER,
        lambda words: (
            "write `"
            + " ".join(words[key] for key in ("currency", "number_number") if key in words or "_" in key)
            + "`"
        ),
        "overdue_amount > ⟨CNY12,50⟩ then allow sms",
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
        at("", rf"(?P<word>(?!{NUMBER})[0-9][A-Za-z0-9_.]*)", "NAME -NUMBER -RULE"),
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
        at("", rf"(?P<currency>[A-Z]{{3}})(?P<number>{DIGITS})"),
        "a space is missing after the currency",
        "write `{currency} {number}`",
        "overdue_amount > ⟨CNY1000⟩ then allow sms",
    ),
    Hint(
        at(
            r"(?:[<>=,]|\b(?:is|not|of|between|and|usually))\s*(?P<mark>(?P<currency>(?!day\b)[a-z]{3})\s+)",
            rf"(?P<mark>(?P<number>-?{DIGITS}))",
        ),
        "a currency has three capitals",
        "write `{currency_iso} {number}`",
        "overdue_amount > ⟨cny 1000⟩ then allow sms",
    ),
    Hint(
        at("", rf"(?P<mark>(?P<currency>(?![A-Z]{{3}})(?=[a-z]*[A-Z])[A-Za-z]{{3}})\s*(?P<number>-?{DIGITS}))"),
        "a currency has three capitals",
        "write `{currency_iso} {number}`",
        "overdue_amount > ⟨Cny 1000⟩ then allow sms",
    ),
    Hint(
        around(
            r"(?:[<>]=?|=)\s*(?P<mark>(?P<sign>R(?=\s?[0-9])|(?=\S*[a-z.$])[A-Z][A-Za-z]{0,3}[.$]?)\s*"
            r"(?P<number>[0-9](?:[0-9_,.]*[0-9])?)(?:[/.][=-]+)?)"
        ),
        "a sum begins with the code of its currency, three capitals",
        lambda words: (
            f"write `{code} {words['number_number']}`"
            if (code := of_sign(words["sign"], words["head"]))
            else f"write that code for what is before `{words['number']}`, and nothing behind it"
        ),
        "overdue_amount > ⟨KSh 300/=⟩ then allow sms",
        more=("overdue_amount > ⟨kr. 300⟩ then allow sms".replace("kr", "Kr"),),
    ),
    Hint(
        at(rf"(?P<mark>(?<![\w.])(?P<number>{_GROUPED})\s*)", rf"(?P<mark>{_SYMBOL})"),
        "a sum begins with its currency",
        "write `{symbol_currency} {number_number}`",
        "overdue_amount > ⟨49.90 €⟩ then allow sms",
    ),
    Hint(
        at(r"(?:\bis\s+(?:not\s+)?|=\s*)(?P<mark>(?P<word>[A-Z]{3}))\s+", "", "NUMBER -YES -NAME"),
        *CAPITALS,
        "state is ⟨NYC⟩ then allow sms",
    ),
    Hint(
        at(r"(?P<mark>(?P<word>[A-Z]{3}))\s+", "", "NUMBER -YES -NAME"),
        "a number is missing after `{word}`",
        "write the sum, `{word} N`",
        "overdue_amount > ⟨CNY⟩ then allow sms",
    ),
    Hint(
        at(rf"(?P<mark>(?<![\w.])(?P<number>{DIGITS})\s+)", r"(?P<mark>per\s?cent)\b"),
        "per cent is written as a sign",
        "write `{number}%`",
        "overdue_amount > ⟨80 percent⟩ then allow sms",
    ),
)
