"""The description of the service in OpenAPI 3.1, from the facts and actions of each policy, for typed clients."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from forbear.library.policy import Policy
from forbear.queries.when import LENGTH
from forbear.report.formats.schema import MOMENT, case_schema, event_schema
from forbear.service.description.schemas import (
    CASE,
    DAY,
    HEAD,
    HELD,
    SHARED,
    TEXT,
    VALID_UNTIL,
    Schema,
    closed,
    listed,
    mapped,
    named_for,
    ref,
    told,
)
from forbear.service.policies import Policies, Served
from forbear.service.writing import encode
from forbear.version import __version__


def document(policies: Policies, *, batch: int, guarded: bool, address: str | None = None) -> bytes:
    """The description of what is served, in batches of up to so many cases. `guarded` is whether a token is needed,
    `address` where callers reach it if that is not where this document is."""
    schemas: dict[str, Schema] = dict(SHARED)
    paths: dict[str, Any] = dict(_PATHS)
    taken = {name.lower() for name in SHARED}
    for name, policy in policies.by_name.items():
        for title in named_for(name):
            its_paths, its_schemas = _paths(name, title, policy), _schemas(title, policy, batch, schemas)
            operations = [path["post"]["operationId"] for path in its_paths.values()]
            made = {each.lower() for each in (*its_schemas, *operations)}
            if taken.isdisjoint(made):  # clients have files of these names, and some systems but one of `AB` and `Ab`
                break
        taken |= made
        paths |= its_paths
        schemas |= its_schemas
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
    if address is not None:
        description["servers"] = [{"url": address}]
    if guarded:
        description["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        description["security"] = [{"token": []}]
        for path in ("/health/live", "/health/ready"):
            paths[path] = {"get": {**paths[path]["get"], "security": []}}
    return encode(description)


_QUESTIONS: Final = (
    ("decide", "decide", "{}Answer", "The verdict on each action"),
    ("decide/batch", "decideBatch", "{}Answers", "As `decide` for each of `cases`; one in error has `faults`"),
    (
        "permits/{action}",
        "permits",
        "{}Permits",
        "Whether one action is permitted; only the facts of its rules are needed",
    ),
    ("explain", "explainAll", "Explanations", "Why each action has its verdict, and what would change it"),
    ("explain/{action}", "explain", "Explanation", "Why an action has its verdict, and what would change it"),
    ("partial", "partial", "{}Partial", "The verdict on each action, by conditions on the open facts"),
    ("ask/{action}", "ask", "Questions", "Which facts still matter for an action, the most decisive first"),
    ("when/{action}", "when", "When", "From when until when an action has which verdict, if nothing else happens"),
)
"""The questions about a policy: path, operation, answer, description. `{}` is the title of the policy."""


def _paths(name: str, title: str, policy: Served) -> dict[str, Any]:
    actions = {
        "name": "action",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "enum": _actions(policy)},
    }
    queries: dict[str, Schema] = {
        "decide": {
            "name": "valid_until",
            "in": "query",
            "description": "`true` adds the moment until which the answer is valid; the case needs its moment",
            "schema": {"type": "boolean", "default": False},
        },
        "partial": {
            "name": "open",
            "in": "query",
            "required": True,
            "description": "The facts that are not known yet, separated by commas",
            "style": "form",
            "explode": False,
            "schema": {"type": "array", "items": {"type": "string", "enum": _facts(policy)}, "minItems": 1},
        },
        "when/{action}": {
            "name": "until",
            "in": "query",
            "description": 'A moment (`%2B` for `+`), or how long: "30 days", "12 hours"',
            "schema": {"type": "string", "default": "30 days", "pattern": f"^({LENGTH.pattern}|{MOMENT})$"},
        },
    }
    paths: dict[str, Any] = {}
    for path, operation, answer, about in _QUESTIONS:
        of_action = path.endswith("{action}")
        body = "Batch" if path == "decide/batch" else "PartialCase" if of_action or path == "partial" else "Case"
        content = _json(answer.format(title))
        parameters = [*([actions] if of_action else []), *([queries[path]] if path in queries else [])]
        post: Schema = {
            "summary": about,
            "operationId": f"{operation}{title}",
            "tags": [name],
            "requestBody": {"required": True, "content": _json(f"{title}{body}")},
            "responses": {"200": {"description": "Answered", "headers": _ETAG, "content": content}, **_FAILURES},
            **({"parameters": parameters} if parameters else {}),
        }
        paths[f"/v1/policies/{name}/{path}"] = {"post": post}
    return paths


def _schemas(title: str, policy: Served, batch: int, shared: dict[str, Schema]) -> dict[str, Schema]:
    """The schemas of a policy. Those that others may have too, which need no title, are put into `shared`."""
    cases = [_case(title, policy, version, shared) for version in policy.versions]
    case: Schema = {"title": cases[0]["title"]}
    if all(schema == cases[0] for schema in cases):
        case |= {"allOf": [ref(f"{title}PartialCase")], "required": cases[0]["required"]}
    else:
        case["anyOf"] = cases
    named = {
        field: TEXT
        for field, named_field in (("request", policy.asking.request), ("key", policy.asking.key))
        if named_field
    }
    about = {"policy": ref("PolicyVersion"), "case": CASE}
    valid = {"valid_until": VALID_UNTIL, "held": HELD}
    permits = {"permits": told("The action", TEXT), "permitted": {"type": "boolean"}}
    items = told("One in error is answered by its errors", ref(f"{title}Case"))
    return {
        **event_schemas(title, policy.versions, shared),
        f"{title}Case": case,
        f"{title}PartialCase": {
            "description": f"A {title}Case, of which only the facts are needed that the rules on the action read",
            "type": "object",
            "properties": {key: value for schema in cases for key, value in schema["properties"].items()},
            "additionalProperties": False,
            **_zone_of_moment(policy),
        },
        f"{title}Batch": closed({"cases": {**listed(items), "maxItems": batch}}),
        f"{title}Decisions": _of_actions(policy, ref("ActionDecision")),
        f"{title}Answer": closed({**about, "decisions": ref(f"{title}Decisions")}, {**named, **HEAD, **valid}),
        f"{title}Permits": closed({**about, **permits, "decisions": mapped(ref("ActionDecision"))}, {**named, **HEAD}),
        f"{title}Answers": closed({"answers": listed({"anyOf": [ref(f"{title}Answer"), ref("CaseError")]})}),
        f"{title}Outcomes": _of_actions(
            policy, told("Exactly one of them holds for any values of the open facts", listed(ref("Outcome")))
        ),
        f"{title}Partial": closed(
            {**about, "open": told("The open facts", listed(TEXT)), "decisions": ref(f"{title}Outcomes")},
            {
                **HEAD,
                "covered": told(
                    "The first and last day of an open date whose working days a calendar counts", mapped(listed(DAY))
                ),
            },
        ),
    }


def _of_actions(policy: Served, each: Schema) -> Schema:
    """Returns the schema of the answers for each action. A version of a book may have only some of them."""
    properties = dict.fromkeys(_actions(policy), each)
    return closed(properties) if len(policy.versions) == 1 else closed({}, properties)


def _case(title: str, policy: Served, version: Policy, shared: dict[str, Schema]) -> Schema:
    """The schema of a case, with the fields that name it; the day is required where it selects the version."""
    left_out = ("$schema", "allOf", "dependentSchemas")  # which keep generators from properties
    schema: Schema = {key: value for key, value in case_schema(version.typed, shared).items() if key not in left_out}
    names: Schema = {name: {"type": ["string", "integer"]} for name in sorted(policy.asking.left_out)}
    if "zone" not in version.typed.facts:  # of a text or a list of texts generators for Java make what does not compile
        names["zone"] = {"description": schema["properties"]["zone"]["description"], "minItems": 1}
    if version.typed.events:
        names["history"] = {**schema["properties"]["history"], "items": ref(f"{title}Event")}
    schema["properties"] = {**schema["properties"], **names}
    return {**schema, **_zone_of_moment(policy)}


def _zone_of_moment(policy: Served) -> Schema:
    """That a moment needs its zone, unless some version has a fact of that name."""
    if any("zone" in version.typed.facts for version in policy.versions):
        return {}
    no_moment = {"properties": {"at": {"type": "null"}}}
    return {"dependentSchemas": {"at": {"anyOf": [no_moment, {"required": ["zone"]}]}}}


def _facts(policy: Served) -> list[str]:
    return list(dict.fromkeys(name for version in policy.versions for name in version.typed.facts))


def _actions(policy: Served) -> list[str]:
    return list(dict.fromkeys(action for version in policy.versions for action in version.actions))


def _json(name: str) -> Schema:
    return {"application/json": {"schema": ref(name)}}


_ETAG: Final[Schema] = {"ETag": {"description": "The digest of the policy that answered", "schema": TEXT}}
_MEANINGS: Final = {
    "400": "The body is no JSON, or means two things; or the query has another parameter, one twice, or a wrong value",
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
    f"Problem{status}": {"description": meaning, "content": {"application/problem+json": {"schema": ref("Problem")}}}
    for status, meaning in _MEANINGS.items()
}
_FAILURES: Final = {status: ref(f"Problem{status}", "responses") for status in _MEANINGS}


def _get(
    about: str, operation: str, schema: Schema, more: Iterable[str] = (), kind: str = "application/json"
) -> Schema:
    problems = {status: ref(f"Problem{status}", "responses") for status in more}
    answered = {"200": {"description": "Answered", "content": {kind: {"schema": schema}}}}
    return {
        "get": {
            "summary": about,
            "operationId": operation,
            "tags": ["service"],
            "responses": {**answered, **problems},
        }
    }


_READY = _get("Whether the service gives decisions, and of the folder as it is", "ready", ref("Readiness"), ("403",))
_READY["get"]["responses"]["503"] = {
    "description": "No decisions are given",
    "content": {"application/json": {"schema": ref("Readiness")}},
}
_PATHS: Final[Mapping[str, Any]] = {
    "/v1/policies": _get(
        "The policies served here, with their versions", "policies", ref("ServedPolicies"), ("401", "403")
    ),
    "/openapi.json": _get("This description", "openapi", {"type": "object"}, ("401", "403")),
    "/health/live": _get("Whether the process answers", "live", ref("Liveness"), ("403",)),
    "/health/ready": _READY,
    "/metrics": _get("Metrics for Prometheus", "metrics", TEXT, ("401", "403"), "text/plain"),
}


# The kinds of event of a policy as schemas, each with a name of its own, from which generators make its class.


def event_schemas(title: str, versions: Iterable[Policy], shared: dict[str, Schema]) -> dict[str, Schema]:
    """Returns the schema of any event of a history, `HouseEvent`, and those of its kinds, such as `HouseContactEvent`;
    none for a policy without events. The versions of a book have one schema for a kind, which accepts the events of
    each of them. Those of its numbers are put into `shared`.
    """
    kinds: dict[str, list[Schema]] = defaultdict(list)
    for version in versions:
        for event in version.typed.events.values():
            kinds[event.name].append(event_schema(event, shared))
    if not kinds:
        return {}
    schemas: dict[str, Schema] = {}
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for kind, its_schemas in kinds.items():
        name = next(name for name in named_for(kind) if name.lower() not in taken)
        taken.add(name.lower())
        schemas[f"{title}{name}Event"] = _of_kind(kind, its_schemas)
        mapping[kind] = ref(f"{title}{name}Event")["$ref"]
    any_of_them = {
        "oneOf": [{"$ref": reference} for reference in mapping.values()],
        "discriminator": {"propertyName": "event", "mapping": mapping},
    }
    return {f"{title}Event": told("What happened", any_of_them), **schemas}


def _of_kind(kind: str, schemas: Sequence[Schema]) -> Schema:
    """The schema of a kind of event, from those in the versions of a policy. Its name is its default, so that clients
    which set defaults need not set it."""
    properties: dict[str, list[Schema]] = defaultdict(list)
    for schema in schemas:
        for name, each in schema["properties"].items():
            if each not in properties[name]:
                properties[name].append(each)
    merged = {name: found[0] if len(found) == 1 else {"anyOf": found} for name, found in properties.items()}
    required = [name for name in schemas[0]["required"] if all(name in schema["required"] for schema in schemas)]
    event = {"type": "string", "enum": [kind], "default": kind}
    return {**schemas[0], "properties": {**merged, "event": event}, "required": required}
