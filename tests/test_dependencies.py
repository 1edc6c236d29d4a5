"""What is declared, constrained and installed fits."""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
EXTRAS = {name: list(map(Requirement, texts)) for name, texts in PROJECT["optional-dependencies"].items()}


def constrained() -> dict[str, str]:
    return dict(line.split("==") for line in CONSTRAINTS if not line.startswith("#"))


def test_constraints_are_names_and_versions_in_order() -> None:
    lines = [line for line in CONSTRAINTS if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*==[0-9][0-9a-z.+]*", line) for line in lines), lines
    assert lines == sorted(lines, key=lambda line: line.split("==")[0])
    assert len(constrained()) == len(lines)


def test_a_version_is_constrained_for_each_requirement_and_fits_it() -> None:
    versions = constrained()
    needed = [
        *map(Requirement, PROJECT["dependencies"]),
        *(one for name in EXTRAS if name != "bench" for one in EXTRAS[name]),
    ]
    for requirement in needed:
        if requirement.name != "forbear":  # an extra that has another
            assert requirement.specifier.contains(versions[canonicalize_name(requirement.name)]), str(requirement)


def test_what_is_installed_besides_is_constrained_too() -> None:
    """All that the requirements require in turn, here."""
    versions, seen = constrained(), set[str]()
    waiting = [("forbear", frozenset({"dev"}))]
    while waiting:
        name, extras = waiting.pop()
        for text in metadata.requires(name) or []:
            requirement = Requirement(text)
            needed = requirement.marker is None or any(
                requirement.marker.evaluate({"extra": extra}) for extra in (*extras, "")
            )
            found = canonicalize_name(requirement.name)
            if found == "forbear" and needed:
                waiting.append((found, frozenset(requirement.extras)))
            elif needed and found not in seen:
                seen.add(found)
                waiting.append((found, frozenset(requirement.extras)))
    assert seen <= versions.keys()


def test_no_extra_differs_from_another_in_its_bounds() -> None:
    found: dict[str, set[str]] = {}
    for name, requirements in EXTRAS.items():
        for one in requirements:
            if name != "bench":
                found.setdefault(one.name, set()).add(str(one.specifier))
    assert not {name: bounds for name, bounds in found.items() if len(bounds) > 1}
