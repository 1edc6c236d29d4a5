"""The policies of a folder: all that it holds at one moment, loaded together or not at all."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType

from attrs import field, frozen

from forbear.check.files.locations import rule_files_below, unreadable
from forbear.check.files.opening import open_rule_file
from forbear.diagnostic import Diagnostic, PolicyError, has_errors, in_file_order
from forbear.library.answering import Asking, versions_of
from forbear.library.book import Book, check_with_its_own, require_settings, version_problems
from forbear.library.policy import Policy
from forbear.runtime.records.sink import Sink
from forbear.service.pace import Pace
from forbear.service.writing import Writer
from forbear.source import Place, Source


@frozen(eq=False)
class Served:
    """A policy as it is served: who answers by it, who writes the answers, and how long those of batches take."""

    asking: Asking
    writer: Writer = field(factory=Writer)
    pace: Pace = field(factory=Pace)

    @property
    def found(self) -> Policy | Book:
        return self.asking.found

    @property
    def versions(self) -> tuple[Policy, ...]:
        return tuple(versions_of(self.found))


@frozen(eq=False)
class Policies:
    """What is served at one moment. A request has one of these from its beginning to its end."""

    by_name: Mapping[str, Served]
    files: frozenset[Path] = frozenset()
    """All files that were read."""
    digest: str = field(init=False)
    """One for all versions of all policies."""

    @digest.default
    def _digest(self) -> str:
        digests = [version.digest for served in self.by_name.values() for version in served.versions]
        return "sha256:" + hashlib.sha256(" ".join(digests).encode()).hexdigest()


@frozen
class Origin:
    """Where policies come from, and with which settings, record and names of answers they are asked."""

    path: Path
    settings: Mapping[str, object] = MappingProxyType({})
    of_project: Mapping[str, object] = MappingProxyType({})
    record: Sink | None = None
    key: str | None = None
    request: str | None = None
    instrument: bool = False

    def load(self) -> Policies:
        """Loads all policies. Raises `PolicyError` with the errors of all files, where there are any."""
        diagnostics: list[Diagnostic] = []
        by_name: dict[str, list[Policy]] = defaultdict(list)
        used: set[str] = set()
        unread: list[OSError] = []
        for file in rule_files_of(self.path, unread.append):
            checked, own = check_with_its_own(open_rule_file(file, str(file)), self.settings, self.of_project)
            diagnostics += checked.diagnostics
            if checked.policy is not None and checked.policy.headed:
                used |= own
                by_name[checked.policy.name].append(Policy(checked))
        diagnostics += [unreadable(str(error.filename), error) for error in unread]
        if not by_name and not has_errors(diagnostics):
            diagnostics.append(self._nothing())
        for versions in by_name.values():
            problems = version_problems([policy.typed for policy in versions])
            diagnostics += [problem for problem in problems if problem.code == "version-overlap"]
        if has_errors(diagnostics):
            raise PolicyError(in_file_order(dict.fromkeys(diagnostics)))
        require_settings(self.path, self.settings, used)
        files = frozenset(file for versions in by_name.values() for policy in versions for file in policy.files)
        served = {name: self._served(name, versions) for name, versions in sorted(by_name.items())}
        return Policies(MappingProxyType(served), files)

    def _nothing(self) -> Diagnostic:
        return Diagnostic(
            code="missing-file",
            message=f"`{self.path}` holds no policy, so there is nothing to serve",
            place=Place(Source(str(self.path), ""), (0, 0)),
            help="put rule files with a head, `policy NAME`, into it",
        )

    def _served(self, name: str, versions: Iterable[Policy]) -> Served:
        book = Book(name, tuple(sorted(versions, key=lambda policy: policy.typed.since or 0)))
        loaded = book.alone or book
        if self.instrument:
            from forbear.telemetry import instrument

            loaded = instrument(loaded)
        served = Served(Asking(loaded, record=self.record, key=self.key, request=self.request))
        for version in served.versions:
            served.writer.add(version)  # makes the digest now, and not in a request
            version.plain.prepare()  # this may take a second, in which nobody would be answered
        return served


def rule_files_of(path: Path, unreadable: Callable[[OSError], object]) -> list[Path]:
    """A rule file itself, or those in a folder, as `rule_files_below` gives them. Hidden folders are left out: systems
    that swap folders as a whole keep the old and the new one there."""
    return rule_files_below(path, unreadable, hidden=False) if os.path.isdir(path) else [path]


State = frozenset[tuple[str, int, int, int, int]]


def state_of(path: Path, files: Iterable[Path]) -> State:
    """What shows that files have changed: those of the folder, and those that were read besides."""
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
