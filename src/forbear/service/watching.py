"""Watches the folder for changes: it is loaded while the earlier policies are in force, and replaces them as a whole.

A file that is just being written may be a valid policy with half of its rules. So a changed folder is loaded when it
has been at rest for a while, and counts only if it has not changed meanwhile.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from typing import Final

from attrs import frozen

from forbear.base.diagnostic import PolicyError
from forbear.base.logs import LOG
from forbear.service.policies import Origin, Policies, State, state_of

EVERY: Final = 1.0
"""Seconds between two looks at the folder. A change counts when two looks have found the same."""


@frozen
class Broken:
    """The errors of the folder on the disk, while an earlier one is in force."""

    since: float
    errors: Sequence[str]


class Folder:
    """The policies in force, and what becomes of them. Raises `PolicyError` where there are none from the start."""

    def __init__(self, origin: Origin) -> None:
        self._origin = origin
        before = state_of(origin.path, ())
        self.current: Policies = origin.load()
        self._state = state_of(origin.path, self.current.files)
        if not before <= self._state:  # it changed meanwhile, so it is loaded again
            self._state = before
        self.broken: Broken | None = None
        self.loads: Counter[str] = Counter()
        """How often a changed folder was loaded: `good` and `broken`."""
        self._asked = asyncio.Event()

    def look(self) -> None:
        """Looks at the folder at once, and loads it whether it has changed or not. Handlers of signals may call it."""
        self._asked.set()

    async def watch(self) -> None:
        """Follows the folder until it is cancelled."""
        last = self._state
        while True:
            on_request = await self._pause()
            state = await asyncio.to_thread(self._look)
            if not on_request and (state == self._state or state != last):
                last = state
                continue
            last = state
            await self._load(state)

    async def _pause(self) -> bool:
        try:
            async with asyncio.timeout(EVERY):
                await self._asked.wait()
        except TimeoutError:
            return False
        self._asked.clear()
        return True

    def _look(self) -> State:
        return state_of(self._origin.path, self.current.files)

    async def _load(self, state: State) -> None:
        """Loads the folder that was seen in a state."""
        try:
            outcome: Policies | Exception = await asyncio.to_thread(self._origin.load)
        except PolicyError as error:
            outcome = error
        except Exception as error:  # a fault of ours is no reason to give up the policies in force
            LOG.exception("the changed folder could not be loaded")
            outcome = error
        of_outcome = state
        if not isinstance(outcome, Exception):  # which may have read other files
            of_outcome = await asyncio.to_thread(state_of, self._origin.path, outcome.files)
        if await asyncio.to_thread(self._look) != state:
            return  # it changes still
        self._state = of_outcome  # the state before the last check: later changes differ from it
        if isinstance(outcome, Exception):
            self._keep(outcome)
            return
        before, now = versions(self.current), versions(outcome)
        self.current = outcome
        changes = {
            "added": sorted(now.keys() - before.keys()),
            "removed": sorted(before.keys() - now.keys()),
            "changed": sorted(name for name in before.keys() & now.keys() if before[name] != now[name]),
        }
        self.broken = None
        self.loads["good"] += 1
        LOG.info("the changed folder is in force", extra={"policies": now, **changes})

    def _keep(self, error: Exception) -> None:
        errors = errors_of(error) if isinstance(error, PolicyError) else []
        self.broken = Broken(time.time(), errors or [f"{type(error).__name__}"])
        self.loads["broken"] += 1
        LOG.error("the changed folder has errors, and the one before stays in force", extra={"errors": errors})


def errors_of(error: PolicyError) -> list[str]:
    """The errors of a folder, each with its place."""
    return [
        f"{diagnostic.place.source.name}:{diagnostic.place.start.line}: {diagnostic.message}{diagnostic.elsewhere}"
        for diagnostic in error.diagnostics
    ]


def versions(policies: Policies) -> dict[str, list[str]]:
    """The digests of the versions of each policy."""
    return {name: [version.digest for version in policy.versions] for name, policy in policies.by_name.items()}
