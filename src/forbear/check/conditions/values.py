"""A value as written to a value on a fact's grid."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import cast

from attrs import evolve

from forbear.base.diagnostic import Label, replacement
from forbear.base.source import Span
from forbear.check.scope import Scope
from forbear.kernel.cases import MAXIMUM_DIGITS, Wrong, decimal_text, hours_of, in_digits
from forbear.language.model.facts import Absent, Fact, Grid
from forbear.language.model.kinds import HOURS, UNBOUNDED, Storage
from forbear.language.model.names import Worded, bundled_in, did_you_mean, listed
from forbear.language.model.values import quoted, value_text
from forbear.language.syntax.hints.forms import FORMS, evening_of, number_of, time_of
from forbear.language.syntax.nodes import Literal, LiteralKind, Name, Period, Value

LITERALS = {
    "number": ("a plain number", "a number", "3"),
    "percent": ("a percentage", "a percentage", "80%"),
    "money": ("a sum of money", "a sum", "CNY 1000"),
    "date": ("a date", "a date", "2015-09-22"),
    "time": ("a time of day", "a time", "08:00"),
    "flag": ("`yes` or `no`", "", ""),
    "text": ("a text", "a text", '"CA"'),
}
"""The name of each literal, and the replacement with an example; both are the same without one."""


def literal_words(kind: LiteralKind) -> Worded:
    return Worded(LITERALS[kind][0], kind)


_ABSENT = frozenset({"missing", "null", "nil", "empty", "blank", "undefined", "absent", "nothing"})
_FLAGS = {"true": "yes", "false": "no", "on": "yes", "off": "no", "y": "yes", "n": "no"}
_NUMBERS = (
    *("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety", "hundred")
_DIGITS = {word: number for number, word in enumerate(_NUMBERS)} | {"once": 1, "twice": 2}
_DIGITS |= {word: 10 * number for number, word in enumerate(_TENS, 2)}


def on_grid(
    fact: Fact,
    value: Value,
    scope: Scope,
    *,
    ranged: bool = True,
) -> Grid | None:
    """The value on the fact's grid, or None and a diagnostic. `ranged` False leaves the fact's range aside."""
    literal = value
    related: tuple[Label, ...] = ()
    if isinstance(value, Name):
        if value.text in fact.words:
            return fact.words[value.text] if fact.ordered else value.text
        setting = scope.words.settings.get(value.text)
        if setting is None:
            _report_unknown_value(fact, value, scope)
            return None
        literal = setting.value
        related = (Label(setting.place, f"`{setting.name}` is set here"),)
    assert isinstance(literal, Literal)
    if literal.kind == "bad":
        return None
    if literal.kind != fact.kind.literal:
        known = value is literal and (fact.currency is not None or not fact.kind.currency)
        whole = _of_a_comma(value.span, scope) if known else None
        texts = _with_unit(fact, literal) if known and whole is None else ()
        edits = [replacement(scope.place(value.span), text) for text in texts]
        scope.report_at(
            value.span,
            "wrong-type.literal",
            **described(fact),
            written=literal_words(literal.kind),
            needed=Worded(
                _needed(fact, literal, scope.text(value.span) if value is literal else "", whole), fact.kind.literal
            ),
            related=related,
            fix=edits[0] if len(edits) == 1 else None,
            choices=tuple(edits) if len(edits) > 1 else (),
        )
        return None
    if isinstance(literal.value, Decimal):
        return _number_on_grid(fact, literal, value, related, scope, ranged)
    if isinstance(literal.value, date):
        number = literal.value.toordinal()
    elif fact.ordered:
        number = cast(int, literal.value)
    elif fact.or_none and literal.value == Absent.NONE:
        scope.report_at(value.span, "wrong-type.none-as-text", fact=fact.name)
        return None
    elif fact.kind.named and literal.value not in fact.places:
        _report_unknown_text(fact, literal, value.span, related, scope)
        return None
    else:
        try:
            if fact.kind is HOURS:
                hours_of(literal.value)
        except Wrong as wrong:
            given = wrong.of_case["given"]
            scope.report_at(value.span, "bad-literal.hours", fact=fact.name, given=given, related=related)
            return None
        return literal.value
    return number if not ranged or _in_range(fact, number, value.span, related, scope) else None


_WITH_COMMA = re.compile(r"[0-9][0-9_.]*(?:,[0-9][0-9_.]*)+")


def _of_a_comma(span: Span, scope: Scope) -> str | None:
    """Returns what an author may mean as one number with a comma, if a value at a span is a part of it: 499,99 is also
    a list of two numbers.
    """
    near = max(span[0] - 2 * MAXIMUM_DIGITS, 0), span[1] + 2 * MAXIMUM_DIGITS
    for found in _WITH_COMMA.finditer(scope.source.text, *near):
        if found.start() <= span[0] and span[1] <= found.end() and number_of(found[0]) is not None:
            return found[0]
    return None


def _needed(fact: Fact, literal: Literal, written: str, whole: str | None) -> str:
    """Returns the text to write for a literal of another type: the author's own number with a unit, if it only lacks
    that. `whole` is the number with a comma that it may be a part of.
    """
    meant = _with_unit(fact, literal)
    if meant:
        ways = " or ".join([f"`{text}`" for text in meant])
        number = None if whole is None else number_of(whole)
        if number is None or fact.kind.literal is None:
            return ways
        one = _digits(evolve(literal, kind=fact.kind.literal, currency=fact.currency), number)
        return f"`{one}` for {whole}, or in a list {ways}"
    if literal.kind == "number" and fact.kind.currency:
        return f"its currency before it, as in `CNY {in_digits(literal.value)}`"
    if literal.kind == "number" and fact.kind.storage is Storage.TIME and (time := time_of(written)) is not None:
        evening = evening_of(written)
        return f"`{time}`" + (f", or `{evening}` for {written} in the evening" if evening else "")
    if literal.kind == "number" and fact.kind.sign:
        assert isinstance(literal.value, Decimal)
        number, of_whole = in_digits(literal.value), in_digits((literal.value * 100).normalize())
        return f"`{of_whole}%` if {number} of the whole is meant, `{number}%` if {number} of a hundred"
    if literal.kind == "percent" and fact.kind.numeric:
        return f"{_written(fact)}, or a part of another fact: `{in_digits(literal.value)}% of FACT`"
    return _written(fact)


def _with_unit(fact: Fact, literal: Literal) -> tuple[str, ...]:
    """A plain number with the unit of a fact that has one, unless it may be a share, as 0.8 is 80% to many; or the
    value of a fact that was written as a text."""
    if literal.kind == "text":
        word = re.sub("[^a-z0-9]+", "_", str(literal.value).lower())
        return (word,) if word in fact.words else ()
    share, kind = isinstance(literal.value, Decimal) and 0 < literal.value <= 1, fact.kind.literal
    if literal.kind != "number" or kind is None or not (fact.currency or (fact.kind.sign and not share)):
        return ()
    meant = evolve(literal, kind=kind, currency=fact.currency)
    return _in_groups(meant, fact.step) or (_digits(meant, in_digits(literal.value)),)


def _digits(literal: Literal, digits: str) -> str:
    """Other digits with the unit of a literal."""
    return f"{literal.currency or ''} {digits}{'%' if literal.kind == 'percent' else ''}".lstrip()


def _in_groups(literal: Literal, step: Fraction | None = None) -> tuple[str, ...]:
    """Both ways to write a number such as 2.000, which is two thousand where a point groups digits: with three decimals
    on a grid that has no three, or, without a grid, with three where two say as much."""
    value = cast(Decimal, literal.value)
    grouped = value.as_tuple().exponent == -3 and 1 <= abs(value) < 1000
    if not grouped or (value % Decimal("0.01") if step is None else (100 * step).denominator != 1):
        return ()
    return _digits(literal, in_digits(value.normalize())), _digits(literal, f"{int(1000 * value):_}")


def is_in_groups(
    value: Value,
    literal: Literal,
    scope: Scope,
    fact: Fact | None = None,
    related: tuple[Label, ...] = (),
) -> bool:
    """Whether a number, which may be a value of a fact, may be a thousand times as much. If so, that is reported."""
    ways = _in_groups(literal, fact.step if fact is not None else None)
    if not ways:
        return False
    number = cast(Decimal, literal.value)
    if fact is not None and (Fraction(number) / fact.step).denominator != 1:
        _report_off_grid(fact, literal, value.span, related, scope)
        return True
    scope.report_at(
        value.span,
        "bad-literal.groups",
        value=_digits(literal, in_digits(number)),
        short=in_digits(number.normalize()),
        whole=int(1000 * number),
        ways=" or ".join([f"`{way}`" for way in ways]),
        related=related,
        choices=tuple(replacement(scope.place(value.span), way) for way in ways) if value is literal else (),
    )
    return True


def _written(fact: Fact) -> str:
    if fact.kind.named:
        return f"one of {listed_values(fact)}"
    assert fact.kind.literal is not None
    called, written, example = LITERALS[fact.kind.literal]
    if fact.kind.currency and fact.currency:
        example = f"{fact.currency} 1000"
    return f"{written} such as `{example}`" if example else called


def report_hours(fact: Fact, span: Span, scope: Scope) -> None:
    """Reports a condition on weekly hours."""
    scope.report_at(span, "wrong-type.hours", **described(fact))


def report_uncompared(fact: Fact, span: Span, scope: Scope, text: str, **arguments: str) -> None:
    """Reports that a fact is not compared with a value; which one is meant is not known."""
    text += "-ranged" if fact.kind.ranged else ""
    scope.report_at(span, text, **described(fact), value=_written(fact), **arguments)


def has_currency(literal: Literal, span: Span, fact: Fact, scope: Scope, related: tuple[Label, ...] = ()) -> bool:
    """Returns true if a sum is in the currency of a fact, and reports it otherwise."""
    if literal.currency == fact.currency:
        return True
    if literal.currency and fact.currency and FORMS["currency"](literal.currency) == fact.currency:  # RMB
        scope.report_at(
            span,
            "wrong-currency.code",
            written=literal.currency,
            currency=fact.currency,
            meant=scope.text(span).replace(literal.currency, fact.currency),
            related=related,
        )
        return False
    scope.report_at(
        span, "wrong-currency.value", fact=fact.name, currency=fact.currency, written=literal.currency, related=related
    )
    return False


def _number_on_grid(
    fact: Fact, literal: Literal, value: Value, related: tuple[Label, ...], scope: Scope, ranged: bool
) -> int | None:
    if fact.kind.currency and not has_currency(literal, value.span, fact, scope, related):
        return None
    if is_in_groups(value, literal, scope, fact, related):
        return None
    steps = Fraction(cast(Decimal, literal.value)) / fact.step
    if steps.denominator != 1:
        _report_off_grid(fact, literal, value.span, related, scope)
        return None
    number = steps.numerator
    return number if not ranged or _in_range(fact, number, value.span, related, scope) else None


def _report_off_grid(fact: Fact, literal: Literal, span: Span, related: tuple[Label, ...], scope: Scope) -> None:
    value = cast(Decimal, literal.value)
    below = Fraction(value) // fact.step
    near = [value_text(fact, number) for number in (below, below + 1) if fact.low <= number <= fact.high]
    grouped = [f"{way} if the point groups digits" for way in _in_groups(literal, fact.step)[1:]]
    scope.report_at(
        span,
        "off-grid.whole-numbers" if fact.step == 1 else "off-grid.steps",
        fact=fact.name,
        step=decimal_text(fact.step),
        value=in_digits(value),
        near=", or ".join([*filter(None, [" or ".join(near)]), *grouped]) or None,
        range=range_words(fact),
        related=related,
    )


def _in_range(fact: Fact, number: int, span: Span, related: tuple[Label, ...], scope: Scope) -> bool:
    if fact.low <= number <= fact.high:
        return True
    variant, end = ("low", fact.low) if number < fact.low else ("high", fact.high)
    variant = variant if _is_end(fact, end) else "digits"
    scope.report_at(
        span,
        f"out-of-range.{variant}",
        fact=fact.name,
        end=value_text(fact, end),
        value=value_text(fact, number),
        most=MAXIMUM_DIGITS,
        range=range_words(fact),
        own=not fact.derived and bundled_in(fact.place) is None and range_words(fact),
        related=related,
    )
    return False


def _is_end(fact: Fact, number: int) -> bool:
    """Returns true if an end of a range is a declared bound, not just the limit of numbers."""
    return not fact.kind.numeric or (abs(number) + 1) * max(fact.step, Fraction(1)) <= UNBOUNDED


def range_words(fact: Fact) -> Worded:
    """The range of an ordered fact: `from 0 on`, `from 0 to 100`."""
    low, high = (value_text(fact, end) if _is_end(fact, end) else None for end in (fact.low, fact.high))
    words = f"from {low} on" if low is not None else f"of at most {MAXIMUM_DIGITS} digits"
    if high is not None:
        words = f"up to {high}" if low is None else f"from {low} to {high}"
    return Worded(words, [low, high])


def day_of(value: Value | None, scope: Scope) -> int | None:
    """A date, or a setting that is one, as an ordinal."""
    if value is None:
        return None
    literal = value
    if isinstance(value, Name):
        setting = scope.words.settings.get(value.text)
        if setting is None:
            scope.report_unknown(value, "unknown-name.setting-of-day", scope.words.settings)
            return None
        literal = setting.value
    assert isinstance(literal, Literal)
    if literal.kind == "bad":
        return None
    if not isinstance(literal.value, date):
        scope.report_at(value.span, "wrong-type.day", written=literal_words(literal.kind))
        return None
    return literal.value.toordinal()


def period_of(period: Period | None, scope: Scope) -> tuple[int | None, int | None]:
    """The first and the last day of a period, as ordinals."""
    if period is None:
        return None, None
    since = day_of(period.since, scope)
    until = day_of(period.until, scope)
    if since is not None and until is not None and since > until:
        scope.report_at(period.span, "empty-span.period")
    return since, until


def _report_unknown_value(fact: Fact, name: Name, scope: Scope) -> None:
    if name.text in scope.words.facts:
        scope.report_unknown(name, "unknown-name.fact-for-value")
        return
    word = _word_for(fact, name.text)
    if word is not None:
        scope.report_unknown(name, "unknown-name.word-for-value", fact=fact.name, meant=word)
        return
    if name.text in _ABSENT:
        scope.report_unknown(name, "unknown-name.absent", fact=fact.name)
        return
    words = [*(["none"] if fact.or_none else []), *(["known", "unknown"] if fact.optional else [])]
    words += ["yes", "no"] if fact.kind.storage is Storage.FLAG else []
    known = [*fact.words, *scope.words.settings, *words]
    if fact.words:
        scope.report_unknown(name, "unknown-name.value-or-setting", known, fact=fact.name, values=listed_values(fact))
        return
    is_today = name.text == "today" and fact.kind.storage is Storage.DATE
    nearest = did_you_mean(name.text, known)
    scope.report_unknown(
        name,
        "unknown-name.setting-today" if is_today else "unknown-name.setting",
        nearest=nearest,
        fact=None if nearest else fact.name,
        form=_written(fact),
        text=fact.kind.literal == "text" and name.text,
        attribute=scope.words.of_event and name.text,
    )


def _report_unknown_text(fact: Fact, literal: Literal, span: Span, related: tuple[Label, ...], scope: Scope) -> None:
    written = str(literal.value)
    same = [name for name in fact.names if name.casefold() == written.casefold()]
    nearest = did_you_mean(quoted(written), map(quoted, fact.names))
    scope.report_at(
        span,
        "unknown-name.text",
        fact=fact.name,
        written=quoted(written),
        meant=next(map(quoted, same), None),
        nearest=nearest,
        values=listed_values(fact),
        related=related,
    )


def listed_values(fact: Fact) -> str:
    """The first of the values that a fact declares, as an author writes them."""
    return listed([value_text(fact, name) for name in fact.names])


def _word_for(fact: Fact, word: str) -> str | None:
    """Returns the replacement of a word that means something elsewhere, or None."""
    if word in _ABSENT and (fact.optional or fact.or_none):
        return "unknown" if fact.optional else "none"
    if word in _FLAGS and fact.kind.storage is Storage.FLAG:
        return _FLAGS[word]
    return str(_DIGITS[word]) if word in _DIGITS and fact.kind.literal == "number" else None


def kind_words(fact: Fact) -> Worded:
    """Returns the kind of a fact, with its article."""
    words = f"a sum in {fact.currency}" if fact.currency else fact.kind.called
    return Worded(f"one of {listed_values(fact)}" if fact.names else words, fact.kind.word)


def described(fact: Fact) -> dict[str, str]:
    """The arguments of a message that says what a fact is."""
    return {"fact": fact.name, "kind": kind_words(fact)}
