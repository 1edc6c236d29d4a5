"""The project file: what a team would otherwise repeat on every command line, in `forbear.toml`, or in the table
`[tool.forbear]` of `pyproject.toml`."""

from __future__ import annotations

import datetime
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from forbear.check.files.locations import Refused, open_found
from forbear.diagnostic import Diagnostic
from forbear.frozen import frozen
from forbear.kernel import in_digits
from forbear.model.names import did_you_mean, listed
from forbear.source import Place, Source, Span

_NAMES = FILE, SHARED_FILE = "forbear.toml", "pyproject.toml"
_TABLE = ("tool", "forbear")
"""The table of `pyproject.toml`, which other tools read too."""
MOST_BYTES = 1_000_000


@frozen
class Key:
    """A key of the project file: the commands that it concerns, what its value is in words, and whether a value is."""

    name: str
    commands: tuple[str, ...]
    wants: str
    holds: Callable[[object], bool]


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_multiple(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_share(value: object) -> bool:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool) and 0 <= value <= 100


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://")) and "{code}" in value


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _are_texts(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _is_table(value: object) -> bool:
    return isinstance(value, dict)


POLICY_COMMANDS = (
    *("validate", "test", "compile", "decide", "apply", "replay"),
    *("explain", "diff", "conform", "report", "facts"),
)
_ON_CASES = ("apply", "diff")

KEYS: Mapping[str, Key] = {
    key.name: key
    for key in (
        Key("paths", ("validate", "test", "format"), "a list of texts", _are_texts),
        Key("strict", ("validate",), "true or false", _is_flag),
        Key("notes", ("validate",), "true or false", _is_flag),
        Key("limit", ("validate",), "a whole number, 0 or more", _is_count),
        Key("effort", ("validate", "diff", "conform"), "a whole number, 1 or more", _is_multiple),
        Key("help-uri", ("validate",), "an address with `{code}` in it", _is_address),
        Key("min-coverage", ("test",), "a number from 0 to 100", _is_share),
        Key("min-score", ("test",), "a number from 0 to 100", _is_share),
        Key("severity", ("validate", "test", "compile", "report", "diff"), "a table from code to severity", _is_table),
        Key("settings", POLICY_COMMANDS, "a table from setting to value", _is_table),
        Key("map", _ON_CASES, "a table from column to fact", _is_table),
        Key("none", _ON_CASES, "a list of texts", _are_texts),
        Key("key", _ON_CASES, "a list of texts", _are_texts),
        Key("max-rejects", _ON_CASES, "a whole number, 0 or more", _is_count),
        Key("dialect", ("compile",), "a text", _is_text),
        Key("table", ("compile",), "a text", _is_text),
    )
}
"""Every key. One that stands for an option has its name."""


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
        """From column to fact."""
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
        """From code to a severity or `ignore`, as they are written."""
        return {code: str(severity) for code, severity in self._of("severity").items()}

    @property
    def paths(self) -> tuple[str, ...]:
        """The files and folders to check, as seen from the current folder. Raises `ProjectError` if one is missing."""
        relative = []
        for path in self._texts("paths"):
            if not os.path.exists(self.folder / path):
                raise self.error(f"there is no file or folder `{path}`", "it is relative to this file", "paths", path)
            relative.append(os.path.relpath(self.folder / path))
        return tuple(relative)

    def unused_setting(self, name: str, known: Collection[str]) -> ProjectError:
        """The error about a setting that no rule file has; `known` are those that they have."""
        help = did_you_mean(name, known) or "`forbear facts` shows the settings of a policy"
        return self.error(f"no rule file has a setting `{name}`", help, "settings", name)

    def _of(self, key: str) -> Mapping[str, object]:
        value = self.values.get(key, {})
        assert isinstance(value, dict)
        return value

    def _texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, [])
        assert isinstance(value, list)
        return tuple(value)

    def error(self, message: str, help: str, *path: str) -> ProjectError:
        """The error about a key, given by its path; the last part may be a text in its list."""
        span = _span_of(self.source.text, (*self.table, *path))
        return ProjectError(_diagnostic(message, Place(self.source, span), help))


def _diagnostic(message: str, place: Place, help: str) -> Diagnostic:
    return Diagnostic(code="bad-project", message=message, place=place, help=help)


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
    """Whether a `pyproject.toml` has our table. One that is broken, and does not name us, is not ours to report."""
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
        place = Place(source, (0, 0) if values is None else _span_of(source.text, table))
        raise ProjectError(_diagnostic("there is no table `[tool.forbear]`", place, "write `[tool.forbear]`"))
    for name, value in values.items():
        _check(project, name, value)
    return project


def _check(project: Project, name: str, value: object) -> None:
    """Raises `ProjectError` for a key that there is not, and for a value of another type."""
    key = KEYS.get(name)
    if key is None:
        if name == _TABLE[0] and not project.table:
            help = f"in {FILE} the keys stand at the top, without `[tool.forbear]`"
        else:
            help = did_you_mean(name, KEYS) or f"the keys are {listed(KEYS, most=len(KEYS))}"
        raise project.error(f"there is no key `{name}`", help, name)
    if not key.holds(value):
        raise project.error(f"`{name}` needs {key.wants}, not {_shown(value)}", f"write {_EXAMPLES[key.wants]}", name)
    if name == "settings":
        for setting, value_given in project.settings.items():
            if not isinstance(value_given, (str, bool, int, Decimal, datetime.date, datetime.time)) or isinstance(
                value_given, datetime.datetime
            ):
                message = f"a setting cannot be {_shown(value_given)}"
                raise project.error(message, 'write its value as in a rule file, such as "USD 50"', name, setting)
    if name == "map":
        for column, fact in value.items() if isinstance(value, dict) else ():
            if not isinstance(fact, str):
                message = f"the column `{column}` needs the name of a fact, not {_shown(fact)}"
                raise project.error(message, 'write such as `dpd = "days_overdue"`', name, column)


_EXAMPLES = {
    "a list of texts": 'such as `["rules"]`',
    "a text": 'it in quotation marks, such as `"duckdb"`',
    "an address with `{code}` in it": 'such as `"https://rules.example.org/forbear/{code}"`',
    "a number from 0 to 100": "such as `80`",
    "true or false": "`true` or `false`, without quotation marks",
    "a whole number, 0 or more": "such as `20`",
    "a whole number, 1 or more": "such as `10`",
    "a table from code to severity": 'such as `hole = "error"` below `[severity]`',
    "a table from setting to value": 'such as `large_amount = "USD 500"` below `[settings]`',
    "a table from column to fact": 'such as `dpd = "days_overdue"` below `[map]`',
}


def _shown(value: object) -> str:
    """A value of TOML in words, cut where it is long."""
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return str(value).lower()
    text = f'"{value}"' if isinstance(value, str) else in_digits(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


# Reading TOML


def project_text(path: Path) -> str:
    """The text of a project file, whatever it says. Raises `ProjectError`."""
    return _read(path).text


def _read(path: Path, *, by_hand: bool = False) -> Source:
    """The text of a file. What is called a project file leads to one, through links too: otherwise a message would show
    a line of another file."""
    name = os.path.relpath(path)
    try:
        by_hand = by_hand or path.name not in _NAMES
        with open(path, "rb") if by_hand else open_found(path, _NAMES, "project file") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise OSError(0, f"it has more than {MOST_BYTES:,} bytes")
        return Source(name, content.decode())
    except Refused as refused:
        message = f"`{name}` {refused.strerror}"
    except OSError as error:
        message = f"`{name}` cannot be read: {(error.strerror or 'error').lower()}"
    except UnicodeDecodeError:
        message = f"`{name}` cannot be read: it is not UTF-8"
    raise ProjectError(_diagnostic(message, Place(Source(name, ""), (0, 0)), "name another file with `--config`"))


_WHERE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
"""How `tomllib` ends the message of an error."""


def _parse(source: Source) -> dict[str, object]:
    import tomllib  # most folders have no project file

    try:
        return tomllib.loads(source.text, parse_float=Decimal)
    except (RecursionError, ValueError) as error:
        message = str(error) or "too many brackets within each other"
        position = _WHERE.search(message)
        if position and position[1]:
            at = min(source.offset(int(position[1])) + int(position[2]) - 1, len(source.text))
        else:
            at = len(source.text.rstrip()) if position else 0
        what = message[: position.start()] if position else message
        place = Place(source, (at, min(at + 1, len(source.text))))
        help = "a line is `key = value`, a text stands in quotation marks, and a list in square brackets"
        raise ProjectError(_diagnostic(f"this is no TOML: {what[:1].lower()}{what[1:]}", place, help)) from None


def _at(document: object, path: Sequence[str]) -> object:
    """What stands at a path of tables; None where nothing does."""
    for part in path:
        document = document.get(part) if isinstance(document, dict) else None
    return document


_MOST_TRIES = 200
"""The most beginnings of a file that are parsed to find the place of one error."""


def _span_of(text: str, path: Sequence[str]) -> Span:
    """The span of a key, or of a text in the list of a key: `path` then ends in that text.

    `tomllib` keeps no places. So a statement is found as the lines without which the file lacks the key, and with which
    it has it.
    """
    *tables, last = path
    in_list = not _has(text, path)
    path_of_key = tables if in_list else path
    for start, end in _statements(text, path_of_key):
        begin = _word(text, path_of_key[-1], start, end)
        if begin is None:
            continue
        if in_list:
            quoted = _word(text, last, begin + len(path_of_key[-1]), end)
            if quoted is not None:
                return quoted, quoted + len(last)
        return begin, begin + len(path_of_key[-1])
    return 0, 0


def _statements(text: str, path: Sequence[str]) -> Iterator[Span]:
    """The first statement after which a text has a path."""
    ends = [match.end() for match in re.finditer(r"\n|$", text)]
    tries = 0
    start = 0
    for number, end in enumerate(ends):
        if path[-1] in text[start:end] and _has(text[:start], path) is False:
            for until in ends[number:]:
                tries += 1
                if tries > _MOST_TRIES:
                    return
                has = _has(text[:until], path)
                if has:
                    yield start, until
                    return
                if has is False:
                    break
        start = end


def _has(text: str, path: Sequence[str]) -> bool | None:
    """Whether a text has a path; None where it is no TOML, as the beginning of a list is none."""
    import tomllib

    try:
        return _at(tomllib.loads(text), path) is not None
    except ValueError:
        return None


def _word(text: str, word: str, start: int, end: int) -> int | None:
    match = re.compile(rf"(?<![\w-]){re.escape(word)}(?![\w-])").search(text, start, end)
    return None if match is None else match.start()
