"""Converts the author's words to the forms of the language: a date, a time of day or a number.

A form is a function of the author's words, and of nothing else. It is None for words that are not certainly such a
value: which of 3 and 4 is the month in `03/04/2026`?
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
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
IN_DIGITS = r"[0-9]{1,4}(?:/[0-9]{1,2}/|\.[0-9]{1,2}\.)[0-9]{1,4}(?!\w)"
"""A date such as `21.09.2015`, `09/21/2015` or `2015/09/21`."""
TIME_OF_DAY = (
    r"(?:[0-2]?[0-9](?:[:.][0-5][0-9]){0,2}\s*(?:[apAP]\.?\s?[mM](?![\w])\.?"
    r"|(?:o.clock\s+)?(?:in\s+the|at)\s+(?:morning|afternoon|evening|night)\b)|[0-2]?[0-9]:[0-5][0-9](?::[0-5][0-9])?(?:\s?(?:hrs?|hours)\b)?(?![\w:])"
    r"|[0-2]?[0-9][.h][0-5][0-9](?![\w.])|[0-2]?[0-9](?:\s*h|\s+o.clock)?(?![\w:.,-])|noon\b|midnight\b)"
)
"""A time of day in many notations: `9pm`, `8:30 a.m.`, `08.00`, `21h`, `20h00`, `9 in the evening`, `noon`."""
NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(),  # noqa: SIM905
        start=1,
    )
} | {
    "once": 1,
    "twice": 2,
    "fifteen": 15,
    "twenty": 20,
    "thirty": 30,
    "forty": 40,
    "fifty": 50,
    "sixty": 60,
    "ninety": 90,
}
NUMBER_IN_WORDS = rf"(?:{'|'.join(NUMBERS)})\b"
TIMES = r"(?:\s*(?:[*×x]|\btimes\b)\s*(?:the\s+)?)"
"""Multiplied by: `2 times the fee`."""
_DECIMAL = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2})(?:[:.h](?P<minute>[0-9]{2}))?(?::(?P<second>[0-9]{2}))?"
    r"\s*(?:(?:o.clock\s+)?(?:(?P<half>[ap])\.?\s?m\.?|(?:in\s+the|at)\s+(?P<part>\w+))|h|o.clock)?"
)


def date_of(text: str) -> str | None:
    """Returns a date as the language writes it; None if it is not one, or if it may be one of two."""
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
    found = date_of(f"{text} 2024")
    return None if found is None else found[4:]


def time_of(text: str) -> str | None:
    """Returns a time of day as the language writes it; an hour alone is one of 24."""
    text = re.sub(r"(?<=:[0-9]{2})\s?(?:hrs?|hours)", "", text.lower().strip())
    if text in ("noon", "midnight"):
        return "12:00" if text == "noon" else "00:00"
    match = _TIME.fullmatch(text)
    if match is None:
        return None
    hour = int(match["hour"])
    half = match["half"] or {"morning": "a", None: ""}.get(match["part"], "p")
    if half:
        if not 1 <= hour <= 12 or (match["part"] and hour == 12) or (match["part"] == "night" and hour < 6):
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or int(match["minute"] or 0) > 59 or int(match["second"] or 0) > 59:
        return None
    seconds = "" if match["second"] is None else f":{match['second']}"
    return f"{hour:02}:{match['minute'] or '00'}{seconds}"


def evening_of(text: str) -> str | None:
    """The other half of the day of an hour of twelve that does not say which half is meant."""
    return f"{(int(text) + 12) % 24:02}:00" if re.fullmatch(r"[1-9]|1[0-2]", text) else None


def number_of(text: str) -> str | None:
    """A number without what others put between its digits; None if a comma may be a decimal point."""
    if re.search(r",(?:--?|[\u2013\u2014])\Z", text):
        text = text.replace(".", ",")
    text = re.sub(
        r"(?<=[0-9])[ '’\u2009\u00a0](?=[0-9]{3})", ",", re.sub(r"(?:[.,](?:--?|[\u2013\u2014])|/[=-])\Z", "", text)
    )
    if re.fullmatch(r"[0-9][0-9_]*(?:\.[0-9]+)?", text):
        return text
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+,[0-9]{1,2}", text):
        return f"{text.rpartition(',')[0].replace(',', '_')}.{text.rpartition(',')[2]}"
    if re.fullmatch(r"[0-9]{1,3}(?:,\s?[0-9]{3})+(?:\.[0-9]+)?", text):
        return re.sub(r",\s?", "_", text)
    if re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+|[0-9]+,(?:[0-9]{1,2}|[0-9]{4,})", text):
        whole, _, part = text.partition(",")
        return f"{whole.replace('.', '_')}.{part}"
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{2})*,[0-9]{3}(?:\.[0-9]+)?", text):  # 1,00,000
        return text.replace(",", "_")
    return None


A_TYPE = "a type: `yes/no`, `count`, `days`, `number`, `percent`, `money`, `date`, `time`, `text` or `one of a, b`"
TYPES = {
    **dict.fromkeys(["int", "integer", "whole"], "count"),
    **dict.fromkeys(["bool", "boolean", "flag", "yes_no"], "yes/no"),
    **dict.fromkeys(["string", "str"], "text"),
    **dict.fromkeys(["float", "double", "decimal"], "number"),
    **dict.fromkeys(["amount", "sum"], "money"),
    "pct": "percent",
}
"""Types by the names that other languages have for them."""
CURRENCY_NAMES = {
    r"yuan|rmb|renminbi|[¥￥]": "CNY",
    r"dollars?|bucks?|\$": "USD",
    "euros?|€": "EUR",
    "pounds?|quid|£": "GBP",
    "rupees?|₹": "INR",
    "zl|zł|zlotys?": "PLN",
    "yen": "JPY",
    "won|₩": "KRW",
    "₱": "PHP",
}
CURRENCY_NAME = "|".join(name for names in CURRENCY_NAMES for name in names.split("|") if name[0].isalpha())
SHARED_NAMES = {
    "pesos?": "ARS CLP COP DOP MXN PHP UYU",
    "francs?": "CHF XAF XOF",
    "shillings?": "KES TZS UGX",
    "dinars?": "BHD DZD IQD JOD KWD RSD TND",
    "dirhams?": "AED MAD",
    "kron(?:a|or|e|er)": "DKK NOK SEK",
}
"""The names that several currencies have."""
_OF_SIGNS: Mapping[str, Sequence[str]] = {
    **dict.fromkeys(["$", "dollar", "dollars"], ("USD", "AUD", "CAD", "NZD", "SGD", "HKD", "TWD", "FJD", "JMD")),
    **dict.fromkeys("¥￥", ("CNY", "JPY")),
    **dict.fromkeys(["£", "pound", "pounds"], ("GBP", "EGP")),
    **dict.fromkeys(["rupee", "rupees"], ("INR", "PKR", "LKR", "NPR", "MUR")),
    "r": ["ZAR"],
    "ksh": ["KES"],
    "ush": ["UGX"],
    "tsh": ["TZS"],
    "rm": ["MYR"],
    "rp": ["IDR"],
    "fr": ["CHF"],
    "p": ["PHP"],
    "n": ["NGN"],
    "us$": ["USD"],
    "a$": ["AUD"],
    "c$": ["CAD"],
    "hk$": ["HKD"],
    "s$": ["SGD"],
    "nt$": ["TWD"],
    "nz$": ["NZD"],
    "r$": ["BRL"],
    "rs": ["INR", "PKR", "LKR", "NPR", "MUR"],
    "kr": ["SEK", "NOK", "DKK", "ISK"],
}


def of_sign(sign: str, head: str) -> str | None:
    """Returns the code of a currency with such a sign: that of the policy, if several have it."""
    codes = _OF_SIGNS.get(sign.lower().rstrip("."), ())
    return head if head in codes else codes[0] if len(codes) == 1 else None


SCALES = {
    "万": 4,
    "萬": 4,
    "亿": 8,
    "億": 8,
    "千": 3,
    "k": 3,
    "K": 3,
    "m": 6,
    "M": 6,
    "mn": 6,
    "bn": 9,
    "thousand": 3,
    "hundred": 2,
    **dict.fromkeys(["lakhs", "lakh", "lacs", "lac"], 5),
    "mio": 6,
    "million": 6,
    "crores": 7,
    "crore": 7,
    "billion": 9,
}
"""Words and signs behind a number, each with the zeros that it has more."""
_SCALES = "|".join(SCALES)
UNIT_NAME = (
    r"(?:(?:years?|months?|weeks?|hours?|hrs?|min(?:ute)?s?|seconds?|working|business|points?|dozen|percent|dpd|[dhw])"
    rf"|(?:{CURRENCY_NAME})|(?:{_SCALES}))(?!\w)"
)
"""A word behind a number that says what it counts, other than `days`."""
SCALED = rf"(?:\s?(?:{_SCALES})(?!\w))+"


def _named_currency(text: str) -> str | None:
    return next((code for names, code in CURRENCY_NAMES.items() if re.fullmatch(names, text.lower())), None)


def _sums(text: str) -> str | None:
    """`$1,000` as `USD 1_000`; two currencies have the sign ¥."""
    currency, number = _named_currency(text[0]), number_of(text[1:].strip())
    return number and f"`{currency} {number}`{f', or `JPY {number}`' if currency == 'CNY' else ''}"


def zeros_of(text: str) -> str | None:
    """`3k`, `0.5 million` or `two lakh` with all its digits."""
    match = re.fullmatch(rf"(.+?)\s*({_SCALES})", text)
    number = match and (number_of(_counted_in_words(match[1]) or match[1]) or zeros_of(match[1]))
    if match is None or number is None:
        return None
    scaled = Decimal(number.replace("_", "")).scaleb(SCALES[match[2]])
    return f"{int(scaled):_}" if scaled == int(scaled) else f"{scaled.normalize():f}"


def _values(text: str) -> str:
    """Values with commas between them, whatever was there."""
    return re.sub(r"\s*(?:,\s*(?:(?:and|or)\s+)?|->|=>|[|/<\u2192]|\b(?:and|or|then)\b)\s*", ", ", text.strip())


def weekday_of(text: str) -> str:
    """The day of the week that a text begins with, such as saturday for Sat."""
    return next(day for day in WEEKDAYS if day.startswith(text[:3].lower()))


def _hundredth(text: str) -> str:
    return f"{Decimal(text).scaleb(-2).normalize():f}"


CURRENCIES = frozenset(
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
    return text.upper() if text.upper() in CURRENCIES and text not in _WORDS_TOO else None


_SIGNS = {
    # the words of a comparison, and those of a time
    ">=": (
        r"at\s+least|minimum(?:\s+of)?|not?\s+(?:less|fewer|lower)\s+than|reaches|never\s+(?:below|under|less\s+than)"
        r"|(?:(?:more|greater|higher)\s+than|over|above)\s+or\s+equal(?:\s+to)?"
        r"|equal(?:\s+to)?\s+or\s+(?:(?:more|greater|higher)(?:\s+than)?|over|above)",
        r"not?\s+(?:any\s+)?(?:earlier|sooner)\s+than|not\s+before|from|since|starting(?:\s+(?:on|from))?|as\s+(?:of|from)|on\s+or\s+after|at\s+the\s+earliest(?:\s+(?:on|from))?",
    ),
    "<=": (
        r"at\s+most|(?:n[o'\u2019]t\s+|not?\s+)(?:(?:more|greater|higher)\s+than|in\s+excess\s+of)|up\s*to(?:\s+and\s+including)?|do(?:es)?(?:n['\u2019]t|\s+not)\s+exceed|never\s+(?:exceeds?|above|over|more\s+than)"
        r"|(?:(?:less|fewer|lower|smaller)\s+than|under|below)\s+or\s+equal(?:\s+to)?"
        r"|equal(?:\s+to)?\s+or\s+(?:(?:less|fewer|lower)(?:\s+than)?|under|below)",
        r"not?\s+(?:any\s+)?later\s+than|not\s+after|until|till|through|within|on\s+or\s+before|at\s+the\s+latest(?:\s+(?:on|by|within))?",
    ),
    ">": (r"(?:more|greater|higher|later)\s+than|over|above|exceeds?|in\s+excess\s+of", "after|past"),
    "<": (r"(?:less|fewer|lower|earlier|sooner)\s+than|under|below", "before"),
    "=": (r"exactly|equals|equal\s+to", "on"),
}
EACH_SIGN = "write " + ", or ".join(f"`{{fact}} {sign} {{value}}`" for sign in (">=", ">", "=", "<=", "<"))
"""A help for a comparison of which the sign is not known."""
COMPARED = "|".join(words for words, _ in _SIGNS.values())
TIMED = "|".join(words for _, words in _SIGNS.values())
EFFECTS_IN_WORDS = {
    **dict.fromkeys(["permits", "permit", "can", "may", "enable", "approve"], "allow"),
    **dict.fromkeys(["ban", "deny", "prohibit", "disallow", "block", "stop", "refuse", "cannot"], "forbid"),
    **dict.fromkeys(["must", "oblige", "needs", "need", "shall"], "require"),
}
SIGNS = {
    "=>": ">=",
    "=<": "<=",
    "===": "=",
    "==": "=",
    "<>": "!=",
    "≠": "!=",
    "/=": "!=",
    "≥": ">=",
    "≤": "<=",
    "&&": "and",
    "&": "and",
}
"""Signs of others, each with what is written for it."""
_CLOCKS = {
    ">=": "from day {}",
    "<=": "within {} days",
    ">": "after {} days",
    "<": "before day {}",
    "=": "on day {}",
}
OR_MORE = r"or\s+(?:(?:more|above|over|higher|greater|later)|less|fewer|below|under|lower|earlier)\b"
_OR_MORE = re.compile(rf"\b{OR_MORE}".replace("(?:(?:", "(?:(?P<more>"))


def sign_of(text: str) -> str | None:
    """Returns the sign for words such as `at least` or `before`, for a sign itself, and for `or more` after a
    number.
    """
    text = text.lower()
    if (behind := _OR_MORE.search(text)) is not None:
        return ">=" if behind["more"] else "<="
    if (written := re.match("[<>]=?|=", text)) is not None:
        return written[0]
    signs = (sign for sign, words in _SIGNS.items() for said in words if re.match(rf"(?:{said})\b", text))
    return next(signs, None)


_WINDOWS = {"minute": "1 minute", "hour": "1 hour", "week": "7 days", "month": "1 month", "quarter": "3 months"}


def _window(text: str) -> str | None:
    """The window of `per week` or `in 3 days`: `7 days`, `3 days`."""
    unit = re.search(r"minute|hour|dai?|today|week|month|quarter", text)
    if unit is None:
        return None
    said = re.search(r"[0-9]+\s+\w+", text)
    return said[0] if said else _WINDOWS.get(unit[0], "1 day")


def _in_force(text: str) -> str:
    """Returns that the days of a rule may also follow it; nothing for a date that is not a first or last day."""
    word = {">=": "from", "<=": "until"}.get(sign_of(text) or "")
    written = f"in force {word} {date_of(text)}"
    return f"; the days on which a rule applies may also be written after it: `{written}`" if word else ""


def clock_of(text: str) -> str | None:
    """Days past due as the clock has them: `at least 60 days overdue` is `from day 60`, `after 2 weeks` `after 14
    days`."""
    text = re.sub(r"([0-9])\+", r"\1 or more", text)
    sign = sign_of(re.sub(r"\Ato\b", "until", text))
    number = re.search(r"-?[0-9][0-9_.]*|\b(?:a|one)(?=\s+week)", text)
    if sign is None or number is None or "." in number[0]:  # the clock has whole days
        return None
    digits = number[0].strip()
    if re.search(r"\bweeks?\b", text):
        digits = str(7 * (int(digits) if digits.isdigit() else 1))
    return _CLOCKS[sign].format(digits)


def _value(text: str) -> str | None:
    """A value whose number or per cent is in words: `ten percent of income` is `10% of income`."""
    text = re.sub(r"\Ahalf\s+of\b", "50% of", re.sub(r"\bof\s+the\b", "of", text))
    if (named := re.fullmatch(rf"(.+?)\s+({CURRENCY_NAME})", text)) is not None:
        return _value(f"{named[1]} {_named_currency(named[2])}")
    if (scaled := re.fullmatch(rf"(.+?)\s*({_SCALES})((?:\s+[A-Z]{{3}})?)", text)) is not None:
        *code, digits = (_value(f"{scaled[1]}{scaled[3]}") or "").split(" ")
        number = zeros_of(f"{digits} {scaled[2]}")
        return number and " ".join([*code, number])
    match = re.fullmatch(rf"(?P<number>{NUMBER_IN_WORDS}|[0-9][0-9_.]*)\s+per\s?cent(?P<rest>\b.*)", text)
    if match is not None:
        return f"{_counted_in_words(match['number']) or match['number']}%{match['rest']}"
    if re.match(r"[$€£¥￥₹]", text):
        written = _sums(text)
        return written and written.split("`")[1]  # the likeliest currency of the sign
    if re.fullmatch(r"[0-9]+(?:,[0-9]+)+(?:\.[0-9]+)?", text):
        return number_of(text)
    if (part := re.fullmatch(rf"([0-9.]+){TIMES}([a-z]\w*)", text)) is not None:
        share = FORMS["percent"](part[1])
        return share and f"{share} of {part[2]}"
    if text in ("true", "false"):
        return "yes" if text == "true" else "no"
    if (
        of_sum := re.fullmatch(r"([A-Z]{3})\s+([0-9][0-9_,.'’]*[,'’\u2013\u2014-][-0-9_,.\u2013\u2014]*)", text)
    ) is not None:
        number = number_of(of_sum[2])
        return number and f"{of_sum[1]} {number}"
    return _counted_in_words(text) or re.sub(r"([0-9.,_]+)\s+([A-Z]{3})", r"\2 \1", text)


def _counted_in_words(text: str) -> str | None:
    return str(NUMBERS[text.lower()]) if text.lower() in NUMBERS else None


def _decimal(calculate: Callable[[Decimal], Decimal], after: str = "") -> Callable[[str], str | None]:
    def form(text: str) -> str | None:
        return f"{calculate(Decimal(text)).normalize():f}{after}" if _DECIMAL.fullmatch(text) else None

    return form


def _decimals(text: str) -> str | None:
    """The steps of so many decimals: 0.01 of 2."""
    number = {"no": 0, "zero": 0, **NUMBERS}.get(text, int(text) if text.isdigit() else None)
    return None if number is None or number > 9 else f"{Decimal(1).scaleb(-number):f}"


FORMS: Mapping[str, Callable[[str], str | None]] = {
    "upper": str.upper,
    "lower": str.lower,
    "iso": currency_of,
    "ascii": _without_accents,
    "joined": lambda text: re.sub(r"[-.,\s]+", "_", text),
    "listed": lambda text: re.sub(r"\btexts?\b", "sms", re.sub(r"\s*,\s*|\s+and\s+", ", ", text)),
    "rising": lambda text: _values(text).replace(",", " <"),
    "apart": lambda text: ", ".join(text.split()),
    "values": _values,
    "denied": lambda text: f"not {text}" if text.isidentifier() else f"not ({text})",
    "usually": lambda text: " usually" if text else "",
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
    "sign": sign_of,
    "is": lambda text: "is" if sign_of(text) == "=" else sign_of(text),
    "clock": clock_of,
    "due": lambda word: f"{word} 0 days" if word == "after" else f"{word} day 0",
    "negated": lambda text: "is not " if re.search(r"\b(?:not|outside)\b", text) else "",
    "inforce": _in_force,
    "window": _window,
    "younger": lambda sign: "<" if sign[0] == ">" else ">=",
    "older": lambda sign: ">=" if sign[0] == ">" else "<",
    "written": SIGNS.get,
    "effect": EFFECTS_IN_WORDS.get,
    "expected": {"allow": "allowed", "forbid": "forbidden", "require": "required"}.get,
    "effecting": {"allowed": "allow", "forbidden": "forbid", "required": "require"}.get,
    "opposite": {"known": "unknown", "unknown": "known"}.get,
    "type": TYPES.get,
    "codes": lambda text: ", or ".join(
        f"`{code}`"
        for names, codes in SHARED_NAMES.items()
        if re.fullmatch(names, text.lower())
        for code in codes.split()
    ),
    "currency": _named_currency,
    "sums": _sums,
    "zeros": zeros_of,
    "hundredth": _hundredth,
    "value": _value,
    "weekday": weekday_of,
    "time": time_of,
    "evening": evening_of,
    "number": number_of,
    "digits": _counted_in_words,
    "named": lambda text: re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_") if text[1:2].isalpha() else None,
    "decimals": _decimals,
}
"""`joined` has `_` for hyphens, points, commas and spaces; `plain` is without full width; `percent` is 0.1 as 10%;
`ascii` has no accents; `iso` is the code of a currency; `rest` is what is left of 30 per cent; `weeks` is so many weeks
in days; `next` and `before` are one more and one less."""
