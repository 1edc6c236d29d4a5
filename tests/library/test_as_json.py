"""`as_json` of whatever the library gives is plain JSON data: with the text that the command line prints."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from invoking import forbear as command

import forbear
from forbear.report.formats.json import dumps

TEXT = """\
policy sums currency EUR
fact late days clock
fact owed money
fact share percent
fact rate number between 0 and 9 in steps of 0.000001
fact paid sum of payment.amount in last 2 days
event payment has amount money
action sms, call
rule a: allow sms when owed > EUR 2.55 and share < 12.5% and rate > 0.000001
rule b: allow call when paid > EUR 7.25
"""
CASE: dict[str, object] = {"late": 3, "owed": "2.50", "share": "0.5", "rate": "0.000002", "zone": "UTC"}
PAID: dict[str, object] = {
    **CASE,
    "history": [
        {"event": "payment", "at": f"2026-03-06T{hour}:00:00Z", "amount": amount}
        for hour, amount in (("09", "7.50"), ("10", "0.25"))
    ],
    "history_from": "opening",
}
AT = "2026-03-07T12:00:00Z"
POLICY = forbear.loads(TEXT)
OTHER = forbear.loads(TEXT.replace("2.55", "2.65"))
STANDARD = forbear.loads(TEXT.replace("policy sums", "standard law").replace("allow sms", "never sms"))


class Kept:
    """A sink that keeps entries in a list."""

    def __init__(self) -> None:
        self.entries: list[forbear.RecordEntry] = []

    def add(self, entry: forbear.RecordEntry) -> None:
        self.entries.append(entry)


def answers() -> Iterator[Any]:
    """An object of each public class that has `as_json`, and those in it that have it too."""
    explained = [POLICY.explain(action, PAID, at=AT) for action in POLICY.actions]
    assert any(fact.text == "EUR 7.75" for explanation in explained for fact in explanation.facts)
    yield from explained
    decision = POLICY.decide(PAID, at=AT)
    yield from (decision, decision["sms"])
    when = POLICY.when("call", PAID, AT, "3 days")
    yield when
    for interval in when:
        yield from (interval, *interval.causes)
    partial = POLICY.partial({"late": 3, "paid": 0}, open=["owed", "share", "rate"])
    yield partial
    for outcomes in partial.values():
        yield from outcomes
    settled = POLICY.ask("call", {"paid": "7.50"})
    asked = POLICY.ask("sms", {})
    yield from (asked, *asked, settled)
    difference = forbear.diff(POLICY, OTHER)
    yield from (difference, *difference.changes, *difference.consequences, *difference.edits)
    conformance = forbear.conform(POLICY, STANDARD)
    yield from (conformance, *conformance.violations)
    kept = Kept()
    POLICY.decide(PAID, at=AT, record=kept)
    yield from kept.entries
    with pytest.raises(forbear.CaseError) as caught:
        POLICY.decide({**CASE, "paid": 0, "owed": 2.555})
    yield from caught.value.faults


def test_as_json_of_every_public_class_is_plain_json() -> None:
    seen: set[str] = set()
    for answer in answers():
        document = answer.as_json()
        assert json.loads(json.dumps(document)) == document, "no tuples, no numbers that are rounded"
        assert dumps(document) == dumps(json.loads(json.dumps(document)))
        seen.update(base.__name__ for base in type(answer).__mro__)
    public = {name for name in forbear.__all__ if hasattr(getattr(forbear, name), "as_json")}
    assert public <= seen, public - seen


def test_numbers_are_the_texts_that_the_command_line_prints(tmp_path: Path) -> None:
    (tmp_path / "sums.forbear").write_text(TEXT, encoding="utf-8")
    (tmp_path / "case.json").write_text(json.dumps(PAID), encoding="utf-8")

    def printed(*arguments: str) -> Any:
        answer = command(*arguments, "--format", "json", cwd=tmp_path)
        assert answer.code == 0, answer.out + answer.err
        return answer.json

    explained = POLICY.explain("sms", PAID, at=AT).as_json()
    document = printed("explain", "sums.forbear", "--case", "case.json", "--at", AT, "sms")
    assert {name: document[name] for name in explained} == explained
    assert [fact["value"] for fact in document["facts"]] == ["2.5", "0.5", "0.000002"]
    opened = printed("decide", "sums.forbear", "--given", "late 3, paid EUR 0", "--open", "owed,share,rate")
    partial = POLICY.partial({"late": 3, "paid": 0}, open=["owed", "share", "rate"])
    assert opened["decisions"] == partial.as_json()
    assert partial["sms"][0].as_json()["conditions"] == [
        {
            "owed": {"between": [["2.56", None]]},
            "share": {"between": [[None, "12.49"]]},
            "rate": {"between": [["0.000002", None]]},
        }
    ]
    asked = printed("ask", "sums.forbear", "sms")
    assert asked["questions"] == POLICY.ask("sms", {}).as_json()["questions"]
    ends = printed("when", "sums.forbear", "call", "--case", "case.json", "--at", AT, "--until", "3 days")["intervals"]
    assert ends == POLICY.when("call", PAID, AT, "3 days").as_json()["intervals"]
    assert [cause["value"] for interval in ends for cause in interval["ends"]] == [0]
