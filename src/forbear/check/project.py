"""The project file: what a team would otherwise repeat on every command line, in `forbear.toml`, or in the table
`[tool.forbear]` of `pyproject.toml`."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from attrs import frozen

from forbear.base.diagnostic import Diagnostic
from forbear.base.source import Place, Source, Span
from forbear.check.files.locations import Refused, open_found
from forbear.kernel.cases import in_digits
from forbear.language.model.messages import diagnosis
from forbear.language.model.names import did_you_mean, listed

_NAMES = FILE, SHARED_FILE = "forbear.toml", "pyproject.toml"
_TABLE = ("tool", "forbear")
"""The table of `pyproject.toml`, which other tools read too."""
_OF_TOOL = f"[{'.'.join(_TABLE)}]"
MOST_BYTES = 1_000_000
_TOO_LARGE = 10**15


@frozen
class Key:
    """A key of the project file: the commands that it concerns, and its value in words. `about` describes a key that
    corresponds to no option.
    """

    name: str
    commands: tuple[str, ...]
    wants: str
    about: str = ""


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_LARGE


def _is_share(value: object) -> bool:
    number = isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
    return number and not isinstance(value, bool) and 0 <= value <= 100  # type: ignore[operator]


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and "{code}" in value


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


_KINDS: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "a list of texts": (_are_texts, 'such as `["rules"]`'),
    "a text": (lambda value: isinstance(value, str), 'it in quotation marks, such as `"duckdb"`'),
    "an address with `{code}` in it": (_is_address, 'such as `"https://rules.example.org/forbear/{code}"`'),
    "a number from 0 to 100": (_is_share, "such as `80`"),
    "true or false": (lambda value: isinstance(value, bool), "`true` or `false`, without quotation marks"),
    "a whole number, 0 or more": (_is_count, "such as `20`"),
    "a whole number, 1 or more": (lambda value: _is_count(value) and value != 0, "such as `10`"),
    "a table from code to severity": (_is_table, 'such as `hole = "error"` below `[severity]`'),
    "a table from setting to value": (_is_table, 'such as `large_amount = "USD 500"` below `[settings]`'),
    "a table from column to fact": (_is_table, 'such as `dpd = "days_overdue"` below `[map]`'),
}
"""The types of values: the test of a value, and an example."""

POLICY_COMMANDS = (
    *("validate", "test", "compile", "decide", "apply", "replay"),
    *("explain", "diff", "conform", "report", "facts"),
)
_ON_CASES = ("apply", "diff")

KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key(
            "paths",
            ("validate", "test", "format"),
            "a list of texts",
            "The files and folders that are read if no PATH is given, relative to the project file and in its folder.",
        ),
        Key("strict", ("validate",), "true or false"),
        Key("notes", ("validate",), "true or false"),
        Key("limit", ("validate",), "a whole number, 0 or more"),
        Key("effort", ("validate", "diff", "conform", "report"), "a whole number, 1 or more"),
        Key(
            "help-uri",
            ("validate",),
            "an address with `{code}` in it",
            "Where your house shows the pages of the codes: `helpUri` in SARIF.",
        ),
        Key("min-coverage", ("test",), "a number from 0 to 100"),
        Key("min-score", ("test",), "a number from 0 to 100"),
        Key(
            "severity",
            ("validate", "test", "compile", "report", "diff"),
            "a table from code to severity",
            "`error`, `warning`, `note` or `ignore` for each code.",
        ),
        Key("settings", POLICY_COMMANDS, "a table from setting to value"),
        Key("map", _ON_CASES, "a table from column to fact"),
        Key("none", _ON_CASES, "a list of texts"),
        Key("key", _ON_CASES, "a list of texts"),
        Key("max-rejects", _ON_CASES, "a whole number, 0 or more"),
        Key("dialect", ("compile",), "a text"),
        Key("table", ("compile",), "a text"),
    )
}
"""All keys. One that corresponds to an option has its name."""


class ProjectError(Exception):
    """A project file that cannot be used; `diagnostic` says what is wrong, and where."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic)


@frozen
class Project:
    """A project file that was read. `folder` is the one in which it lies, and `values` has what it says, by key."""

    source: Source
    folder: Path
    table: tuple[str, ...]
    values: Mapping[str, object]

    @property
    def settings(self) -> Mapping[str, object]:
        """Values for those policies that have such a setting."""
        return self._of("settings")

    @property
    def columns(self) -> Mapping[str, str]:
        """The facts, by column."""
        return {column: str(fact) for column, fact in self._of("map").items()}

    @property
    def none(self) -> tuple[str, ...]:
        """The facts whose null means none."""
        return self._texts("none")

    @property
    def help_uri(self) -> str | None:
        """The address of the page of a code, which is to be put in for `{code}`."""
        uri = self.values.get("help-uri")
        return uri if isinstance(uri, str) else None

    @property
    def severities(self) -> Mapping[str, str]:
        """The severity, or `ignore`, of each code, as written."""
        return {code: str(severity) for code, severity in self._of("severity").items()}

    @property
    def paths(self) -> tuple[str, ...]:
        """The files and folders to check, as seen from the current folder. Raises `ProjectError` if one is missing."""
        relative = []
        for path in self._texts("paths"):
            if not os.path.isfile(self.folder / path) and not os.path.isdir(self.folder / path):
                raise self.error("no-path", "paths", path, path=path)
            if not Path(os.path.realpath(self.folder / path)).is_relative_to(self.folder):  # `format` would write there
                raise self.error("outside", "paths", path, path=path, file=self.source.name)
            relative.append(os.path.relpath(self.folder / path))
        return tuple(relative)

    def unused_setting(self, name: str, known: Collection[str]) -> ProjectError:
        """Returns the error about a setting that no rule file has; `known` are those that they have."""
        return self.error("setting", "settings", name, setting=name, nearest=did_you_mean(name, known))

    def _of(self, key: str) -> Mapping[str, object]:
        value = self.values.get(key, {})
        assert isinstance(value, dict)
        return value

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        assert isinstance(value, list)
        return tuple(value)

    def error(self, variant: str, *path: str, **arguments: Any) -> ProjectError:
        """The error about a key, given by its path; the last part may be a text in its list."""
        span = span_of(self.source.text, (*self.table, *path))
        return _error(variant, Place(self.source, span), **arguments)


NO_PROJECT = Project(Source("", ""), Path(), (), {})
"""An empty project, used if there is no project file."""


def _error(variant: str, place: Place, **arguments: Any) -> ProjectError:
    return ProjectError(diagnosis(f"bad-project.{variant}", place, **arguments))


def find_project(start: Path) -> Path | None:
    """The project file of a folder: in the folder itself, or in the nearest one above it that has one.

    In one folder `forbear.toml` goes before `pyproject.toml`, which counts only if it has the table `[tool.forbear]`.
    The search ends at the top of a Git repository. Raises `ProjectError` for a `pyproject.toml` that cannot be read.
    """
    for folder in (start, *start.parents):
        if (folder / FILE).is_file():
            return folder / FILE
        shared = folder / SHARED_FILE
        if shared.is_file() and _has_table(shared):
            return shared
        if (folder / ".git").exists():
            return None
    return None


def _has_table(path: Path) -> bool:
    """Returns true if a `pyproject.toml` has our table. A broken one that does not name us is not ours to report."""
    if "forbear" not in _read(path, by_hand=True).text:
        return False
    return _at(_parse(_read(path)), _TABLE) is not None


def read_project(path: Path) -> Project:
    """Reads a project file. Raises `ProjectError`."""
    source = _read(path)
    document = _parse(source)
    table = _TABLE if path.name == SHARED_FILE else ()
    values = _at(document, table)
    project = Project(source, path.resolve().parent, table, values if isinstance(values, dict) else {})
    if not isinstance(values, dict):
        place = Place(source, (0, 0) if values is None else span_of(source.text, table))
        raise _error("no-table", place, table=_OF_TOOL)
    for name, value in values.items():
        _check(project, name, value)
    return project


def _check(project: Project, name: str, value: object) -> None:
    """Raises `ProjectError` for an unknown key, and for a value of another type."""
    key = KEYS.get(name)
    if key is None:
        variant = "table-at-top" if name == _TABLE[0] and not project.table else "key"
        keys = listed(KEYS, most=len(KEYS))
        raise project.error(
            variant, name, key=name, file=FILE, table=_OF_TOOL, nearest=did_you_mean(name, KEYS), keys=keys
        )
    holds, example = _KINDS[key.wants]
    if not holds(value):
        raise project.error("value", name, key=name, wants=key.wants, value=_shown(value), example=example)
    if name == "settings":
        for setting, value_given in project.settings.items():
            if not isinstance(value_given, (str, bool, int, Decimal, datetime.date, datetime.time)) or isinstance(
                value_given, datetime.datetime
            ):
                raise project.error("setting-value", name, setting, value=_shown(value_given))
    if name == "map":
        for column, fact in value.items() if isinstance(value, dict) else ():
            if not isinstance(fact, str):
                raise project.error("column", name, column, column=column, value=_shown(fact))


def _shown(value: object) -> str:
    """A value of TOML in words, cut where it is long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a number of more than 15 digits"
    text = f'"{value}"' if isinstance(value, str) else in_digits(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# Reading TOML


def project_text(path: Path) -> str:
    """The text of a project file, whatever it says. Raises `ProjectError`."""
    return _read(path).text


def _read(path: Path, *, by_hand: bool = False) -> Source:
    """Returns the text of a file. A file with the name of a project file must lead to one, through links too: otherwise
    a message would show a line of another file.
    """
    name = os.path.relpath(path)
    try:
        by_hand = by_hand or path.name not in _NAMES
        with open(path, "rb") if by_hand else open_found(path, _NAMES, "project file") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise OSError(0, f"it has more than {MOST_BYTES:,} bytes")
        return Source(name, content.decode())
    except Refused as refused:
        reason = str(refused.strerror)
    except OSError as error:
        reason = f"cannot be read: {(error.strerror or 'error').lower()}"
    except UnicodeDecodeError:
        reason = "cannot be read: it is not UTF-8"
    raise _error("unreadable", Place(Source(name, ""), (0, 0)), file=name, reason=reason)


def _parse(source: Source) -> dict[str, object]:
    document = read_toml(source.text)
    if isinstance(document, dict):
        return document
    what, span = document
    raise _error("no-toml", Place(source, span), problem=f"{what[:1].lower()}{what[1:]}")


def _at(document: object, path: Sequence[str]) -> object:
    """Returns the value at a path of tables; None if there is none."""
    for part in path:
        document = document.get(part) if isinstance(document, dict) else None
    return document


# A text in TOML: what it says, in time that grows with its length, and where, as `tomllib` keeps no places.


MOST_PARTS = 32
"""Parts of a key: `tool.forbear.severity` has three."""

_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""The end of an error message of `tomllib`."""


@lru_cache(4)  # an editor asks for it with each key
def read_toml(text: str) -> dict[str, object] | tuple[str, Span]:
    """Returns the content of a TOML text; or an error message and its position."""
    import tomllib  # most folders have no project file

    long_key = _long_key(text)
    if long_key is not None:
        return f"a key has at most {MOST_PARTS} parts here", long_key
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (RecursionError, ValueError) as error:
        message = str(error) or "too many brackets within each other"
        position = _WHERE.search(message)
        if position and position[1]:
            at = min(Source("", text).offset(int(position[1])) + int(position[2]) - 1, len(text))
        else:
            at = len(text.rstrip()) if position else 0
        return message[: position.start()] if position else message, (at, min(at + 1, len(text)))


_TOKEN = re.compile(
    r"""(?P<nothing>[ \t\r]+|\#[^\n]*)
    |(?P<word>\"{3}(?:\\.|[^\\]|\\\Z)*?(?:\"{3,5}|\Z)|'{3}.*?(?:'{3,5}|\Z)|"(?:\\.|[^"\\\n])*+"?|'[^'\n]*+'?|[\w+-]++)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)
"""The tokens of TOML. Every text, valid or not, is split into them in one pass."""


def _tokens(text: str) -> Iterator[re.Match[str]]:
    return (token for token in _TOKEN.finditer(text) if token.lastgroup != "nothing")


def _long_key(text: str) -> Span | None:
    """The beginning of a key of more parts than are read: `tomllib` takes time by their square."""
    parts, after_dot, start = 0, False, 0
    for token in _tokens(text):
        if token.lastgroup == "word":
            parts, start = (parts + 1, start) if after_dot else (1, token.start())
            if parts > MOST_PARTS:
                return start, token.end()
        after_dot = token[0] == "." and parts > 0
        if token.lastgroup == "sign" and not after_dot:
            parts = 0
    return None


def _statements(text: str) -> Iterator[tuple[tuple[str, ...], list[re.Match[str]]]]:
    """The statements of a text in TOML: the path of the key of each, or of the table that it begins, and its tokens."""
    table: tuple[str, ...] = ()
    statement: list[re.Match[str]] = []
    depth = 0
    for token in (*_tokens(text), None):
        if token is not None and (token[0] != "\n" or depth):
            depth += (token[0] in ("[", "{")) - (token[0] in ("]", "}"))
            statement.append(token)
        elif statement:
            begins_table = statement[0][0] == "["
            key = []
            for part in statement:
                if part[0] == "=":
                    break
                key += [_meant(part)] if part.lastgroup == "word" else []
            path = tuple(key) if begins_table else (*table, *key)
            table = path if begins_table else table
            yield path, statement
            statement = []


def _meant(token: re.Match[str]) -> str:
    """The name, or the text, that a token writes."""
    import tomllib

    written = token[0]
    if "\\" not in written and not written.startswith(('"""', "'''")):
        return written.strip(written[0]) if written[0] in "\"'" else written
    return str(tomllib.loads(f"x = {written}")["x"])


@lru_cache(4)
def span_of(text: str, path: tuple[str, ...]) -> Span:
    """The span of a key, or of a text in the list of a key: `path` then ends in that text. `tomllib` keeps none."""
    for its_path, statement in _statements(text):
        if its_path[: len(path)] == path[: len(its_path)]:
            for token in statement:
                if token.lastgroup == "word" and _meant(token) == path[-1]:
                    quotes = token[0][0] in "\"'"
                    return token.start() + quotes, token.end() - quotes
    return 0, 0
