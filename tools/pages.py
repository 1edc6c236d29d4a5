"""The documentation as pages beside the studio: each fence that is a policy has a link that opens it there."""

from __future__ import annotations

import base64
import re
import shutil
import zlib
from pathlib import Path
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
    ("docs/guide-authors.html", "Guide for authors"),
    ("docs/words.html", "Words"),
    ("docs/language.html", "The language"),
    ("docs/studio.html", "The studio"),
    ("docs/diagnostics/README.html", "Diagnostics"),
)


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
    for token in tokens:
        if token.type == "fence" and token.info.split()[:1] == ["forbear"]:
            parts.append(_fence(token, root))
        else:
            parts.append(token)
    body = "".join(
        part if isinstance(part, str) else markdown.renderer.render([part], markdown.options, {}) for part in parts
    )
    body = body.replace("<pre>", '<pre tabindex="0">')  # it scrolls, so one must reach it without a mouse
    nav = " ".join(f'<a href="{root if to == "./" else root + to}">{words}</a>' for to, words in NAVIGATION)
    return HTML.format(policy=POLICY, title=_escaped(title), root=root, nav=nav, body=body)


def studio_link(name: str, text: str) -> str:
    """What comes behind the studio's address to open a policy there: see `share.ts`."""
    packer = zlib.compressobj(9, wbits=-15)
    packed = base64.urlsafe_b64encode(packer.compress(text.encode()) + packer.flush()).decode().rstrip("=")
    return "#" + urlencode({"name": name, "policy": packed})


def _words() -> str:
    """The words of the standard vocabulary, in Markdown."""
    from forbear.editing.reading import read
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


def _fence(token: Token, root: str) -> str:
    attributes = dict(one.split("=", 1) for one in token.info.split()[1:] if "=" in one)
    shown = f"<pre><code>{_escaped(token.content)}</code></pre>\n"
    if not _stands_alone(token.content, attributes):
        return shown
    name = attributes.get("file", "example.forbear").rpartition("/")[2]
    link = _escaped(root + studio_link(name, token.content))
    return f'{shown}<p class="open"><a href="{link}" target="studio">Open in the studio</a></p>\n'


def _stands_alone(text: str, attributes: dict[str, str]) -> bool:
    """Whether a policy needs no file that the studio has not, unless it shows just that."""
    from forbear.editing.reading import read

    if not re.search(r"\b(?:uses|to)\s+\"", text):  # it names no file
        return True
    missing = {"missing-file", "bad-standard", "wrong-digest"}
    return attributes.get("wrong") in missing or not missing & {str(one.code) for one in read(text, None).diagnostics}


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
