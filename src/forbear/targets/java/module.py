"""A policy as one Java class: a fixed kernel, its types, its conditions as code, and all else as lines of words.

Nothing of an author's text becomes code but names, which are written anew as identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from forbear.kernel.cases import TEXTS, FactSpec
from forbear.kernel.history.counting import DerivedSpec
from forbear.language.model.derived import Selection
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Effect, TypedPolicy
from forbear.semantics.lowered.actions import ActionTable, Overriders
from forbear.semantics.to_text import digest
from forbear.space.predicates.specs import Specs, specs
from forbear.targets import NotWritten
from forbear.targets.java.conditions import MOST, Conditions
from forbear.targets.java.types import IDENTIFIER, KEYWORDS, MOST_CONSTANTS, Types, javadoc, literal
from forbear.version import __version__

_OF_A_LITERAL: Final = 16_000
_LITERALS: Final = 1_000
"""Characters of a literal, and literals of a method. Each of the two has at most 64 KB."""
_EFFECTS: Final = (Effect.NEVER, Effect.FORBID, Effect.REQUIRE, Effect.ALLOW, Effect.ALONG, Effect.EXEMPT)


def java_class(policy: TypedPolicy, name: str, package: str | None = None) -> str:
    """The text of the class, which is ASCII. The same policy and names give the same text. Raises `NotWritten`."""
    kernel = (Path(__file__).parent / "kernel.java").read_text(encoding="utf-8")
    imports, kernel = kernel.split("\n\n", 1)
    taken = set(re.findall(r"\b[A-Z]\w*[a-z]\w*", re.sub(r"(?s)/\*.*?\*/|//[^\n]*", "", f"{imports}{kernel}")))
    _check_names(name, package, taken)
    tables = specs(policy)
    rules = tables.policy.rules[: tables.lowered.own]
    _check_sizes(policy, len(rules))
    conditions = Conditions()
    for rule in tables.policy.rules:
        conditions.add(rule.condition, [*policy.facts.values()])
    selections = _selections(policy, tables, conditions)
    title = f"{policy.name}: {policy.title}" if policy.title else policy.name
    said = {code: words for code, words in TEXTS.items() if f'"{code}"' in kernel}
    parts = [
        f"// Decides a policy, compiled by Forbear {__version__}; do not edit. It needs Java 17, and nothing else.",
        *([f"package {package};\n"] if package else []),
        f"{imports}\n",
        *javadoc(f"Decides by the policy {title}. Threads may share it.", ""),
        f"public final class {name} {{\n    private {name}() {{ }}\n",
        *_constant("NAME", policy.name, "The name of the policy."),
        *_constant("VERSION", policy.version, "The version that its author gave it, or null."),
        *_constant("DIGEST", digest(policy), "The digest of all that decides."),
        *Types(policy, tables, rules, {*taken, name}).text(),
        kernel.replace("$CLASS", name),
        *conditions.classes(len(tables.policy.rules)),
        *_words(_records(policy, tables, conditions, selections, said)),
        "}",
    ]
    return "\n".join(parts) + "\n"


def _check_names(name: str, package: str | None, taken: Iterable[str]) -> None:
    for what, one in [("class", name), *[("package", part) for part in (package or "none").split(".")]]:
        if not IDENTIFIER.fullmatch(one) or one in KEYWORDS:
            raise NotWritten(f"{one!r} is no name of a Java {what}")
    if name.lower() in {one.lower() for one in taken}:
        raise NotWritten(f"a class cannot be called {name!r}, as a type that it has or uses is called so")


def _check_sizes(policy: TypedPolicy, rules: int) -> None:
    if rules > MOST_CONSTANTS:
        raise NotWritten(f"an enum of Java has at most {MOST_CONSTANTS:,} constants, and there are {rules:,} rules")
    for facts in [policy.facts, *[event.attributes for event in policy.events.values()]]:
        for fact in facts.values():
            if not -MOST < fact.low <= fact.high < MOST:
                raise NotWritten(f"`{fact.name}` has more values than a `long` of Java tells apart")


def _constant(name: str, text: str | None, about: str) -> Iterator[str]:
    yield from javadoc(about)
    yield f"    public static final String {name} = {literal(text)};\n"


def _selections(policy: TypedPolicy, tables: Specs, conditions: Conditions) -> dict[tuple[str, bool], int]:
    """The numbers of the conditions on events, by the fact that is derived and whether they are of its anchor."""
    numbers = {}
    for name in sorted(tables.history.needed):
        derived = policy.derived[name]
        anchor = None if derived.window is None else derived.window.anchor
        for selection, is_anchor in ((derived.events, False), (anchor, True)):
            if selection is not None:
                numbers[name, is_anchor] = _add(selection, policy, tables, conditions)
    return numbers


def _add(selection: Selection, policy: TypedPolicy, tables: Specs, conditions: Conditions) -> int:
    event = policy.events[selection.event]
    attributes = list(event.attributes.values())
    flags = {compared: event.flags[flag] for flag, compared in event.same.items()}
    same = [flags[attributes[at].name, fact, sign] for at, fact, sign in tables.history.events[selection.event].same]
    return conditions.add(selection.where, [*attributes, *same])


# Input of the kernel's class `Data`


def _words(records: Iterable[str | None]) -> Iterator[str]:
    """The class of all words, each of which ends a line."""
    lines = [""]
    for word in records:
        written = "%" if word is None else word.replace("%", "%p").replace("\n", "%n")
        if len(lines[-1]) + len(written) > 90:
            lines.append("")
        lines[-1] += f"{written}\n"
    literals = [line[at : at + _OF_A_LITERAL] for line in lines for at in range(0, len(line), _OF_A_LITERAL)]
    methods = [literals[first : first + _LITERALS] for first in range(0, len(literals), _LITERALS)]
    yield "    private static final class Words {\n        static List<String> all() {"
    yield "            List<String> words = new ArrayList<>();"
    yield from (f"            Collections.addAll(words, words{at}());" for at in range(len(methods)))
    yield "            return words;\n        }"
    for at, some in enumerate(methods):
        yield f"\n        private static String[] words{at}() {{\n            return new String[] {{"
        yield from (f"                {literal(one)}," for one in some)
        yield "            };\n        }"
    yield "    }"


def _records(
    policy: TypedPolicy,
    tables: Specs,
    conditions: Conditions,
    selections: Mapping[tuple[str, bool], int],
    said: Mapping[str, str],
) -> Iterator[str | None]:
    places = {name: place for place, name in enumerate(policy.facts)}
    yield from _each([word for pair in said.items() for word in pair], len(said))
    yield from (_flag(policy.dated), _number(policy.since), _number(policy.until))
    yield from _facts(tables.facts.values())
    yield _numbers(places[name] for name in tables.needed)
    yield from _each(conditions.texts, len(conditions.texts))
    declared = [policy.facts, *[event.attributes for event in policy.events.values()]]
    yield _flag(any(fact.kind.storage is Storage.TEXT for facts in declared for fact in facts.values()))
    rules = tables.policy.rules[: tables.lowered.own]
    yield from _each([word for rule in rules for word in (rule.name, rule.because, rule.cited)], len(rules))
    yield str(len(tables.rules))
    for number, spec in enumerate(tables.rules):
        yield from (str(tables.written(number)), _number(spec.since), _number(spec.until))
        yield _numbers(places[fact] for fact in spec.facts)
    actions = list(dict.fromkeys([*tables.told, *tables.actions]))
    yield str(len(actions))
    for action in actions:
        yield from _table(action, tables.lowered.actions[action])
        companions = tables.lowered.companions.get(action, ())
        yield from _lists([actions.index(one), actions.index(pair)] for one, pair in companions)
    yield str(len(policy.events))
    for event in tables.history.events.values():
        yield from (event.name, _flag(event.private_id))
        yield from _facts(event.attributes)
        yield from _lists([at, places[fact], ["=", "<", "<=", ">", ">="].index(sign)] for at, fact, sign in event.same)
    yield str(len(tables.history.derived))
    for derived in tables.history.derived:
        yield str(places[derived.name])
        yield _flag(derived.name in tables.history.needed)
        yield from _derived(derived, [*policy.events], selections)
        yield from (str(-1 if of is None else places[of]) for of in (derived.of, derived.since, derived.hours))
    yield from _each(map(_numbers, conditions.ranges), len(conditions.ranges))


def _facts(facts: Iterable[FactSpec]) -> Iterator[str | None]:
    facts = list(facts)
    yield str(len(facts))
    for spec in facts:
        yield from (spec.name, spec.kind, spec.absent, *map(str, spec.step), str(spec.low), str(spec.high))
        yield from (spec.currency, _flag(spec.private), _flag(spec.related), _flag(spec.cuts is not None))
        yield from () if spec.cuts is None else [_numbers(spec.cuts)]
        yield from _each(spec.names, len(spec.names))


def _table(action: str, table: ActionTable) -> Iterator[str]:
    """The rules on an action, in file order, and which groups of them override which, overriding ones first."""
    rules = sorted(table.effects)
    places = {rule: place for place, rule in enumerate(rules)}
    groups: dict[Overriders, int] = {}
    overridden = [
        [places[rule], *[groups.setdefault(group, len(groups)) for group in overriding]]
        for rule, overriding in table.overridden.items()
        if rule in places
    ]
    yield from (action, _numbers(rules), _numbers(_EFFECTS.index(table.effects[rule]) for rule in rules))
    yield from _lists([places[rule] for rule in group.rules] for group in groups)
    yield from _lists(overridden)


def _derived(
    spec: DerivedSpec, events: Sequence[str], selections: Mapping[tuple[str, bool], int]
) -> Iterator[str | None]:
    yield spec.measure
    for selection, is_anchor in ((spec.events, False), (spec.anchor, True)):
        yield str(-1 if selection is None else events.index(selection.event))
        yield str(selections.get((spec.name, is_anchor), -1))
    yield str(-1 if spec.attribute is None else spec.attribute)
    yield from (spec.window, str(spec.number), str(spec.least), _flag(spec.calendar is not None))
    if spec.calendar is not None:
        yield from (spec.calendar.name, str(spec.calendar.first), str(spec.calendar.last))
        yield from map(_numbers, (spec.calendar.weekend, spec.calendar.holidays, spec.calendar.working))


def _flag(holds: bool) -> str:
    return str(int(holds))


def _number(number: int | None) -> str | None:
    return None if number is None else str(number)


def _numbers(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def _each(words: Iterable[str | None], number: int) -> Iterator[str | None]:
    yield str(number)
    yield from words


def _lists(lists: Iterable[Sequence[int]]) -> Iterator[str]:
    lists = list(lists)
    yield str(len(lists))
    yield from map(_numbers, lists)
