"""The types of a compiled Python module: its cases and its decisions, by the policy's own facts, events and actions.

They describe the input of the kernels. A range, a step and a form of text, such as that of a date, cannot be types: the
module checks them. Only a type checker evaluates the types, so that a module loads as quickly as without them; at run
time, their names stand for the plain types.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterable, Iterator

from forbear.kernel.cases import Verdict
from forbear.language.model.derived import known_in_part
from forbear.language.model.facts import Fact
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.targets.policy_data import type_text

_WORDS = ("bool", "str", "Literal['none']", "None")
_ANSWER = {
    "verdict": f"Literal[{', '.join(repr(verdict.value) for verdict in Verdict)}]",
    "permitted": "bool",
    "rules": "list[str]",
    "because": "list[str]",
    "source": "list[str]",
    "unknown": "NotRequired[list[str]]",
}


def module_types(policy: TypedPolicy, *, history: bool) -> ast.If:
    """The statement that names the types; with `history`, a case may hold events and a time zone."""
    types = list(_types(policy, history))
    plain = []
    for statement in types:
        match statement:
            case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name("Decision" as name)):
                plain.append(f"{name} = dict")
            case ast.AnnAssign(ast.Name(name)):
                plain.append(f"{name} = {'str' if name == 'Action' else 'object'}")
    return ast.If(ast.Name("TYPE_CHECKING", ast.Load()), types, ast.parse("\n".join(plain)).body)


def _types(policy: TypedPolicy, history: bool) -> Iterator[ast.stmt]:
    yield from ast.parse("from typing import Literal, Never, NotRequired, TypedDict").body
    yield _alias("Numeric", "float | decimal.Decimal | str")
    yield _alias("Day", "datetime.date | str")
    yield _alias("TimeOfDay", "datetime.time | str")
    yield _alias("Moment", "datetime.datetime | str")
    in_part = known_in_part(policy.derived)
    if in_part:
        parts = {"at_least": "Numeric", "at_most": "Numeric", "or_none": "bool"}
        yield _record("KnownInPart", {part: f"NotRequired[{of}]" for part, of in parts.items()})
    read = set(facts_read(policy))
    fields = {}
    for fact in policy.facts.values():
        optional = fact.optional or fact.name not in read or (history and fact.name in policy.derived)
        fields[fact.name] = _field(fact, optional=optional, in_part=fact.name in in_part)
    if history:
        fields["zone"] = "NotRequired[str | datetime.tzinfo | Sequence[str | datetime.tzinfo]]"
    if history and policy.events:
        for event in policy.events.values():
            common = {"event": _literal([event.name]), "at": "Moment", "id": "NotRequired[str | int]"}
            of_event = {fact.name: _field(fact, optional=fact.optional) for fact in event.attributes.values()}
            yield _record(f"Event_{event.name}", {**common, **of_event})
        yield _alias("Event", " | ".join(f"Event_{name}" for name in policy.events))
        fields["history"] = "NotRequired[Sequence[Event]]"
        fields["history_from"] = "NotRequired[Day]"
    yield _record("Case", fields)
    yield _alias("Action", _literal(policy.actions))
    along = {"along": "NotRequired[dict[Action, list[str]]]"} if any(rule.along for rule in policy.rules) else {}
    yield _record("Answer", {**_ANSWER, **along})
    yield _alias("Decision", "dict[Action, Answer]")


def _field(fact: Fact, *, optional: bool, in_part: bool = False) -> str:
    text = type_text(fact, _literal(fact.names), _WORDS, in_part=in_part)
    return f"NotRequired[{text}]" if optional else text


def _literal(texts: Iterable[str]) -> str:
    """The type of some texts; of none, the type that has no value."""
    written = ", ".join(map(json.dumps, texts))
    return f"Literal[{written}]" if written else "Never"


def _alias(name: str, of: str) -> ast.stmt:
    return ast.AnnAssign(ast.Name(name, ast.Store()), _expression("TypeAlias"), _expression(of), 1)


def _record(name: str, fields: dict[str, str]) -> ast.stmt:
    """A type of dictionaries with some keys. The keys may be words of Python, as the names of facts may be."""
    types = ast.Dict([ast.Constant(key) for key in fields], [_expression(of) for of in fields.values()])
    call = ast.Call(ast.Name("TypedDict", ast.Load()), [ast.Constant(name), types], [])
    return ast.Assign([ast.Name(name, ast.Store())], call)


def _expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body
