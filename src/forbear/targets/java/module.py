"""A policy as one Java class: a fixed kernel, its types, its conditions as code, and all else as lines of words.

Nothing of an author's text becomes code but names, which are written anew as identifiers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from forbear.base.characters import printable
from forbear.kernel.cases import TEXTS, FactSpec
from forbear.kernel.history.counting import DerivedSpec
from forbear.language.model.derived import Selection
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Effect, Rule, TypedPolicy
from forbear.language.model.values import range_text
from forbear.semantics.lowered.actions import ActionTable, Overriders
from forbear.semantics.to_text import digest
from forbear.space.predicates.specs import Specs, specs
from forbear.targets import NotWritten
from forbear.targets.java.conditions import MOST, Conditions
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
            raise NotWritten(f"{one!r} is not the name of a Java {what}")
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


# The types of a policy in Java: enums for its actions, rules and names, classes for events, a builder for cases.


# How names and texts of a policy are written in Java: as identifiers, literals and comments, all in ASCII.


IDENTIFIER: Final = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]*")
KEYWORDS: Final = frozenset(
    re.findall(
        r"\w+",
        """abstract assert boolean break byte case catch char class const continue default do double else enum extends
        false final finally float for goto if implements import instanceof int interface long native new null package
        permits private protected public record return sealed short static strictfp super switch synchronized this throw
        throws transient true try var void volatile while yield _""",
    )
)
_ESCAPES: Final = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r"}


class Names:
    """Unique identifiers for names of a policy, even where files do not distinguish capitals."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = {name.lower() for name in taken}

    def of(self, identifier: str) -> str:
        """The identifier, or that with as many underscores as it needs to be free."""
        while identifier.lower() in self._taken or identifier in KEYWORDS:
            identifier += "_"
        self._taken.add(identifier.lower())
        return identifier


def camel(name: str) -> str:
    """A name in camel case that begins small."""
    identifier = pascal(name)
    return identifier[0].lower() + identifier[1:]


def pascal(name: str) -> str:
    """A name in camel case that begins large."""
    return _beginning("".join(part[0].upper() + part[1:] for part in _parts(name)))


def constant(name: str) -> str:
    """A name in capitals, with underscores."""
    return _beginning("_".join(_parts(name)).upper())


def _parts(name: str) -> list[str]:
    """Returns the words of a name, separated by any character that is not a letter or digit of ASCII."""
    return re.findall("[A-Za-z0-9]+", name) or ["x"]


def _beginning(identifier: str) -> str:
    return f"_{identifier}" if identifier[0].isdigit() else identifier


def literal(text: str | None) -> str:
    """Returns a text as a literal. A Unicode escape in the text itself stays as it is."""
    if text is None:
        return "null"
    written = []
    for character in text:
        if " " <= character <= "~" or character in _ESCAPES:
            written.append(_ESCAPES.get(character, character))
        elif character < " " or character == "\x7f":
            written.append(f"\\{ord(character):03o}")
        else:
            units = character.encode("utf-16-be", "surrogatepass")
            written += [f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2)]
    return f'"{"".join(written)}"'


def javadoc(text: str | None, indent: str = "    ") -> Iterator[str]:
    """A comment of one line: nothing in a text can end it, or is read as a tag or as an escape of Unicode."""
    if text:
        safe = [
            one if one.isascii() and (one.isalnum() or one in " .,;:!?()[]'`+-=_%") else f"&#{ord(one)};"
            for one in printable(text)
        ]
        yield f"{indent}/** {''.join(safe)} */"


def member(head: str, *statements: str) -> str:
    """A public method of a class within the class."""
    body = "".join(f"            {statement}\n" for statement in statements)
    return f"        public {head} {{\n{body}        }}\n"


MOST_CONSTANTS: Final = 4_000
"""Constants of an enum. Java makes them all in one method, which has at most 64 KB."""
_OF_OBJECTS: Final = ("clone", "equals", "finalize", "getClass", "hashCode", "notify", "notifyAll", "toString", "wait")
_OF_BUILDERS: Final = ("build", "its", "zone", "historyFrom", "historyFromOpening", "event", "from_")
_FORMS: Final = {
    Storage.NAME: "String",
    Storage.DATE: "LocalDate",
    Storage.TIME: "LocalTime",
    Storage.FLAG: "boolean",
    Storage.TEXT: "String",
}


class Types:
    """The types of a policy; `taken` are the names of types that it cannot have."""

    def __init__(self, policy: TypedPolicy, tables: Specs, rules: Iterable[Rule], taken: Iterable[str]) -> None:
        self._policy, self._tables, self._rules = policy, tables, rules
        names = Names(taken)
        self._events = {event: names.of(pascal(event)) for event in policy.events}
        self._enums: dict[int, str] = {}
        """The enum of a fact, or of an attribute of an event, by its identity."""
        self._described: list[tuple[Fact, str, str]] = []
        for place, fact in enumerate(policy.facts.values()):
            self._describe(names, fact, fact.name, f"Data.FACTS[{place}]")
        for number, event in enumerate(policy.events.values()):
            for place, fact in enumerate(event.attributes.values()):
                self._describe(names, fact, f"{event.name}_{fact.name}", f"Data.EVENTS[{number}].facts[{place}]")

    def _describe(self, names: Names, fact: Fact, name: str, spec: str) -> None:
        if fact.kind.named and not fact.kind.literal and len(fact.names) <= MOST_CONSTANTS:
            self._enums[id(fact)] = names.of(pascal(name))
            self._described.append((fact, name, spec))

    def text(self) -> Iterator[str]:
        actions = [(name, self._policy.actions[name].description) for name in self._tables.told]
        yield from _enum("Action", "An action of the policy.", actions, "Data.TABLES[ordinal()].name")
        rules = [(rule.name, rule.title or rule.because) for rule in self._rules]
        yield from _enum("Rule", "A rule of the policy.", rules, "Data.RULES[ordinal()][0]", "because", "source")
        for fact, name, spec in self._described:
            values = [(value, None) for value in fact.names]
            yield from _enum(self._enums[id(fact)], f"A value of {name}.", values, f"{spec}.names.get(ordinal())")
        yield from self._builder()
        for number, (name, own) in enumerate(self._events.items()):
            yield from self._event(number, name, own)

    def _builder(self) -> Iterator[str]:
        setters = Names((*_OF_OBJECTS, *_OF_BUILDERS))
        yield from javadoc("Makes a case, in one thread. What is wrong with it, the decision says.")
        yield "    public static final class Builder {\n        private Case its = new Case(Data.FACTS, 0);"
        yield "        private boolean built;\n"
        yield from javadoc("The case so far. It does not change with the builder.", "        ")
        yield member("Case build()", "built = true;", "return its;")
        again = "if (built) its = new Case(its);", "built = false;", "return its;"
        yield member("Case its()", *again).replace("public", "private", 1)
        for place, fact in enumerate(self._policy.facts.values()):
            in_part = self._tables.facts[fact.name].cuts is not None
            yield from self._setters("Builder", "its()", place, fact, setters, in_part=in_part)
        yield from javadoc("The time zone of the borrower, or several.", "        ")
        zones = 'its().tell("zone");', "its.zone = List.of(zones);"
        yield member("Builder zone(ZoneId... zones)", *zones, "return this;")
        if self._events:
            begins = 'its().tell("history_from");', "its.historyFrom = day;", "its.tell((Event) null);", "return this;"
            yield from javadoc("The first day of which all events are given.", "        ")
            yield member("Builder historyFrom(LocalDate day)", "return from_(day);")
            yield from javadoc("All events are given, since the account was opened.", "        ")
            yield member("Builder historyFromOpening()", 'return from_("opening");')
            yield member("Builder from_(Object day)", *begins).replace("public", "private", 1)
        for name, own in self._events.items():
            yield from javadoc(f"Adds an event {name}.", "        ")
            yield member(f"Builder event({own} event)", "its().tell(event.its);", "return this;")
        yield "    }\n"

    def _event(self, number: int, name: str, own: str) -> Iterator[str]:
        event = self._policy.events[name]
        yield from javadoc(event.description or f"The event {name}.")
        yield f"    public static final class {own} {{\n        private final Event its = new Event({number});\n"
        yield from javadoc("The event of a moment.", "        ")
        yield member(f"{own}(Instant at)", "its.at = at;")
        for kind in ("String", "long"):
            yield from javadoc("What it is known by: events of one id are one event.", "        ")
            yield member(f"{own} id({kind} id)", "its.id = id;", "return this;")
        setters = Names((*_OF_OBJECTS, "id"))
        for place, fact in enumerate(event.attributes.values()):
            yield from self._setters(own, "its", place, fact, setters, in_part=False)
        yield "    }\n"

    def _setters(self, own: str, its: str, place: int, fact: Fact, names: Names, *, in_part: bool) -> Iterator[str]:
        if fact.kind.numeric:
            form = "long" if fact.step.denominator == 1 and not fact.kind.currency else "BigDecimal"
        else:
            form = self._enums.get(id(fact), _FORMS[fact.kind.storage])
        forms = {form: "value"}
        besides = (("Unknown", fact.optional), ("None", fact.or_none), ("InPart", in_part))
        forms |= {word: "(Object) value" for word, may in besides if may}
        name = names.of(camel(fact.name))
        about = "; ".join(filter(None, (fact.name, fact.description, range_text(fact))))
        for form, value in forms.items():
            yield from javadoc(about, "        ")
            yield member(f"{own} {name}({form} value)", f"{its}.put({place}, {value});", "return this;")


def _enum(name: str, about: str, constants: Iterable[tuple[str, str | None]], text: str, *more: str) -> Iterator[str]:
    names = Names(())
    yield from javadoc(about)
    yield f"    public enum {name} {{"
    for own, description in constants:
        yield from javadoc(description, "        ")
        yield f"        {names.of(constant(own))},"
    yield "        ;\n"
    yield from javadoc("As the policy writes it.", "        ")
    yield member("String toString()", f"return {text};").replace("public", "@Override public", 1)
    for at, word in enumerate(more, 1):
        yield from javadoc(f"Its {word}, or null.", "        ")
        yield member(f"String {word}()", f"return Data.RULES[ordinal()][{at}];")
    yield "    }\n"
