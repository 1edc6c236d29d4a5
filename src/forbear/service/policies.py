"""The policies of a folder: all that it holds at one moment, loaded together or not at all."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

from attrs import field, frozen

from forbear.deciding.records.sink import Sink
from forbear.library.answering import Asking
from forbear.library.book import Book
from forbear.library.folder import policies_of, rule_files_of
from forbear.library.policy import Policy
from forbear.service.writing import Writer


@frozen(eq=False)
class Served:
    """A policy as it is served: the object that answers, and the one that writes the answers."""

    asking: Asking
    writer: Writer = field(factory=Writer)

    @property
    def found(self) -> Policy | Book:
        return self.asking.found

    @property
    def versions(self) -> tuple[Policy, ...]:
        return tuple(self.found.versions)


@frozen(eq=False)
class Policies:
    """The policies that are served at one moment. A request has one of these from its beginning to its end."""

    by_name: Mapping[str, Served]
    files: frozenset[Path] = frozenset()
    """All files that were read."""


def digest_of(policies: Sequence[Policy]) -> str:
    """Returns a digest of several policies, made of their digests; that of one is its own."""
    digests = [policy.digest for policy in policies]
    return digests[0] if len(digests) == 1 else "sha256:" + hashlib.sha256(" ".join(digests).encode()).hexdigest()


@frozen
class Origin:
    """The source of policies, and the settings, record and names of answers to use with them."""

    path: Path
    settings: Mapping[str, object] = MappingProxyType({})
    of_project: Mapping[str, object] = MappingProxyType({})
    record: Sink | None = None
    key: str | None = None
    request: str | None = None
    instrument: bool = False

    def load(self) -> Policies:
        """Loads all policies. Raises `PolicyError` with the errors of all files, if there are any."""
        found = policies_of(self.path, self.settings, self.of_project)
        served = {name: self._served(policy) for name, policy in found.items()}
        files = frozenset(file for one in served.values() for version in one.versions for file in version.files)
        return Policies(MappingProxyType(served), files)

    def _served(self, found: Policy | Book) -> Served:
        if self.instrument:
            from forbear.telemetry import instrument

            found = instrument(found)
        served = Served(Asking(found, record=self.record, key=self.key, request=self.request))
        for version in served.versions:
            served.writer.add(version)  # makes the digest now, and not in a request
            version.plain.prepare()  # this may take a second, in which nobody would be answered
        return served


State = frozenset[tuple[str, int, int, int, int]]


def state_of(path: Path, files: Iterable[Path]) -> State:
    """Returns data that show whether files have changed: those of the folder, and other files that were read."""
    states: set[tuple[str, int, int, int, int]] = set()

    def missing(error: OSError) -> None:
        states.add((str(error.filename), 0, 0, 0, 0))

    for file in {*rule_files_of(path, missing), *files}:
        try:
            status = os.stat(file)
        except OSError as error:
            missing(error)
        else:
            states.add((str(file), status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino))
    return frozenset(states)
