"""The project file: what a team would otherwise repeat on every command line, in `forbear.toml`, or in the table
`[tool.forbear]` of `pyproject.toml`."""

from __future__ import annotations

import datetime
import os
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from pathlib import Path

from forbear.base.diagnostic import Diagnostic
from forbear.base.frozen import frozen
from forbear.base.source import Place, Source
from forbear.base.toml import read_toml, span_of
from forbear.check.files.locations import Refused, open_found
from forbear.kernel.cases import in_digits
from forbear.language.model.names import did_you_mean, listed

_NAMES = FILE, SHARED_FILE = "forbear.toml", "pyproject.toml"
_TABLE = ("tool", "forbear")
"""The table of `pyproject.toml`, which other tools read too."""
MOST_BYTES = 1_000_000
_TOO_LARGE = 10**15


@frozen
class Key:
    """A key of the project file: the commands that it concerns, what its value is in words, and whether a value is.
    `about` describes a key that stands for no option."""

    name: str
    commands: tuple[str, ...]
    wants: str
    holds: Callable[[object], bool]
    about: str = ""


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _TOO_LARGE


def _is_multiple(value: object) -> bool:
    return _is_count(value) and value != 0


def _is_share(value: object) -> bool:
    number = isinstance(value, int) or (isinstance(value, Decimal) and value.is_finite())
    return number and not isinstance(value, bool) and 0 <= value <= 100  # type: ignore[operator]


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
        Key(
            "paths",
            ("validate", "test", "format"),
            "a list of texts",
            _are_texts,
            "The files and folders that are read if no PATH is given, relative to the project file and in its folder.",
        ),
        Key("strict", ("validate",), "true or false", _is_flag),
        Key("notes", ("validate",), "true or false", _is_flag),
        Key("limit", ("validate",), "a whole number, 0 or more", _is_count),
        Key("effort", ("validate", "diff", "conform", "report"), "a whole number, 1 or more", _is_multiple),
        Key(
            "help-uri",
            ("validate",),
            "an address with `{code}` in it",
            _is_address,
            "Where your house shows the pages of the codes: `helpUri` in SARIF.",
        ),
        Key("min-coverage", ("test",), "a number from 0 to 100", _is_share),
        Key("min-score", ("test",), "a number from 0 to 100", _is_share),
        Key(
            "severity",
            ("validate", "test", "compile", "report", "diff"),
            "a table from code to severity",
            _is_table,
            "`error`, `warning`, `note` or `ignore` for each code.",
        ),
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
            if not os.path.isfile(self.folder / path) and not os.path.isdir(self.folder / path):
                raise self.error(f"there is no file or folder `{path}`", "it is relative to this file", "paths", path)
            if not Path(os.path.realpath(self.folder / path)).is_relative_to(self.folder):  # `format` would write there
                help = f"put `{self.source.name}` into a folder above both"
                raise self.error(f"`{path}` leads out of the folder of this file", help, "paths", path)
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
        span = span_of(self.source.text, (*self.table, *path))
        return ProjectError(_diagnostic(message, Place(self.source, span), help))


NO_PROJECT = Project(Source("", ""), Path(), (), {})
"""What stands for a project file where there is none."""


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
        place = Place(source, (0, 0) if values is None else span_of(source.text, table))
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
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a number of more than 15 digits"
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


def _parse(source: Source) -> dict[str, object]:
    document = read_toml(source.text)
    if isinstance(document, dict):
        return document
    what, span = document
    help = "a line is `key = value`, a text stands in quotation marks, and a list in square brackets"
    raise ProjectError(_diagnostic(f"this is no TOML: {what[:1].lower()}{what[1:]}", Place(source, span), help))


def _at(document: object, path: Sequence[str]) -> object:
    """What stands at a path of tables; None where nothing does."""
    for part in path:
        document = document.get(part) if isinstance(document, dict) else None
    return document
