"""Which name may be meant by one that there is not."""

from __future__ import annotations

import random

import pytest

import forbear
from forbear.kernel.cases import near_name, unknown_name
from forbear.language.model.names import did_you_mean


@pytest.mark.parametrize("written", ["PHONE_CALL", "Phone_Call", "PHONE_CAL", "phone_cal"])
@pytest.mark.parametrize("others", [1, 300])
def test_capital_letters_make_no_difference(written: str, others: int) -> None:
    """Among many names another way of looking is taken."""
    names = [*(f"other_{number}" for number in range(others)), "phone_call"]
    meant = did_you_mean(written, names)
    assert meant is not None
    assert meant.meant == near_name(written, names) == "phone_call"
    assert unknown_name(None, written, names, "action").arguments["nearest"] == "phone_call"
    assert near_name(written.lower(), ["sms", "Phone_Call"]) == "Phone_Call"
    assert did_you_mean("x" * 50, names) is None


BY_MORE_THAN_A_LETTER = ("employer_prohibited", "severities", "work_call")


@pytest.mark.parametrize(
    ("written", "known", "meant"),
    [
        ("weeks_overdue", "days_overdue", False),
        ("calls_in_30_days", "calls_in_7_days", False),
        ("not_vulnerable", "vulnerable", False),
        ("opted_in_sms", "opted_out_sms", False),
        ("notice_before", "notice_after", False),
        ("max_fee", "min_fee", False),
        ("robocall", "calls", False),
        ("textmessage", "messages", False),
        ("text_message", "messages", False),
        ("calls_in_30_days", "work_calls_in_30_days", False),
        ("calls_in_30_days", "visits_in_30_days", False),
        ("calls_in_30_days", "calls_today", False),
        ("contact_in_7_days", "contacts_in_7_days", True),
        ("phone_calls", "phone_call", True),
        ("calls_in_7_dys", "calls_in_7_days", True),
        ("day_overdue", "days_overdue", True),
        ("calls_in_7days", "calls_in_7_days", True),
        ("HOSTILE", "s", False),
        ("legal", "email", False),
        ("voice", "notices", False),
        ("mail", "email", False),
        ("days_since_payment", "days_since_stay", False),
        ("visits_today", "visits_in_30_days", False),
        ("work_call", "phone_call", False),
        ("working_days", "open_day", False),
        ("reachable", "unreachable", False),
        ("balance", "balance_last_month", False),
        ("stage", "state", False),
        ("last_stay", "lost_stay", False),
        ("sns", "sms", True),
        ("severities", "severity", True),
        ("nmae", "name", True),
        ("phonecall", "phone_call", True),
        ("overdue amount", "overdue_amount", True),
        ("employer_prohibited", "employer_prohibits", True),
        ("work_call", "call_at_work", True),
        ("../rules/huabei/redesigne", "../rules/huabei/redesigned", True),
        ("text_messages", "sms", True),
    ],
)
@pytest.mark.parametrize("others", [1, 300])
def test_a_name_with_another_unit_number_or_direction_is_not_meant(
    written: str, known: str, meant: bool, others: int
) -> None:
    found = did_you_mean(written, [*(f"xy{letter}" for letter in range(others)), known])
    if others > 1 and meant and written in BY_MORE_THAN_A_LETTER:
        meant = False  # among many names
    assert found is None if not meant else found is not None and found.meant == known


def test_slips_in_the_names_of_the_vocabulary_lead_to_no_other_name() -> None:
    """A letter of each name is left out, doubled, or swapped with the next one: the name is meant, or none."""
    policy = forbear.loads("uses collections\nnever sms")
    chosen = random.Random(0)
    for names in (policy.facts, policy.actions):
        meant = []
        for name in names:
            at = chosen.randrange(1, len(name) - 1) if len(name) > 3 else 1
            before, letter, after = name[:at], name[at], name[at + 1 :]
            for slip in (before + after, before + 2 * letter + after, before + after[:1] + letter + after[1:]):
                found = did_you_mean(slip, names)
                assert found is None or found.meant == name, (slip, found)
                meant.append(found is not None)
        assert sum(meant) > 0.9 * len(meant)


def test_a_name_of_the_vocabulary_is_offered_for_no_other_one() -> None:
    policy = forbear.loads("uses collections\nnever sms")
    for names in (policy.facts, policy.actions):
        for name in names:
            found = did_you_mean(name, [other for other in names if other != name])
            assert found is None, (name, found)
