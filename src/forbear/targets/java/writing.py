"""How names and texts of a policy are written in Java: as identifiers, literals and comments, all in ASCII."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from forbear.base.characters import printable

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
    """Identifiers for names of a policy, each another one, also where no file tells capitals apart."""

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
    """The words of a name. Whatever is no letter or digit of ASCII parts them."""
    return re.findall("[A-Za-z0-9]+", name) or ["x"]


def _beginning(identifier: str) -> str:
    return f"_{identifier}" if identifier[0].isdigit() else identifier


def literal(text: str | None) -> str:
    """A text as a literal. An escape of Unicode that stands in the text itself stays what it is."""
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
