"""The author's words in the forms that the language has: a date, a time of day or a number as it is written there.

A form is a function of what the author wrote, and of nothing else. It is None of words that are not certainly such a
value: which of 3 and 4 is the month in `03/04/2026`?
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:[Jj]an(?:uary)?|[Ff]eb(?:ruary)?|[Mm]ar(?:ch)?|[Aa]pr(?:il)?|[Mm]ay|[Jj]une?|[Jj]uly?|[Aa]ug(?:ust)?"
    r"|[Ss]ept?(?:ember)?|[Oo]ct(?:ober)?|[Nn]ov(?:ember)?|[Dd]ec(?:ember)?)"
)
_DAY = r"[0-3]?[0-9](?:st|nd|rd|th)?"
DAY_AND_MONTH = rf"(?:{_DAY}\s+(?:of\s+)?{_MONTH}|{_MONTH}\s+{_DAY})\b"
"""A day of each year: `25 December`, `December 25th`."""
MONTH_AND_YEAR = rf"{_MONTH}\s+[0-9]{{4}}\b"
"""`May 2026`."""
IN_WORDS = rf"(?:{_DAY}\s+(?:of\s+)?{_MONTH},?\s+[0-9]{{4}}|{_MONTH}\s+{_DAY},?\s+[0-9]{{4}})(?!\w)"
"""A date with the name of its month: `1 Jan 2027`, `January 1st, 2027`."""
IN_DIGITS = r"[0-9]{1,4}(?P<between>[./])[0-9]{1,2}(?P=between)[0-9]{1,4}(?!\w)"
"""A date such as `21.09.2015`, `09/21/2015` or `2015/09/21`. A pattern can have it once."""
TIME_OF_DAY = (
    r"(?:[0-2]?[0-9](?:[:.][0-5][0-9]){0,2}\s*[apAP]\.?\s?[mM](?![\w])\.?|[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?![\w:])"
    r"|[0-2]?[0-9]\.[0-5][0-9](?![\w.])|[0-2]?[0-9](?:\s*h|\s+o.clock)?(?![\w:.,-])|noon\b|midnight\b)"
)
"""A time of day in many notations: `9pm`, `8:30 a.m.`, `08.00`, `21h`, `noon`."""
_NUMBERS = dict(
    zip(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
        range(1, 13),
        strict=True,
    )
)
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.](?P<minute>[0-9]{2}))?(?::(?P<second>[0-9]{2}))?"
    r"\s*(?:(?P<half>[ap])\.?\s?m\.?|h|o.clock)?"
)


def date_of(text: str) -> str | None:
    """A date as the language writes it; None if it is none, or if it may be one of two."""
    numbers = re.findall(r"[0-9]+", text)
    month = re.search(_MONTH, text)
    if month is not None and len(numbers) == 2:
        day, year = sorted(numbers, key=len)
        return _date(year, _MONTHS.index(month[0][:3].lower()) + 1, day)
    if len(numbers) != 3:
        return None
    if len(numbers[0]) == 4:
        return _date(*numbers)
    readings = dates_of(text)
    return readings[0] if len(set(readings)) == 1 else None


def dates_of(text: str) -> list[str]:
    """The dates that `03/04/2026` may be: with the day first, and with the month first."""
    first, second, year = re.findall(r"[0-9]+", text)
    if len(year) != 4:
        return []
    readings = (_date(year, second, first), _date(year, first, second))
    return [reading for reading in readings if reading is not None]


def _days_of_month(text: str) -> str | None:
    month, year = text.split()
    number = _MONTHS.index(month[:3].lower()) + 1
    return f"{year}-{number:02}-01 to {year}-{number:02}-{monthrange(int(year), number)[1]}" if int(year) else None


def _date(year: str | int, month: str | int, day: str | int) -> str | None:
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return None


def _either_date(text: str) -> str | None:
    readings = sorted(set(dates_of(text)))
    return " or ".join(f"`{reading}`" for reading in readings) if len(readings) == 2 else None


def _day_of_year(text: str) -> str | None:
    return _date_without_year(text, 2024)


def _date_without_year(text: str, leap: int) -> str | None:
    found = date_of(f"{text} {leap}")
    return None if found is None else found[4:]


def time_of(text: str) -> str | None:
    """A time of day as the language writes it; an hour without more is one of 24."""
    text = text.lower().strip()
    if text in ("noon", "midnight"):
        return "12:00" if text == "noon" else "00:00"
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"])
    if match["half"] is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"] == "p" else 0)
    if hour > 23 or int(match["minute"] or 0) > 59 or int(match["second"] or 0) > 59:
        return None
    seconds = "" if match["second"] is None else f":{match['second']}"
    return f"{hour:02}:{match['minute'] or '00'}{seconds}"


def evening_of(text: str) -> str | None:
    """The other half of the day of an hour of twelve that does not say which half is meant."""
    return f"{(int(text) + 12) % 24:02}:00" if re.fullmatch(r"[1-9]|1[0-2]", text) else None


def number_of(text: str) -> str | None:
    """A number without what others put between its digits; None if a comma may be a decimal point."""
    text = re.sub(r"(?<=[0-9])[ '’\u2009\u00a0](?=[0-9]{3})", ",", text)
    if re.fullmatch(r"[0-9][0-9_]*(?:\.[0-9]+)?", text):
        return text
    if re.fullmatch(r"[0-9]{1,3}(?:,\s?[0-9]{3})+(?:\.[0-9]+)?", text):
        return re.sub(r",\s?", "_", text)
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})", text):
        whole, _, part = text.partition(",")
        return f"{whole.replace('.', '_')}.{part}"
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{2})*,[0-9]{3}(?:\.[0-9]+)?", text):  # 1,00,000
        return text.replace(",", "_")
    return None


_CURRENCIES = frozenset(
    """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL
    HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD
    MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG
    QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD
    TWD TZS UAH UGX USD UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
    """.split()  # noqa: SIM905
)
"""The codes of ISO 4217 in use."""
_WORDS_TOO = frozenset(["all", "top", "try", "cup", "mop"])


def _without_accents(text: str) -> str | None:
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    return plain.lower() if re.fullmatch(r"[A-Za-z0-9_]+", plain) else None


def currency_of(text: str) -> str | None:
    return text.upper() if text.upper() in _CURRENCIES and text not in _WORDS_TOO else None


def _counted_in_words(text: str) -> str | None:
    return str(_NUMBERS[text.lower()]) if text.lower() in _NUMBERS else None


def _decimal(calculate: Callable[[Decimal], Decimal], after: str = "") -> Callable[[str], str | None]:
    def form(text: str) -> str | None:
        return f"{calculate(Decimal(text)).normalize():f}{after}" if _DECIMAL.fullmatch(text) else None

    return form


def _decimals(text: str) -> str | None:
    """The steps of so many decimals: 0.01 of 2."""
    number = {"no": 0, "zero": 0, **_NUMBERS}.get(text, int(text) if text.isdigit() else None)
    return None if number is None or number > 9 else f"{Decimal(1).scaleb(-number):f}"


FORMS: Mapping[str, Callable[[str], str | None]] = {
    "upper": str.upper,
    "lower": str.lower,
    "iso": currency_of,
    "ascii": _without_accents,
    "joined": lambda text: re.sub(r"[-.,\s]+", "_", text),
    "listed": lambda text: re.sub(r"\s*,\s*|\s+and\s+", ", ", text),
    "plain": lambda text: unicodedata.normalize("NFKC", text),
    "percent": _decimal(lambda number: number * 100, "%"),
    "rest": _decimal(lambda number: 100 - number, "%"),
    "weeks": _decimal(lambda number: number * 7),
    "next": _decimal(lambda number: number + 1),
    "before": _decimal(lambda number: number - 1),
    "date": date_of,
    "dates": _either_date,
    "yearly": _day_of_year,
    "span": _days_of_month,
    "time": time_of,
    "evening": evening_of,
    "number": number_of,
    "digits": _counted_in_words,
    "decimals": _decimals,
}
"""`joined` has `_` for hyphens, points, commas and spaces; `plain` is without full width; `percent` is 0.1 as 10%;
`ascii` has no accents; `iso` is the code of a currency; `rest` is what is left of 30 per cent; `weeks` is so many weeks
in days; `next` and `before` are one more and one less."""
