"""Histories: what happened is counted by what it is, whatever object says so, and in whatever order."""

from __future__ import annotations

import copy
import json
import random
from collections import ChainMap, OrderedDict, UserDict, deque
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import kinds
import pytest
from campaign import SHARDS, Campaign

import forbear
from forbear.kernel.cases import CaseError

TEXT = """\
event contact
  has medium one of call, sms, letter
  has outcome one of reached, busy optional
  has amount number
  has debt text
fact debt text
fact late days clock
fact calls count of contact where medium is call and debt is this debt in last 7 days
fact spoken days since last contact where outcome is reached
fact wrote any contact where medium is letter and amount > 5 this month
fact tried count of contact since last contact where outcome is reached
action sms, visit, call
rule a: after 9 days and calls < 3 then allow sms, call
rule b: never call when spoken <= 3
rule c: forbid sms when wrote
rule d: require visit when tried >= 2
rule e: forbid visit when tried between 4 and 5 or calls between 2 and 3
rule f: allow sms when tried is one of 3, 6 or calls is one of 1, 4
"""
AT = "2026-03-20T12:00:00Z"


class Listed(Mapping[str, object]):
    """A mapping that is no dict: as a row of a database gives it."""

    def __init__(self, pairs: Mapping[str, object]) -> None:
        self._pairs = list(pairs.items())

    def __getitem__(self, key: str) -> object:
        return dict(self._pairs)[key]

    def __iter__(self) -> Iterator[str]:
        return (name for name, _ in self._pairs)

    def __len__(self) -> int:
        return len(self._pairs)


MAPPINGS: tuple[Callable[[Any], Any], ...] = (
    copy.deepcopy, MappingProxyType, ChainMap, UserDict, OrderedDict, Listed, lambda one: ChainMap({}, one),
    lambda one: one,
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_histories(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_history, tmp_path, ci=100, nightly=50_000, shard=shard)


def _event(generator: random.Random) -> dict[str, object]:
    day, hour = generator.randint(1, 20), generator.randint(0, 11)
    event: dict[str, object] = {
        "event": "contact",
        "at": f"2026-03-{day:02}T{hour:02}:30:00{generator.choice(('Z', '-05:00', '+05:30'))}",
        "medium": generator.choice(("call", "call", "sms", "letter")),
        "amount": generator.choice((5, 6, "7.5", -1)),
        "debt": generator.choice(("D-17", "D-17", "other")),
    }
    if generator.random() < 0.7:
        event["outcome"] = generator.choice(("reached", "busy", "busy", None))
    if generator.random() < 0.5:
        event["id"] = f"c{generator.randrange(100)}"
    return event


def _history(generator: random.Random, folder: Path) -> str:
    policy = forbear.loads(TEXT)
    events = [_event(generator) for _ in range(generator.randint(0, 5))]
    if events and generator.random() < 0.5:
        events += [generator.choice(events)] * generator.randint(1, 3)  # one object, listed again
    plain = copy.deepcopy([dict(event) for event in events])
    plain = [dict(copy.deepcopy(event)) for event in plain]
    expected = _ask(policy, plain)
    assert _ask(policy, events) == expected, f"an object that is listed again counts otherwise | {events}"
    for make in generator.sample(MAPPINGS, 3):
        assert _ask(policy, [make(event) for event in events]) == expected, (
            f"a mapping counts otherwise | {make} {events}"
        )
    assert _ask(policy, tuple(events)) == expected, "a tuple counts otherwise"
    if expected is not None and generator.random() < 0.2:
        _recorded(policy, [make(event) for event in plain], plain)
    assert _ask(policy, generator.sample(plain, len(plain))) == expected, f"the order counts | {events}"
    marked = [event for event in plain if "id" in event]
    if marked:
        assert _ask(policy, [*plain, dict(generator.choice(marked))]) == expected, f"an id counts twice | {events}"
    _hostile(policy, plain, generator)
    return "refused" if expected is None else "decided"


def _ask(policy: forbear.Policy, history: object) -> object:
    case = {"debt": "D-17", "late": 40, "zone": "America/New_York", "history_from": "opening", "history": history}
    try:
        return policy.decide(case, at=AT).as_json()
    except CaseError:
        return None


def _recorded(policy: forbear.Policy, history: object, plain: list[dict[str, object]]) -> None:
    """A record has the events, whatever object said so."""
    case = {"debt": "D-17", "late": 40, "zone": "America/New_York", "history_from": "opening", "history": history}
    with forbear.Record("kept.jsonl") as record:
        policy.decide(case, at=AT, record=record)
    document = json.loads(Path("kept.jsonl").read_text(encoding="utf-8").splitlines()[-1])
    assert document["case"]["history"] == plain, f"a record of other events | {document['case']['history']!r:.300}"


def _hostile(policy: forbear.Policy, events: list[dict[str, object]], generator: random.Random) -> None:
    """What is no history is refused, and nothing else is raised."""
    junk = generator.choice(kinds.HOSTILE)
    if events and generator.random() < 0.8:
        events[0][generator.choice(("event", "at", "medium", "amount", "id", "outcome", "x"))] = junk
        history: object = events
    else:
        history = generator.choice((junk, [junk], [*events, junk], deque(events), iter(events), {"a": events}))
    case = {"debt": "D-17", "late": 40, "zone": "America/New_York", "history_from": "opening", "history": history}
    name = generator.choice(("zone", "history_from", "debt", "late", "history"))
    if generator.random() < 0.3:
        case[name] = generator.choice(
            (junk, [junk], "../../etc/passwd", "/etc/localtime", "a" * 5_000, "\0", "Etc/Nowhere")
        )
    at: Any = generator.choice((AT, AT, junk))
    try:
        policy.decide(case, at=at)
    except CaseError as error:
        for fault in error.faults:
            assert len(fault.message) < 2_000, f"a message of {len(fault.message)} characters | {fault.message:.300}"
            assert "\n" not in fault.message, f"a message of several lines | {fault.message!r:.300}"
