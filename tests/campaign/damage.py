"""Rule files that nobody would write: shipped and generated ones, damaged by bytes, by words and by the grammar."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import mutations
import small
from lark import Lark
from lark.grammar import NonTerminal

from forbear.base import resources

ROOT = Path(__file__).parent.parent.parent
_FENCE = re.compile(r"^```forbear[^\n]*\n(.*?)^```", re.DOTALL | re.MULTILINE)
_WORD = re.compile(r'\s+|"(?:[^"\\\n]|\\.)*"|#[^\n]*|\w+|[<>=!]+|.', re.DOTALL)

NASTY_BYTES = (
    b"\0",
    b"\xff",
    b"\xc2\x9b",
    b"\r",
    b"\n",
    b'"',
    b"\\",
    b"#",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"\x1b[2J",
)
NASTY_WORDS = (
    "0", "1", "60", "9" * 15, "9" * 16, "-1", "0.001", "1_000", "1__0", "80%", "CNY 1000", "CNY 1,000", "08:00",
    "24:00", "2015-09-22", "2015-02-30", "0000-00-00", "9999-12-31", "yes", "no", '""', '"x', '"\\"', '"\\',
    '"a\u202eb"', '"\x9b2J"', '"\x1b[2J"', '"/etc/passwd"', '"../x"', '"."', '""', "none", "unknown", "always", "not",
    "not " * 120, "(" * 120, ")", ",", ":", "#", "# \u2067x", "\x85", "\u2028", "and", "or", "then", "is", "one of",
    "everything", "except", "CNY", "a" * 300, "p\u0430ge", "uses collections", "version", "policy p", "standard s",
    "in force from", "until", "given", "\u0665", "collections", "private", "clock", "usually", "between",
    "in steps of 0.1", "pinned",
)  # fmt: skip


@cache
def shipped() -> tuple[str, ...]:
    """All rule files that are shipped, and those on the pages of the docs."""
    packs = [path.read_text(encoding="utf-8") for path in sorted(resources.folder("rules").rglob("*.forbear"))]
    pages = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").rglob("*.md"))]
    return (*packs, *(fence for page in pages for fence in _FENCE.findall(page)))


@cache
def words() -> tuple[str, ...]:
    """The words of all these files, and some that nobody means."""
    found = {word for text in shipped() for word in _WORD.findall(text) if not word.isspace() and len(word) < 60}
    return (*sorted(found), *NASTY_WORDS * 12)


def some_text(generator: random.Random) -> str:
    """A rule file as it is: a shipped one, now and then, a small one that was made, or what the grammar gives."""
    kind = generator.random()
    if kind < 0.5:
        text = generator.choice(shipped())
        return text if len(text) < 4_000 or generator.random() < 0.1 else some_text(generator)
    return small.small_policy(generator.randrange(10**9)) if kind < 0.85 else derived(generator)


def damaged(text: str, generator: random.Random, most: int = 4) -> bytes:
    """A text with some damages."""
    content = text.encode()
    for _ in range(generator.choice((1, 1, 1, 1, 2, most))):
        way = generator.choice((_by_bytes, _by_words, _by_words, _by_statements, _as_authors, _as_authors))
        content = way(content, generator)
    return content


def _by_bytes(content: bytes, generator: random.Random) -> bytes:
    start = generator.randrange(len(content) + 1)
    end = min(len(content), start + generator.choice((0, 1, 1, 2, 8, 100)))
    new = generator.choice((b"", *NASTY_BYTES, generator.randbytes(1), generator.randbytes(3), content[start:end] * 2))
    return content[:start] + new + content[end:] if generator.random() < 0.95 else content[:start]


def _by_words(content: bytes, generator: random.Random) -> bytes:
    found = _WORD.findall(content.decode("utf-8", "surrogateescape")) or [""]
    at, other = generator.randrange(len(found)), generator.randrange(len(found))
    match generator.randrange(7):
        case 0:
            found[at] = ""
        case 1:
            found[at] = found[other]
        case 2:
            found[at], found[other] = found[other], found[at]
        case 3:
            found.insert(at, generator.choice(words()) + generator.choice((" ", "")))
        case 4:  # two words that nothing keeps apart
            blanks = [number for number, word in enumerate(found) if word.isspace()]
            if blanks:
                found[generator.choice(blanks)] = ""
        case _:
            found[at] = generator.choice(words())
    return "".join(found).encode("utf-8", "surrogateescape")


def _as_authors(content: bytes, generator: random.Random) -> bytes:
    return mutations.mutated(content.decode("utf-8", "surrogateescape"), generator).encode("utf-8", "surrogateescape")


def _by_statements(content: bytes, generator: random.Random) -> bytes:
    text = content.decode("utf-8", "surrogateescape")
    found = re.split(r"\n(?=\S)", text)
    at = generator.randrange(len(found))
    match generator.randrange(5):
        case 0:
            del found[at]
        case 1:
            found.insert(generator.randrange(len(found) + 1), found[at])
        case 2:
            generator.shuffle(found)
        case 3:
            found.insert(at, generator.choice(re.split(r"\n(?=\S)", generator.choice(shipped()))))
        case _:
            found.insert(at, derived(generator))
    return "\n".join(found).encode("utf-8", "surrogateescape")


# What the grammar gives


@cache
def _grammar() -> tuple[dict[str, list[Sequence[object]]], dict[str, str]]:
    """The rules of the grammar, each with what it may be, and the words that are always the same."""
    lark = Lark(
        (resources.folder("grammar") / "forbear.lark").read_text(encoding="utf-8"), parser="lalr", start="start"
    )
    rules: dict[str, list[Sequence[object]]] = {}
    for rule in lark.rules:
        rules.setdefault(rule.origin.name, []).append(rule.expansion)
    return rules, {one.name: one.pattern.value for one in lark.terminals if one.pattern.type == "str"}


_SAMPLES: dict[str, tuple[str, ...]] = {
    "NAME": ("days_overdue", "unreachable", "sms", "phone_call", "late", "x", "contact", "medium", "calls"),
    "STRING": ('"a text"', '"b"', '""', '"with \\" mark"'),
    "NUMBER": ("0", "3", "60", "0.5", "1_000"),
    "CODE": ("masked-rule", "no-floor"),
    "OF_STANDARD": ("bounds.r",),
    "OF_TABLE": ("caps.1", "bounds.caps.2"),
    "ON_DAY": ("on",),
    "BETWEEN_AGO": ("between",),
    "ROW": ("\n|",),
    "ROW_END": ("|\n",),
    "CURRENCY": ("CNY", "USD"),
    "DATE": ("2015-09-22", "2016-02-29"),
    "TIME": ("08:00", "21:00:30"),
    "COMPARE": (">=", "<=", "=", "!=", ">"),
    "LESS": ("<",),
}


def derived(generator: random.Random) -> str:
    """A statement as the grammar has it, whatever it may mean."""
    rules, constant = _grammar()
    fuel = generator.choice((40, 120))

    def write(symbol: object, deep: int) -> str:
        nonlocal fuel
        fuel -= 1
        if isinstance(symbol, NonTerminal):
            ways = rules[symbol.name]
            if deep > 25 or fuel < 0:
                ways = sorted(ways, key=lambda way: sum(isinstance(one, NonTerminal) for one in way))[:1]
            return "" if deep > 80 else " ".join(write(one, deep + 1) for one in generator.choice(ways))
        name = str(getattr(symbol, "name", symbol))
        if name in constant:
            return constant[name]
        return generator.choice(_SAMPLES.get(name, (name.lower().replace("_", " "),)))

    return re.sub(" +", " ", write(NonTerminal("statement"), 0)).strip()
