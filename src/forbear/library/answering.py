"""Cases and answers in JSON, as the command line and the service share them."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from attrs import field, frozen

from forbear.deciding.decision import Decision
from forbear.deciding.records.sink import (
    LONGEST_NAME,
    NAMELESS,
    Asked,
    Names,
    Sink,
    left_out,
    record,
    shown_any,
    shown_case,
)
from forbear.kernel.cases import CaseError, Fault, in_digits, read_on
from forbear.kernel.faults import fault
from forbear.kernel.history.moments import moment_of, zones_of
from forbear.kernel.strict_json import read_json
from forbear.library.book import Book
from forbear.library.policy import Policy
from forbear.report.formats.json import dumps

if TYPE_CHECKING:
    from forbear.queries.when import Until, When


class Request(NamedTuple):
    """A request for a decision: a case, and its day or moment."""

    case: dict[str, object]
    on: datetime.date | str | None
    at: str | None


def read_case(content: bytes) -> dict[str, object]:
    """Reads a case in JSON, with its day or moment where it gives one. Raises `CaseError`."""
    return case_of(read_json(content))


def case_of(document: object) -> dict[str, object]:
    """A document of JSON that is to be a case. Raises `CaseError`."""
    if not isinstance(document, dict):
        given = {"type": "list" if isinstance(document, list) else "value"}
        raise CaseError([Fault.of(None, "no-object", given=given)])
    return document


def request_of(case: dict[str, object], on: datetime.date | None, at: str | None) -> Request:
    """The request of a case that was read. It may give its day under `"on"` or its moment under `"at"`, as the command
    line may; they are taken from it. Raises `CaseError`, also where case and command line differ."""
    named_on, named_at = case.pop("on", None), case.pop("at", None)
    if named_on is None and named_at is None:
        return Request(case, on, at)
    if named_on is not None and not isinstance(named_on, str):
        raise CaseError([fault("on", "day-without-form")])
    if named_at is not None and not isinstance(named_at, str):
        raise CaseError([fault("at", "moment-without-form")])
    if on is not None and named_on is not None and on.isoformat() != named_on:
        raise CaseError([fault("on", "two-days", day=named_on, other=on.isoformat())])
    if at is not None and named_at is not None and at != named_at:
        raise CaseError([fault("at", "two-moments", moment=named_at, other=at)])
    return Request(case, named_on if on is None else on, named_at if at is None else at)


def text_of(value: object) -> str | None:
    """A value of JSON as the text of a key; None where it is null."""
    if value is None or isinstance(value, str):
        return value
    return in_digits(value) if isinstance(value, Decimal) else dumps(value)


def case_error(error: CaseError) -> dict[str, object]:
    """The JSON document of the errors of a case."""
    return {"error": str(error), "faults": [fault.as_json() for fault in error.faults]}


class Answer(NamedTuple):
    """The answer to a case: a decision, or the error that prevented one."""

    names: Names
    request: Request | None = None
    policy: Policy | None = None
    action: str | None = None
    """The only action that was asked about; None for all."""
    decision: Decision | None = None
    error: CaseError | None = None
    more: Mapping[str, object] = MappingProxyType({})
    """Additional answers that were requested, which the document has after day and moment."""

    @property
    def named(self) -> dict[str, str]:
        """The names of the answer, as its document has them."""
        named = {"request": self.names.request, "key": self.names.key}
        return {name: value for name, value in named.items() if value is not None}

    @property
    def head(self) -> dict[str, object]:
        """Returns the fields that the document of a decision has before the case."""
        assert self.policy is not None
        assert self.request is not None
        head: dict[str, object] = {**self.named, "policy": self.policy.about}
        if self.request.on is not None:
            head["on"] = datetime.date.fromordinal(read_on(self.request.on)).isoformat()
        if self.request.at is not None:
            head["at"] = self.request.at
        head |= self.more
        if self.action is not None:
            assert self.decision is not None
            head |= {"permits": self.action, "permitted": self.decision.permits(self.action)}
        return head

    @property
    def moments(self) -> list[datetime.datetime]:
        """The moment of the decision in each time zone of the case; empty where it has no moment."""
        assert self.request is not None
        at = self.request.at
        zones = [] if at is None else zones_of(self.request.case, at, [])
        return [moment_of(at, zone, len(zones)).astimezone(zone) for zone in zones]

    @property
    def shown(self) -> Mapping[str, object]:
        """The case with its private values hidden."""
        assert self.policy is not None
        assert self.request is not None
        if self.action is not None:  # which does not read all of a case
            return shown_any(self.policy.typed, self.request.case, left_out) or {}
        return shown_case(self.policy.typed, self.request.case)

    @property
    def document(self) -> dict[str, object]:
        """The answer in JSON."""
        if self.error is not None:
            return {**self.named, **case_error(self.error)}
        assert self.decision is not None
        return {**self.head, "case": self.shown, "decisions": self.decision.as_json()}


def answer_when(
    loaded: Policy | Book, action: str, request: Request, until: Until
) -> tuple[Sequence[Policy], dict[str, object]]:
    """Returns the intervals in which an action has each verdict, as JSON, with the policy that decides, or the versions
    that decide in turn. Raises `CaseError`.
    """
    if request.at is None:
        raise CaseError([fault("at", "no-start")])
    answer = when_of(loaded, action, request, until)
    version = loaded.deciding({}, answer.intervals[0].start.date())
    return answer.versions or (version,), when_document(loaded, version, request.case, answer)


def when_of(loaded: Policy | Book, action: str, request: Request, until: Until) -> When:
    """The intervals of an action. Raises `CaseError`, also if the case names another day than that of its moment."""
    answer = loaded.when(action, request.case, request.at, until)
    for zone in zones_of(request.case, request.at, []) if request.on is not None else ():
        day = answer.intervals[0].start.astimezone(zone).date()
        if day.toordinal() != read_on(request.on):
            raise CaseError([Fault.of("on", "another-day", day=day.isoformat())])
    return answer


def when_document(
    loaded: Policy | Book, version: Policy, case: Mapping[str, object], answer: When
) -> dict[str, object]:
    """The intervals of an action in JSON, with the version that decides at first."""
    return {
        **({"book": loaded.name} if isinstance(loaded, Book) else {}),
        "policy": version.about,
        "case": shown_any(version.typed, case, left_out) or {},
        **answer.as_json(),
    }


def open_document(policy: Policy, request: Request, opened: Sequence[str]) -> dict[str, object]:
    """The answer in JSON to a case of which some facts are open. Raises `CaseError`."""
    partial = policy.partial(request.case, opened, request.on, request.at)
    answer = Answer(NAMELESS, request, policy)
    document = {**answer.head, "case": answer.shown, "open": list(partial.opened), "decisions": partial.as_json()}
    covered = {name: [str(first), str(last)] for name, (first, last) in partial.covered.items()}
    return document | ({"covered": covered} if covered else {})


def questions_document(policy: Policy, request: Request, action: str) -> dict[str, object]:
    """The answer in JSON to what still matters for an action. Raises `CaseError`."""
    questions = policy.ask(action, request.case, request.on, request.at)
    answer = Answer(NAMELESS, request, policy)
    shown = shown_any(policy.typed, request.case, left_out) or {}
    return {**answer.head, "case": shown, **questions.as_json()}


@frozen
class Asking:
    """How cases are decided for a caller. `key` and `request` are the names of the fields that name an answer."""

    found: Policy | Book
    on: datetime.date | None = None
    at: str | None = None
    record: Sink | None = None
    key: str | None = None
    request: str | None = None
    left_out: frozenset[str] = field()
    """Those of the two names that are not facts."""

    @left_out.default
    def _left_out(self) -> frozenset[str]:
        facts = {name for policy in self.found.versions for name in policy.facts}
        return frozenset(name for name in (self.key, self.request) if name is not None and name not in facts)

    def answer(self, content: bytes, *, valid_until: bool = False) -> Answer:
        """Decides a case in JSON, and records the answer. With `valid_until` it has the moment until which it is valid,
        or null where it stays so for ten years. Raises `RecordError` if it cannot be recorded."""
        try:
            case = read_case(content)
        except CaseError as error:
            return self.refused(error)
        return self.answer_case(case, valid_until=valid_until)

    def answer_case(self, case: dict[str, object], action: str | None = None, *, valid_until: bool = False) -> Answer:
        """Decides a case that was read, on all actions or on one; the other arguments are those of `answer`. Removes
        day and moment from the case.
        """
        names = NAMELESS
        try:
            names, case = self.named(case)
            request = request_of(case, self.on, self.at)
            policy = self.found.deciding(request.case, request.on, request.at)
            more = self._valid_until(request, policy) if valid_until else {}
        except CaseError as error:  # before a policy decides, which would record it
            return self.refused(error, names)
        case, on, at = request.case, request.on, request.at
        try:
            if action is None:
                decision = policy.decide(case, on, at, self.record, key=names.key, request=names.request)
            else:
                self.found.deciding(case, on, at, action)  # raises here: the program's own question is in no record
                decision = policy.decide_alone(action, case, on, at, self.record, key=names.key, request=names.request)
        except CaseError as error:
            return Answer(names, request, policy, action, error=error)
        return Answer(names, request, policy, action, decision, more=more)

    def _valid_until(self, request: Request, policy: Policy) -> dict[str, object]:
        """Until when the decision on a case is valid; nothing where the case is in error, as its decision says. Raises
        `CaseError` if nobody can look ahead from its moment."""
        found, (case, on, at) = self.found, request
        if at is None:
            raise CaseError([fault("at", "decided-without-moment")])
        try:
            until, held = found.validity(case, at) if isinstance(found, Book) else found.decide(case, at=at).validity
        except CaseError as error:
            try:
                policy.plain.decide(case, on, at)
            except CaseError:
                return {}
            raise error
        return {"valid_until": None if until is None else until.isoformat(), "held": list(held)}

    def named(self, case: dict[str, object]) -> tuple[Names, dict[str, object]]:
        """The names of the answer to a case, and the case without them, unless they are facts. Raises `CaseError`."""
        if self.key is None and self.request is None:
            return NAMELESS, case
        texts: list[str | None] = []
        for name in (self.key, self.request):
            text = None if name is None else text_of(case.get(name))
            if text is not None and not 0 < len(text) <= LONGEST_NAME:
                raise CaseError([fault(None, "bad-key", name=name, most=LONGEST_NAME)])
            texts.append(text)
        case = case.copy()
        for name in self.left_out:
            case.pop(name, None)
        return Names(*texts), case

    def refused(self, error: CaseError, names: Names = NAMELESS) -> Answer:
        """Records a case that was refused before any policy saw it. Nothing says which of its values are private, so it
        is left out.
        """
        if self.record is not None:
            policy = self.found.versions[-1]
            digest = policy.digest if isinstance(self.found, Policy) else None
            record(self.record, names, Asked(policy.typed, digest, None, None, self.on, self.at), error)
        return Answer(names, error=error)
