"""What commands that compare policies read: files, packs, books and revisions. Whatever is wrong ends them with 2."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NoReturn

import click

from forbear.book import Book, load_book
from forbear.cli.printing import print_diagnostics
from forbear.cli.reading import check_path, must_exist
from forbear.cli.revision import checked_out, is_revision
from forbear.diagnostic import Diagnostic, in_file_order
from forbear.kernel import CaseError
from forbear.library import Policy, PolicyError
from forbear.policy.files import read_file
from forbear.policy.from_ast import Checked, check
from forbear.policy.typed import TypedPolicy
from forbear.policy.union import Incomparable
from forbear.report.text import printable


def read_policies(paths: Sequence[str], settings: Mapping[str, object], on: datetime.date | None) -> list[TypedPolicy]:
    """The policies. A setting is given to those that have it, and at least one must."""
    if paths.count("-") > 1:
        raise click.UsageError("only one of the policies can come from standard input")
    used: set[str] = set()
    with ExitStack() as stack:
        policies = []
        for path in paths:
            where = stack.enter_context(checked_out(path)) if is_revision(path) else must_exist(path)
            try:
                policies.append(_read(path, where, settings, on, used))
            except PolicyError as error:
                print_diagnostics(error.diagnostics, err=True)
                sys.exit(2)
    for name in settings:
        if name not in used:
            raise click.UsageError(f"no policy here has a setting {name!r}")
    return policies


def _read(
    path: str, where: Path | None, settings: Mapping[str, object], on: datetime.date | None, used: set[str]
) -> TypedPolicy:
    """The policy of a path, which lies at `where`; `used` takes up the settings that it has."""
    versions = _versions(path, where, {})
    own = {name: value for name, value in settings.items() if any(name in one.typed.settings for one in versions)}
    used.update(own)
    if own:
        versions = _versions(path, where, own)
    if where is None or not where.is_dir():
        return versions[0].typed
    book = Book(versions[0].name, versions)
    if on is None:
        raise click.UsageError(f"the folder {path!r} holds versions of {book.name!r}: say for which day, with --on")
    try:
        return book.on(on).typed
    except CaseError as error:
        raise click.UsageError(str(error)) from None


def _versions(path: str, where: Path | None, settings: Mapping[str, object]) -> tuple[Policy, ...]:
    """The policy of a path, or the versions of a book. Raises `PolicyError`."""
    if where is not None and where.is_dir():
        return load_book(where, settings).versions
    if where is None or str(where) == path:
        checked = check_path(path, settings)
    else:
        source = read_file(where, path)
        checked = Checked(None, (source,)) if isinstance(source, Diagnostic) else check(source, where, settings)
    if checked.policy is None:
        raise PolicyError(in_file_order(checked.diagnostics))
    return (Policy(checked),)


def fail_incomparable(error: Incomparable) -> NoReturn:
    """Ends the command with 2, since the two speak of different things under one name."""
    click.echo(f"error: these cannot be compared: {printable(str(error))}", err=True)
    sys.exit(2)
