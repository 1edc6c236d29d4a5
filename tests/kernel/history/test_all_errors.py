"""Errors of zones, moments and events come with those of the facts, and without what only follows from them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

import forbear
from forbear.targets.python.module import compile_module

TEXT = """\
policy loans
event touch
  has good yes/no
fact late days clock
fact tier one of high, low
fact amount money CNY private
fact born date
fact age years since born
fact touched count of touch in last 7 days
fact now time of decision
action sms
rule remind: late > 3 and tier is high and amount > CNY 3 and touched < 3 and now > 08:00 and age > 3 then allow sms
"""
POLICY = forbear.loads(TEXT)
MODULE: dict[str, Any] = {}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)
AT = "2026-03-08T10:00:00Z"
SOUND: Mapping[str, object] = {"late": 9, "tier": "low", "amount": 5, "born": "1990-01-01", "zone": "UTC"}
OPENING: Mapping[str, object] = {**SOUND, "history_from": "opening"}
WAYS: tuple[Callable[[Mapping[str, object], object], object], ...] = (
    lambda case, at: POLICY.decide(case, at=at),  # type: ignore[arg-type]
    lambda case, at: POLICY.permits("sms", case, at=at),  # type: ignore[arg-type]
    lambda case, at: POLICY.partial(case, [], at=at),  # type: ignore[arg-type]
    lambda case, at: MODULE["decide"](case, at=at),
)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("case", "at", "wrong"),
    [
        (
            {"zone": "Mars/X", "tier": "hgh", "amount": "x", "foo": 1},
            AT,
            {"zone": "no-zone", "late": "missing", "tier": "not-one-of", "amount": "no-sum", "foo": "unknown-fact"},
        ),
        ({**SOUND, "zone": "Mars/X"}, AT, {"zone": "no-zone"}),
        ({**SOUND, "tier": "hgh"}, "10:00", {"at": "no-moment", "tier": "not-one-of"}),
        (
            {**{name: value for name, value in SOUND.items() if name != "zone"}, "zonee": "UTC", "late": -1},
            AT,
            {"zone": "zone-missing", "late": "out-of-range"},
        ),
        (
            {**OPENING, "tier": "hgh", "history": [{"event": "tuch", "at": AT}, {"event": "touch", "at": AT}]},
            AT,
            {"history": "attribute-missing", "tier": "not-one-of"},
        ),
        ({**SOUND, "history": [], "history_form": "opening"}, AT, {"history_from": "no-history-from"}),
        ({**SOUND, "born": "2030-01-01", "touched": "x"}, AT, {"born": "after-day", "touched": "no-whole-number"}),
    ],
)
def test_all_errors_come_together(
    way: Callable[[Mapping[str, object], object], object], case: Mapping[str, object], at: str, wrong: Mapping[str, str]
) -> None:
    for _ in range(2):  # of a case that comes again something is remembered
        with pytest.raises((forbear.CaseError, MODULE["CaseError"])) as refused:
            way(case, at)
        faults = refused.value.faults
        assert {fault.fact: fault.code for fault in faults} == wrong
        assert not [fault for fault in faults if fault.fact == "amount" and "x" in fault.message]
