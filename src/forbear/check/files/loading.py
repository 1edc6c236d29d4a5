"""One file on its way to a policy, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from attrs import field, frozen

from forbear.check.files.gather import Reads
from forbear.check.files.locations import Location, identity_of
from forbear.check.promises.promises import FindingCodes
from forbear.diagnostic import Diagnostic
from forbear.model.policy import TypedPolicy
from forbear.source import Source


@frozen
class Checked:
    """A typed policy, unless there are errors, and all that there is to say of its files.

    `files` are those of the disk that were read: its own, those that it uses, and the standards that it promises to
    keep or is subject to.
    `settings` are the names that it has a setting for, whatever else may be wrong.
    """

    policy: TypedPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    settings: frozenset[str] = frozenset()


@frozen
class Loading:
    """A file that is being checked; `diagnostics` and `paths` take up what is reported, and the files that are read.

    `where` it lies is None for a text without a file. `within` are the files that are subject to this one, each before
    the one that it names. `check_standard` checks a standard that this one names, with those that are subject to it.
    """

    source: Source
    where: Location | None
    reads: Reads
    check_standard: Callable[[Source, Location, tuple[str, ...]], Checked]
    finding_codes: FindingCodes
    within: tuple[str, ...] = ()
    diagnostics: list[Diagnostic] = field(factory=list)
    paths: list[Path] = field(factory=list)

    @property
    def chain(self) -> tuple[str, ...]:
        """The files that are subject to this one, and this one."""
        return self.within if self.where is None else (*self.within, identity_of(self.where))
