"""Moments near changes of the clocks and ends of years, as cases give them, and what is answered to a case."""

from __future__ import annotations

import datetime
import random
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia")
MOMENTS = (
    "2026-03-08T07:00:00",  # New York skips an hour
    "2026-11-01T06:00:00",  # and has one twice
    "2026-03-29T01:00:00",  # Berlin
    "2024-02-29T12:00:00",
    "2024-03-01T00:30:00",
    "2025-12-31T23:59:59",
    "2026-01-01T00:00:00",
    "2011-12-31T10:00:00",  # Apia has left out a day
    "2026-04-04T15:30:00",  # Lord Howe, by half an hour
)


def moment_text(moment: datetime.datetime, zone: ZoneInfo, generator: random.Random) -> object:
    local = moment.astimezone(zone)
    clear = local.utcoffset() == local.replace(fold=1 - local.fold).utcoffset()
    match generator.randrange(4):
        case 0 if clear:
            return local.replace(tzinfo=None).isoformat()
        case 1:
            return moment.isoformat().replace("+00:00", "Z")
        case 2:
            return moment.astimezone(ZoneInfo(generator.choice(ZONES)))
        case _:
            return local.isoformat() if local.utcoffset().seconds % 60 == 0 else moment.isoformat()  # type: ignore[union-attr]


def answer(decide: Callable[..., object], case: Mapping[str, object], at: object) -> object:
    try:
        found = decide(case, None, at)
    except ValueError as error:  # `CaseError`, of Forbear or of the module
        faults: list[tuple[object, ...]] = error.faults  # type: ignore[attr-defined]
        return [tuple(fault) for fault in faults]
    return found if isinstance(found, dict) else found.as_json()  # type: ignore[attr-defined]
