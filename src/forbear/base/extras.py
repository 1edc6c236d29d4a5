"""Messages about an extra of the package that is not installed."""

from __future__ import annotations

from forbear.version import __version__


def missing_extra(what: str, extra: str, error: ImportError) -> str:
    """The message about an extra without which something cannot be done: what is missing, and how it is installed."""
    lacking = f"there is no {error.name.partition('.')[0]}" if error.name else str(error).rstrip(".")
    return f"{what} needs the extra `{extra}` of forbear: {lacking}; {how_to_install(extra)}"


def how_to_install(extra: str) -> str:
    """Returns the command that installs an extra."""
    wheel = f"forbear-{__version__}-py3-none-any.whl"
    return f"`pip install '.[{extra}]'` in a checkout installs it, or `pip install './{wheel}[{extra}]'` from a wheel"
