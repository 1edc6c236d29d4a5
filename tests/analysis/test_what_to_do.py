"""What findings advise: something that can be done, about these rules."""

from __future__ import annotations

import pytest
from checking import typed

from forbear.analysis.run import findings
from forbear.base.diagnostic import Diagnostic


def find(text: str, code: str) -> Diagnostic:
    [found] = [one for one in findings(typed(text)).diagnostics if one.code == code]
    return found


CALL = "rule call: after 9 days then allow phone_call\n"


@pytest.mark.parametrize(
    ("text", "help"),
    [
        (
            CALL + "rule safe: never phone_call when after 3 days\n",
            "nothing overrides a `never`: narrow `safe`, or take `call` out",
        ),
        (
            CALL + "rule hold: after 3 days then forbid phone_call\n",
            "if `call` is to win, write `overrides hold` in it; else narrow `hold`, or take `call` out",
        ),
        (
            CALL + "after 3 days then forbid phone_call\n",
            "if `call` is to win, write `overrides all` in it; else narrow `policy:2`, or take `call` out",
        ),
        (
            CALL + "rule hold: after 3 days then forbid phone_call overrides call\n",
            "`hold` overrides it: narrow `hold`, or take `call` out",
        ),
        (
            CALL + "rule duty: after 3 days then require phone_call\n",
            "narrow `duty`, or take `call` out: what it allows is required already",
        ),
        (
            CALL.replace("allow", "forbid") + "rule safe: never phone_call when after 3 days\n",
            "narrow `safe`, or take `call` out: what it forbids is forbidden without it",
        ),
        (
            CALL + "rule safe: never phone_call when unreachable > 3\n"
            "rule hold: forbid phone_call when unreachable <= 3\n",
            "nothing overrides a `never`: narrow `safe`, `hold`, or take `call` out",
        ),
    ],
)
def test_a_masked_rule(text: str, help: str) -> None:
    assert find(text, "masked-rule").help == help


def test_a_failed_ensure_names_the_rule_that_breaks_it() -> None:
    found = find(CALL + "ensure phone_call, sms not allowed\n", "failed-ensure")
    assert (
        found.message == "expected `phone_call` not allowed in every such case, and in this one it is allowed by `call`"
    )
    assert found.place.text == "ensure phone_call, sms not allowed"
    assert [(label.text, label.place.text) for label in found.related] == [
        ("`call` decides", "after 9 days then allow phone_call")
    ]
    assert found.rules == ("call",)
    assert found.witness == {"days_overdue": 10}


def test_a_failed_ensure_of_any_of_some_actions_tells_of_each() -> None:
    text = CALL + "rule hold: forbid sms when always\nensure any of phone_call, sms allowed when after 3 days\n"
    found = find(text, "failed-ensure")
    assert found.message == (
        "expected one of `sms`, `phone_call` allowed in every such case, "
        "and in this one `sms` is forbidden by `hold` and `phone_call` is unsaid"
    )
