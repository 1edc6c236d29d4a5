"""The parts of answers that are the same for every policy, as schemas of OpenAPI 3.1.

They say all that answers have, as `tests/service/test_schemas.py` makes sure. Generators make classes of their names:
none is the name of a type of TypeScript or Java that everybody uses, such as `Partial`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import count
from typing import Any, Final, get_args

from forbear.deciding.explain import Standing
from forbear.kernel.cases import Verdict
from forbear.service.problems import PROBLEMS

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}
TEXTS: Final[Schema] = {"type": "array", "items": TEXT}
DAY: Final[Schema] = {"type": "string", "format": "date"}
CASE: Final[Schema] = {
    "description": "The case, private values hidden",
    "type": "object",
    "additionalProperties": True,
}
_FLAG: Final[Schema] = {"type": "boolean"}
_TEXT_OR_NULL: Final[Schema] = {"type": ["string", "null"]}
_ANY: Final[Schema] = {}
_DIGEST: Final[Schema] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}


def named_for(name: str) -> Iterator[str]:
    """What the names of schemas have in common that are made for something of this name, the best first."""
    pascal = "".join(part.capitalize() for part in name.split("_"))
    yield pascal
    for number in count(2):
        yield f"{pascal}{number}"


def ref(name: str, kind: str = "schemas") -> Schema:
    """A reference to a component of the description."""
    return {"$ref": f"#/components/{kind}/{name}"}


def closed(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object that has these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def listed(of: Schema) -> Schema:
    """A list."""
    return {"type": "array", "items": of}


def mapped(to: Schema) -> Schema:
    """An object from any name to values of one schema."""
    return {"type": "object", "additionalProperties": to}


def told(description: str, schema: Schema) -> Schema:
    """A schema with its description."""
    return {"description": description, **schema}


_VERDICTS: Final = [verdict.value for verdict in Verdict]
_PERMITTED: Final = told("Whether it is allowed or required", _FLAG)
_ALONG: Final = told("What must accompany it, with the rules that ask for it", mapped(TEXTS))
_BY: Final[Mapping[str, Schema]] = {
    "rules": told("The deciding rules, in file order", TEXTS),
    "because": TEXTS,
    "source": TEXTS,
}
_BESIDES: Final[Mapping[str, Schema]] = {"unknown": told("Unknown facts that took part", TEXTS), "along": _ALONG}
_NAMED: Final[Mapping[str, Schema]] = {
    "request": told("The id of the request, if the service knows its field", TEXT),
    "key": told("The account, if the service knows its field", TEXT),
}
_ON: Final = told("The day of the decision", DAY)
_AT: Final = told("The moment of the decision, as the case has it", TEXT)
HEAD: Final[Mapping[str, Schema]] = {"on": _ON, "at": _AT}
"""What an answer has where the case has it."""
VALID_UNTIL: Final = told(
    "The first moment at which a verdict, or what decides it, changes by itself; null where none does within ten years."
    " It is there where it is asked for",
    _TEXT_OR_NULL,
)

HELD: Final = told(
    "The facts on which the decision rests and that nothing moves, as the case gives them: while there are any, it is"
    " valid until the next midnight at most, where the borrower lives. It is there with `valid_until`",
    TEXTS,
)

_DECIDED: Final[Mapping[str, Schema]] = {
    "ActionDecision": closed({"verdict": ref("Verdict"), "permitted": _PERMITTED, **_BY}, _BESIDES),
    "Verdict": {"type": "string", "enum": _VERDICTS},
    "PolicyVersion": closed({"name": TEXT, "digest": _DIGEST}, {"version": TEXT}),
    "CaseError": closed({"error": TEXT, "faults": listed(ref("Fault"))}, _NAMED),
    "Fault": closed(
        {
            "fact": told("The fact, or null if the error is about none", _TEXT_OR_NULL),
            "message": told("What is wrong, or withheld, for people", TEXT),
            "code": told("What is wrong, or withheld, for programs", TEXT),
            "arguments": told("The arguments of the message: names, values, bounds", mapped(_ANY)),
        }
    ),
    "Problem": {
        "description": "RFC 9457",
        "type": "object",
        "properties": {
            "type": TEXT,
            "title": TEXT,
            "status": {"type": "integer"},
            "code": {"description": "What is wrong", "type": "string", "enum": list(PROBLEMS)},
            "detail": TEXT,
            "faults": told("Every error of the step at which the case fails", listed(ref("Fault"))),
            "nearest": told("The nearest known name", _TEXT_OR_NULL),
            **_NAMED,
        },
        "required": ["type", "title", "status", "code", "detail"],
    },
}
_VALUE: Final = told("The value, as in a case; null if it is unknown, private, or known in part", _ANY)
_EXPLAINED: Final[Mapping[str, Schema]] = {
    "Explanations": closed({"policy": ref("PolicyVersion"), "explanations": listed(ref("Explanation"))}),
    "Explanation": closed(
        {
            "action": TEXT,
            "description": _TEXT_OR_NULL,
            "on": told("The day that is explained", {"type": ["string", "null"], "format": "date"}),
            "at": told("The moment that is explained, in the zone that is explained", _TEXT_OR_NULL),
            "zone": _TEXT_OR_NULL,
            "decision": ref("ActionDecision"),
            "facts": listed(ref("ExplainedFact")),
            "rules": listed(ref("ExplainedRule")),
            "changes": told("The nearest changes that alter the verdict", listed(ref("ExplainedChange"))),
            "withheld": told(
                "Facts whose changes are left out, because they would show a private value", listed(ref("Fault"))
            ),
        },
        {"policy": ref("PolicyVersion")},
    ),
    "ExplainedFact": closed({"fact": TEXT, "value": _VALUE, "text": told("In words", TEXT), "matters": _FLAG}),
    "ExplainedRule": closed(
        {
            "name": TEXT,
            "title": _TEXT_OR_NULL,
            "effect": told("The word of the rule; `require A with B`; or `blocked`", TEXT),
            "standing": {"type": "string", "enum": list(get_args(Standing))},
            "matters": told("Whether it takes part in the verdict, or could permit", _FLAG),
            "clauses": listed(ref("ExplainedClause")),
            "set_aside_by": told("The active rules that override it", TEXTS),
            "period": told("When it is in force", _TEXT_OR_NULL),
            "because": _TEXT_OR_NULL,
            "source": _TEXT_OR_NULL,
        }
    ),
    "ExplainedClause": closed(
        {
            "condition": TEXT,
            "holds": told("The value, or null if it is unknown", {"type": ["boolean", "null"]}),
            "missing": told("What is missing for it to hold", _TEXT_OR_NULL),
        }
    ),
    "ExplainedChange": closed(
        {"fact": TEXT, "value": told("The value, as in a case", _ANY), "verdict": ref("Verdict")}
    ),
}
_RANGE: Final[Schema] = {**listed(_ANY), "minItems": 2, "maxItems": 2}
_ALLOWED: Final[Mapping[str, Schema]] = {
    "between": told("Ranges with both ends included; null is no bound", listed(_RANGE)),
    "one_of": told("The values that it may have", listed(_ANY)),
    "none_of": told("The values that it may not have; it may have all others", listed(_ANY)),
    "or_none": told("Whether it may also be none", _FLAG),
}
_SUM: Final[Mapping[str, Schema]] = {
    "sum": told(
        "The sum of these facts, each times a number, is in the ranges",
        mapped({"type": "integer", "format": "int64"}),
    ),
}
_OPEN: Final[Mapping[str, Schema]] = {
    "Outcome": closed(
        {
            "verdict": ref("Verdict"),
            "permitted": _PERMITTED,
            "when": told("The condition on the open facts, in the language; `always` if there is none", TEXT),
            "conditions": told(
                "The same as data: one of these holds, in each of its facts",
                listed(mapped(ref("AllowedValues"))),
            ),
            "rules": told("The rules that decide wherever it holds", TEXTS),
            "sometimes": told("The rules that decide in a part of it", TEXTS),
            "because": TEXTS,
            "source": TEXTS,
        },
        _BESIDES,
    ),
    "AllowedValues": closed({}, {**_ALLOWED, **_SUM}),
    "Questions": closed(
        {
            "policy": ref("PolicyVersion"),
            "case": CASE,
            "action": TEXT,
            "settled": told(
                "The verdict, whatever is still open; null if an open fact matters",
                {"oneOf": [ref("Outcome"), {"type": "null"}]},
            ),
            "permitted": told(
                "Whether the action is permitted, whatever is still open; null if that is not certain",
                {"type": ["boolean", "null"]},
            ),
            "questions": told("The facts that still matter, the most decisive first", listed(ref("Question"))),
        },
        HEAD,
    ),
    "Question": closed(
        {
            "fact": TEXT,
            "telling": told(
                "How far the fact is expected to narrow the answer, from 0 to 1",
                {"type": "number", "minimum": 0, "maximum": 1},
            ),
            "choices": told("Values that the answer distinguishes", listed(ref("Choice"))),
        }
    ),
    "Choice": closed(
        {"when": told("The values, in the language", TEXT)},
        {**_ALLOWED, "or_unknown": told("Whether it may also stay unknown", _FLAG)},
    ),
}
_ARGUMENTS: Final[Mapping[str, Schema]] = {
    "fact": told("The fact that moves", TEXT),
    "value": told("The new value, as in a case", _ANY),
    "change": told("Whether clocks go forward or back", {"type": "string", "enum": ["forward", "back"]}),
    "calendar": TEXT,
    "date": told("A day, or null", {"type": ["string", "null"], "format": "date"}),
    "event": TEXT,
    "since": told("The day of the event", DAY),
    "window": told("In words", TEXT),
    "at": told("The moments of the events", TEXTS),
    "rule": TEXT,
    "book": TEXT,
    "from": told("A version, or null", _TEXT_OR_NULL),
    "to": told("A version, or null", _TEXT_OR_NULL),
    "faults": told("The errors of the case from then on", listed(ref("Fault"))),
}
_AHEAD: Final[Mapping[str, Schema]] = {
    "When": closed(
        {
            "policy": told("The version that decides at first", ref("PolicyVersion")),
            "case": CASE,
            "action": TEXT,
            "moving": told("Facts that move with time", TEXTS),
            "held": told("Facts that time would move, but that the case gives outright", TEXTS),
            "intervals": listed(ref("Interval")),
        },
        {
            "book": told("The book whose versions decide", TEXT),
            "versions": told("The versions of a book that decide in turn", listed(ref("PolicyVersion"))),
        },
    ),
    "Interval": closed(
        {
            "from": told("The first moment", TEXT),
            "until": told("The moment at which it ends, not included", TEXT),
            "verdict": {"type": "string", "enum": [*_VERDICTS, "undecided"]},
            "permitted": _PERMITTED,
            "ends": told("What ends it; empty for the last interval", listed(ref("IntervalEnd"))),
        },
        {**_BY, **_BESIDES, "faults": told("Why it is undecided", listed(ref("Fault")))},
    ),
    "IntervalEnd": closed(
        {
            "code": told("What moves; the other properties belong to it", TEXT),
            "zone": told("The time zone in which it moves", TEXT),
            "sentence": told("The same in words", TEXT),
        },
        _ARGUMENTS,
    ),
}
_SERVED: Final[Mapping[str, Schema]] = {
    "ServedPolicies": closed({"policies": listed(ref("ServedPolicy"))}),
    "ServedPolicy": closed({"name": TEXT, "title": _TEXT_OR_NULL, "versions": listed(ref("ServedVersion"))}),
    "ServedVersion": closed(
        {
            "version": _TEXT_OR_NULL,
            "digest": _DIGEST,
            "since": told("The first day on which it is in force", {"type": ["string", "null"], "format": "date"}),
            "until": told("The last day on which it is in force", {"type": ["string", "null"], "format": "date"}),
        }
    ),
    "Liveness": closed({"status": {"type": "string", "enum": ["live"]}}),
    "Readiness": closed(
        {
            "status": {"type": "string", "enum": ["ready", "unavailable"]},
            "folder": told("Whether the policies in force are those of the folder", TEXT),
        },
        {
            "record": told("Why the record cannot be written", TEXT),
            "policies": told("The digests of each policy's versions", mapped(TEXTS)),
            "errors": told("What is wrong with the folder", TEXTS),
        },
    ),
}
SHARED: Final[Mapping[str, Schema]] = {**_DECIDED, **_EXPLAINED, **_OPEN, **_AHEAD, **_SERVED}
"""All schemas that are the same for every policy, by name."""
