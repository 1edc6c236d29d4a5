"""Answers each question about a policy. This module knows nothing of sockets, and waits for nothing."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from forbear.kernel.cases import CaseError
from forbear.kernel.history.moments import MOMENT
from forbear.kernel.strict_json import MOST_DEPTH, MOST_NAMES, MOST_VALUES, decimal, read_json
from forbear.library.answering import (
    Answer,
    Request,
    answer_when,
    case_of,
    open_document,
    questions_document,
    request_of,
)
from forbear.library.policy import Policy
from forbear.queries.when import LENGTH
from forbear.service.policies import Policies, Served, digest_of
from forbear.service.problems import Problem, nothing_of, of_case, problem
from forbear.service.writing import Reply, Told, encode


def served(policies: Policies, name: str) -> Served:
    """The policy of a name. Raises `Problem`, which names the nearest one."""
    policy = policies.by_name.get(name)
    if policy is None:
        raise Problem(nothing_of("no-policy", name, policies.by_name))
    return policy


def decide(target: Served, content: bytes, valid_until: str) -> Reply:
    """The decision on a case; where `valid_until` is "true", with the moment until which it is valid."""
    if valid_until not in ("true", "false"):
        raise Problem(problem("parameter-value", name="valid_until", values="`true` or `false`"))
    return _reply(target, target.asking.answer_case(_case(target, content), valid_until=valid_until == "true"))


def permits(target: Served, content: bytes, action: str) -> Reply:
    """The decision on one action alone."""
    _require_action(target, action)
    return _reply(target, target.asking.answer_case(_case(target, content), action))


def decide_batch(target: Served, content: bytes, most: int) -> Reply:
    """The decisions on up to so many cases, each as if it were alone: of one in error, its errors."""
    document = _read(target, content, "batch")
    for name in document if isinstance(document, dict) else ():
        if name != "cases":
            raise Problem(nothing_of("no-part-of-batch", name, ("cases",)))
    cases = document.get("cases") if isinstance(document, dict) else None
    if not isinstance(cases, list):
        raise Problem(problem("no-batch"))
    if len(cases) > most:
        raise Problem(problem("long-batch", most=most, given=len(cases)))
    decisions: list[Told] = []
    documents = [_answer(target, case, decisions) for case in cases]
    times = Counter(decisions)
    by = {told.policy for told in times}
    return Reply(
        200,
        encode({"answers": documents}),
        digest=by.pop().digest if len(by) == 1 else None,
        told=times,
        refused=len(cases) - len(decisions),
    )


def _answer(target: Served, case: object, decisions: list[Told]) -> object:
    """Returns the document of the answer to a case. Adds the decision in it to `decisions`."""
    try:
        answer = target.asking.answer_case(case_of(case))
    except CaseError as error:
        answer = target.asking.refused(error)
    document, told = target.writer.answer(answer)
    if told is not None:
        decisions.append(told)
    return document


def explain(target: Served, content: bytes, action: str | None = None) -> Reply:
    """Explains why an action has its verdict, or each action its own."""
    if action is not None:
        _require_action(target, action)
    request = _request(target, content)
    with _refusing():
        policy = target.found.deciding(request.case, request.on, request.at, action)
        actions = policy.actions if action is None else (action,)
        explanations = [policy.explain(name, request.case, request.on, request.at).as_json() for name in actions]
    document = explanations[0] if action is not None else {"explanations": explanations}
    return Reply(200, encode({"policy": policy.about, **document}), digest=policy.digest)


def when(target: Served, content: bytes, action: str, until: str) -> Reply:
    """Returns the intervals in which an action has each verdict."""
    _require_action(target, action)
    if LENGTH.fullmatch(until) is None and MOMENT.fullmatch(until) is None:
        values = "a moment, such as `2026-03-01T09:30:00-05:00`, or how long: `30 days`, `12 hours`"
        if MOMENT.fullmatch("+".join(until.rsplit(" ", 1))):
            values += "; in a query a `+` means a blank: write it as `%2B`"
        raise Problem(problem("parameter-value", name="until", values=values))
    request = _request(target, content)
    with _refusing():
        deciding, document = answer_when(target.found, action, request, until)
    return Reply(200, encode(document), digest=digest_of(deciding))


def partial(target: Served, content: bytes, open: str) -> Reply:
    """Returns the outcomes if some facts are open, whose names are separated by commas."""
    names = [name.strip() for name in open.split(",") if name.strip()]
    if not names:
        raise Problem(problem("parameter", name="open"))
    known = list(dict.fromkeys(name for version in target.versions for name in version.typed.facts))
    for name in names:
        if name not in known:
            raise Problem(nothing_of("no-fact", name, known))
    request = _request(target, content)
    with _refusing():
        policy = target.found.deciding(request.case, request.on, request.at)
        document = open_document(policy, request, names)
    return Reply(200, encode(document), digest=policy.digest)


def ask(target: Served, content: bytes, action: str) -> Reply:
    """Returns the facts that still matter for an action."""
    _require_action(target, action)
    request = _request(target, content)
    with _refusing():
        policy = target.found.deciding(request.case, request.on, request.at, action)
        document = questions_document(policy, request, action)
    return Reply(200, encode(document), digest=policy.digest)


@contextmanager
def _refusing() -> Iterator[None]:
    """Answers an error of the case with its problem."""
    try:
        yield
    except CaseError as error:
        raise Problem(of_case(error)) from None


def _request(target: Served, content: bytes) -> Request:
    """Returns the request of a case, without the names of an answer."""
    case = _case(target, content)
    for name in target.asking.left_out:
        case.pop(name, None)
    with _refusing():
        return request_of(case, None, None)


def _reply(target: Served, answer: Answer) -> Reply:
    if answer.error is not None:
        return of_case(answer.error, **answer.named)
    document, decision = target.writer.answer(answer)
    assert answer.policy is not None
    return Reply(200, encode(document), digest=answer.policy.digest, told={} if decision is None else {decision: 1})


def _read(target: Served, content: bytes, document: str) -> Any:
    try:
        return read(content, document)
    except CaseError as error:
        target.asking.refused(error)
        raise Problem(of_case(error, "unreadable")) from None


def _case(target: Served, content: bytes) -> dict[str, object]:
    document = _read(target, content, "case")
    try:
        return case_of(document)
    except CaseError as error:
        target.asking.refused(error)
        raise Problem(of_case(error)) from None


def _require_action(target: Served, action: str) -> None:
    known = list(dict.fromkeys(name for version in target.versions for name in version.actions))
    if action not in known:
        raise Problem(nothing_of("no-action", action, known))


def listed(policies: Policies) -> Mapping[str, object]:
    """The policies that are served, with the versions of each."""
    return {
        "policies": [
            {
                "name": name,
                "title": policy.versions[0].title,
                "versions": [_version(version) for version in policy.versions],
            }
            for name, policy in policies.by_name.items()
        ]
    }


def _version(policy: Policy) -> Mapping[str, object]:
    def day(number: int | None) -> str | None:
        return None if number is None else datetime.date.fromordinal(number).isoformat()

    return {
        "version": policy.version,
        "digest": policy.digest,
        "since": day(policy.typed.since),
        "until": day(policy.typed.until),
    }


# Bodies of requests. What they may hold is what `strict_json` reads, as everywhere.
#
# msgspec is several times as fast, but of a name that is given twice it keeps the last. So what it has read counts only
# where that cannot have been: where the body has as many names as what was read. Everything else, and every error, is
# left to `strict_json`.


_MOST_LISTS = MOST_DEPTH - 3
"""The deepest nesting if all names are those of a case or of a list of these: two objects have names, and one more can
be empty.
"""
_APART = (b" :", b"\n:", b"\t:", b"\r:")


_DECODER = msgspec.json.Decoder(float_hook=decimal)
"""It reads whole numbers of as many digits as `strict_json` does."""


def read(content: bytes, called: str) -> object:
    """Returns the content of a body, decimals as `Decimal`. Raises `CaseError` if it is not JSON, ambiguous, or beyond
    a bound; `called` is its name in messages.
    """
    if b"\\" not in content and (len(content) <= MOST_VALUES or _marks(content) <= MOST_VALUES):
        try:
            document = _DECODER.decode(content)
            if _has_all_names(document, content):
                return document
        except (msgspec.DecodeError, ValueError, ArithmeticError, RecursionError):
            pass  # `strict_json` reports the error, if there is one
    return read_json(content, called)


def _marks(content: bytes) -> int:
    """No fewer than the values of a body but one."""
    return content.count(b",") + content.count(b"[") + content.count(b"{")


def _has_all_names(document: object, content: bytes) -> bool:
    """Returns true if a case of plain values, or a list of these in an object, certainly has all names of the body.

    After each name comes a colon, also after the names further within, so that there are more than are counted. Colons
    within texts do no harm because no text has an escape: each name, and each text that begins with a colon, ends in a
    quote before a colon, unless white space comes between.
    """
    if type(document) is not dict:
        return False
    objects = [document]
    for value in document.values():
        if type(value) is list:
            objects += [item for item in value if type(item) is dict]
    names = sum(map(len, objects))
    return (
        (content.count(b":") == names or (content.count(b'":') == names and not _has_apart(content)))
        and (content.find(b"[", content.find(b"[") + 1) < 0 or content.count(b"[") <= _MOST_LISTS)  # most have one
        and (names <= MOST_NAMES or max(map(len, objects)) <= MOST_NAMES)
    )


def _has_apart(content: bytes) -> bool:
    """Returns true if white space comes before a colon somewhere."""
    return any(apart[:1] in content and apart in content for apart in _APART)
