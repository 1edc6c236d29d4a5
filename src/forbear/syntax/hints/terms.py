"""Hints for what is compared: calculations, ages, and ranges with two signs."""

from __future__ import annotations

from forbear.syntax.hints.hint import DAYS, DIGITS, LITERAL, NAME, NUMBER, UNIT, Hint, at

_NO_CALCULATION = (
    "a rule compares facts, and calculates with none",
    "a part of one is `10% of FACT`, and an amount more `FACT + 5`; declare any other result as a fact of its own",
)
_LONG = r"(?P<unit>years?|months?|weeks?)\b\s*"
_A_PART = "a part of a fact is written with `of`"

HINTS = (
    Hint(
        at(rf"(?P<mark>(?<![\w.])(?P<share>{DIGITS}%)\s*)", rf"(?P<mark>[*×x]\s*(?P<fact>{NAME}))"),
        _A_PART,
        "write `{share} of {fact}`",
        "overdue_amount > ⟨10% * credit_limit⟩ then allow sms",
    ),
    Hint(
        at(rf"(?P<mark>\b(?P<fact>{NAME})\s*)", rf"(?P<mark>[*×]\s*(?P<share>{DIGITS}%))"),
        _A_PART,
        "write `{share} of {fact}`",
        "overdue_amount > ⟨credit_limit * 10%⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?:[<>=]|\bbetween|\band|\bis)\s*(?P<mark>(?:{NUMBER}%?|{NAME})\s*)",
            rf"(?P<mark>[-+*/×÷]\s*(?![-0-9]+\s*/)(?!-)(?:{LITERAL}|{NAME})(?:\s+(?:{DAYS}|{UNIT}))?)",
            "THEN -COMPARE",
        ),
        *_NO_CALCULATION,
        "overdue_amount > ⟨balance / credit_limit⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?:[<>=]|\bbetween|\band|\bis)\s*(?P<mark>(?:{NUMBER}%?|{NAME})\s*)",
            rf"(?P<mark>[-+*/×÷]\s*(?![-0-9]+\s*/)(?!-)(?:{LITERAL}|{NAME})(?:\s+(?:{DAYS}|{UNIT}))?)",
            "RULE",
        ),
        *_NO_CALCULATION,
        "never sms when overdue_amount > ⟨balance / credit_limit⟩",
    ),
    Hint(
        at(rf"(?P<mark>(?<![\w.])(?P<share>{NUMBER})\s+)", rf"(?P<mark>of\s+(?P<fact>{NAME}))"),
        "a part of a fact is a percentage",
        "write `{share}% of {fact}`",
        "overdue_amount > ⟨10 of credit_limit⟩ then allow sms",
    ),
    *[
        Hint(
            at(
                rf"(?P<mark>\b{NAME}\s*[-+]\s*(?P<number>{DIGITS})\s+{'' if then else _LONG})",
                rf"(?P<mark>{_LONG})" if then else "",
            ),
            "a date goes on in days",
            "declare how many {unit} it is as a fact, such as `fact age years since birth_date`,"
            " and compare that with {number}",
            example,
        )
        for then, example in (
            (True, "promised_on > ⟨today - 18 years⟩ then allow sms"),
            (False, "never sms when promised_on > ⟨today - 18 years⟩"),
        )
    ],
    Hint(
        at(
            rf"(?P<mark>\b(?P<fact>{NAME})\s*(?:>=?)\s*(?P<number>{DIGITS})\s+)",
            rf"(?P<mark>{DAYS}\s+(?:ago|earlier))\b",
        ),
        "days are counted from a date",
        "write `today > {fact} + {number} days` for more than {number} days ago, with `fact today date of decision`",
        "⟨promised_on > 3 days ago⟩ then allow sms",
    ),
    Hint(
        at(
            rf"(?P<mark>\b(?P<number>{DIGITS})\s+)",
            rf"(?P<mark>(?P<unit>{DAYS}|{UNIT})\s+(?:ago|from\s+now|before|earlier))\b",
        ),
        "a date is compared with a date, not counted from today",
        "declare how many days it is as a fact, such as `fact days_since_promise days`, and compare that with {number}",
        "promised_on is ⟨3 days ago⟩ then allow sms",
    ),
    Hint(
        at(rf"(?P<mark>(?P<low>{LITERAL})\s*<=\s*(?P<fact>{NAME})\s*)", rf"(?P<mark><=\s*(?P<high>{LITERAL}))"),
        "a range is written with `between`",
        "write `{fact} between {low} and {high}`",
        "never sms when ⟨30 <= unreachable <= 60⟩",
    ),
    Hint(
        at(
            rf"(?P<mark>(?P<low>{LITERAL})\s*(?P<first><=?)\s*(?P<fact>{NAME})\s*)",
            rf"(?P<mark>(?P<second><=?)\s*(?P<high>{LITERAL}))",
        ),
        "a comparison has one sign",
        "write `{low} {first} {fact} and {fact} {second} {high}`",
        "never sms when ⟨30 < unreachable <= 60⟩",
    ),
)
