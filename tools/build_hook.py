"""Puts a bill of materials into the wheel (CycloneDX, in `.dist-info/sboms/`, as PEP 770 has it): Forbear, and what it
depends on, in the versions of `constraints.txt`. It says nothing of the moment or the machine, so that two builds of
one source are the same bytes."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

LEFT_OUT = ("all", "author", "bench", "dev", "docs", "test")
"""Extras that no user of the wheel installs, and those that name others."""


class Materials(BuildHookInterface):  # type: ignore[type-arg]
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Writes the bill where hatchling takes it from."""
        if self.target_name != "wheel" or version == "editable":
            return
        built = Path(self.root, "studio", "dist")
        for name in ("docs", "docs.css"):  # the guide of the studio, which `tools/studio.py` builds
            if (built / name).exists():
                build_data["force_include"][str(built / name)] = f"forbear/studio/dist/{name}"
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name, "forbear.cdx.json")
        path.write_text(self._bill(), encoding="utf-8")
        build_data["sbom_files"].append(str(path))

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        if build_data["sbom_files"]:
            self._folder.cleanup()

    def _bill(self) -> str:
        from cyclonedx.model.bom import Bom
        from cyclonedx.model.component import Component, ComponentScope, ComponentType
        from cyclonedx.model.license import LicenseExpression
        from cyclonedx.output.json import JsonV1Dot6
        from packageurl import PackageURL

        core = self.metadata.core
        bill = Bom(serial_number=uuid5(NAMESPACE_URL, f"pkg:pypi/{core.name}@{self.metadata.version}"))
        bill.metadata.timestamp = None  # type: ignore[assignment]
        whole = Component(
            type=ComponentType.LIBRARY,
            name=core.name,
            version=self.metadata.version,
            description=core.description,
            licenses=[LicenseExpression(core.license_expression)],
            purl=PackageURL("pypi", name=core.name, version=self.metadata.version),
            bom_ref=core.name,
        )
        bill.metadata.component = whole
        versions = dict(
            re.findall(r"^([a-z0-9-]+)==(\S+)", Path(self.root, "constraints.txt").read_text("utf-8"), re.M)
        )
        required = {_name(text) for text in core.dependencies}
        offered = {
            _name(text)
            for extra, texts in core.optional_dependencies.items()
            if extra not in LEFT_OUT
            for text in texts
        }
        parts = [
            Component(
                type=ComponentType.LIBRARY,
                name=name,
                version=versions[name],
                scope=ComponentScope.REQUIRED if name in required else ComponentScope.OPTIONAL,
                purl=PackageURL("pypi", name=name, version=versions[name]),
                bom_ref=name,
            )
            for name in sorted(required | offered)
        ]
        for part in parts:
            bill.components.add(part)
            bill.register_dependency(part)
        bill.register_dependency(whole, parts)
        return JsonV1Dot6(bill).output_as_string(indent=2) + "\n"


def _name(requirement: str) -> str:
    """The normalised name of what a requirement asks for."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()
