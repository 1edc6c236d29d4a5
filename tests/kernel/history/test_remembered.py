"""What events do is remembered from case to case, and no case has a say in what is decided on another."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

import forbear
from forbear.kernel.history import moments
from forbear.kernel.history.readings import HistorySpec, readings
from forbear.space.predicates.specs import specs

TEXT = """\
event visit
  has free yes/no
  has level one of low, high
event contact
  has medium one of call, sms
  has debt text
  has memo text or none
  has note text optional
  has free yes/no optional
  has cost number optional
fact late days clock
fact debt text
fact memo text optional
fact note text optional
fact calls count of contact where debt is this debt and medium is call ever
fact noted count of contact where memo is this memo ever optional
fact refers count of contact where note is this note ever optional
fact lately count of contact in last 2 days
fact free count of contact where free ever optional
fact cost sum of contact.cost ever optional
fact level one of low, high optional
fact visits count of visit where free or level is this level ever optional
action phone_call, letter, sms, email
rule calls: never phone_call when calls >= 2
rule noted: never letter when noted >= 1 or lately >= 3
rule refers: never letter when refers >= 1
rule free: never sms when free >= 1
rule visits: never sms when visits >= 1
rule cost: never email when cost >= 3
"""
AT = "2026-03-10T12:00:00-04:00"
EVENT: dict[str, Any] = {
    "event": "contact",
    "at": "2026-03-09T12:30:00-04:00",
    "medium": "call",
    "debt": "A",
    "memo": "none",
}


TABLES = specs(forbear.loads(TEXT).typed).history


def ask(tables: HistorySpec, events: list[dict[str, Any]], more: dict[str, Any]) -> object:
    case = {"late": 9, "debt": "A", "zone": "America/New_York", "history_from": "opening", "history": events}
    try:
        return readings(tables, {**case, **more}, None, AT)
    except forbear.CaseError as error:
        return error.faults


VISIT = {"event": "visit", "at": "2026-03-09T12:30:00-04:00", "free": False, "level": "low"}
EVENTS: list[dict[str, Any]] = [
    {},
    {"debt": "B"},
    {"debt": "債"},
    {"debt": "\ud800"},
    {"debt": 1},
    {"memo": "m"},
    {"memo": None},
    {"note": "a"},
    {"note": "b"},
    {"note": None},
    {"note": 5},
    {"free": True},
    {"free": 1},
    {"free": 1.0},
    {"free": None},
    {"cost": 1},
    {"cost": True},
    {"cost": 1.0},
    {"cost": "3"},
    {"cost": 1, "free": True},
    {"cost": True, "free": 1},
    {"cost": 1.0, "free": 1.0},
    {"medium": "visit"},
    {"at": "2026-03-10T17:00:00Z"},
    {"at": "2026-03-10 09:00"},
    {"id": 1},
    {"id": True},
    {"id": "1"},
    {"id": None},
    VISIT,
    VISIT | {"free": 0},
    VISIT | {"free": True},
    VISIT | {"level": 5},
]
CASES: list[dict[str, Any]] = [
    {},
    {"debt": "B"},
    {"debt": "債"},
    {"memo": "m"},
    {"memo": "none"},
    {"memo": None},
    {"note": "a"},
    {"level": "low"},
    {"level": "high"},
    {"zone": "Asia/Shanghai"},
    {"zone": ["America/New_York", "Asia/Shanghai"]},
]


def one(more: dict[str, Any]) -> dict[str, Any]:
    return more if "event" in more else EVENT | more


def test_a_policy_that_has_met_other_cases_counts_as_one_that_has_met_none() -> None:
    met = TABLES.but()
    for number, other in enumerate(EVENTS):
        ask(met, [one(other)], CASES[number % len(CASES)])
        ask(met, [one(other)], {})
    for event in EVENTS:
        for case in CASES:
            given = [one(event)] * 3
            found = ask(met, given, case)
            for memory in moments._WHEN.values():
                memory.clear()
            assert found == ask(TABLES.but(), given, case), (event, case)


def effects(*events: dict[str, Any]) -> dict[object, object]:
    """What is remembered of effects after a case with some events."""
    tables = TABLES.but()
    ask(tables, [*events], {})
    return {key: known for form in tables.readers["contact"].forms.values() for key, known in form.known.items()}


def test_a_text_that_is_only_compared_is_not_remembered() -> None:
    remembered = effects(
        EVENT, EVENT | {"debt": "B"}, *[EVENT | {"note": f"spoke to number {number}"} for number in range(9)]
    )
    assert len(remembered) == 3  # two debts without a note, and one with any
    assert "spoke" not in str(remembered)


def test_a_long_value_is_not_remembered() -> None:
    assert len(effects(EVENT | {"cost": Decimal("1.0")}, EVENT | {"cost": Decimal("1." + "0" * 300)})) == 1
    assert effects(EVENT | {"cost": Decimal("1." + "0" * 300)}) == {}


def test_memories_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("forbear.kernel.history.events._MOST_EFFECTS", 20)
    monkeypatch.setattr("forbear.kernel.history.moments._MOST_MOMENTS", 20)
    events = [EVENT | {"cost": number, "at": f"2026-03-09T09:{number:02}:00Z"} for number in range(50)]
    assert 0 < len(effects(*events)) <= 20
    assert all(len(memory) <= 20 for memory in moments._WHEN.values())
