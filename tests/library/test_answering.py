"""The answers to cases in JSON, as the command line and the service give them: one by one, or many plain ones."""

from __future__ import annotations

import hmac
from copy import copy

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


@pytest.mark.parametrize("secret", [None, b"0123456789abcdef"])
def test_a_plain_case_is_named_and_recorded_as_any_other(secret: bytes | None) -> None:
    sink = Collecting()
    named = {**CASE, "account": "A-\u767d", "id": 17}
    for key, request in ((None, None), ("account", None), ("account", "id"), ("late", None)):
        asking = Asking(POLICY, record=sink, key=key, request=request)
        case = {name: value for name, value in named.items() if name in {*CASE, key, request}}
        plain = asking.plain(lambda *answer: answer)(case)
        (entry,) = sink.take()
        answer = asking.answer_case({**case})
        (other,) = sink.take()
        assert answer.request is not None
        assert plain is not None
        assert plain == (answer.names, answer.request.case, answer.decision)
        moment = other.recorded.isoformat(timespec="milliseconds")
        assert [entry.recorded <= other.recorded, entry.decision is plain[2]] == [True, True]
        documents = [each.as_json(secret) for each in (entry, other)]
        for document in documents:
            assert document.pop("recorded") <= moment
            salt = document.pop("salt", None)
            assert (salt is None) == (secret is None)
            (hidden,) = document["case"].pop("income").values()
            written = f"{salt} income CNY 3400.50".encode()
            assert hidden == (secret and "hmac-sha256:" + hmac.digest(secret, written, "sha256").hex())
        assert documents[0] == documents[1]
    for unlike in ({**named, "late": -1}, {**named, "account": ""}, [named]):  # and nothing is taken from it
        before = copy(unlike)
        asking = Asking(POLICY, record=sink, key="account", request="id")
        assert asking.plain(lambda *answer: answer)(unlike) is None
        assert unlike == before
    assert not sink.take()


def test_an_answer_that_nobody_records_has_its_names_too() -> None:
    named = {**CASE, "account": "A-1", "id": 17}
    for key, request in ((None, None), ("account", None), (None, "id"), ("account", "id")):
        asking = Asking(POLICY, key=key, request=request)
        case = {name: value for name, value in named.items() if name in {*CASE, key, request}}
        plain = asking.plain(lambda *answer: answer)(case)
        answer = asking.answer_case({**case})
        assert answer.request is not None
        assert plain == (answer.names, answer.request.case, answer.decision)
        assert asking.plain(lambda *answer: answer)({**case, "late": -1}) is None
