"""Answers each question about a policy. This module knows nothing of sockets, and waits for nothing."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from msgspec import Raw

from forbear.kernel.cases import CaseError
from forbear.kernel.history.moments import MOMENT
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
from forbear.service.reading import read
from forbear.service.writing import Reply, Told, encode, joined


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
    tell = decisions.append
    answer_plain = target.asking.plain(target.writer.plain(target.versions[-1], tell))  # alone where a case is plain
    documents = [answer_plain(case) or _answer(target, case, tell) for case in cases]
    times = Counter(decisions)
    by = {told.policy for told in times}
    return Reply(
        200,
        joined(documents, hides_nothing=content.isascii() and b"\\" not in content),
        digest=by.pop().digest if len(by) == 1 else None,
        told=times,
        refused=len(cases) - len(decisions),
    )


def _answer(target: Served, case: object, tell: Callable[[Told], object]) -> Raw:
    """Returns the document of the answer to a case that need not be plain. Reports the decision in it."""
    try:
        answer = target.asking.answer_case(case_of(case))
    except CaseError as error:
        answer = target.asking.refused(error)
    document, told = target.writer.answer(answer)
    if told is not None:
        tell(told)
    return Raw(encode(document))


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
