"""Builds what a release consists of into `release/`: `python3 tools/release.py`, in a checkout without changes.

These are the wheel with the studio's guide, the source distribution, the extension for Visual Studio Code, the pages of
the docs, the bill of materials of the wheel, a build context for the container, and `SHA256SUMS` of them all. Each has
the time of the commit, so that two builds of one commit are the same bytes. It needs `git` and `npm` on the path.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from environment import ROOT, python

RELEASE = ROOT / "release"
DOCKERFILE = Path("deploy", "Dockerfile")


def main() -> None:
    """Builds all of them, from the files of the last commit."""
    changed = _git("status", "--porcelain")
    if changed:
        sys.exit(f"a release is built from a commit, and these files are not as in the last one:\n{changed}")
    moment = int(_git("log", "-1", "--format=%ct"))
    os.environ["SOURCE_DATE_EPOCH"] = str(moment)
    executable = python("[dev]")
    shutil.rmtree(RELEASE, ignore_errors=True)
    RELEASE.mkdir()
    _run(executable, "tools/studio.py")  # of whose guide the wheel has a copy
    _run(executable, "-m", "build", "--outdir", str(RELEASE))
    _run(executable, "tools/vscode.py")
    _run(executable, "tools/documentation.py")
    [wheel], [sdist] = RELEASE.glob("*.whl"), RELEASE.glob("*.tar.gz")
    name = sdist.name.removesuffix(".tar.gz")
    _zip_as_of(ROOT / "editors" / "vscode" / "forbear.vsix", RELEASE / f"{name}.vsix", moment)
    (RELEASE / f"{name}.cdx.json").write_bytes(_bill(wheel))
    _tar(RELEASE / f"{name}-docs.tar.gz", _files_of(ROOT / "site"), moment)
    _tar(RELEASE / f"{name}-container.tar.gz", _context(sdist), moment)
    sums = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in sorted(RELEASE.iterdir())]
    (RELEASE / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    print("".join(sums), end="")


def _git(*command: str) -> str:
    return subprocess.run(["git", *command], cwd=ROOT, check=True, capture_output=True, text=True).stdout.strip()


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT).returncode:
        sys.exit(f"`{' '.join(command)}` failed")


def _bill(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [name for name in archive.namelist() if name.endswith(".cdx.json")]
        return archive.read(name)


def _files_of(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _context(sdist: Path) -> Iterator[tuple[str, bytes]]:
    """The files of the source distribution without its folder, and the Dockerfile where Docker looks for it."""
    with tempfile.TemporaryDirectory() as folder:
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        [source] = Path(folder).iterdir()
        yield "Dockerfile", (source / DOCKERFILE).read_bytes()
        yield from _files_of(source)


def _tar(path: Path, files: Iterator[tuple[str, bytes]], moment: int) -> None:
    with (
        path.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=moment) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        for name, content in files:
            entry = tarfile.TarInfo(name)
            entry.size, entry.mtime, entry.mode = len(content), moment, 0o644
            archive.addfile(entry, io.BytesIO(content))


def _zip_as_of(source: Path, target: Path, moment: int) -> None:
    """An archive again, with one time for all its files."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for name in sorted(old.namelist()):
            new.writestr(zipfile.ZipInfo(name, time.gmtime(moment)[:6]), old.read(name), zipfile.ZIP_DEFLATED)


if __name__ == "__main__":
    main()
