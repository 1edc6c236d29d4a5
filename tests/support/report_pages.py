"""A browser for the tests of a file, and reports that are written once: most tests look at one of a few."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from invoking import forbear as run
from invoking import write

if TYPE_CHECKING:
    from browser import Reader, Reported


@pytest.fixture(scope="module")
def reader() -> Iterator[Reader]:
    from browser import Reader, chromium

    with chromium() as running:
        yield Reader(running)


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    written: dict[tuple[str | Path, ...], Path] = {}

    def report(*policies: str | Path) -> Path:
        if policies not in written:
            folder = tmp_path_factory.mktemp("report")
            paths = []
            for number, policy in enumerate(policies):
                named = isinstance(policy, Path) or policy.startswith("pack:")
                paths.append(policy if named else write(folder, str(policy), f"policy{number}.forbear"))
            answer = run("report", *paths, "-o", folder / "report.html")
            assert (answer.code, answer.out) == (0, "")
            written[policies] = folder / "report.html"
        return written[policies]

    return report
