"""The description of the service in OpenAPI 3.1, from the facts and actions of each policy, for typed clients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

from forbear.kernel import Verdict
from forbear.library.policy import Policy
from forbear.report.formats.schema import case_schema
from forbear.service.policies import Policies, Served
from forbear.service.problems import PROBLEMS
from forbear.service.writing import encode
from forbear.version import __version__

Schema = dict[str, Any]

_TEXTS: Final[Schema] = {"type": "array", "items": {"type": "string"}}
_TEXT: Final[Schema] = {"type": "string"}
_DIGEST: Final[Schema] = {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"}


class Limits(Protocol):
    """What the description says of limits."""

    @property
    def batch(self) -> int: ...


def document(policies: Policies, *, limits: Limits, guarded: bool) -> bytes:
    """The description of what is served; `guarded` is whether a token is needed."""
    schemas: dict[str, Schema] = dict(_SHARED)
    paths: dict[str, Any] = dict(_PATHS)
    for name, policy in policies.by_name.items():
        paths |= _paths(name, policy)
        schemas |= _schemas(name, policy, limits.batch)
    description: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "Forbear",
            "version": __version__,
            "description": "How far a lender may go with a borrower who is late, by the policies served here. "
            "What no rule permits is not permitted, and what is unknown never permits.",
        },
        "paths": paths,
        "components": {"schemas": schemas, "responses": _RESPONSES},
    }
    if guarded:
        description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
        for path in ("/health/live", "/health/ready"):
            paths[path] = {"get": {**paths[path]["get"], "security": []}}
    return encode(description)


def _paths(name: str, policy: Served) -> dict[str, Any]:
    title, top = _pascal(name), f"/v1/policies/{name}"
    actions = {
        "name": "action",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": _actions(policy)},
    }

    def post(about: str, operation: str, body: str, answer: str, *parameters: Schema) -> Schema:
        operation_object: Schema = {
            "summary": about,
            "operationId": operation,
            "tags": [name],
            "requestBody": {"required": True, "content": _json(body)},
            "responses": {"200": {"description": "Answered", "headers": _ETAG, "content": _json(answer)}, **_FAILURES},
        }
        return {"post": operation_object | ({"parameters": list(parameters)} if parameters else {})}

    case = f"{title}Case"
    until = {
        "name": "until",
        "in": "query",
        "description": 'A moment, or how long: "30 days", "12 hours"',
        "schema": {"type": "string", "default": "30 days"},
    }
    return {
        f"{top}/decide": post("The verdict on each action", f"decide{title}", case, f"{title}Answer"),
        f"{top}/decide/batch": post(
            "The verdicts on each of many cases", f"decideBatch{title}", f"{title}Batch", f"{title}Answers"
        ),
        f"{top}/permits/{{action}}": post(
            "Whether one action is permitted: the check before each contact",
            f"permits{title}",
            f"{title}PartialCase",
            f"{title}Permits",
            actions,
        ),
        f"{top}/explain": post(
            "Why each action has its verdict, and what would change it", f"explainAll{title}", case, "Explanations"
        ),
        f"{top}/explain/{{action}}": post(
            "Why an action has its verdict, and what would change it",
            f"explain{title}",
            f"{title}PartialCase",
            "Explanation",
            actions,
        ),
        f"{top}/partial": post(
            "Under which conditions on open facts each action has which verdict",
            f"partial{title}",
            f"{title}PartialCase",
            "Partial",
            {
                "name": "open",
                "in": "query",
                "required": True,
                "description": "The facts that are not known yet, separated by commas",
                "schema": {"type": "string", "minLength": 1},
            },
        ),
        f"{top}/ask/{{action}}": post(
            "Which facts still matter for an action, the most telling first",
            f"ask{title}",
            f"{title}PartialCase",
            "Questions",
            actions,
        ),
        f"{top}/when/{{action}}": post(
            "From when until when an action has which verdict, if nothing else happens",
            f"when{title}",
            f"{title}PartialCase",
            "When",
            actions,
            until,
        ),
    }


def _schemas(name: str, policy: Served, batch: int) -> dict[str, Schema]:
    title = _pascal(name)
    cases = [_case(policy, version) for version in policy.versions]
    case = cases[0] if all(schema == cases[0] for schema in cases) else {"title": cases[0]["title"], "anyOf": cases}
    decisions: Schema = {
        "type": "object",
        "properties": {action: _ref("ActionDecision") for action in _actions(policy)},
        "additionalProperties": False,
    }
    if len(policy.versions) == 1:
        decisions["required"] = _actions(policy)
    named = {
        field: _TEXT
        for field, named_field in (("request", policy.asking.request), ("key", policy.asking.key))
        if named_field
    }
    answer: Schema = {
        "type": "object",
        "properties": {
            **named,
            "policy": _ref("PolicyVersion"),
            "on": {"type": "string", "format": "date"},
            "at": _TEXT,
            "case": {"description": "The case, private values hidden", "type": "object"},
            "decisions": _ref(f"{title}Decisions"),
        },
        "required": ["policy", "case", "decisions"],
        "additionalProperties": False,
    }
    permits: Schema = {
        **answer,
        "properties": {
            **answer["properties"],
            "permits": {"description": "The action", "type": "string"},
            "permitted": {"type": "boolean"},
            "decisions": {"type": "object", "additionalProperties": _ref("ActionDecision")},
        },
        "required": ["policy", "permits", "permitted", "case", "decisions"],
    }
    answers = {"type": "array", "items": {"anyOf": [_ref(f"{title}Answer"), _ref("CaseError")]}}
    return {
        f"{title}Case": case,
        f"{title}PartialCase": {
            "description": f"A {title}Case, of which only the facts are needed that the rules on the action read",
            "type": "object",
            "properties": {key: value for schema in cases for key, value in schema["properties"].items()},
        },
        f"{title}Batch": {
            "type": "object",
            "properties": {
                "cases": {
                    "type": "array",
                    "maxItems": batch,
                    "items": {"description": f"A {title}Case; of one in error, its errors are answered"},
                }
            },
            "required": ["cases"],
            "additionalProperties": False,
        },
        f"{title}Decisions": decisions,
        f"{title}Answer": answer,
        f"{title}Permits": permits,
        f"{title}Answers": {
            "type": "object",
            "properties": {"answers": answers},
            "required": ["answers"],
            "additionalProperties": False,
        },
    }


def _case(policy: Served, version: Policy) -> Schema:
    """The schema of a case, with the fields that name it; the day is required where it selects the version."""
    schema: Schema = {key: value for key, value in case_schema(version.typed).items() if key != "$schema"}
    names = {name: {"type": ["string", "integer"]} for name in sorted(policy.asking.left_out)}
    schema["properties"] = {**schema["properties"], **names}
    return schema


def _actions(policy: Served) -> list[str]:
    return list(dict.fromkeys(action for version in policy.versions for action in version.actions))


def _pascal(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


def _ref(name: str, kind: str = "schemas") -> Schema:
    return {"$ref": f"#/components/{kind}/{name}"}


def _json(name: str) -> Schema:
    return {"application/json": {"schema": _ref(name)}}


def _object(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_FAULT = _object({"fact": {"type": ["string", "null"]}, "message": _TEXT})
_DECIDED: Final = _object(
    {
        "verdict": {"type": "string", "enum": [verdict.value for verdict in Verdict]},
        "permitted": {"description": "Whether it is allowed or required", "type": "boolean"},
        "rules": {"description": "The deciding rules, in file order", **_TEXTS},
        "because": _TEXTS,
        "source": _TEXTS,
    },
    {
        "unknown": {"description": "Unknown facts that took part", **_TEXTS},
        "along": {
            "description": "What has to go along with it, with the rules that ask for it",
            "type": "object",
            "additionalProperties": _TEXTS,
        },
    },
)
_EXPLANATION: Final[Schema] = {
    "type": "object",
    "properties": {
        "policy": _ref("PolicyVersion"),
        "action": _TEXT,
        "description": {"type": ["string", "null"]},
        "decision": _ref("ActionDecision"),
    },
    "required": ["action", "decision"],
}
_SHARED: Final[Mapping[str, Schema]] = {
    "ActionDecision": _DECIDED,
    "PolicyVersion": _object({"name": _TEXT, "digest": _DIGEST}, {"version": _TEXT}),
    "Fault": _FAULT,
    "CaseError": _object({"error": _TEXT, "faults": _list(_ref("Fault"))}, {"request": _TEXT, "key": _TEXT}),
    "Explanation": _EXPLANATION,
    "Partial": {"type": "object", "properties": {"policy": _ref("PolicyVersion")}, "required": ["policy"]},
    "Questions": {"type": "object", "properties": {"policy": _ref("PolicyVersion")}, "required": ["policy"]},
    "When": {
        "type": "object",
        "properties": {
            "policy": _ref("PolicyVersion"),
            "action": _TEXT,
            "intervals": {"type": "array", "items": _ref("Interval")},
        },
        "required": ["policy", "action", "intervals"],
    },
    "Interval": {
        "type": "object",
        "properties": {
            "from": _TEXT,
            "until": _TEXT,
            "verdict": {"type": "string", "enum": [*[verdict.value for verdict in Verdict], "undecided"]},
            "permitted": {"type": "boolean"},
        },
        "required": ["from", "until", "verdict", "permitted"],
    },
    "Explanations": _object({"policy": _ref("PolicyVersion"), "explanations": _list(_ref("Explanation"))}),
    "Problem": {
        "description": "RFC 9457",
        "type": "object",
        "properties": {
            "type": _TEXT,
            "title": _TEXT,
            "status": {"type": "integer"},
            "code": {"description": "What is wrong", "type": "string", "enum": list(PROBLEMS)},
            "detail": _TEXT,
            "faults": {"description": "Every error of the case", **_list(_ref("Fault"))},
            "nearest": {"description": "The nearest name that there is", "type": ["string", "null"]},
        },
        "required": ["type", "title", "status", "code", "detail"],
    },
}
_ETAG: Final[Schema] = {"ETag": {"description": "The digest of the policy that answered", "schema": _TEXT}}
_MEANINGS: Final = {
    "400": "The body is no JSON, or means two things; or the query has another parameter, or one twice",
    "401": "The token is missing, or is another",
    "403": "The service has no token, and a page in a browser asks, or somebody by the name of another host",
    "404": "There is no such policy or action",
    "408": "The body takes too long",
    "413": "The body is too long",
    "415": "The body is not sent as JSON",
    "422": "The case is in error, in each of `faults`; or the batch is none, or has too many cases",
    "500": "A fault of the service",
    "503": "No answer: it cannot be recorded, or there is too much to do",
}
_RESPONSES: Final[dict[str, Any]] = {
    f"Problem{status}": {"description": meaning, "content": {"application/problem+json": {"schema": _ref("Problem")}}}
    for status, meaning in _MEANINGS.items()
}
_FAILURES: Final = {status: _ref(f"Problem{status}", "responses") for status in _MEANINGS}


def _get(
    about: str, operation: str, schema: Schema, more: Iterable[str] = (), kind: str = "application/json"
) -> Schema:
    problems = {status: _ref(f"Problem{status}", "responses") for status in more}
    answered = {"200": {"description": "Answered", "content": {kind: {"schema": schema}}}}
    return {
        "get": {
            "summary": about,
            "operationId": operation,
            "tags": ["service"],
            "responses": {**answered, **problems},
        }
    }


_OBJECT: Final[Schema] = {"type": "object"}
_READY = _get("Whether decisions are given, and by which versions", "ready", _OBJECT, ("403",))
_READY["get"]["responses"]["503"] = {
    "description": "No decisions are given",
    "content": {"application/json": {"schema": _OBJECT}},
}
_PATHS: Final[Mapping[str, Any]] = {
    "/v1/policies": _get("The policies served here, with their versions", "policies", _OBJECT, ("401", "403")),
    "/openapi.json": _get("This description", "openapi", _OBJECT, ("401", "403")),
    "/health/live": _get("Whether the process answers", "live", _OBJECT, ("403",)),
    "/health/ready": _READY,
    "/metrics": _get("Metrics for Prometheus", "metrics", _TEXT, ("401", "403"), "text/plain"),
}
