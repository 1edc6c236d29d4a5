"""Which name may be meant by one that there is not."""

from __future__ import annotations

import pytest

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
    ],
)
@pytest.mark.parametrize("others", [1, 300])
def test_a_name_with_another_unit_number_or_direction_is_not_meant(
    written: str, known: str, meant: bool, others: int
) -> None:
    found = did_you_mean(written, [*(f"xy{letter}" for letter in range(others)), known])
    assert found is None if not meant else found is not None and found.meant == known
