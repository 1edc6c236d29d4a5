"""Builds the docs as a site into `site/`: `python3 tools/documentation.py`. Any web server can serve the folder,
and its pages ask for nothing elsewhere. A link that leads nowhere is an error.

`docs/index.md` is the first page, and its lists are the navigation. Pages outside of `docs/` that it lists are copied.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from environment import ROOT, python

DOCS = ROOT / "docs"
SITE = ROOT / "site"
FENCE = re.compile(r"^( *)(`{3,})(\w*)([^`\n]*)\n.*?^ *\2$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[([^\[\]]*)\]\(([^)\s]+)\)")
CONFIGURATION = """\
[project]
site_name = "Forbear"
docs_dir = "docs"
site_dir = "site"
use_directory_urls = false
nav = {nav}

[project.theme]
language = "en"
font = false
features = [
  "navigation.indexes", "navigation.tabs", "navigation.sections", "navigation.top", "toc.follow", "content.code.copy",
]
palette = [
  {{ media = "(prefers-color-scheme)", toggle = {{ icon = "lucide/sun-moon", name = "Light" }} }},
  {{ media = "(prefers-color-scheme: light)", scheme = "default", toggle = {{ icon = "lucide/sun", name = "Dark" }} }},
  {{ media = "(prefers-color-scheme: dark)", scheme = "slate", toggle = {{ icon = "lucide/moon", name = "System" }} }},
]
"""

MENDED = (
    ("*.html", r'<a id="__codelineno[^>]*></a>', ""),  # a link for each line of code, without a name
    (
        "*.html",
        r'(__container">(?:(?!</div>).)*?md-ellipsis">\s*)([^<]*?)(\s*<(?:(?!</div>).)*?<label )',
        r'\1\2\3aria-label="\2" ',
    ),
    ("bundle.*.js", r'"nav",\{class:"md-code__nav"', '"div",{class:"md-code__nav"'),  # a landmark each
    (
        "palette.*.css",
        r"$",
        "[data-md-color-accent=indigo]{--md-accent-fg-color:#4051b5}"
        "[data-md-color-scheme=slate][data-md-color-accent=indigo]{--md-accent-fg-color:#8c9eff}",
    ),
)
"""What stands in the way of readers in what is built: files, what is found in them, what is written instead."""


def main() -> None:
    if sys.argv[1:] != ["built"]:  # which it is called with in the environment that has what builds it
        sys.exit(subprocess.run([python("[docs]", name=".venv-docs"), __file__, "built"]).returncode)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "zensical.toml").write_text(CONFIGURATION.format(nav=toml(navigation())), encoding="utf-8")
        stage(folder / "docs")
        built = subprocess.run([sys.executable, "-m", "zensical", "build", "--strict"], cwd=folder)
        if built.returncode:
            sys.exit(built.returncode)
        for pattern, expression, better in MENDED:
            for path in (folder / "site").rglob(pattern):
                path.write_text(re.sub(expression, better, path.read_text("utf-8"), flags=re.DOTALL), encoding="utf-8")
        shutil.rmtree(SITE, ignore_errors=True)
        shutil.copytree(folder / "site", SITE)
    print(f"built {len([*SITE.rglob('*.html')])} pages: python3 -m http.server --bind 127.0.0.1 --directory site")


Navigation = list[dict[str, "str | Navigation"]]


def navigation() -> Navigation:
    """The lists of the index by their headings, as titles with pages. Pages that it does not list, those of
    diagnostics, stand below the page of their folder."""
    doors: Navigation = [{"Forbear": "index.md"}]
    part: Navigation = []
    entries: Navigation = []
    for line in (DOCS / "index.md").read_text(encoding="utf-8").splitlines():
        if heading := re.fullmatch(r"##(#?) (.*)", line):
            entries = []
            (part if heading[1] else doors).append({heading[2]: entries})
            part = part if heading[1] else entries
        listed: Navigation = [{title[0].upper() + title[1:]: place(DOCS / to)} for title, to in LINK.findall(line)]
        [(title, page)] = listed[0].items() if listed else [("", "")]
        if str(page).endswith("/README.md"):
            below = sorted(path for path in (DOCS / str(page)).parent.glob("*.md") if path.name != "README.md")
            listed += [{path.stem: place(path)} for path in below]
        entries += [{title: listed}] if str(page).endswith(("/README.md", "/index.md")) else listed
    return doors


def place(path: Path) -> str:
    """The path of a page within the site's sources: of one outside of `docs/` a name made of its own."""
    path = Path(os.path.normpath(path))
    if path.is_relative_to(DOCS):
        return path.relative_to(DOCS).as_posix()
    return "contributing/" + "-".join(path.relative_to(ROOT).with_suffix("").parts).lower() + ".md"


def taken_in() -> dict[Path, str]:
    """Each page of the site, with its place."""
    listed = [
        Path(os.path.normpath(DOCS / target)) for _, target in LINK.findall((DOCS / "index.md").read_text("utf-8"))
    ]
    return {path: place(path) for path in [*DOCS.rglob("*.md"), *listed] if path.suffix == ".md"}


def stage(target: Path) -> None:
    """Writes the pages as the builder reads them: fences without what only tests need, links by the new places."""
    pages = taken_in()
    for path, to in pages.items():
        text = FENCE.sub(lambda fence: fence[0].replace(fence[3] + fence[4], fence[3], 1), path.read_text("utf-8"))
        (target / to).parent.mkdir(parents=True, exist_ok=True)
        (target / to).write_text(LINK.sub(partial(led, path, pages), text), encoding="utf-8")
    shutil.copytree(DOCS / "images", target / "images")


def led(path: Path, pages: dict[Path, str], link: re.Match[str]) -> str:
    """A link by the place of its page here; the words alone, if it leads to a file of the checkout."""
    to, mark, anchor = link[2].partition("#")
    if not to or re.match("[a-z]+:", to):
        return link[0]
    target = Path(os.path.normpath(path.parent / to))
    if target in pages:
        return f"[{link[1]}]({os.path.relpath(pages[target], Path(pages[path]).parent)}{mark}{anchor})"
    return link[0] if target.is_relative_to(DOCS / "images") else link[1]


def toml(value: str | Navigation | dict[str, str | Navigation]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        [(name, its)] = value.items()
        return f"{{ {json.dumps(name, ensure_ascii=False)} = {toml(its)} }}"
    return f"[{', '.join(map(toml, value))}]"


if __name__ == "__main__":
    main()
