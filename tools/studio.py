"""Builds the studio's page into `studio/dist`: `python3 tools/studio.py`. It needs `npm` on the path. With
`--script` it builds only the script that `forbear studio` serves, which is committed.

The packages of `studio/package.json` are installed into `studio/node_modules`, each in the version that stands there.
What runs in the page's worker is put together from this checkout and from the packages of the environment.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from environment import ROOT, python
from in_javascript import copy_pyodide, licences, python_files

STUDIO = ROOT / "studio"
PAGE = ROOT / "src" / "forbear" / "editors" / "studio" / "page"
"""What `forbear studio` serves: the script there is built, and committed, so that nobody needs npm for it."""
BUILD = STUDIO / "build"
DIST = STUDIO / "dist"
LIBRARIES = ("attrs", "jinja2", "lark", "markupsafe", "rich")
LEFT_OUT = ("check/sheets", "cli", "editors/lsp", "editors/studio/page", "portfolio", "service", "spark")
"""What the page has no use for, of the rooms of the package."""


def main() -> None:
    """Builds the page."""
    try:
        import jinja2  # noqa: F401

        from forbear.editors.studio.server import language
        from forbear.report.page.page import csp_hash, page_script
    except ImportError:
        sys.exit(subprocess.run([python("[report]"), __file__, *sys.argv[1:]]).returncode)
    npm = shutil.which("npm")
    if npm is None:
        sys.exit("the studio is built with npm, which is not on the path")
    _install(npm)
    if "--script" in sys.argv:
        _bundled(PAGE, "studio")
        (PAGE / "licences.txt").write_text("\n\n".join(_licences(without=("pyodide",))), encoding="utf-8")
        return
    BUILD.mkdir(exist_ok=True)
    shutil.rmtree(DIST, ignore_errors=True)
    copy_pyodide(STUDIO / "node_modules" / "pyodide", DIST / "pyodide")
    _python()
    policy = (
        f"default-src 'none'; script-src 'self' 'wasm-unsafe-eval' '{csp_hash(page_script())}'; worker-src 'self'; "
        "connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src data:; frame-src blob:; base-uri 'none'; "
        "form-action 'none'"
    )
    html = (PAGE / "index.html").read_text(encoding="utf-8").replace("{{ policy }}", policy)
    (DIST / "index.html").write_text(html, encoding="utf-8")
    (DIST / "language.json").write_bytes(language())
    shutil.copyfile(PAGE / "studio.css", DIST / "studio.css")
    from pages import write_pages

    write_pages(DIST)
    (DIST / "licences.txt").write_text("\n\n".join([*_licences(), *licences(LIBRARIES)]), encoding="utf-8")
    _bundled(DIST, "studio", "worker")
    files = sorted(path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file())
    version = hashlib.sha256(b"".join((DIST / name).read_bytes() for name in files)).hexdigest()[:16]
    _bundled(DIST, "sw", FILES=json.dumps(["./", *files]), VERSION=json.dumps(version))


def _install(npm: str) -> None:
    """Installs the packages, unless those of just this file are there."""
    stamp = STUDIO / "node_modules" / ".installed"
    wanted = (STUDIO / "package.json").read_text(encoding="utf-8")
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    install = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(install, cwd=STUDIO, check=True)
    stamp.write_text(wanted, encoding="utf-8")


def _bundled(target: Path, *names: str, **defined: str) -> None:
    """Bundles scripts, each to a file of its own in a folder."""
    options = [
        "--bundle",
        "--minify",
        "--format=esm",
        "--target=es2022",
        "--loader:.forbear=text",
        "--log-level=warning",
        f"--banner:js={banner()}",
    ]
    options += [f"--outdir={target}", *[f"--define:{name}={value}" for name, value in defined.items()]]
    sources = [f"src/{name}.ts" for name in names]
    subprocess.run([str(STUDIO / "node_modules/.bin/esbuild"), *sources, *options], cwd=STUDIO, check=True)


def banner() -> str:
    """The first line of a script: the digest of all sources, by which a test notices a script of others."""
    sources = [STUDIO / "package.json", *sorted((STUDIO / "src").iterdir())]
    return f"// {hashlib.sha256(b''.join(source.read_bytes() for source in sources)).hexdigest()}"


def _licences(without: Iterable[str] = ()) -> Iterator[str]:
    """The licences of what the page holds of others, each after the name of its package."""
    wanted = json.loads((STUDIO / "package.json").read_text(encoding="utf-8"))["dependencies"]
    for name in sorted({*wanted} - {*without}):
        found = sorted((STUDIO / "node_modules" / name).glob("LICEN[CS]E*"))
        its = json.loads((STUDIO / "node_modules" / name / "package.json").read_text(encoding="utf-8"))
        yield f"{name} {its['version']}: {its['license']}\n" + "".join(one.read_text(encoding="utf-8") for one in found)


def _python() -> None:
    """Puts Forbear and the libraries that it needs in the page into one file, by their paths there, and the memory of a
    Python that has loaded them into another."""
    files = BUILD / "python.json"
    files.write_text(python_files(LIBRARIES, LEFT_OUT), encoding="utf-8")
    (DIST / "python.files").write_bytes(gzip.compress(files.read_bytes(), mtime=0))
    made = ["snapshot.mjs", str(files), str(DIST / "python.snapshot"), "src/sample.forbear"]
    subprocess.run([node(), *made], cwd=STUDIO, check=True)


def node() -> str:
    """A Node that has of WebAssembly what browsers have, since Python's memory depends on it: that of `package.json`,
    or else one on the path."""
    brought = sorted((STUDIO / "node_modules").glob("node-*/bin/node"))
    found = str(brought[0]) if brought else shutil.which("node")
    able = found and subprocess.run([found, "-e", "process.exit('Suspending' in WebAssembly ? 0 : 1)"]).returncode == 0
    if not found or not able:
        sys.exit(
            "the studio is built with Node 25 or later, which npm brings on Linux and which is not on the path here"
        )
    return found


if __name__ == "__main__":
    os.chdir(ROOT)
    main()
