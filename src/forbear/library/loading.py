"""Loads policies from texts and files, and reports everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from forbear.base.diagnostic import Code, Diagnostic, PolicyError, in_file_order
from forbear.base.logs import loaded
from forbear.base.source import Source
from forbear.check.files.gather import Checked, Opened, open_file
from forbear.check.from_ast import check
from forbear.library.policy import Policy

Settings = Mapping[str, object]
"""Values for settings of a policy, by name: a text as in a rule file ("CNY 5000"), or a Python value."""


def load(path: str | Path, settings: Settings | None = None) -> Policy:
    """Loads a policy from a file, or a bundled one by `"pack:NAME"`, or by its bare name if there is no such file.

    Raises `PolicyError`, with `.diagnostics`, if there are errors of syntax, names or types.
    """
    return loaded(_policy(check_file(path, settings)), str(path))


def loads(text: str, name: str = "policy", settings: Settings | None = None) -> Policy:
    """Loads a policy from its text. Messages refer to it by `name`. Paths in `uses` are relative to the working folder.

    Raises `PolicyError`, as `load` does.
    """
    return loaded(_policy(check_text(text, name, settings)), name)


def format(text: str, name: str = "policy") -> str:
    """The text of a rule file in the canonical layout. Messages refer to it by `name`.

    The text must be free of syntax errors; other errors do not matter. Comments stay between the same words. Raises
    `PolicyError`, with `.diagnostics`, if the text has syntax errors.

    >>> print(format("rule remind:from day 9 to day 13   then allow sms,automated_voice # a reminder"), end="")
    rule remind:
      from day 9 to day 13 then allow sms, automated_voice  # a reminder
    """
    from forbear.language.formatting.format import format_text

    formatted = format_text(Source(name, text))
    if formatted.text is None:
        raise PolicyError(in_file_order(formatted.diagnostics))
    return formatted.text


def _policy(checked: Checked) -> Policy:
    if checked.policy is None:
        raise PolicyError(in_file_order(checked.diagnostics))
    return Policy(checked)


def check_file(path: str | Path, settings: Settings | None = None) -> Checked:
    """Checks a file, as `load` does. Errors are in the result, and not raised."""
    return check_opened(open_file(path), settings or {})


def check_opened(opened: Opened, settings: Settings) -> Checked:
    """Checks a text that was read."""
    return Checked(None, (opened,)) if isinstance(opened, Diagnostic) else check(*opened, settings, _codes_of_findings)


def check_text(text: str, name: str = "policy", settings: Settings | None = None) -> Checked:
    """Checks a text, as `loads` does. Errors are in the result, and not raised."""
    return check(Source(name, text), None, settings or {}, _codes_of_findings)


def _codes_of_findings() -> Sequence[Code]:
    from forbear.analysis.findings.registry import CODES  # imported late: only an `accept` needs the analyser

    return CODES
