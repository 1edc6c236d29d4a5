"""One file on its way to a policy, and what becomes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from attrs import field

from forbear.base.diagnostic import Diagnostic
from forbear.base.frozen import frozen
from forbear.base.source import Source
from forbear.check.files.gather import Reads
from forbear.check.files.locations import Location, identity_of
from forbear.check.promises.promises import FindingCodes
from forbear.language.model.policy import Terms, TypedPolicy
from forbear.language.syntax.nodes import Module


@frozen
class Origin:
    """A text that was checked, where it lies, the files that were read with it, and the values for its settings."""

    source: Source
    where: Location | None
    reads: Reads
    settings: Mapping[str, object]
    finding_codes: FindingCodes


@frozen
class Checked:
    """A typed policy, unless there are errors, and all that there is to say of its files.

    `files` are those of the disk that were read: its own, those that it uses, and the standards that it promises to
    keep or is subject to.
    `settings` are the names that it has a setting for, whatever else may be wrong. `origin` is what was checked.
    `draft` is the policy as far as it could be made, whatever is wrong with it, for those who write it; and `modules`
    are its files as they were read, its own the last.
    """

    policy: TypedPolicy | None
    diagnostics: tuple[Diagnostic, ...]
    files: tuple[Path, ...] = ()
    settings: frozenset[str] = frozenset()
    origin: Origin | None = None
    draft: TypedPolicy | None = None
    modules: tuple[Module, ...] = ()

    def settings_of_project(self, values: Mapping[str, object]) -> dict[str, object]:
        """Those settings of a project that this policy takes: those that it has, and none if it is a standard.

        What a standard leaves open is set by the policies under it, in their own text. Else a project that has a
        setting of the same name would alter the law by which it is judged.
        """
        if self.policy is not None and self.policy.standard:
            return {}
        return {name: value for name, value in values.items() if name in self.settings}


@frozen
class Loading:
    """A file that is being checked; `diagnostics` and `paths` take up what is reported, and the files that are read.

    `where` it lies is None for a text without a file. `within` are the files that are subject to this one, each before
    the one that it names, and `terms` theirs; None where this one is checked by itself. `check_standard` checks a
    standard that this one names, with those that are subject to it, and on these terms.
    """

    source: Source
    where: Location | None
    reads: Reads
    check_standard: Callable[[Source, Location, tuple[str, ...], Terms | None], Checked]
    finding_codes: FindingCodes
    within: tuple[str, ...] = ()
    terms: Terms | None = None
    diagnostics: list[Diagnostic] = field(factory=list)
    paths: list[Path] = field(factory=list)

    @property
    def chain(self) -> tuple[str, ...]:
        """The files that are subject to this one, and this one."""
        return self.within if self.where is None else (*self.within, identity_of(self.where))
