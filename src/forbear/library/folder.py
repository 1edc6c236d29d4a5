"""The policies of a folder: all that it and its folders hold, of several names, loaded together or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path

from forbear.base.diagnostic import PolicyError, has_errors, in_file_order
from forbear.base.source import Place, Source
from forbear.check.files.locations import rule_files_below, unreadable
from forbear.language.model.messages import diagnosis
from forbear.library.book import Book, book_of, headed_policies, overlaps, require_settings
from forbear.library.loading import Settings
from forbear.library.policy import Policy


def rule_files_of(path: Path, unreadable: Callable[[OSError], object]) -> list[Path]:
    """A rule file itself, or those in a folder, as `rule_files_below` gives them. Hidden folders are left out: systems
    that swap folders as a whole keep the old and the new one there."""
    return rule_files_below(path, unreadable, hidden=False) if os.path.isdir(path) else [path]


def policies_of(path: Path, given: Settings, of_project: Settings) -> Mapping[str, Policy | Book]:
    """Returns the policies with a head in a folder and its subfolders, or in a rule file, by name and in order: a book
    if a policy has several versions, or one that is not always in force.

    Each `given` setting, and each setting of the project, is applied to every text that declares it. Raises
    `PolicyError` with the errors of all files, if two versions of a name are in force on one day, if no text declares a
    setting, or if there is no policy.
    """
    unread: list[OSError] = []
    files = rule_files_of(path, unread.append)
    by_name, diagnostics, used = headed_policies(files, given, of_project)
    diagnostics += [unreadable(str(error.filename), error) for error in unread]
    if not by_name and not has_errors(diagnostics):
        place = Place(Source(str(path), ""), (0, 0))
        diagnostics.append(diagnosis("missing-file.no-policy", place, path=f"{path}"))
    diagnostics += overlaps(by_name)
    if has_errors(diagnostics):
        raise PolicyError(in_file_order(dict.fromkeys(diagnostics)))
    require_settings(path, given, used)
    books = [book_of(name, versions) for name, versions in sorted(by_name.items())]
    return {book.name: book.alone or book for book in books}
