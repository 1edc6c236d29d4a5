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
