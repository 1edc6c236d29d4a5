"""The answers to cases in JSON, as the command line and the service give them."""

from __future__ import annotations

import pytest

import forbear
from forbear.library.answering import Asking
from forbear.service.recording import Collecting

POLICY = forbear.loads("""\
policy house
fact late days clock
fact income money CNY private
action visit
rule visit_rarely: after 60 days and income >= CNY 3000 then allow visit
""")
CASE = {"late": 61, "income": "3400.50"}


@pytest.mark.parametrize("names", [(None, None), ("account", None), (None, "id"), ("account", "id"), ("late", None)])
def test_the_names_of_an_answer_are_recorded_and_no_facts_unless_the_policy_says_so(
    names: tuple[str | None, str | None],
) -> None:
    given = {**CASE, **{name: value for name, value in (("account", "A-\u767d"), ("id", 17)) if name in names}}
    told = [None if name is None else str(given[name]) for name in names]
    sink = Collecting()
    key, request = names
    for record in (sink, None):
        answer = Asking(POLICY, record=record, key=key, request=request).answer_case(given.copy())
        assert [answer.names.key, answer.names.request] == told
        assert answer.request is not None
        assert answer.request.case == CASE
        assert answer.decision is not None
        assert answer.decision.permits("visit")
    (entry,) = sink.take()
    document = entry.as_json(None)
    assert [document.get("key"), document.get("request")] == told
