"""The kinds of event of a policy as schemas, each with a name of its own, from which generators make its class."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from forbear.library.policy import Policy
from forbear.report.formats.schema import event_schema
from forbear.service.description.schemas import Schema, named_for, ref, told


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
