"""Writes a policy as a stand-alone JavaScript module: its data, and a fixed kernel that reads them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap

from forbear.base.characters import printable
from forbear.kernel.cases import TEXTS, Verdict
from forbear.language.model.derived import known_in_part
from forbear.language.model.policy import TypedPolicy, facts_read
from forbear.language.model.values import range_text
from forbear.semantics.to_text import digest
from forbear.targets.policy_data import policy_data, type_text
from forbear.version import __version__


def javascript_module(policy: TypedPolicy) -> str:
    """Returns the text of an ES module that exports `decide(case, on)` and `CaseError`. The same policy gives the same
    text.

    `case` and the result of `decide` are those of `forbear decide` in JSON; `on` is a day such as "2015-09-22".
    """
    data = json.dumps(policy_data(policy), ensure_ascii=True, separators=(",", ":"))
    return (
        f"// Decides a policy, compiled by Forbear {__version__}; do not edit. It needs nothing else.\n"
        f"{_given(policy)}\n"
        f"{kernel()}\n// The policy\n\n"
        f"export const policy = load(JSON.parse({json.dumps(data, ensure_ascii=True)}));\n\n"
        "// The verdict on each action. Throws `CaseError`.\n"
        "export function decide(given, on = null) {\n    return decideBy(policy, given, on);\n}\n"
    )


def _given(policy: TypedPolicy) -> str:
    """Returns the facts that the module does not derive, as comments."""
    if not (derived := [name for name in facts_read(policy) if name in policy.derived]):
        return ""
    how = "`Policy.derive(case, at)` of Python gives them"
    lines = wrap(f"It derives no facts, so a case holds them: {', '.join(derived)}. {how}.", 110)
    return "//\n" + "".join(f"// {line}\n" for line in lines)


def kernel() -> str:
    """The part of a module that is the same for every policy."""
    text = (Path(__file__).parent / "kernel.js").read_text(encoding="utf-8")
    said = {code: words for code, words in TEXTS.items() if f'"{code}"' in text}
    return text.replace("const TEXTS = {};", f"const TEXTS = {json.dumps(said, indent=4)};")


# The TypeScript declarations of a JavaScript module: what a case holds and what a decision says, by the policy's own
# facts and actions.
#
# They say what the module reads (`readGiven` in `kernel.js`). A range, a step and a form of text, such as that of a
# date, are no types: they stand in the comment of each fact, and the module checks them.


_IDENTIFIER = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
_WORDS = ("boolean", "string", '"none"', "null")


def typescript_declarations(policy: TypedPolicy) -> str:
    """The declarations of the module that `javascript_module` writes. The same policy gives the same text."""
    return "\n".join([*_head(policy), "", *_values(), "", *_case(policy), "", *_answers(policy)]) + "\n"


def _head(policy: TypedPolicy) -> Iterator[str]:
    yield f"// Types of a policy, compiled by Forbear {__version__}; do not edit. TypeScript 4.9 or later reads them."
    yield f"// Digest: {digest(policy)}"


def _values() -> Iterator[str]:
    yield from _comment("A number, which counts as the digits that JavaScript shows for it, or its digits as a text.")
    yield "export type Numeric = number | string;"
    yield from _comment('A day such as "2015-09-22".')
    yield "export type Day = string;"
    yield from _comment('A time of day such as "08:00" or "08:00:30".')
    yield "export type TimeOfDay = string;"


def _case(policy: TypedPolicy) -> Iterator[str]:
    in_part = known_in_part(policy.derived)
    if in_part:
        yield from _comment(
            "What is known of a number: the least and the greatest that it may be, and whether it may be none."
        )
        yield "export type KnownInPart = { at_least?: Numeric; at_most?: Numeric; or_none?: boolean };"
    read = set(facts_read(policy))
    yield from _comment("The facts of a case. An optional fact that is null or left out is unknown.")
    yield "export interface Case {"
    for fact in policy.facts.values():
        yield from _comment("; ".join(filter(None, (fact.description, range_text(fact)))), "    ")
        mark = "?" if fact.optional or fact.name not in read else ""
        kind = type_text(fact, _union(fact.names), _WORDS, in_part=fact.name in in_part)
        yield f"    {_key(fact.name)}{mark}: {kind};"
    yield "}"


def _answers(policy: TypedPolicy) -> Iterator[str]:
    yield f"export type Action = {_union(policy.actions)};"
    yield f"export type Verdict = {_union(verdict.value for verdict in Verdict)};"
    yield from _comment("The verdict on an action, with the deciding rules, their reasons and sources.")
    yield "export interface Answer {"
    yield "    verdict: Verdict;"
    yield from _comment("Whether the action is allowed or required.", "    ")
    yield "    permitted: boolean;"
    yield "    rules: string[];"
    yield "    because: string[];"
    yield "    source: string[];"
    yield from _comment("The unknown facts that took part.", "    ")
    yield "    unknown?: (keyof Case)[];"
    if any(rule.along for rule in policy.rules):
        yield from _comment("What must accompany the action, with the rules that ask for it.", "    ")
        yield "    along?: { [action in Action]?: string[] };"
    yield "}"
    yield "export type Decision = { [action in Action]: Answer };"
    yield ""
    yield from _comment(
        "A case that cannot be decided, with each fault: the fact, or null, the message, and its code with arguments."
    )
    yield "export class CaseError extends Error {"
    yield "    faults: [string | null, string, string, { [name: string]: unknown }][];"
    yield "}"
    day = "on: Day" if policy.dated else "on?: Day | null"
    yield from _comment("The verdict on each action. Throws `CaseError`.")
    yield f"export function decide(given: Case, {day}): Decision;"
    yield "export const policy: { readonly policy: string; readonly version: string | null; readonly digest: string };"


def _union(texts: Iterable[str]) -> str:
    """The type of some texts; of none, the type that has no value."""
    return " | ".join(map(_quoted, texts)) or "never"


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=True)


def _key(name: str) -> str:
    return name if _IDENTIFIER.fullmatch(name) else _quoted(name)


def _comment(text: str, indent: str = "") -> Iterator[str]:
    """A comment of one line: nothing in a text of the author can end it."""
    if text:
        words = printable(text).replace("*/", "*\\/")
        yield f"{indent}/** {words} */"
