"""What an agent is answered: codes first, the texts of authors apart, and nothing that is private.

A case is the host's. The agent names it, and may add the facts that the host lists; what nobody tells is unknown. No
answer says what the least change would be with which an action were permitted.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from attrs import frozen

from forbear.kernel.cases import CaseError
from forbear.kernel.history.moments import zones_of
from forbear.library.answering import Request, read_case, request_of, when_of
from forbear.library.book import Book
from forbear.library.policy import Policy

PARAMETERS: Final = ("policy", "action", "case", "facts")
"""What a question may name: another part, such as a moment, would be asked in vain."""
AHEAD: Final = "30 days"
"""How far a next moment is looked for."""
_REFERENCE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
Document = dict[str, object]


class Refused(Exception):
    """A question that is not answered, as a code with what it is about."""

    def __init__(self, code: str, about: str) -> None:
        super().__init__(code)
        self.document: Document = {"error": code, "about": about}


@frozen
class Door:
    """The policies that agents may ask about, the folder of the host's cases, the facts that an agent may tell, and the
    moment of all questions; None for now."""

    policies: Mapping[str, Policy | Book]
    cases: Path
    told: frozenset[str] = frozenset()
    at: str | None = None

    def answer(self, tool: str, arguments: Mapping[str, Any]) -> tuple[Document, bool]:
        """The answer to a question, and whether it is an error."""
        try:
            if tool not in TOOLS:
                raise Refused("no-tool", tool)
            for name in arguments:
                if name not in PARAMETERS:
                    raise Refused("no-parameter", name)
            return TOOLS[tool](self, arguments), False
        except Refused as refused:
            return refused.document, True
        except CaseError as error:
            faults = [{"code": its.code, "fact": its.fact, "message": its.message} for its in error.faults]
            tell = sorted({its.fact for its in error.faults if its.code == "missing" and its.fact in self.told})
            return {"error": "faults", "faults": faults, **({"tell": tell} if tell else {})}, True

    def policy(self, arguments: Mapping[str, Any]) -> Policy | Book:
        name = _text(arguments, "policy")
        if name not in self.policies:
            raise Refused("no-policy", name)
        return self.policies[name]

    def asked(self, arguments: Mapping[str, Any]) -> tuple[Policy | Book, str, Request]:
        """The policy, the action and the case of a question. Raises `Refused` and `CaseError`."""
        found, action, reference = self.policy(arguments), _text(arguments, "action"), _text(arguments, "case")
        if not any(action in version.actions for version in found.versions):
            raise Refused("no-action", action)
        if not _REFERENCE.fullmatch(reference):
            raise Refused("no-case", reference)
        try:
            case = read_case((self.cases / f"{reference}.json").read_bytes())
        except OSError:
            raise Refused("no-case", reference) from None
        facts = arguments.get("facts") or {}
        if not isinstance(facts, dict):
            raise Refused("no-facts", "facts")
        for name in facts:
            if name not in self.told:
                raise Refused("not-for-agents", name)
            if name in case:
                raise Refused("told-by-host", name)
        now = self.at or datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        return found, action, request_of({**case, **facts}, None, now)


def may_i(door: Door, arguments: Mapping[str, Any]) -> Document:
    """Whether an action is permitted now, by which rules, until when, and, if it is not, from when on."""
    found, action, request = door.asked(arguments)
    answer = when_of(found, action, request, AHEAD)
    first = answer.intervals[0]
    decision = first.decision
    assert decision is not None  # a case that cannot be decided now is an error
    deciding = answer.versions[0] if answer.versions else found.deciding(request.case, None, request.at, action)
    until, retry = first.end, answer.next_permitted
    if answer.held:  # the next day changes facts that are held still here
        midnights = [_midnight(first.start, zone) for zone in zones_of(request.case, request.at, [])]
        until = min(until, *midnights)
    return {
        "policy": _named(deciding),
        "action": action,
        "at": request.at,
        "permitted": first.permitted,
        "verdict": decision.verdict.value,
        "rules": list(decision.rules),
        "unknown": list(decision.unknown),
        "along": {one.action: list(one.rules) for one in decision.along},
        "valid_until": until.isoformat(),
        "retry_at": None if first.permitted or retry is None else retry.isoformat(),
        "texts": {
            "because": list(decision.because),
            "source": list(decision.source),
            "omits": list(deciding.typed.omits),
            "version": deciding.version,
        },
    }


def when(door: Door, arguments: Mapping[str, Any]) -> Document:
    """From when until when an action has which verdict, in the days ahead."""
    found, action, request = door.asked(arguments)
    answer = when_of(found, action, request, AHEAD)
    return {
        "action": action,
        "intervals": [
            {
                "from": its.start.isoformat(),
                "until": its.end.isoformat(),
                "permitted": its.permitted,
                "verdict": "undecided" if its.verdict is None else its.verdict.value,
            }
            for its in answer
        ],
    }


def ask_next(door: Door, arguments: Mapping[str, Any]) -> Document:
    """Which facts still matter for an action, the most decisive first, and which of them the agent may tell."""
    found, action, request = door.asked(arguments)
    policy = found.deciding(request.case, request.on, request.at, action)
    questions = policy.ask(action, request.case, request.on, request.at)
    return {
        "action": action,
        "permitted": questions.permitted,
        "ask": [question.fact for question in questions if question.fact in door.told],
        "host": [question.fact for question in questions if question.fact not in door.told],
    }


def policies(door: Door, arguments: Mapping[str, Any]) -> Document:
    """The policies, with their versions and actions, and what they say that they omit."""
    return {
        "policies": [
            {
                "name": name,
                "versions": [_named(its) for its in found.versions],
                "actions": list(dict.fromkeys(action for its in found.versions for action in its.actions)),
                "texts": {
                    "omits": [text for its in found.versions for text in its.typed.omits],
                    "versions": [its.version for its in found.versions],
                },
            }
            for name, found in door.policies.items()
        ]
    }


def facts(door: Door, arguments: Mapping[str, Any]) -> Document:
    """The facts of a policy that the agent may tell."""
    found = door.policy(arguments)
    declared = {name: its for version in found.versions for name, its in version.typed.facts.items()}
    return {
        "facts": [
            {
                "name": its.name,
                "kind": its.kind.word,
                "names": list(its.names),
                "optional": its.optional,
                "texts": {"description": its.description},
            }
            for its in [declared[name] for name in sorted(door.told & declared.keys())]
        ]
    }


TOOLS: Final = {"may_i": may_i, "when": when, "ask_next": ask_next, "policies": policies, "facts": facts}


def _named(policy: Policy) -> Document:
    return {"name": policy.name, "digest": policy.digest}


def _text(arguments: Mapping[str, Any], name: str) -> str:
    value = arguments.get(name)
    if not isinstance(value, str):
        raise Refused("missing", name)
    return value


def _midnight(moment: datetime.datetime, zone: datetime.tzinfo) -> datetime.datetime:
    tomorrow = moment.astimezone(zone).date() + datetime.timedelta(1)
    return datetime.datetime.combine(tomorrow, datetime.time(), zone)
