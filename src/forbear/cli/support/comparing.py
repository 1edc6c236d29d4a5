"""Reads what commands compare: files, packs, books and revisions. Any error ends the command with 2."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence

from forbear.base.diagnostic import PolicyError, in_file_order
from forbear.check.files.gather import open_rule_file
from forbear.check.files.locations import InTree, Location, is_folder
from forbear.cli.support.failing import fail_policy, wrong_use
from forbear.cli.support.project import project
from forbear.cli.support.reading import must_exist, open_path, read_each_once
from forbear.cli.support.revision import in_revision, is_revision
from forbear.kernel.cases import CaseError
from forbear.library.book import book_with_its_own, check_with_its_own
from forbear.library.policy import Policy


def both(command: str, policies: Sequence[str], against: str | None) -> tuple[str, str]:
    """The old and the new policy that a command compares: the old one is named first, or after `--against`."""
    if len(policies) != (2 if against is None else 1):
        wrong_use(f"name the old policy and the new one: `forbear {command} OLD NEW`, or `{command} NEW --against OLD`")
    return (policies[0], policies[1]) if against is None else (against, policies[0])


def read_policies(
    paths: Sequence[str],
    settings: Mapping[str, object],
    on: datetime.date | None,
    known: frozenset[str] = frozenset(),
) -> list[Policy]:
    """Reads policies. A setting is applied to those that declare it. At least one must, unless the setting is in
    `known`, or one of the project.
    """
    read_each_once(*paths)
    used = set(known)
    policies = []
    for path in paths:
        where = in_revision(path) if is_revision(path) else must_exist(path)
        try:
            policies.append(_read(path, where, settings, on, used))
        except PolicyError as error:
            fail_policy(error.diagnostics, code=2)
    for name in settings:
        if name not in used:
            wrong_use(f"no policy here has a setting {name!r}")
    return policies


def _read(
    path: str, where: Location | None, settings: Mapping[str, object], on: datetime.date | None, used: set[str]
) -> Policy:
    """The policy of a path, which is at `where`. The settings that it declares are added to `used`."""
    if where is None or not is_folder(where):
        opened = open_rule_file(where, path) if isinstance(where, InTree) else open_path(path)
        checked, own = check_with_its_own(opened, settings, project().settings)
        if checked.policy is None:
            raise PolicyError(in_file_order(checked.diagnostics))
        used |= own
        return Policy(checked)
    book, own = book_with_its_own(where, settings, project().settings)
    used |= own
    if on is None:
        wrong_use(f"the folder {path!r} holds versions of {book.name!r}: say for which day, with --on")
    try:
        return book.on(on)
    except CaseError as error:
        wrong_use(str(error))
