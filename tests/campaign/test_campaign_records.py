"""Records: what somebody has done to one afterwards is noticed when it is replayed."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from campaign import SHARDS, Campaign, call

POLICY = """\
policy house
uses collections
fact salary money CNY optional private
rule a: after 9 days then allow sms
rule b: after 60 days and unreachable >= 3 then allow contact_related
"""
Lines = list[bytes]
Tampering = Callable[[Lines, random.Random], Lines]


def _deleted(lines: Lines, generator: random.Random) -> Lines:
    at = generator.randrange(len(lines) - 1)  # that the last one is missing, no file can say
    return lines[:at] + lines[at + 1 :]


def _beginning_lost(lines: Lines, generator: random.Random) -> Lines:
    return lines[generator.randrange(1, len(lines)) :]


def _twice(lines: Lines, generator: random.Random) -> Lines:
    at = generator.randrange(len(lines))
    return [*lines[: at + 1], lines[at], *lines[at + 1 :]]


def _exchanged(lines: Lines, generator: random.Random) -> Lines:
    at = generator.randrange(len(lines) - 1)
    return [*lines[:at], lines[at + 1], lines[at], *lines[at + 2 :]]


def _redated(lines: Lines, generator: random.Random) -> Lines:
    return _edited(lines, generator, lambda document: document.update(recorded="2020-01-01T00:00:00.000+00:00"))


def _altered(lines: Lines, generator: random.Random) -> Lines:
    """Another case, with the decision that the policy gives of it: nothing in the line contradicts anything."""
    other = json.loads(generator.choice(lines))

    def alter(document: dict[str, object]) -> None:
        case = document["case"]
        assert isinstance(case, dict)
        if case == other["case"]:
            case["days_overdue"] = case["days_overdue"] + 1  # of both the verdicts are the same
        else:
            document["case"], document["decisions"] = other["case"], other["decisions"]

    return _edited(lines, generator, alter)


def _without_on(lines: Lines, generator: random.Random) -> Lines:
    return _edited(lines, generator, lambda document: document.update(on="2016-01-01"))


def _edited(lines: Lines, generator: random.Random, edit: Callable[[dict[str, object]], None]) -> Lines:
    at = generator.randrange(len(lines))
    document = json.loads(lines[at])
    edit(document)
    return [*lines[:at], json.dumps(document, ensure_ascii=False).encode() + b"\n", *lines[at + 1 :]]


def _forked(lines: Lines, generator: random.Random) -> Lines:
    """Two files that began as one, put together again."""
    at = generator.randrange(1, len(lines))
    return [*lines, *lines[at:]]


def _inserted(lines: Lines, generator: random.Random) -> Lines:
    """A line that another record holds."""
    other = json.loads(generator.choice(lines))
    other["case"]["days_overdue"] = 10
    at = generator.randrange(len(lines))
    return [*lines[:at], json.dumps(other, ensure_ascii=False).encode() + b"\n", *lines[at:]]


def _cut(lines: Lines, generator: random.Random) -> Lines:
    return [*lines[:-1], lines[-1][: generator.randrange(1, len(lines[-1]) - 1)]]


TAMPERINGS: tuple[Tampering, ...] = (
    _deleted, _beginning_lost, _twice, _exchanged, _redated, _altered, _without_on, _forked, _inserted, _cut,
)  # fmt: skip


@pytest.mark.parametrize("shard", SHARDS)
def test_records(campaign: Campaign, tmp_path: Path, shard: int) -> None:
    campaign.run(_record, tmp_path, ci=40, nightly=8_000, shard=shard)


def _record(generator: random.Random, folder: Path) -> str:
    (folder / "house.forbear").write_text(POLICY, encoding="utf-8")
    (folder / "key").write_bytes(b"k" * 32)
    cases = [
        json.dumps({"days_overdue": generator.randint(0, 90), "unreachable": generator.randint(0, 5), "salary": 5000})
        for _ in range(generator.randint(3, 6))
    ]
    keyed = ("--record-key", "key") if generator.random() < 0.5 else ()
    half = len(cases) // 2 if generator.random() < 0.5 else len(cases)
    for some in (cases[:half], cases[half:]):  # a record is gone on with by the next process
        if some:
            arguments = ("decide", "house.forbear", "--lines", "--on", "2015-10-01", "--record", "kept.jsonl", *keyed)
            assert call(*arguments, given="\n".join(some)).code == 0
    path = folder / "kept.jsonl"
    lines = path.read_bytes().splitlines(keepends=True)
    assert call("replay", "kept.jsonl", "--policy", "house.forbear").code == 0, "a record as it was written is blamed"
    tampering = generator.choice(TAMPERINGS)
    changed = tampering(lines, generator)
    if changed == lines:
        return "nothing changed"
    path.write_bytes(b"".join(changed))
    said = call("replay", "kept.jsonl", "--policy", "house.forbear")
    assert said.code == 1, f"nobody notices that a record is {tampering.__name__.strip('_')} | {said.out}"
    return f"{tampering.__name__.strip('_')} noticed"


def test_damaged_records(campaign: Campaign, tmp_path: Path) -> None:
    """Lines of any bytes: replay tells which are none, and never ends in anything but words."""
    campaign.run(_damaged, tmp_path, ci=30, nightly=5_000)


def _damaged(generator: random.Random, folder: Path) -> str:
    (folder / "house.forbear").write_text(POLICY, encoding="utf-8")
    arguments = ("decide", "house.forbear", "--lines", "--on", "2015-10-01", "--record", "kept.jsonl")
    call(*arguments, given='{"days_overdue": 61, "unreachable": 3}\n' * 2)
    content = bytearray((folder / "kept.jsonl").read_bytes())
    for _ in range(generator.randint(1, 4)):
        at = generator.randrange(len(content))
        junk = (
            b"",
            b"\0",
            b"\xff",
            b"\n",
            b"}",
            b"[" * 5_000,
            b"null",
            b"1e999999999",
            b'"',
            b"{}",
            generator.randbytes(2),
        )
        content[at : at + generator.choice((0, 1, 5))] = generator.choice(junk)
    before = (folder / "kept.jsonl").read_bytes()
    (folder / "kept.jsonl").write_bytes(content)
    said = call("replay", "kept.jsonl", "--policy", "house.forbear", "--format", generator.choice(("text", "json")))
    if bytes(content) == before:
        return "nothing changed"
    assert said.code == 1, f"nobody notices that a record is damaged | {bytes(content)!r:.600}"
    return "noticed"
