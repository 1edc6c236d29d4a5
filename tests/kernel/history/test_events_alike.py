"""Events that are given twice, and why a fact is missing that the events do not determine."""

from __future__ import annotations

from typing import Any

import pytest

import forbear

POLICY = forbear.loads("""\
fact debt text
event payment
  has amount money CNY
  has debt   text
  has note   text optional
fact late days clock
fact paid_often count of payment where debt is this debt in last 7 days
fact half_known count of payment where note is "late" in last 7 days
fact half_known_since days since last payment where note is "late"
fact half_known_after count of payment since last payment where note is "late"
action sms, letter, email, visit
rule letter: after 1 day then allow letter
rule often: limit letter to 2 by paid_often
rule noted: limit sms to 1 by half_known
rule noted_since: never email when half_known_since <= 3
rule noted_after: limit visit to 1 by half_known_after
""")
AT = "2026-03-10T12:00:00-04:00"
ONE: dict[str, Any] = {
    "event": "payment",
    "at": "2026-03-09T09:00:00-04:00",
    "id": "p1",
    "amount": "12.50",
    "debt": "A",
    "note": "early",
}


def ask(*events: dict[str, Any], at: str = AT, **more: object) -> forbear.Decision:
    case = {"late": 9, "debt": "A", "zone": "America/New_York", "history_from": "opening", "history": list(events)}
    return POLICY.decide({**case, **more}, at=at)


def faults(*events: dict[str, Any], at: str = AT, **more: object) -> list[str]:
    with pytest.raises(forbear.CaseError) as caught:
        ask(*events, at=at, **more)
    return [fault.message for fault in caught.value.faults]


@pytest.mark.parametrize(
    "other", [{}, {"at": "2026-03-09T13:00:00Z"}, {"at": "2026-03-09 09:00"}, {"amount": "CNY 12.50"}, {"amount": 12.5}]
)
def test_one_id_is_one_event_however_it_is_written(other: dict[str, Any]) -> None:
    assert ask(ONE, ONE | other).permits("letter")
    assert not ask(ONE, ONE | other, ONE | {"id": "p2"}).permits("letter")


@pytest.mark.parametrize("other", [{"at": "2026-03-09T13:00:01Z"}, {"amount": "12.51"}, {"note": None}])
def test_events_of_one_id_that_differ(other: dict[str, Any]) -> None:
    said = ['`history[1]` has the id "p1" of another event, and says something else']
    assert faults(ONE, ONE | other) == said


def test_why_the_events_do_not_tell_a_fact() -> None:
    unknown = {key: value for key, value in ONE.items() if key != "note"}
    half = "whether some event counts depends on what is unknown of it, or of the case"
    short = "the history begins on 2026-03-08, and earlier events count"
    do = 'read them too, write "opening" in `history_from` if there were none, or give the fact'
    names = ("half_known", "half_known_after")  # and not `half_known_since`, which is unknown then
    assert faults(unknown) == [f"`{name}` is missing: {half}" for name in names]
    since = {"half_known_after": ""}  # whose window begins with an event, of any day
    assert faults(history_from="2026-03-08") == [
        f"`{name}` is missing: {short}{since.get(name, ', from 2026-03-04 on')}: {do}"
        for name in ("paid_often", *names)
    ]


def test_a_private_number_does_not_tell_the_day_of_an_event_from_which_on_it_counts() -> None:
    text = "event payment\nfact n count of payment since last payment{}\naction sms\nrule few: limit sms to 3 by n\n"
    history = [{"event": "payment", "at": "2026-03-05T09:00:00-05:00"}]
    case = {"zone": "America/New_York", "history_from": "2026-03-08", "history": history}
    for private, since in (("", {"needed": "2026-03-05"}), (" private", {})):
        with pytest.raises(forbear.CaseError) as caught:
            forbear.loads(text.format(private)).decide(case, at=AT)
        [fault] = caught.value.faults
        assert fault.code == "history-too-short"
        assert fault.arguments == {"name": "n", "first": "2026-03-08", "word": "opening", **since}
        assert ("2026-03-05" in str(caught.value)) is (not private)
