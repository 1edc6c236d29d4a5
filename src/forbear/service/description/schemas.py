"""The parts of answers that are the same for every policy, as schemas of OpenAPI 3.1, from `schemas.txt`.

They describe everything in the answers, as `tests/service/test_schemas.py` makes sure. Generators make classes of their
names: none is the name of a common type of TypeScript or Java, such as `Partial`.

An entry of `schemas.txt` is an object and its properties, each with its type and description: `name?` may be missing,
`[type]` is a list, `{type}` an object from any name to that type. An object with `...` may have other properties too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any, Final, get_args

from forbear.deciding.explain import Standing
from forbear.kernel.cases import Verdict
from forbear.service.problems import PROBLEMS

Schema = dict[str, Any]

TEXT: Final[Schema] = {"type": "string"}

DAY: Final[Schema] = {"type": "string", "format": "date"}
CASE: Final[Schema] = {
    "description": "The case, private values hidden",
    "type": "object",
    "additionalProperties": True,
}


def named_for(name: str) -> Iterator[str]:
    """Yields possible prefixes for the names of schemas that are made for something of this name, the best first."""
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
_TYPES: Final[Mapping[str, Schema]] = {
    "any": {},
    "text": TEXT,
    "flag": {"type": "boolean"},
    "day": DAY,
    "case": CASE,
    "number": {"type": "integer"},
    "factor": {"type": "integer", "format": "int64"},
    "share": {"type": "number", "minimum": 0, "maximum": 1},
    "range": {**listed({}), "minItems": 2, "maxItems": 2},
    "digest": {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"},
    "verdict": {"type": "string", "enum": _VERDICTS},
    "verdict or undecided": {"type": "string", "enum": [*_VERDICTS, "undecided"]},
    "standing": {"type": "string", "enum": list(get_args(Standing))},
    "problem": {"type": "string", "enum": list(PROBLEMS)},
}


def _type(text: str) -> Schema:
    if text in _TYPES:
        return _TYPES[text]
    if text.endswith(" or null"):
        schema = _type(text.removesuffix(" or null"))
        return {**schema, "type": [schema["type"], "null"]} if "type" in schema else {"oneOf": [schema, _NULL]}
    match text[0]:
        case "[":
            return listed(_type(text[1:-1]))
        case "{":
            return mapped(_type(text[1:-1]))
        case '"':
            return {"type": "string", "enum": json.loads(f"[{text}]")}
        case _:
            return ref(text)


_NULL: Final[Schema] = {"type": "null"}


def _read(text: str) -> Iterator[tuple[str, Schema]]:
    for entry in text.strip().split("\n\n"):
        head, *rows = entry.split("\n")
        named, _, about = head.partition("  # ")
        name, _, alone = named.partition(": ")
        required: dict[str, Schema] = {}
        optional: dict[str, Schema] = {}
        for row in rows:
            typed, _, description = row.partition("  # ")
            key, _, kind = typed.partition(": ")
            schema = told(description, _type(kind)) if description else _type(kind)
            (optional if key.endswith("?") else required)[key.removesuffix("?")] = schema
        schema = _type(alone) if alone else closed(required, optional)
        if name.endswith(" ..."):
            del schema["additionalProperties"]
        yield name.removesuffix(" ..."), told(about, schema) if about else schema


SHARED: Final[Mapping[str, Schema]] = dict(_read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")))
"""All schemas that are the same for every policy, by name."""
HEAD: Final = {name: SHARED["Questions"]["properties"][name] for name in ("on", "at")}
"""The fields that an answer has if the case has them."""
VALID_UNTIL: Final = told(
    "The first moment at which a verdict, or what decides it, changes by itself; null where none does within ten years."
    " It is there where it is asked for",
    _type("text or null"),
)
HELD: Final = told(
    "The facts on which the decision rests and that nothing moves, as the case gives them: while there are any, it is"
    " valid until the next midnight at most, where the borrower lives. It is there with `valid_until`",
    _type("[text]"),
)
