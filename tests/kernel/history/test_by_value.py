"""A history is what it says: whatever objects it is made of, and in whatever order, it is decided alike."""

from __future__ import annotations

import copy
import datetime
import json
import random
from collections import ChainMap, OrderedDict, UserDict, UserList, deque
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import generated
import polars as pl
import pytest
from generated import Vocabulary
from hypothesis import given, settings
from moments import answer
from strategies import examples, seeds
from test_generated import policy_text, run_module

import forbear
from forbear.targets.python.module import compile_module

POLICY = forbear.loads("""\
event contact
  has medium one of call, sms
  has debt text private
fact late days clock
fact calls count of contact where medium is call in last 7 days
action phone_call, letter
rule call: after 1 day then allow phone_call
rule two: limit phone_call to 2 by calls
rule none_yet: calls = 0 then allow letter
""")
MODULE: dict[str, Any] = {"__name__": "compiled"}
exec(compile(compile_module(POLICY.typed), "<compiled>", "exec"), MODULE)
AT = "2026-03-10T12:00:00-04:00"
CALL: dict[str, object] = {"event": "contact", "at": "2026-03-09T09:00:00-04:00", "medium": "call", "debt": "A"}
RECENT = {"at": "2026-03-10T09:00:00-04:00"}
"""Of the day of the decision."""


def case_of(history: object) -> dict[str, object]:
    return {"late": 9, "zone": "America/New_York", "history_from": "opening", "history": history}


def calls(history: object) -> int:
    """How many calls each way of deciding finds, of at most 2."""
    decisions: list[tuple[bool, bool]] = []
    case = case_of(history)
    decided = POLICY.decide(case, at=AT)
    decisions.append((decided.permits("phone_call"), decided.permits("letter")))
    compiled = MODULE["decide"](case, at=AT)
    decisions.append((compiled["phone_call"]["permitted"], compiled["letter"]["permitted"]))
    if isinstance(history, list) and all(isinstance(event, dict) for event in history):
        for column in (pl.Series("history", [history]), pl.Series("history", [json.dumps(history)])):
            [row] = POLICY.apply(pl.DataFrame([column]).with_columns(_others()), at=AT).rows(named=True)
            decisions.append((row["phone_call"] == "allowed", row["letter"] == "allowed"))
    assert len(set(decisions)) == 1, decisions
    return {(True, True): 0, (True, False): 1, (False, False): 2}[decisions[0]]


def _others() -> list[pl.Expr]:
    return [pl.lit(value).alias(name) for name, value in case_of([]).items() if name != "history"]


@pytest.mark.parametrize("more", [{}, RECENT], ids=["before", "today"])
def test_an_id_is_what_makes_events_one(more: dict[str, object]) -> None:
    """One object that stands twice in a list is no more one event, and no less, than two that say the same."""
    without, with_id = CALL | more, CALL | more | {"id": "c1"}
    assert calls([with_id, with_id]) == calls([with_id, dict(with_id)]) == 1
    assert calls([with_id] * 50) == 1
    assert calls([without, without]) == calls([without, dict(without)]) == 2


@pytest.mark.parametrize("more", [{}, RECENT], ids=["before", "today"])
@pytest.mark.parametrize(
    "kind",
    [dict, MappingProxyType, ChainMap, UserDict, OrderedDict, lambda event: ChainMap({}, event)],
    ids=["dict", "proxy", "chain", "user", "ordered", "two maps"],
)
def test_an_event_is_any_mapping(kind: Callable[[dict[str, object]], Mapping[str, object]], more: Any) -> None:
    event = CALL | more
    assert calls([kind(event | {"id": "c1"}), kind(event | {"id": "c1"})]) == 1
    assert calls([kind(event), kind(event)]) == 2


@pytest.mark.parametrize("kind", [list, tuple, deque, UserList])
def test_a_history_is_any_sequence(kind: Callable[[list[dict[str, object]]], object]) -> None:
    assert calls(kind([CALL, CALL])) == 2


@pytest.mark.parametrize("history", ["[]", b"", None, 5, {}, iter([]), {1, 2}], ids=lambda value: type(value).__name__)
def test_what_is_no_sequence_of_events(history: object) -> None:
    with pytest.raises(forbear.CaseError, match="`history` is a list of events"):
        calls(history)


def test_a_record_hides_what_is_private_in_any_history(tmp_path: Path) -> None:
    with forbear.Record(tmp_path / "record.jsonl") as record:
        for history in (deque([MappingProxyType(CALL)]), (ChainMap(CALL),)):
            POLICY.decide(case_of(history), at=AT, record=record)
    for line in (tmp_path / "record.jsonl").read_text().splitlines():
        assert json.loads(line)["case"]["history"] == [{**CALL, "debt": {"private": None}}]


class Liar(str):
    """A text that takes itself for any other."""

    def __eq__(self, other: object) -> bool:
        return True

    def __hash__(self) -> int:
        return hash("c1")


class Id(StrEnum):
    FIRST = "c1"


def test_the_class_of_an_id_has_no_say_in_which_events_are_one() -> None:
    assert calls([CALL | {"id": "c1"}, CALL | {"id": Id.FIRST}]) == 1
    for other in CALL, CALL | RECENT:
        assert calls([CALL | {"id": "c1"}, other | {"id": Liar("c2")}]) == 2
        assert calls([other | {"id": Liar("c2")}, CALL | {"id": Liar("c3")}]) == 2


# Any history of any vocabulary


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, (datetime.date, datetime.time)) else str(value)


def _by_json(raw: Any, generator: random.Random) -> object:
    return json.loads(json.dumps(raw, default=_plain), parse_float=Decimal)


def _shared(raw: Any, generator: random.Random) -> object:
    first: dict[str, Mapping[str, object]] = {}
    return {**raw, "history": [first.setdefault(repr(event), event) for event in raw["history"]]}


def _shuffled(raw: Any, generator: random.Random) -> object:
    return {**raw, "history": generator.sample(raw["history"], len(raw["history"]))}


def _written_again(raw: Any, generator: random.Random) -> object:
    return {**raw, "history": raw["history"] + [event for event in raw["history"] if event.get("id") is not None]}


def _of_other_kinds(raw: Any, generator: random.Random) -> object:
    kinds: Sequence[Any] = (dict, MappingProxyType, ChainMap, UserDict)
    events = [generator.choice(kinds)(event) for event in raw["history"]]
    return {**raw, "history": generator.choice((list, tuple, deque))(events)}


SAME: Sequence[Callable[[Any, random.Random], object]] = (
    lambda raw, generator: copy.deepcopy(raw),
    _by_json,
    _shared,
    _shuffled,
    _written_again,
    _of_other_kinds,
)


def _reported(found: object) -> object:
    """An answer; of one that there is none the facts that are in error, as messages number the events."""
    return {fault[0] for fault in found} if isinstance(found, list) else found


@settings(max_examples=examples(8, by_night=15), deadline=None)
@given(generated.vocabularies(), seeds())
def test_equal_histories_are_decided_alike(vocabulary: Vocabulary, seed: int) -> None:
    generator = random.Random(seed)
    policy = forbear.loads(policy_text(vocabulary, generator))
    ways = (policy.decide, run_module(policy))
    for _ in range(3):
        case = generated.drawn(vocabulary, generator)
        raw = generated.written(case, vocabulary, generator)
        for change in SAME:
            other = change(raw, generator)
            for way in ways:
                assert _reported(answer(way, other, case.at)) == _reported(answer(way, raw, case.at)), change  # type: ignore[arg-type]
