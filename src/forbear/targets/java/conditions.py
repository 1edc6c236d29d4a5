"""Conditions as code of Java: expressions of three values, a bit for certainly true and another for perhaps true."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Final

from forbear.language.model.comparisons import Between, Comparison, OneOf, holds_for_none, ranges
from forbear.language.model.conditions import Always, And, Condition, IsKnown, IsNone, Not, Or, negation
from forbear.language.model.facts import Fact
from forbear.language.model.kinds import Storage
from forbear.language.model.relations import Related, scaled
from forbear.targets import NotWritten

_OF_A_CLASS: Final = 256
_OF_A_METHOD: Final = 40
"""Conditions in a class, and comparisons in a method: Java never compiles a long method while it runs."""
_OF_A_WORD: Final = 32
"""Truths in a word of bits, two bits each."""
MOST: Final = 2**61
"""No whole number of a policy is larger: the kernel keeps the numbers beyond for what is absent."""


class Conditions:
    """The methods of some conditions. `texts` and `ranges` have the texts and the sets of numbers that they name."""

    def __init__(self) -> None:
        self.texts: dict[str, int] = {}
        self.ranges: dict[tuple[int, ...], int] = {}
        self._methods: list[list[str]] = []

    def add(self, condition: Condition, facts: Sequence[Fact]) -> int:
        """Adds a condition on the values of some facts. Gives its number."""
        number = len(self._methods)
        self._methods.append(_Method(self, f"c{number}", facts).text(condition))
        return number

    def classes(self, rules: int) -> Iterator[str]:
        """Yields the classes of all conditions; the first `rules` are those of the rules."""
        starts = range(0, len(self._methods) or 1, _OF_A_CLASS)
        names = ["Conditions"] if len(starts) == 1 else [f"Conditions_{at}" for at in range(len(starts))]
        words = [*_words(range(rules if rules <= 2 * _OF_A_WORD else 0), names[0])]
        if len(starts) > 1:
            calls = [f"case {at}: return {name}.truth(number, values, parts);" for at, name in enumerate(names)]
            yield from (*_class("Conditions", f"number >> {_OF_A_CLASS.bit_length() - 1}", calls), *words, "    }\n")
            words = []
        for name, start in zip(names, starts, strict=True):
            some = self._methods[start : start + _OF_A_CLASS]
            calls = [f"case {number}: return c{number}(values, parts);" for number, _ in enumerate(some, start)]
            yield from (*_class(name, "number", calls), *words, *itertools.chain(*some), "    }\n")


def _class(name: str, number: str, calls: Sequence[str]) -> Iterator[str]:
    yield f"    private static final class {name} {{"
    yield "        static long truth(int number, long[] values, long[][] parts) {"
    yield f"            switch ({number}) {{"
    yield from (f"                {call}" for call in calls)
    yield "                default: throw new AssertionError();\n            }\n        }\n"


def _words(rules: range, owner: str) -> Iterator[str]:
    """The truths of few rules at once, as bits: that takes a fraction of the time."""
    for name, some in (("first", rules[:_OF_A_WORD]), ("second", rules[_OF_A_WORD:])):
        truths = [f"{owner}.c{rule}(values, parts) << {at}" for at, rule in enumerate(some)]
        yield f"        static long {name}(long[] values, long[][] parts) {{"
        yield "            return " + "\n                | ".join(truths or ["0"]) + ";\n        }\n"


class _Method:
    """A method of a condition, after those of its parts that would make it too long."""

    def __init__(self, conditions: Conditions, name: str, facts: Sequence[Fact]) -> None:
        self._conditions, self._name = conditions, name
        self._places = {fact.name: place for place, fact in enumerate(facts)}
        self._facts = {fact.name: fact for fact in facts}
        self._methods: list[str] = []

    def text(self, condition: Condition) -> list[str]:
        expression, _ = self._expression(condition)
        self._add(self._name, expression)
        return self._methods

    def _add(self, name: str, expression: str) -> None:
        head = f"        private static long {name}(long[] values, long[][] parts) {{"
        self._methods.append(f"{head}\n            return {expression};\n        }}\n")

    def _expression(self, condition: Condition) -> tuple[str, int]:
        """The expression of a condition, and how many comparisons it has."""
        match condition:
            case Always():
                return "TRUE", 1
            case Not(part):
                text, size = self._expression(part)
                return _turned(text, True), size
            case And(parts):
                return self._several("&", parts) if parts else ("TRUE", 1)
            case Or(parts):
                return self._several("|", parts) if parts else ("FALSE", 1)
            case IsNone(fact, negated):
                return _turned(f"none(values, parts, {self._places[fact]})", negated), 1
            case IsKnown(fact, negated):
                return _turned(f"known(values, {self._places[fact]})", negated), 1
            case Related():
                return self._related(condition), 1
            case comparison:
                return self._compared(comparison), 1

    def _several(self, word: str, parts: Sequence[Condition]) -> tuple[str, int]:
        if len(parts) == 1:
            return self._expression(parts[0])
        half = len(parts) // 2
        (left, size), (right, more) = self._several(word, parts[:half]), self._several(word, parts[half:])
        if size + more <= _OF_A_METHOD:
            return f"({left} {word} {right})", size + more
        name = f"{self._name}_{len(self._methods)}"
        self._add(name, f"({left} {word} {right})")
        return f"{name}(values, parts)", 1

    def _related(self, atom: Related) -> str:
        factors, limit = scaled(atom, self._facts)
        limit += {"<": -1, ">": 1}.get(atom.operator, 0)
        if max(map(abs, (*factors.values(), limit))) >= MOST:
            named = " and ".join([f"`{name}`" for name in factors])
            raise NotWritten(f"{named} compare by a number beyond a `long` of Java")
        how = {"<": -1, "<=": -1, "=": 0, "!=": 0, ">=": 1, ">": 1}[atom.operator]
        numbers = [number for name, factor in factors.items() for number in (self._places[name], factor)]
        text = f"sum(values, parts, {self._set(numbers)}, {how}, {limit}L)"
        return _turned(text, atom.operator == "!=")

    def _compared(self, atom: Comparison) -> str:
        """Returns whether a fact is in some ranges of whole numbers. A negated comparison is the negation of that."""
        if holds_for_none(atom):
            positive = negation(atom)
            assert not isinstance(positive, (Related, IsNone, IsKnown))
            return _turned(self._compared(positive), True)
        fact, place = self._facts[atom.fact], self._places[atom.fact]
        if fact.ordered:
            inside = ranges(atom, fact)
        else:
            assert not isinstance(atom, Between)
            values = atom.values if isinstance(atom, OneOf) else (atom.value,)
            inside = [(number, number) for number in sorted({self._number(fact, value) for value in values})]
        if len(inside) < 2:
            low, high = inside[0] if inside else (1, 0)
            return f"in(values, parts, {place}, {low}L, {high}L)"
        return f"in(values, parts, {place}, {self._set([number for pair in inside for number in pair])})"

    def _set(self, numbers: Sequence[int]) -> str:
        """The expression of some numbers."""
        sets = self._conditions.ranges
        return f"Data.RANGES[{sets.setdefault(tuple(numbers), len(sets))}]"

    def _number(self, fact: Fact, value: object) -> int:
        """Returns the number that represents a value of a fact without order."""
        if fact.kind.storage is Storage.FLAG:
            return int(value is True)
        if fact.kind.storage is not Storage.TEXT:
            return fact.places[str(value)]
        texts = self._conditions.texts
        return texts.setdefault(str(value), len(texts))


def _turned(expression: str, negated: bool) -> str:
    """An expression, or its negation. What is negated already is a call of `not`, and nothing else."""
    if not negated:
        return expression
    return expression[4:-1] if expression.startswith("not(") else f"not({expression})"
