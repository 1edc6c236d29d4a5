"""The documentation as pages beside the studio: each fence that is a policy has a link that opens it there."""

from __future__ import annotations

import base64
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import urlencode

from environment import ROOT
from markdown_it import MarkdownIt
from markdown_it.token import Token

DOCS = ROOT / "docs"
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'"
HTML = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title} – Forbear</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{root}docs.css">
</head>
<body>
<nav aria-label="Documentation">{nav}</nav>
<main>
{body}</main>
</body>
</html>
"""
NAVIGATION = (
    ("./", "Studio"),
    ("docs/index.html", "Documentation"),
    ("docs/words.html", "Words"),
    ("docs/reference/language/index.html", "The language"),
    ("docs/reference/diagnostics/README.html", "Diagnostics"),
)


_MISSING = {"missing-file", "bad-standard", "wrong-digest"}
"""What is said of a policy whose files are not there."""


def write_pages(target: Path) -> None:
    """Writes the pages into a folder `docs` of the studio's page."""
    shutil.copyfile(ROOT / "studio" / "docs.css", target / "docs.css")
    for path in sorted(DOCS.rglob("*.md")):
        inside = path.relative_to(ROOT).with_suffix(".html")
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        (target / inside).write_text(page(path.read_text(encoding="utf-8"), path), encoding="utf-8")
    (target / "docs" / "words.html").write_text(page(_words(), DOCS / "words.md"), encoding="utf-8")
    shutil.copytree(DOCS / "images", target / "docs" / "images")


def page(text: str, path: Path) -> str:
    """A page of the documentation in HTML."""
    root = "../" * len(path.relative_to(ROOT).parent.parts)
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse(text)
    taken: set[str] = set()
    title = ""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            title = title or re.sub(r"[`*]", "", following.content)
            token.attrSet("id", _anchor(following.content, taken))
        for inner in token.children or ():
            if inner.type == "link_open":
                _lead(inner, path)
    parts = []
    fences = [(number, token) for number, token in enumerate(tokens) if token.type == "fence"]
    for number, token in enumerate(tokens):
        if token.type == "fence" and token.info.split()[:1] == ["forbear"]:
            later = {_attributes(one).get("file", ""): one.content for at, one in reversed(fences) if at > number}
            before = {_attributes(one).get("file", ""): one.content for at, one in fences if at < number}
            parts.append(_fence(token, root, later | before))
        else:
            parts.append(token)
    body = "".join(
        part if isinstance(part, str) else markdown.renderer.render([part], markdown.options, {}) for part in parts
    )
    body = body.replace("<pre>", '<pre tabindex="0">')  # it scrolls, so one must reach it without a mouse
    nav = " ".join(f'<a href="{root if to == "./" else root + to}">{words}</a>' for to, words in NAVIGATION)
    return HTML.format(policy=POLICY, title=_escaped(title), root=root, nav=nav, body=body)


def studio_link(name: str, text: str, others: Mapping[str, str]) -> str:
    """What comes behind the studio's address to open a policy there, with the files that it uses: see `share.ts`."""
    said = {"name": name, "policy": _packed(text)}
    return "#" + urlencode({**said, "others": _packed(json.dumps(others))} if others else said)


def _packed(text: str) -> str:
    packer = zlib.compressobj(9, wbits=-15)
    return base64.urlsafe_b64encode(packer.compress(text.encode()) + packer.flush()).decode().rstrip("=")


def _words() -> str:
    """The words of the standard vocabulary, in Markdown."""
    from forbear.editors.editing.reading import read
    from forbear.semantics.to_text import type_text

    policy = read("uses collections\n", None).draft
    assert policy is not None
    parts = ["# Words of the standard vocabulary", "A policy that declares no facts and actions of its own has these."]
    parts += ["## What may be done", "| action | |", "|---|---|"]
    parts += [_row(f"`{one.name}`", one.description) for one in policy.actions.values()]
    parts += ["", "## Several actions under one name", "| group | |", "|---|---|"]
    parts += [_row(f"`{one.name}`", ", ".join(one.actions)) for one in policy.groups.values()]
    parts += ["", "## What may be known of a case", "| fact | type | |", "|---|---|---|"]
    parts += [_row(f"`{one.name}` | `{type_text(one, 12)}`", one.description) for one in policy.facts.values()]
    return "\n".join([parts[0], "", parts[1], "", *parts[2:]]) + "\n"


def _row(first: str, description: str | None) -> str:
    return f"| {first} | {(description or '').replace('|', '&#124;')} |"


def _attributes(fence: Token) -> dict[str, str]:
    return dict(one.split("=", 1) for one in fence.info.split()[1:] if "=" in one)


def _fence(token: Token, root: str, files: Mapping[str, str]) -> str:
    """A policy, with a link that opens it where it has all that it needs; `files` are those of the page, by path."""
    attributes = _attributes(token)
    shown = f"<pre><code>{_escaped(token.content)}</code></pre>\n"
    path = PurePosixPath(attributes.get("file", "example.forbear"))
    others = _used(token.content, path, files)
    if others is None and attributes.get("wrong") not in _MISSING:
        return shown
    link = _escaped(root + studio_link(path.name, token.content, others or {}))
    return f'{shown}<p class="open"><a href="{link}" target="studio">Open in the studio</a></p>\n'


def _used(text: str, path: PurePosixPath, files: Mapping[str, str]) -> dict[str, str] | None:
    """The files that a policy uses, by their paths from its folder; None where one is missing."""
    from forbear.editors.editing.reading import read

    if not re.search(r"\b(?:uses|to)\s+\"", text):  # it names no file
        return {}
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder).resolve() / path.parent
        for name, its in {**files, str(path): text}.items():
            target = Path(folder).resolve() / name
            if name and target.is_relative_to(home):
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(its, encoding="utf-8")
        reading = read(text, home / path.name)
        if _MISSING & {str(one.code) for one in reading.diagnostics}:
            return None
        used = [one for one in reading.files if one.is_relative_to(home) and one.name != path.name]
        return {one.relative_to(home).as_posix(): one.read_text(encoding="utf-8") for one in used}


def _anchor(heading: str, taken: set[str]) -> str:
    """The name of a heading in addresses, as code hosts make it."""
    plain = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
    name, number = plain, 0
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name


def _lead(link: Token, path: Path) -> None:
    """Lets a link to another page lead to that page here, and one to what is not here to nothing."""
    href = str(link.attrGet("href"))
    if href.startswith(("#", "https:", "http:")):
        return
    to, _, anchor = href.partition("#")
    target = (path.parent / to).resolve()
    if target.suffix == ".md" and target.is_relative_to(DOCS):
        link.attrSet("href", to.removesuffix(".md") + ".html" + (f"#{anchor}" if anchor else ""))
    elif not (target.is_file() and target.is_relative_to(DOCS / "images")):
        del link.attrs["href"]


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
