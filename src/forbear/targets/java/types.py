"""The types of a policy in Java: enums for its actions, rules and names, classes for events, a builder for cases."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from forbear.base.characters import printable
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.policy import Rule, TypedPolicy
from forbear.language.model.values import range_text
from forbear.space.predicates.specs import Specs

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
