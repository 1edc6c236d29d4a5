"""What a help offers keeps the sense of what it replaces: its numbers, units, currencies, days, names and negations."""

from __future__ import annotations

import pytest

from forbear.language.syntax.grammar import stop
from forbear.language.syntax.hints.guard import holds
from forbear.language.syntax.hints.known import known
from forbear.language.syntax.literals import Broken, Mistake

HEAD = "uses collections\nfact agreed_on date optional\n"


@pytest.mark.parametrize(
    ("text", "offered", "kept"),
    [
        ("never sms when ⟨overdue_amount over EUR 5⟩", "overdue_amount > EUR 5", True),
        ("never sms when ⟨overdue_amount over EUR 5⟩", "overdue_amount > USD 5", False),
        ("never sms when ⟨overdue_amount over 5⟩", "overdue_amount > CNY 5", True),
        ("never sms ⟨on mondays⟩", "when weekday is monday", True),
        ("never sms ⟨on mondays⟩", "when weekday is tuesday", False),
        ("never sms ⟨on weekends⟩", "when weekday is one of saturday, sunday", True),
        ("never sms ⟨on mondays⟩", "when weekday is one of monday, tuesday", False),
        ("never sms ⟨from friday to sunday⟩", "when weekday is one of friday, saturday, sunday", True),
        ("never sms ⟨after 3.4.2026⟩", "when today > 2026-04-03", True),
        ("never sms ⟨after 3.4.2026⟩", "when today > 2026-04-04", False),
        ("never sms ⟨after 3.4.2026⟩", "when today > 2027-04-03", False),
        ("never sms when ⟨unreachable over 5⟩", "unreachable > 5", True),
        ("never sms when ⟨phone_call over 5⟩", "phone_call > 5", False),
        ("never sms when ⟨calls over 5⟩", "calls > 5", False),
        ("never sms when ⟨customer over 5⟩", "customer > 5", False),
        ("never sms when ⟨deceased over 5⟩", "deceased > 5", False),
        ("never sms when ⟨agreed_on expired⟩", "agreed_on < today", True),
        ("never sms when ⟨unreachable expired⟩", "unreachable < today", False),
        ("never sms when ⟨local_time over 5⟩", "local_time > 5", False),
        ("never sms when ⟨local_time 8:00 to 7⟩", "local_time between 08:00 and 7", False),
        ("never sms when ⟨dispute in verified⟩", "dispute is one of verified", False),
        ("rule r: ⟨no visit⟩", "never visit", True),
        ("rule r: ⟨no shaming⟩", "never shaming", False),
        ("never sms when deceased ⟨from 9 to⟩ 18", "between 9 and", False),
    ],
)
def test_what_is_offered_keeps_its_sense(text: str, offered: str, kept: bool) -> None:
    before, marked, after = text.replace("⟩", "⟨").split("⟨")
    text = HEAD + before + marked + after
    start = len(HEAD + before)
    stopped = stop(text, len(HEAD), len(text))
    at = stopped.place if stopped is not None else len(text)
    span = (start, start + len(marked))
    broken = Broken(Mistake("syntax", "not so", span, f"write `{offered}`", offered), start)
    assert holds(broken, text, at, [len(HEAD)], known(text), lambda *_: True) is kept
