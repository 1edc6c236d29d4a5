"""Constraints between ages that follow from one date.

The strength of an age is its number; that of `days until` is how many days have passed, its negative.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from itertools import accumulate

from attrs import frozen

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_CYCLE = 4_800
"""After so many months the calendar repeats itself."""
_DAYS_OF_CYCLE = 146_097


@frozen
class OfOneDate:
    """The constraint of an age on another one.

    `least` maps the strength of the first to the lowest strength of the other. `share` is p, q and r, if q times the
    strength of the other is at least p times that of the first, less r. It says the same, except for days, whose number
    depends on the date.
    """

    least: Callable[[int], int]
    share: tuple[int, int, int]


def fewest_days(months: int) -> int:
    """The fewest days in which so many months can be complete, or a twelfth as many years."""
    return _days(months)[0]


def most_days(months: int) -> int:
    """The most days until so many months are complete, or a twelfth as many years."""
    return _days(months)[1]


def day_after_months(day: int, months: int) -> int:
    """The day (an ordinal) on which so many months since a day are complete."""
    date = datetime.date.fromordinal(day)
    lengths, starts = _calendar()
    cycles, month = divmod(12 * date.year + date.month - 1 + months, _CYCLE)
    return cycles * _DAYS_OF_CYCLE + starts[month] - starts[12] + min(date.day, lengths[month])


def fewest_months(days: int) -> int:
    """The fewest months that are complete when so many days have passed."""
    months = max(days * _CYCLE // _DAYS_OF_CYCLE - 2, 0)
    while _days(months + 1)[1] <= days:
        months += 1
    return months


@lru_cache(maxsize=10_000)
def _days(months: int) -> tuple[int, int]:
    """The fewest and the most days until so many months are complete.

    From a day that the last month does not have they are complete on its last one, which is sooner.
    """
    lengths, starts = _calendar()
    cycles, rest = divmod(months, _CYCLE)
    spans = [starts[month + rest] - starts[month] for month in range(_CYCLE)]
    fewest = min([span - max(lengths[month] - lengths[month + rest], 0) for month, span in enumerate(spans)])
    return cycles * _DAYS_OF_CYCLE + fewest, cycles * _DAYS_OF_CYCLE + max(spans)


@cache
def _calendar() -> tuple[list[int], list[int]]:
    """Returns the number of days of the months of two cycles, and the day on which each begins."""
    lengths = []
    for number in range(2 * _CYCLE):
        year, month = divmod(number, 12)
        leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        lengths.append(29 if leap and month == 1 else _LENGTHS[month])
    return lengths, [0, *accumulate(lengths)]


_YEARS, _MONTHS, _DAYS = "years since", "months since", "days until"
AGES: Mapping[tuple[str, str], OfOneDate] = {
    **{(measure, measure): OfOneDate(lambda number: number, (1, 1, 0)) for measure in (_YEARS, _MONTHS, _DAYS)},
    (_YEARS, _MONTHS): OfOneDate(lambda years: 12 * years, (12, 1, 0)),
    # 29 February has come round in months, and not yet in years, on 28 February.
    (_MONTHS, _YEARS): OfOneDate(lambda months: max(-(-(months - 12) // 12), 0), (1, 12, 12)),
    (_YEARS, _DAYS): OfOneDate(lambda years: fewest_days(12 * years), (365, 1, 0)),
    (_DAYS, _YEARS): OfOneDate(lambda days: fewest_months(days) // 12, (1, 366, 365)),
    (_MONTHS, _DAYS): OfOneDate(fewest_days, (28, 1, 0)),
    (_DAYS, _MONTHS): OfOneDate(fewest_months, (1, 31, 30)),
}
