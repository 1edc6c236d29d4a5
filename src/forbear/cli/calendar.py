"""`forbear calendar`: the text of a calendar, from the public holidays of a country."""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import date, timedelta
from importlib.metadata import version
from typing import Any

from forbear.cli.support.failing import fail, needing, wrong_use
from forbear.cli.support.options import argument, declared, flag, option
from forbear.cli.support.printing import print_file
from forbear.kernel.history.moments import WEEKDAYS
from forbear.language.model.values import quoted
from forbear.library import loading


@declared("calendar", project=False)
def command(
    country: str = argument("COUNTRY"),
    years: str = option("The years that it covers: 2026, or 2026-2027.", "YEAR[-YEAR]", required=True),
    part: str | None = option("A part of the country, such as CA of the US.", "CODE"),
    name: str | None = option("The name of the calendar; by default its country and years.", "NAME"),
    estimate: bool = flag("Print it even if the library only estimates some of its days."),
) -> None:
    """Print the working days of a country (ISO 3166), as a calendar for a rule file.

    They come from the library `holidays`, an extra, with the holidays that fall on a weekend: if you work on Saturdays,
    write `weekend sunday` instead. If the library does not know a year yet, for example because the government
    announces the worked weekends each year, nothing is printed. Check the days anyway: later announcements are
    missing.

    \b
    Exit code 0: printed, 1: the library does not know these days, or the country, 2: wrong use.
    Example: forbear calendar CN --years 2026
             forbear calendar US --years 2026-2027 --part CA >> words.forbear
    """
    match = re.fullmatch(r"([0-9]{4})(?:-([0-9]{4}))?", years)
    first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
    if not 1900 <= first <= last <= 2100 or last - first >= 50:
        wrong_use(f"--years takes a year such as 2026, or 2026-2027, from 1900 to 2100 and at most 50, not {years!r}")
    words = [country.lower(), *([part.lower()] if part else []), *dict.fromkeys([str(first), str(last)])]
    called = name or "_".join(words)
    if not re.fullmatch("[a-z][a-z0-9_]*", called):
        wrong_use(f"{called!r} is not a name: give one with --name, in small letters, digits and `_`")
    print_file(calendar_text(country.upper(), part, first, last, called, estimate=estimate))


def calendar_text(country: str, part: str | None, first: int, last: int, name: str, *, estimate: bool = False) -> str:
    """The declaration of a calendar in the canonical layout; of days that the library only estimates if `estimate` says
    so.

    Ends the command with 1 where the library lacks it, or the country, or does not know its days.
    """
    with needing("`forbear calendar`", "calendars"):
        import holidays
    try:
        known: Any = holidays.country_holidays(country, subdiv=part, years=range(first, last + 1))
    except NotImplementedError as error:
        fail(str(error).rstrip("."))
    if not known.start_year <= first <= last <= known.end_year:
        fail(f"the library knows {country} from {known.start_year} to {known.end_year}")
    guessed = _guessed(known, country, first, last)
    if guessed and not estimate:
        fail(f"{guessed}; type what is published, or print a guess with --estimate")
    begin, end = date(first, 1, 1), date(last, 12, 31)
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    weekend = sorted(known.weekend)
    # A holiday on a weekend changes no working day here, but it does where somebody shortens the weekend.
    off = [day for day in days if not known.is_working_day(day) and (day in known or day.weekday() not in weekend)]
    if known.has_substituted_holidays:  # then a notice closes a run of days, of which the library has no weekends
        off = [day for day in days if not known.is_working_day(day) and _runs_into(day, set(off), known)]
    worked = [day for day in days if day.weekday() in weekend and known.is_working_day(day)]
    of = f"{country}-{part}" if part else country
    source = quoted(f"holidays {version('holidays')}, {of}{', estimated' if guessed else ''}")
    lines = [f"calendar {name} {source} covers {days[0]} to {days[-1]}"]
    if weekend:
        lines.append(f"  weekend {', '.join(WEEKDAYS[day] for day in weekend)}")
    for word, listed in (("holidays", off), ("working", worked)):
        if listed:
            lines.append(f"  {word} {', '.join(_spans(listed))}")
    return loading.format("\n".join(lines))


def _runs_into(day: date, holidays: Set[date], known: Any) -> bool:
    """Returns true if a day off is a holiday, or if no working day lies between it and one."""
    for step in (-1, 1):
        at = day
        while not known.is_working_day(at):
            if at in holidays or at in known:
                return True
            at += timedelta(days=step)
    return False


def _guessed(known: Any, country: str, first: int, last: int) -> str | None:
    """Returns the part of these years that the library only estimates; None if it knows all."""
    if known.has_substituted_holidays:  # the government moves working days, by a notice for each year
        noticed = max(known.special_public_holidays, default=0)
        if last > noticed:
            years = f"{max(first, noticed + 1)}" + (f" to {last}" if last > max(first, noticed + 1) else "")
            return f"the library does not know yet which days of weekends are worked in {country} in {years}"
    label = getattr(known, "estimated_label", None)
    mark = None if label is None else known.tr(label).replace("%s", "").strip()
    estimated = sorted(day for day, called in known.items() if mark and mark in called and first <= day.year <= last)
    return f"the library only estimates {len(estimated)} of its holidays, such as {estimated[0]}" if estimated else None


def _spans(days: list[date]) -> list[str]:
    """Returns days in words of a calendar, with consecutive ones as `2026-10-01 to 2026-10-07`."""
    spans: list[list[date]] = []
    for day in days:
        if spans and day - spans[-1][-1] == timedelta(days=1):
            spans[-1].append(day)
        else:
            spans.append([day])
    return [str(span[0]) if len(span) == 1 else f"{span[0]} to {span[-1]}" for span in spans]
