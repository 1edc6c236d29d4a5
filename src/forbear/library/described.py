"""The properties of a loaded policy: its names, days, files and provenance."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any, Protocol, Self

from attrs import evolve

from forbear.base.diagnostic import Diagnostic, in_file_order
from forbear.check.files.gather import Checked
from forbear.kernel.cases import CaseError, read_on, unknown_name
from forbear.language.model.policy import TypedPolicy
from forbear.semantics.composition.standards import provenance


class Described:
    """A policy as it was loaded: its head, its names, its digest, and where it came from."""

    __slots__ = ("__weakref__", "_digest", "_files", "_origin", "_typed", "_warnings")

    def __init__(self, checked: Checked) -> None:
        assert checked.policy is not None
        self._typed = checked.policy
        self._warnings = checked.diagnostics
        self._files = checked.files
        self._origin = checked.origin
        self._digest: str | None = None

    @property
    def checked(self) -> Checked:
        """The source of the policy."""
        return Checked(self._typed, self._warnings, self._files, origin=self._origin)

    @property
    def typed(self) -> TypedPolicy:
        """The typed policy, from which the analyser and the backends work."""
        return self._typed

    @property
    def name(self) -> str:
        return self._typed.name

    @property
    def title(self) -> str | None:
        return self._typed.title

    @property
    def version(self) -> str | None:
        return self._typed.version

    @property
    def omits(self) -> tuple[str, ...]:
        """What the policy says it leaves out (`omits`), each as one text."""
        return self._typed.omits

    @property
    def provenance(self) -> dict[str, object]:
        """Which sources of the policy were `read`, by whom and until when it is `reviewed`, and which of its rules were
        `not_read`, each with what it rests on instead.
        """
        return provenance(self._typed)

    @property
    def facts(self) -> tuple[str, ...]:
        """The names of the facts that a case may have, in the order of the vocabulary; derived facts are not among
        them."""
        return tuple(name for name in self._typed.facts if name not in self._typed.derived)

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the actions, in the order of the vocabulary."""
        return tuple(self._typed.actions)

    def in_force(self, on: datetime.date | str) -> bool:
        """Returns true if the policy is in force on a day; one without `in force` always is.

        Raises `CaseError` if `on` is not a day.
        """
        day = read_on(on)
        since, until = self._typed.since, self._typed.until
        return (since is None or since <= day) and (until is None or day <= until)

    @property
    def undated(self) -> Self:
        """The same policy without its own `in force`, so that it decides on any day. The dates of its rules count, and
        its digest is that of its text.
        """
        return self._in_force(None, None)

    def ending(self, last: int) -> Self:
        """The same policy, in force up to a day (an ordinal) at most."""
        until = self._typed.until
        return self._in_force(self._typed.since, last if until is None else min(until, last))

    def _in_force(self, since: int | None, until: int | None) -> Self:
        other = type(self)(evolve(self.checked, policy=evolve(self._typed, since=since, until=until)))
        other._digest = self.digest
        return other

    def __repr__(self) -> str:
        version = "" if self.version is None else f" {self.version}"
        return f"<Policy {self.name}{version} {self.digest[:19]}>"

    @property
    def digest(self) -> str:
        """The digest, `sha256:...`, of the rules with their names, their words and the settings in effect."""
        if self._digest is None:
            from forbear.semantics.to_text import digest

            self._digest = digest(self._typed)
        return self._digest

    @property
    def about(self) -> dict[str, object]:
        """Identifies the policy in JSON answers: name, digest, and version if present."""
        return {"name": self.name, "digest": self.digest, **({} if self.version is None else {"version": self.version})}

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were read from the disk: its own, those that it uses, and those of its standards."""
        return self._files

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """The diagnostics of the checker that are not errors, in file order."""
        return in_file_order(self._warnings)

    def _require_action(self, action: str | None) -> None:
        """Raises `CaseError` if the name is not that of an action; None stands for all actions."""
        if action is not None and action not in self._typed.actions:
            raise CaseError([unknown_name(None, action, self._typed.actions, "action")])


class Versioned(Protocol):
    """A book, as `Policy.plan` takes one to hold a policy against."""

    def looking_ahead(self, on: Any, at: Any, days: int) -> Described:
        """The version in force on a day, which looks so many days ahead along the others."""
